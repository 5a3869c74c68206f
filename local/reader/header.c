/*
 * header.c - a header is the line above the first person that holds most headings.
 */
#include "local/reader/header.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int top_of(const struct blocks *b)
{
    int top = b->n ? b->at[0].at.y : 0;

    for (size_t i = 1; i < b->n; i++)
        top = b->at[i].at.y < top ? b->at[i].at.y : top;
    return top;
}

static bool on_line(const struct item *it, const struct item *line)
{
    return fabs(box_mid_y(&it->at) - box_mid_y(&line->at)) < 1.0 * line->cap;
}

/* Headings on the line of this one; periods alone ("24H" tabs over the table) make no header. */
static size_t count_on(const struct page *page, const struct item *line, int top)
{
    size_t n = 0, real = 0;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if (it->kind != ITEM_HEAD || box_bottom(&it->at) > top || !on_line(it, line))
            continue;
        n++;
        real += !heading_is_period(it->text);
    }
    return real > 0 ? n : 0;
}

static const struct item *best_line(const struct page *page, int top)
{
    const struct item *best = NULL;
    size_t most = 1;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];
        size_t n =
            it->kind == ITEM_HEAD && box_bottom(&it->at) <= top ? count_on(page, it, top) : 0;

        if (n > most || (n == most && best && n > 1)) { /* of equal lines the lower one */
            best = it;
            most = n;
        }
    }
    return best;
}

/* The other half of a heading in two lines, right above or below. */
static const struct item *other_half(const struct page *page, const struct item *it, int top)
{
    for (size_t i = 0; i < page->n; i++) {
        const struct item *o = &page->items[i];
        double dy = fabs(box_mid_y(&o->at) - box_mid_y(&it->at));

        if (o != it && o->kind == ITEM_HEAD && box_bottom(&o->at) <= top && dy > 0.8 * it->cap &&
            dy < 2.3 * it->cap && box_gap_x(&o->at, &it->at) < 0)
            return o;
    }
    return NULL;
}

static void add(const struct page *page, const struct item *it, int top, struct header *out)
{
    const struct item *half = it->kind == ITEM_HEAD ? other_half(page, it, top) : NULL;
    bool over = half && half->at.y < it->at.y;
    size_t i = out->n++;

    out->at[i].at = half ? box_join(it->at, half->at) : it->at;
    if (half)
        snprintf(out->at[i].text, sizeof out->at[i].text, "%.30s %.30s",
                 over ? half->text : it->text, over ? it->text : half->text);
    else
        snprintf(out->at[i].text, sizeof out->at[i].text, "%.60s", it->text);
    out->at[i].column = heading_column(out->at[i].text);
    if (out->at[i].column == COL_NONE)
        out->at[i].column = COL_OTHER;
}

void header_find(const struct page *page, const struct blocks *blocks, struct header *out)
{
    int top = top_of(blocks);
    const struct item *line = best_line(page, top);

    *out = (struct header){.n = 0};
    for (size_t i = 0; line && i < page->n && out->n < HEADER_MAX; i++) {
        const struct item *it = &page->items[i];

        if ((it->kind == ITEM_HEAD || it->kind == ITEM_TEXT || it->kind == ITEM_FIGURE) &&
            box_bottom(&it->at) <= top && on_line(it, line))
            add(page, it, top, out);
    }
}

bool header_has(const struct header *h, enum column c)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->at[i].column == c)
            return true;
    return false;
}

double header_distance(const struct header *h, size_t i, const struct box *at)
{
    const struct box *b = &h->at[i].at;
    double left = abs(b->x - at->x), right = abs(box_right(b) - box_right(at));

    return fmin(fmin(left, right), fabs(box_mid_x(b) - box_mid_x(at)));
}
