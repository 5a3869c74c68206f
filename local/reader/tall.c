/*
 * tall.c - a bar is compared with the letters around it whose size is sure.
 */
#include "local/reader/tall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/sizes.h"

#define HEIGHT_GAP                                                                                 \
    0.015                 /* of the height: between the heights of capitals and ascending letters  \
                           */
#define THICK_SAME  0.025 /* of the thickness: as thick as an i */
#define THICK_OTHER 0.04  /* thicker than this: an I */
#define THICK_BLUR  0.09  /* but thicker than this: blurred, or it touches something */

typedef bool (*pick_fn)(const struct stroke *stroke, const struct stroke *bar, double *size);

/* Sizes of all strokes of this item's style that `pick` takes. */
static void collect(const struct page *page, const struct item *it, const struct stroke *bar,
                    pick_fn pick, struct sizes *out)
{
    double size;

    out->n = 0;
    for (size_t i = 0; i < page->n; i++) {
        const struct item *o = &page->items[i];

        for (size_t k = 0; o->handle[0] && sizes_same_style(it, o) && k < o->ink.n; k++)
            if (pick(&o->ink.stroke[k], bar, &size))
                sizes_add(out, size);
    }
}

static bool ascending(const struct stroke *s, const struct stroke *bar, double *size)
{
    (void)bar;
    *size = s->height;
    return s->kind == STROKE_ASCENDING;
}

static bool capital(const struct stroke *s, const struct stroke *bar, double *size)
{
    (void)bar;
    *size = s->height;
    return s->kind == STROKE_CAPITAL;
}

/* Of bars most are l, and an i is as thick: on as many pixels, or else blur may differ. */
static bool thin(const struct stroke *s, const struct stroke *bar, double *size)
{
    *size = s->thick;
    return s->w == bar->w && (s->kind == STROKE_BAR || s->kind == STROKE_DOTTED);
}

static bool nearly_thin(const struct stroke *s, const struct stroke *bar, double *size)
{
    *size = s->thick;
    return abs(s->w - bar->w) <= 1 && (s->kind == STROKE_BAR || s->kind == STROKE_DOTTED);
}

static char by_height(const struct page *page, const struct item *it, const struct stroke *bar)
{
    struct sizes tall, large;
    double high, low, middle, gap;

    collect(page, it, bar, ascending, &tall);
    collect(page, it, bar, capital, &large);
    if (tall.n < 3 || large.n < 2)
        return 0;
    high = sizes_middle(&tall);
    low = sizes_middle(&large);
    gap = high - low;
    middle = (high + low) / 2;
    if (gap < HEIGHT_GAP * high || !sizes_are_steady(&tall, high, 0.5 * gap) ||
        !sizes_are_steady(&large, low, 0.5 * gap) || fabs(bar->height - middle) > 1.5 * gap ||
        fabs(bar->height - middle) < 0.15 * gap)
        return 0;
    return (char)(bar->height > middle ? 'l' : 'I');
}

/* Is it clearly lower than the letters that an l is as high as? */
static bool is_low(const struct page *page, const struct item *it, const struct stroke *bar)
{
    struct sizes tall;

    collect(page, it, bar, ascending, &tall);
    return tall.n >= 2 && bar->height < (1 - HEIGHT_GAP) * sizes_middle(&tall);
}

static char by_thickness(const struct page *page, const struct item *it, const struct stroke *bar)
{
    struct sizes sizes;
    double usual;

    collect(page, it, bar, thin, &sizes);
    if (sizes.n < 3)
        collect(page, it, bar, nearly_thin, &sizes);
    usual = sizes.n >= 3 ? sizes_middle(&sizes) : 0;
    if (usual == 0 || !sizes_are_steady(&sizes, usual, THICK_SAME * usual))
        return 0;
    if (bar->thick > usual && !sizes_are_steady(&sizes, usual, THICK_SAME / 2 * usual))
        return (char)(bar->thick <= (1 + THICK_SAME) * usual ? 'l' : 0);
    if (fabs(bar->thick - usual) <= THICK_SAME * usual)
        return 'l';
    return (char)(bar->thick > (1 + THICK_OTHER) * usual && bar->thick < (1 + THICK_BLUR) * usual
                      ? 'I'
                      : 0);
}

static void put(struct item *it, unsigned at, char c)
{
    it->handle[at] = c;
    if (it->kind == ITEM_HANDLE && at < strlen(it->text))
        it->text[at] = c;
}

static void judge(const struct page *page, struct item *it, const struct stroke *bar)
{
    char c = by_height(page, it, bar), other;

    if (c == 0) {
        other = by_thickness(page, it, bar);
        c = other;
        it->doubtful = it->doubtful || other != 'l' || /* a thicker bar may be a blurred one */
                       is_low(page, it, bar);
    }
    if (bar->kind == STROKE_DOTLESS)
        it->doubtful = true;
    if (c)
        put(it, bar->at, c);
}

void tall_judge(struct page *page)
{
    for (size_t i = 0; i < page->n; i++) {
        struct item *it = &page->items[i];

        for (size_t k = 0; it->handle[0] && k < it->ink.n; k++)
            if (it->ink.stroke[k].kind <= STROKE_DOTLESS &&
                it->ink.stroke[k].at < strlen(it->handle))
                judge(page, it, &it->ink.stroke[k]);
    }
}
