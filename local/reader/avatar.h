/*
 * avatar.h - round or square little pictures on a page, whose rims and faces look like letters.
 *
 * In:      the page in grey, its paper light; the mask of its ink; the height of its capitals.
 * Out:     the boxes of what is about as wide as high, a few capitals large, and filled.
 */
#pragma once

#include "local/reader/glyph.h"

struct Pix;

#define AVATARS_MAX 400

struct avatars {
    struct box at[AVATARS_MAX];
    size_t n;
};

void avatars_find(struct Pix *gray, struct Pix *ink, double cap, struct avatars *out);

/* Is this piece of ink a part of an avatar? A digit or letter in its very middle is not: a medal's rank. */
bool avatars_hold(const struct avatars *a, const struct box *piece, double cap);
