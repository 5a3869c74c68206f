/*
 * widths.c - each letter against the middle width of the same letter in handles of its style.
 */
#include "local/reader/widths.h"

#include <math.h>
#include <string.h>

#include "local/reader/sizes.h"

#define LEAST 3   /* letters that tell what is usual */
#define OTHER 0.2 /* of the usual width: this much more or less is another letter */
#define EDGE  2   /* pixels that blurred edges may add or take */

/* Widths of this letter in all handles of the item's style. */
static void collect(const struct page *page, const struct item *it, char letter, struct sizes *out)
{
    out->n = 0;
    for (size_t i = 0; i < page->n; i++) {
        const struct item *o = &page->items[i];

        for (size_t k = 0; sizes_same_style(it, o) && o->handle[k]; k++)
            if (o->handle[k] == letter && o->ink.width[k] > 0)
                sizes_add(out, o->ink.width[k]);
    }
}

static bool is_odd(const struct page *page, const struct item *it, size_t at)
{
    struct sizes widths;
    double usual, off;

    if (it->handle[at] == '_' || it->ink.width[at] == 0)
        return false;
    collect(page, it, it->handle[at], &widths);
    if (widths.n < LEAST)
        return false;
    usual = sizes_middle(&widths);
    off = fabs(it->ink.width[at] - usual);
    return off >= EDGE && off > OTHER * usual;
}

void widths_judge(struct page *page)
{
    for (size_t i = 0; i < page->n; i++)
        for (size_t k = 0; page->items[i].handle[k]; k++)
            if (is_odd(page, &page->items[i], k))
                page->items[i].doubtful = true;
}
