/*
 * scale.h - a picture made small enough for a model, in memory. The only room that knows libvips.
 *
 * In:      PNG, JPEG, WebP or GIF bytes. Loaders that libvips calls untrusted are off.
 * Out:     JPEG for a JPEG, else PNG: text stays sharp. Metadata is left out, orientation is
 * applied. Threads: one at a time (fit.c has a thread of its own for it). Errors: ERR_BROKEN_IMAGE:
 * no picture that can be read; ERR_INTERNAL: libvips is not there.
 */
#pragma once

#include "common/err.h"
#include "common/str.h"

struct scale_to { /* 0: no limit */
    int64_t side, pixels, bytes;
};

/* jpeg: what is made of it. */
MUST_CHECK bool scale_picture(struct sv picture, const struct scale_to *to, bool jpeg,
                              struct str *out, struct err *err);
