/*
 * avatar.h - round or square little pictures on a page, whose rims and faces look like letters.
 *
 * In:      the page in grey, its paper light; the height of its capitals.
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

void avatars_find(struct Pix *gray, double cap, struct avatars *out);

/* Take the pieces of avatars out of glyphs (sorted by x); answers how many stay. A digit or letter
 * in the very middle stays, it is a medal's rank; so does all text on something that only looks
 * like an avatar. */
size_t avatars_clear(const struct avatars *a, struct glyph *glyphs, size_t n, double cap);
