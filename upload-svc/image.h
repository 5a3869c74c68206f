/*
 * image.h - is this a picture we take? Type by its first bytes, size from its headers, and no
 * animation; whatever name or Content-Type came with it.
 *
 * In:      the bytes of a file from its beginning, in whatever pieces. Out: type, width, height.
 * Holds:   a few header bytes; never the picture. Pure.
 * Errors:  ERR_EMPTY_FILE, ERR_FILE_TYPE, ERR_BROKEN_IMAGE, ERR_IMAGE_SIZE, ERR_ANIMATED.
 * Facts:   PNG (W3C, third edition) with APNG's acTL, JPEG (ITU-T T.81 B.1), GIF89a, RIFF/WebP
 *          (RFC 9649).
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum image_type { IMAGE_NONE, IMAGE_PNG, IMAGE_JPEG, IMAGE_WEBP, IMAGE_GIF };
enum {
    IMAGE_HEAD = 32768,        /* bytes that image_judge wants to see, if the file has them */
    IMAGE_SEARCH = 512 * 1024, /* a JPEG's frame header is looked for so far */
    IMAGE_SIDE_MIN = 64,
    IMAGE_SIDE_MAX = 12000,
    IMAGE_PIXELS_MAX = 40000000,
    IMAGE_NEED_MAX = 32
};

/* A walk over the file's blocks: skip some bytes, collect some, look at them. */
struct image_scan {
    enum image_type type;
    int width, height; /* 0: not seen yet */
    unsigned frames;   /* pictures that have begun */
    uint64_t offset;   /* bytes fed */
    uint64_t skip;     /* bytes to pass over */
    size_t need, have;
    unsigned char buf[IMAGE_NEED_MAX];
    bool (*step)(struct image_scan *, struct err *); /* NULL: nothing more to look for */
};

const char *image_mime(enum image_type type); /* "image/png" */
const char *image_ext(enum image_type type);  /* "png" */

void image_begin(struct image_scan *scan);
MUST_CHECK bool image_feed(struct image_scan *scan, struct sv bytes, struct err *err);
MUST_CHECK bool image_end(const struct image_scan *scan, struct err *err); /* the file is over */

/* Before a byte is stored: the first IMAGE_HEAD bytes, or the whole file where it is shorter. */
MUST_CHECK bool image_judge(struct sv head, enum image_type *type, struct err *err);

/* For the walkers (image_walk.c): what comes next, and a size that was read. */
typedef bool image_step_fn(struct image_scan *scan, struct err *err);
bool image_next(struct image_scan *scan, uint64_t skip, size_t need, image_step_fn *step);
MUST_CHECK bool image_size(struct image_scan *scan, uint32_t width, uint32_t height,
                           struct err *err);
image_step_fn image_png_begin, image_jpeg_begin, image_webp_begin, image_gif_begin;
