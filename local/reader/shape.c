/*
 * shape.c - one piece of ink, pixel by pixel: its colour, whether it is an arrow, whether an
 * underscore touches it.
 */
#include "local/reader/shape.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>

#define LOUD_SPREAD 80 /* between the largest and the smallest of red, green and blue */

static int row_ink(NUMA *rows, int y)
{
    l_int32 n = 0;

    numaGetIValue(rows, y, &n);
    return n;
}

/* How many rows are wider than the one above, less those that are narrower. */
static int growth_of(NUMA *rows, int h, int *ink)
{
    int steps = 0;

    *ink = row_ink(rows, 0);
    for (int y = 1; y < h; y++) {
        int step = row_ink(rows, y) - row_ink(rows, y - 1);

        *ink += row_ink(rows, y);
        steps += (step > 0) - (step < 0);
    }
    return steps;
}

/* +1 or -1 for a filled triangle: rows that grow or shrink steadily. */
static int arrow_of(PIX *shape, double cap)
{
    int w = pixGetWidth(shape), h = pixGetHeight(shape), first, last, ink, steps;
    AUTO(numaDestroy) NUMA *rows = NULL;

    if (h < 0.3 * cap || h > 1.2 * cap || w < h || w > 2.2 * h)
        return 0;
    rows = pixCountPixelsByRow(shape, NULL);
    first = row_ink(rows, 0);
    last = row_ink(rows, h - 1);
    steps = growth_of(rows, h, &ink);
    if (ink < 0.40 * w * h || ink > 0.72 * w * h || abs(steps) < 0.5 * (h - 1))
        return 0;
    if (first <= 0.35 * w && last >= 0.8 * w)
        return 1;
    return last <= 0.35 * w && first >= 0.8 * w ? -1 : 0;
}

static int spread(l_uint32 pixel)
{
    int r = (int)(pixel >> L_RED_SHIFT & 255), g = (int)(pixel >> L_GREEN_SHIFT & 255),
        b = (int)(pixel >> L_BLUE_SHIFT & 255);
    int high = r > g ? r : g, low = r < g ? r : g;

    return (b > high ? b : high) - (b < low ? b : low);
}

struct sums {
    int64_t r, g, b, weight;
};

static void colour_add(struct sums *s, l_uint32 pixel, int depth)
{
    int64_t weight = (int64_t)depth * depth;

    s->r += weight * (pixel >> L_RED_SHIFT & 255);
    s->g += weight * (pixel >> L_GREEN_SHIFT & 255);
    s->b += weight * (pixel >> L_BLUE_SHIFT & 255);
    s->weight += weight;
}

static void colour_of(PIX *rgb, PIX *ink_map, PIX *shape, struct glyph *g)
{
    struct sums s = {.weight = 0};

    for (int y = 0; y < g->at.h; y++) {
        l_uint32 *line = pixGetData(rgb) + (size_t)(g->at.y + y) * (size_t)pixGetWpl(rgb);
        l_uint32 *ink = pixGetData(ink_map) + (size_t)(g->at.y + y) * (size_t)pixGetWpl(ink_map);
        l_uint32 *bits = pixGetData(shape) + (size_t)y * (size_t)pixGetWpl(shape);

        for (int x = 0; x < g->at.w; x++) {
            g->loud += spread(line[g->at.x + x]) > LOUD_SPREAD;
            if (!GET_DATA_BIT(bits, x))
                continue;
            colour_add(&s, line[g->at.x + x], 255 - (int)GET_DATA_BYTE(ink, g->at.x + x));
            g->ink++;
        }
    }
    g->r = (int)(s.r / (s.weight ? s.weight : 1));
    g->g = (int)(s.g / (s.weight ? s.weight : 1));
    g->b = (int)(s.b / (s.weight ? s.weight : 1));
}

/* Lowest row with ink in a column from `top` on; -1: none. *above: is there ink over `top`? */
static int column_low(PIX *shape, int x, int top, bool *above)
{
    int low = -1;

    *above = false;
    for (int y = 0; y < pixGetHeight(shape); y++) {
        l_uint32 bit = 0;

        pixGetPixel(shape, x, y, &bit);
        if (!bit)
            continue;
        if (y < top)
            *above = true;
        else if (low < 0)
            low = y;
    }
    return low;
}

/* The longest run of columns with ink in the lowest quarter alone: an underscore that touches its
 * letter. */
static void foot_of(PIX *shape, struct glyph *g)
{
    int top = g->at.h - (g->at.h + 3) / 4, run = 0, low = 0;

    for (int x = 0; g->at.h >= 8 && g->at.w >= 8 && x < g->at.w; x++) {
        bool above;
        int y = column_low(shape, x, top, &above);

        run = y >= 0 && !above ? run + 1 : 0;
        low = run == 1 || (run > 1 && y < low) ? y : low;
        if (run > g->foot.w)
            g->foot = (struct box){g->at.x + x - run + 1, g->at.y + low, run, g->at.h - low};
    }
}

static int ink_at(PIX *ink, int x, int y)
{
    l_uint32 paper = 255;

    pixGetPixel(ink, x, y, &paper);
    return 255 - (int)paper;
}

/* The ink of a column, its blurred ends included, by how dark its middle is. */
static double column_height(PIX *ink, const struct box *b, int x, int *dark)
{
    int all = 0, middle = 0, rows = 0;

    for (int y = b->y - 1; y <= box_bottom(b); y++)
        all += ink_at(ink, x, y);
    for (int y = b->y + b->h / 3; y < b->y + b->h - b->h / 4; y++, rows++)
        middle += ink_at(ink, x, y);
    *dark = all;
    return middle > 0 ? all * (double)rows / middle : 0;
}

static double stem_of(PIX *ink, const struct box *b)
{
    double best = 0;
    int darkest = 0;

    for (int x = b->x; x < box_right(b); x++) {
        int dark;
        double height = column_height(ink, b, x, &dark);

        if (dark > darkest) {
            darkest = dark;
            best = height;
        }
    }
    return best;
}

/* Ink in its middle rows, in pixels of full black: of a bar, its width. */
static double thickness_of(PIX *ink, const struct box *b)
{
    int all = 0, rows = 0;

    for (int y = b->y + b->h / 3; y < b->y + b->h - b->h / 4; y++, rows++)
        for (int x = b->x - 2; x < box_right(b) + 2; x++)
            all += ink_at(ink, x, y);
    return rows > 0 ? all / (255.0 * rows) : 0;
}

void shape_measure(struct Pix *shape, struct Pix *rgb, struct Pix *ink, double cap, struct glyph *g)
{
    colour_of(rgb, ink, shape, g);
    foot_of(shape, g);
    g->arrow = arrow_of(shape, cap);
    if (g->at.h > 0.6 * cap && g->at.w < 1.6 * cap)
        g->stem = stem_of(ink, &g->at);
    g->thick = thickness_of(ink, &g->at);
}
