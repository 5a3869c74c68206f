#include "upload-svc/image.h"

#include <string.h>

enum { MAGIC_SIZE = 12 };

static const struct {
    const char *mime, *ext, *name;
} words[] = {[IMAGE_NONE] = {"application/octet-stream", "bin", "file"},
             [IMAGE_PNG] = {"image/png", "png", "PNG"},
             [IMAGE_JPEG] = {"image/jpeg", "jpg", "JPEG"},
             [IMAGE_WEBP] = {"image/webp", "webp", "WebP"},
             [IMAGE_GIF] = {"image/gif", "gif", "GIF"}};

/* First bytes; '?' stands for any (RIFF's length). */
static const struct {
    enum image_type type;
    struct sv magic;
    image_step_fn *begin;
} magics[] = {{IMAGE_PNG, SV_LIT("\x89PNG\r\n\x1a\n"), image_png_begin},
              {IMAGE_JPEG, SV_LIT("\xff\xd8\xff"), image_jpeg_begin},
              {IMAGE_WEBP, SV_LIT("RIFF????WEBP"), image_webp_begin},
              {IMAGE_GIF, SV_LIT("GIF87a"), image_gif_begin},
              {IMAGE_GIF, SV_LIT("GIF89a"), image_gif_begin}};

const char *image_mime(enum image_type type) { return words[type].mime; }
const char *image_ext(enum image_type type) { return words[type].ext; }

/* How many of the bytes fit the magic; stops at the first that does not. */
static size_t agree(struct sv magic, const unsigned char *bytes, size_t n)
{
    size_t i = 0;

    while (i < n && i < magic.n && (magic.p[i] == '?' || (unsigned char)magic.p[i] == bytes[i]))
        i++;
    return i;
}

static bool other_type(struct err *err)
{
    return err_set(err, ERR_FILE_TYPE,
                   "not a picture that is taken: send PNG, JPEG, WebP or GIF (the content "
                   "decides, not the name)");
}

/* Which type do the collected bytes begin with? More are collected while that cannot be told. */
static bool sniff(struct image_scan *s, struct err *err)
{
    bool maybe = false;

    for (size_t i = 0; i < COUNT_OF(magics); i++) {
        size_t same = agree(magics[i].magic, s->buf, s->have);

        if (same == magics[i].magic.n) {
            s->type = magics[i].type;
            return magics[i].begin(s, err);
        }
        maybe = maybe || same == s->have;
    }
    if (!maybe)
        return other_type(err);
    s->need = s->have + 1;
    return true;
}

bool image_next(struct image_scan *s, uint64_t skip, size_t need, image_step_fn *step)
{
    s->skip = skip;
    s->need = need;
    s->have = 0;
    s->step = step;
    return true;
}

bool image_size(struct image_scan *s, uint32_t w, uint32_t h, struct err *err)
{
    if (w < IMAGE_SIDE_MIN || h < IMAGE_SIDE_MIN || w > IMAGE_SIDE_MAX || h > IMAGE_SIDE_MAX)
        return err_set(err, ERR_IMAGE_SIZE, "%u x %u pixels; each side must have %d to %d", w, h,
                       IMAGE_SIDE_MIN, IMAGE_SIDE_MAX);
    if ((uint64_t)w * h > IMAGE_PIXELS_MAX)
        return err_set(err, ERR_IMAGE_SIZE, "%u x %u are more than %d million pixels", w, h,
                       IMAGE_PIXELS_MAX / 1000000);
    s->width = (int)w;
    s->height = (int)h;
    return true;
}

void image_begin(struct image_scan *s)
{
    memset(s, 0, sizeof *s);
    (void)image_next(s, 0, 1, sniff);
}

/* Pass over what is to be skipped, then collect what is needed. false: the bytes are used up. */
static bool collect(struct image_scan *s, struct sv *bytes)
{
    size_t pass = s->skip < bytes->n ? (size_t)s->skip : bytes->n;
    size_t take;

    s->skip -= pass;
    bytes->p += pass;
    bytes->n -= pass;
    take = s->need - s->have < bytes->n ? s->need - s->have : bytes->n;
    if (s->skip > 0)
        return false;
    memcpy(s->buf + s->have, bytes->p, take);
    s->have += take;
    bytes->p += take;
    bytes->n -= take;
    return s->have == s->need;
}

static bool walk(struct image_scan *s, struct sv bytes, struct err *err)
{
    while (s->step && collect(s, &bytes))
        if (!s->step(s, err))
            return false;
    return true;
}

/* What lies within IMAGE_SEARCH is walked first, so that the verdict does not hang on the pieces in
 * which the bytes came. */
bool image_feed(struct image_scan *s, struct sv bytes, struct err *err)
{
    size_t room = s->offset < IMAGE_SEARCH ? IMAGE_SEARCH - (size_t)s->offset : 0;
    size_t near = bytes.n < room ? bytes.n : room;

    s->offset += bytes.n;
    if (!walk(s, (struct sv){bytes.p, near}, err))
        return false;
    if (s->width == 0 && s->type != IMAGE_NONE && s->offset > IMAGE_SEARCH)
        return err_set(err, ERR_BROKEN_IMAGE, "no picture size within the first %d KiB of this %s",
                       IMAGE_SEARCH / 1024, words[s->type].name);
    return walk(s, (struct sv){bytes.p + near, bytes.n - near}, err);
}

bool image_end(const struct image_scan *s, struct err *err)
{
    if (s->offset == 0)
        return err_set(err, ERR_EMPTY_FILE, "the file is empty");
    if (s->type == IMAGE_NONE && s->have < 3)
        return other_type(err);
    if (s->width == 0)
        return err_set(err, ERR_BROKEN_IMAGE, "the %s ends within its header", words[s->type].name);
    if (s->frames == 0)
        return err_set(err, ERR_BROKEN_IMAGE, "the %s ends before its picture",
                       words[s->type].name);
    return true;
}

bool image_judge(struct sv head, enum image_type *type, struct err *err)
{
    struct image_scan s;

    image_begin(&s);
    if (!image_feed(&s, head, err))
        return false;
    if ((head.n < IMAGE_HEAD || s.type == IMAGE_NONE) && !image_end(&s, err))
        return false;
    *type = s.type;
    return true;
}
