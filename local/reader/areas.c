/*
 * areas.c - which part of the page belongs to which person: lanes by x, rows by y.
 */
#include "local/reader/areas.h"

#include "local/reader/lanes.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double l = *(const double *)a, r = *(const double *)b;

    return l < r ? -1 : l > r;
}

/* The middle distance between one block and the next of its lane; `fallback` where there is none.
 */
static double pitch_of(const struct blocks *b, double fallback)
{
    double d[BLOCKS_MAX];
    size_t n = 0;

    for (size_t i = 1; i < b->n; i++)
        if (b->at[i].lane == b->at[i - 1].lane)
            d[n++] = box_mid_y(&b->at[i].at) - box_mid_y(&b->at[i - 1].at);
    if (n == 0)
        return fallback;
    qsort(d, n, sizeof *d, by_value);
    return d[n / 2];
}

/* Labels of one kind, as many as people: each person has a card of his own. */
static bool have_labels(const struct page *page, const struct blocks *b)
{
    size_t seen[COL_COUNT_] = {0}, most = 0;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if (it->kind == ITEM_HEAD && column_is_figure(it->head) && ++seen[it->head] > most)
            most = seen[it->head];
    }
    return most >= 2 && 10 * most >= 6 * b->n && most > (size_t)b->lanes;
}

/* How far left of the names the ranks stand: the same in all lanes, so lane 0 tells. */
static double reach_left(const struct page *page, const struct blocks *b, double pitch)
{
    double reach = 0;

    for (size_t k = 0; k < b->n && b->at[k].lane == 0; k++)
        for (size_t i = 0; i < page->n; i++) {
            const struct item *it = &page->items[i];
            double dy = fabs(box_mid_y(&it->at) - box_mid_y(&b->at[k].at));

            if (it->at.x < b->at[k].at.x && dy < 0.5 * pitch && b->at[k].at.x - it->at.x > reach)
                reach = b->at[k].at.x - it->at.x;
        }
    return reach;
}

static void bound_x(const struct page *page, struct blocks *b, double pitch)
{
    double reach = reach_left(page, b, pitch) + 0.8 * page->cap;

    for (size_t i = 0; i < b->n; i++) {
        int lane = b->at[i].lane;
        double left = lane == 0 ? 0 : lanes_x(b, lane) - reach;
        double right = lane + 1 < b->lanes ? lanes_x(b, lane + 1) - reach : page->w;

        b->at[i].area.x = (int)left;
        b->at[i].area.w = (int)(right - left);
    }
}

/* A row reaches half way to its neighbours; a card from above its name to above the next name. */
static void bound_y(const struct page *page, struct blocks *b, double pitch)
{
    for (size_t i = 0; i < b->n; i++) {
        struct block *k = &b->at[i];
        const struct block *next = i + 1 < b->n && b->at[i + 1].lane == k->lane ? k + 1 : NULL;
        double mid = box_mid_y(&k->at), top = mid - 0.5 * pitch, bottom = mid + 0.5 * pitch;

        if (b->cards) {
            top = k->at.y - 1.6 * page->cap;
            bottom = next ? next->at.y - 1.6 * page->cap : k->at.y + pitch - 1.6 * page->cap;
        }
        k->area.y = (int)top;
        k->area.h = (int)(bottom - top);
    }
}

double areas_set(const struct page *page, struct blocks *b)
{
    double pitch;

    b->cards = have_labels(page, b);
    pitch = pitch_of(b, (b->cards ? 12 : 5) * page->cap);
    bound_x(page, b, pitch);
    bound_y(page, b, pitch);
    return pitch;
}
