/*
 * ink.h - letters of ink without a picture, for tests of the reader: a line of capitals 10 pixels
 * high that stands at y = 10..20.
 */
#pragma once

#include "local/reader/cells.h"

#define CAP 10.0

/* A piece of ink, half of its box filled. */
static inline struct glyph ink(int x, int y, int w, int h)
{
    return (struct glyph){.at = {x, y, w, h}, .ink = w * h / 2 + 1, .cell = -1, .stem = h};
}

static inline struct glyph letter(int x) { return ink(x, 10, 7, 10); }

static inline struct cell cell_of(const struct glyph *const *g, size_t n)
{
    struct cell c = {.at = g[0]->at, .glyphs = g, .n = n, .cap = CAP};

    for (size_t i = 1; i < n; i++)
        c.at = box_join(c.at, g[i]->at);
    return c;
}
