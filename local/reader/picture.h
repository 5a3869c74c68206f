/*
 * picture.h - a picture as the reader sees it: dark ink on white paper, and the pieces of ink on
 * it.
 *
 * In:      the bytes of a PNG, JPEG, WebP or GIF.
 * Out:     `glyphs`, the connected pieces of ink that may be (parts of) letters, sorted by x, and
 *          crops of the ink for the recogniser. All lengths are pixels of the zoomed picture.
 * Holds:   leptonica pictures; picture_free gives all back. picture.c and ocr.c alone know
 * leptonica. Threads: a picture belongs to one thread. Errors:  ERR_EMPTY_FILE, ERR_FILE_TYPE,
 * ERR_BROKEN_IMAGE, ERR_IMAGE_SIZE: the picture's own fault.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "local/reader/glyph.h"

struct Pix; /* leptonica's */

struct picture {
    struct Pix *rgb;   /* colours, zoomed */
    struct Pix *gray;  /* light paper, everything still on it */
    struct Pix *ink;   /* 255: paper, lower: ink, whatever the theme; backgrounds are gone */
    struct Pix *mask;  /* 1: ink */
    struct Pix *patch; /* 1: a patch as dark as ink, light letters on it */
    int w, h;          /* of the zoomed picture */
    double cap;        /* height of a capital letter of the commonest text */
    struct glyph *glyphs;
    size_t n;
};
#define PICTURE_INIT                                                                               \
    {                                                                                              \
        .n = 0                                                                                     \
    }

MUST_CHECK bool picture_open(struct picture *pic, struct sv bytes, struct err *err);
/* Size in pixels by the header alone; false: no picture. */
bool picture_size(struct sv bytes, int *w, int *h);
void picture_free(struct picture *pic);

/* One line of ink for the recogniser: the glyphs of a cell alone, on white paper, their capitals
 * `cap` high in the picture and `size` high in the crop. Caller owns the result (crop_free). */
struct Pix *picture_crop(const struct picture *pic, const struct glyph *const *glyphs, size_t n,
                         double cap, double size);
void crop_free(struct Pix **crop);

/* The ink of a box, shrunk to w x h cells: 0 paper, 255 the darkest of them. */
void picture_sample(const struct picture *pic, const struct box *at, int w, int h,
                    unsigned char *out);
