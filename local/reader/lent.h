/*
 * lent.h - the headings of one picture, lent to those that continue it.
 *
 * Pictures of one call belong together: a leaderboard over several screenshots has its header on
 * the first one only. Where a later one has figures in the very same places, of the very same
 * kinds, their columns are the same. Pure; owned by whoever reads the pictures of a call.
 */
#pragma once

#include "local/reader/header.h"

#define SHAPE_COLUMNS 8 /* figures of a row that are looked at */

struct lent {
    bool have;    /* a header was seen */
    bool missing; /* the picture read last has none, and none that fits was there for it */
    int w;        /* width of the picture that it stands in */
    double cap;
    struct header header;
};

void lent_keep(struct lent *lent, const struct page *page, const struct header *h);

/* Do the figures of these rows stand under the headings kept? f: as in shapes.h. */
bool lent_fits(const struct lent *lent, const struct page *page, const struct item *const *f,
               size_t persons);
