/*
 * cells.h - pieces of ink to cells: what stands on one line, close together, in one column.
 *
 * In:      the glyphs of a picture, sorted by x, and the height of its capitals.
 * Out:     cells in reading order (from the top, then from the left), each with its glyphs from
 * left to right. Geometry only: no text yet. Holds:   two arrays that point into the glyphs;
 * cells_free gives them back. The glyphs must outlive it.
 */
#pragma once

#include "local/reader/glyph.h"

struct cell {
    struct box at;
    const struct glyph *const *glyphs; /* in struct cells' order */
    size_t n;
    double cap; /* height of its own capitals */
};

struct cells {
    struct cell *at;
    size_t n;
    const struct glyph **order;
};
#define CELLS_INIT                                                                                 \
    {                                                                                              \
        .n = 0                                                                                     \
    }

void cells_find(struct glyph *glyphs, size_t n, double cap, struct cells *out);
void cells_free(struct cells *cells);
