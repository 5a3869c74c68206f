/*
 * fuzz_image.c - a file's verdict is the same in whatever pieces it comes, the early look never
 * refuses what the whole would pass, and a size that was found lies within the limits.
 *
 * Input: eight bytes that say how to cut, then a file. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "upload-svc/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { CUTS = 8 };
struct verdict {
    enum err_code code;
    enum image_type type;
    int width, height;
};

/* cuts NULL: in one piece. */
static struct verdict judge(struct sv file, const uint8_t *cuts)
{
    struct image_scan s;
    struct err err = ERR_INIT;
    bool ok = true;
    size_t at = 0;

    image_begin(&s);
    for (size_t i = 0; ok && at < file.n; i++) {
        size_t n = cuts ? (size_t)cuts[i % CUTS] * cuts[i % CUTS] / 16 + 1 : file.n;

        n = n < file.n - at ? n : file.n - at;
        ok = image_feed(&s, (struct sv){file.p + at, n}, &err);
        at += n;
    }
    if (ok)
        ok = image_end(&s, &err);
    if (ok != (err.code == ERR_NONE))
        abort();
    return (struct verdict){err.code, s.type, ok ? s.width : 0, ok ? s.height : 0};
}

static void check_size(const struct verdict *v)
{
    if (v->code != ERR_NONE)
        return;
    if (v->width < IMAGE_SIDE_MIN || v->height < IMAGE_SIDE_MIN || v->width > IMAGE_SIDE_MAX ||
        v->height > IMAGE_SIDE_MAX || v->width * v->height > IMAGE_PIXELS_MAX)
        abort();
    if (v->type == IMAGE_NONE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sv file = {(const char *)data + CUTS, n > CUTS ? n - CUTS : 0};
    struct sv head = {file.p, file.n < IMAGE_HEAD ? file.n : IMAGE_HEAD};
    enum image_type type = IMAGE_NONE;
    struct verdict whole, pieces;
    struct err err = ERR_INIT;

    if (n <= CUTS)
        return 0;
    whole = judge(file, NULL);
    pieces = judge(file, data);
    if (whole.code != pieces.code || whole.type != pieces.type || whole.width != pieces.width ||
        whole.height != pieces.height)
        abort();
    check_size(&whole);
    if (!image_judge(head, &type, &err) ? whole.code == ERR_NONE : type != whole.type)
        abort();
    return 0;
}
