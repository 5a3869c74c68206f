/*
 * scale.c - libvips' thumbnailer, which shrinks while it loads. See scale.h.
 *
 * libvips comes with seventy other libraries, 20 MiB that a service whose pictures all fit never
 * needs: it is loaded with the first picture.
 */
#include "analysis-svc/scale.h"

#include <dlfcn.h>
#include <math.h>
#include <vips/vips.h>

#define LIBRARY "libvips.so.42"
enum { TRIES_MAX = 6, JPEG_QUALITY = 90 };

/* Of libvips, and of glib below it. */
#define FUNCTIONS(F)                                                                               \
    F(vips_init)                                                                                   \
    F(vips_error_buffer)                                                                           \
    F(vips_error_clear)                                                                            \
    F(vips_block_untrusted_set)                                                                    \
    F(vips_concurrency_set)                                                                        \
    F(vips_cache_set_max)                                                                          \
    F(vips_image_new_from_buffer)                                                                  \
    F(vips_image_get_width)                                                                        \
    F(vips_image_get_height)                                                                       \
    F(vips_thumbnail_buffer)                                                                       \
    F(vips_jpegsave_buffer)                                                                        \
    F(vips_pngsave_buffer)                                                                         \
    F(g_object_unref)                                                                              \
    F(g_free)

static struct {
    bool ready;
#define F(name) __typeof__(name) *name;
    FUNCTIONS(F)
#undef F
} lib;

static bool find(void *handle, struct err *err)
{
#define F(name)                                                                                    \
    *(void **)&lib.name = dlsym(handle, #name);                                                    \
    if (!lib.name)                                                                                 \
        return err_set(err, ERR_INTERNAL, LIBRARY " has no " #name ": install libvips 8.13");
    FUNCTIONS(F)
#undef F
    return true;
}

/* It stays: glib cannot be unloaded. */
static bool load(struct err *err)
{
    void *handle;

    if (lib.ready)
        return true;
    handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return err_set(err, ERR_INTERNAL, LIBRARY " is not there: install libvips42");
    if (!find(handle, err))
        return false;
    if (lib.vips_init("analysis-svc"))
        return err_set(err, ERR_INTERNAL, "libvips does not start: %s", lib.vips_error_buffer());
    lib.vips_block_untrusted_set(TRUE);
    lib.vips_concurrency_set(1);
    lib.vips_cache_set_max(0); /* every picture is another one */
    lib.ready = true;
    return true;
}

static void image_free(VipsImage **image)
{
    if (*image)
        lib.g_object_unref(*image);
    *image = NULL;
}

static void bytes_free(void **bytes)
{
    if (*bytes)
        lib.g_free(*bytes);
    *bytes = NULL;
}

static bool unreadable(struct err *err)
{
    err_set(err, ERR_BROKEN_IMAGE, "the picture cannot be read: %.120s", lib.vips_error_buffer());
    lib.vips_error_clear();
    return false;
}

struct box {
    int width, height;
};

static bool size_of(struct sv picture, struct box *out, struct err *err)
{
    AUTO(image_free)
    VipsImage *image = lib.vips_image_new_from_buffer(picture.p, picture.n, "", "access",
                                                      VIPS_ACCESS_SEQUENTIAL, NULL);

    if (!image)
        return unreadable(err);
    *out = (struct box){lib.vips_image_get_width(image), lib.vips_image_get_height(image)};
    return true;
}

/* By which factor it must shrink for its side and pixels; 1: it need not. */
static double factor_for(const struct box *b, const struct scale_to *to)
{
    int longest = b->width > b->height ? b->width : b->height;
    double factor = 1, pixels = (double)b->width * b->height;

    if (to->side > 0 && longest > to->side)
        factor = (double)to->side / longest;
    if (to->pixels > 0 && pixels * factor * factor > (double)to->pixels)
        factor = sqrt((double)to->pixels / pixels);
    return factor;
}

static int at_least_one(double n) { return n < 1 ? 1 : (int)n; }

/* One try: shrink by that factor and encode. */
static bool shrink(struct sv picture, struct box box, bool jpeg, struct str *out, struct err *err)
{
    AUTO(image_free) VipsImage *small = NULL;
    AUTO(bytes_free) void *bytes = NULL;
    size_t n = 0;
    int bad;

    if (lib.vips_thumbnail_buffer((void *)picture.p, picture.n, &small, box.width, "height",
                                  box.height, "size", VIPS_SIZE_DOWN, NULL))
        return unreadable(err);
    bad = jpeg ? lib.vips_jpegsave_buffer(small, &bytes, &n, "Q", JPEG_QUALITY, "strip", TRUE,
                                          "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF, NULL)
               : lib.vips_pngsave_buffer(small, &bytes, &n, "compression", 6, "strip", TRUE, NULL);
    if (bad)
        return unreadable(err);
    str_reset(out);
    str_add(out, bytes, n);
    return str_ok(out) || err_set(err, ERR_INTERNAL, "no room for a picture of %zu bytes", n);
}

bool scale_picture(struct sv picture, const struct scale_to *to, bool jpeg, struct str *out,
                   struct err *err)
{
    struct box from = {0, 0};
    double factor;

    if (!load(err) || !size_of(picture, &from, err))
        return false;
    factor = factor_for(&from, to);
    for (int i = 0; i < TRIES_MAX; i++) {
        const struct box box = {at_least_one(from.width * factor),
                                at_least_one(from.height * factor)};

        if (!shrink(picture, box, jpeg, out, err))
            return false;
        if (to->bytes <= 0 || out->n <= (size_t)to->bytes)
            return true;
        /* Bytes grow with the pixels, roughly: a little more than needed, and look again. */
        factor *= sqrt((double)to->bytes / (double)out->n) * 0.93;
    }
    return err_set(err, ERR_BROKEN_IMAGE, "the picture does not get below %lld bytes",
                   (long long)to->bytes);
}
