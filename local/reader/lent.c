/*
 * lent.c - same width, same size of print, each figure under one heading of its own kind.
 */
#include "local/reader/lent.h"

#include <math.h>
#include <stdlib.h>

#include "local/reader/shapes.h"

#define BESIDE 1.5 /* capitals that a figure may stand aside of its heading */
#define LEAST  4   /* rows whose figures must fit */

void lent_keep(struct lent *lent, const struct page *page, const struct header *h)
{
    lent->have = true;
    lent->w = page->w;
    lent->cap = page->cap;
    lent->header = *h;
}

static bool is_count(enum column c)
{
    return column_is_figure(c) && c != COL_MINDSHARE && c != COL_MINDSHARE_YTD && c != COL_CHANGE;
}

/* A change is signed, a share has a sign of per cent, a count neither. */
static bool is_kind(enum column c, const struct item *it)
{
    struct figure f;

    if (!figure_parse(it->text, &f))
        return false;
    return is_count(c) ? !f.percent && !f.sign : column_is_figure(c) && f.percent;
}

/* The one heading that a figure stands under; -1: none, or one of another kind. */
static int heading_over(const struct lent *lent, const struct item *it)
{
    int best = -1;
    double least = BESIDE * lent->cap;

    for (size_t k = 0; k < lent->header.n; k++) {
        double d = header_distance(&lent->header, k, &it->at);

        if (d >= least)
            continue;
        least = d;
        best = (int)k;
    }
    return best >= 0 && is_kind(lent->header.at[best].column, it) ? best : -1;
}

static size_t headings_of_figures(const struct header *h)
{
    size_t n = 0;

    for (size_t k = 0; k < h->n; k++)
        n += column_is_figure(h->at[k].column);
    return n;
}

/* Of one row: how many headings have a figure under them; -1: a figure stands under none. */
static int row_fits(const struct lent *lent, const struct item *const *row)
{
    unsigned used = 0;
    int n = 0;

    for (size_t j = 0; j < SHAPE_COLUMNS; j++) {
        int k = row[j] ? heading_over(lent, row[j]) : -1;

        if (!row[j])
            continue;
        if (k < 0 || used & 1U << k)
            return -1;
        used |= 1U << k;
        n++;
    }
    return n;
}

bool lent_fits(const struct lent *lent, const struct page *page, const struct item *const *f,
               size_t persons)
{
    size_t whole = 0, wrong = 0;

    if (!lent->have || lent->w != page->w || fabs(lent->cap - page->cap) > 0.1 * page->cap)
        return false;
    for (size_t i = 0; i < persons; i++) {
        int n = row_fits(lent, f + i * SHAPE_COLUMNS);

        whole += n > 0 && (size_t)n == headings_of_figures(&lent->header);
        wrong += n < 0;
    }
    return whole >= LEAST && 5 * wrong <= whole;
}
