/*
 * tall.c - a bar is compared with the letters around it whose size is sure.
 */
#include "local/reader/tall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/sizes.h"

#define HEIGHT_GAP  0.015 /* of the height: capitals and tall letters lie further apart */
#define LOWEST      0.92  /* of a tall letter: capitals of no common font are as low */
#define RATIOS      4     /* capitals beside tall letters that tell what is usual */
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

/* What the capitals of one item are to its tall letters. */
static void add_ratios(const struct lettering *ink, struct sizes *out)
{
    for (size_t i = 0; i < ink->n; i++)
        for (size_t k = 0; ink->stroke[i].kind == STROKE_CAPITAL && k < ink->n; k++)
            if (ink->stroke[k].kind == STROKE_ASCENDING && ink->stroke[k].height > 0)
                sizes_add(out, ink->stroke[i].height / ink->stroke[k].height);
}

/* The same over all words of the page: a font keeps it in every size. 1: it cannot be told. */
static double usual_ratio(const struct page *page)
{
    struct sizes ratios = {.n = 0};
    double usual;

    for (size_t i = 0; i < page->n; i++)
        if (page->items[i].handle[0])
            add_ratios(&page->items[i].ink, &ratios);
    if (ratios.n < RATIOS)
        return 1;
    usual = sizes_middle(&ratios);
    return usual < 1 && usual > LOWEST && sizes_are_steady(&ratios, usual, 0.5 * (1 - usual))
               ? usual
               : 1;
}

/* An l or an I, by two heights that must lie apart; 0: it is as near to either, or to none. */
static char between(double high, double low, double height)
{
    double gap = high - low, above = height - (high + low) / 2;

    if (gap < HEIGHT_GAP * high || fabs(above) > 1.5 * gap || fabs(above) < 0.15 * gap)
        return 0;
    return (char)(above > 0 ? 'l' : 'I');
}

static char by_height(const struct page *page, const struct item *it, const struct stroke *bar)
{
    struct sizes tall, large;
    double high, low;
    bool measured;

    collect(page, it, bar, ascending, &tall);
    collect(page, it, bar, capital, &large);
    if (tall.n < 3)
        return 0;
    high = sizes_middle(&tall);
    measured = large.n >= 2;
    low = measured ? sizes_middle(&large) : high * usual_ratio(page);
    if (!sizes_are_steady(&tall, high, 0.5 * (high - low)) ||
        (measured && !sizes_are_steady(&large, low, 0.5 * (high - low))))
        return 0;
    if (!measured && between(high, low, bar->height) != 'l') /* an I would be a guess */
        return 0;
    return between(high, low, bar->height);
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
