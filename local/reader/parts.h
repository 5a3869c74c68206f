/*
 * parts.h - a cell may hold several texts ("Name @handle", "$ABC Bullish") and things that are no
 * text (emoji, pills, arrows). Pure.
 */
#pragma once

#include "local/reader/cells.h"

#define PART_MAX   256
#define SPLITS_MAX 8

struct part {
    struct cell cell; /* points into `kept` */
    const struct glyph *kept[PART_MAX];
    struct glyph split[2 * SPLITS_MAX]; /* letters and the underscores that touched them */
    size_t splits;
    int arrow; /* +1 or -1: an arrow stood here */
};

/* Where the text that begins at glyph `from` ends: before an '@', or where the ink takes on another
 * tone. */
size_t parts_next(const struct cell *c, size_t from);

/* The glyphs [from, to) without arrows, emoji and pills; out->cell.n may become 0. `out` must not
 * move. */
void parts_clean(const struct cell *c, size_t from, size_t to, struct part *out);
