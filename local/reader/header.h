/*
 * header.h - the line of headings over the rows of a table, and which column a figure stands in.
 * Pure.
 */
#pragma once

#include "local/reader/blocks.h"

#define HEADER_MAX 32

struct header {
    struct {
        struct box at;
        enum column
            column; /* COL_OTHER: a heading that we do not know keeps its column to itself */
        char text[64];
    } at[HEADER_MAX];
    size_t n;
};

/* n == 0: there is none. */
void header_find(const struct page *page, const struct blocks *blocks, struct header *out);

bool header_has(const struct header *h, enum column c);

/* How far a figure is from standing under heading i, in pixels. */
double header_distance(const struct header *h, size_t i, const struct box *at);
