/*
 * glyph.c - questions of geometry and colour about one piece of ink.
 */
#include "local/reader/glyph.h"

int box_right(const struct box *b) { return b->x + b->w; }
int box_bottom(const struct box *b) { return b->y + b->h; }
double box_mid_x(const struct box *b) { return b->x + b->w / 2.0; }
double box_mid_y(const struct box *b) { return b->y + b->h / 2.0; }

static int least(int a, int b) { return a < b ? a : b; }
static int most(int a, int b) { return a > b ? a : b; }

struct box box_join(struct box a, struct box b)
{
    struct box all = {.x = least(a.x, b.x), .y = least(a.y, b.y)};

    all.w = most(box_right(&a), box_right(&b)) - all.x;
    all.h = most(box_bottom(&a), box_bottom(&b)) - all.y;
    return all;
}

int box_gap_x(const struct box *a, const struct box *b)
{
    return most(a->x, b->x) - least(box_right(a), box_right(b));
}

int box_shared_y(const struct box *a, const struct box *b)
{
    return least(box_bottom(a), box_bottom(b)) - most(a->y, b->y);
}

bool glyph_is_texty(const struct glyph *g, double cap)
{
    const struct box *b = &g->at;
    double fill = g->ink / ((double)b->w * b->h);

    if (b->w <= 1 && b->h <= 1)
        return false;
    if (b->h > 5 * cap || b->w > 7 * cap)
        return false;
    if (b->w > 3 * cap && b->h < 0.4 * cap) /* a rule */
        return false;
    if (b->h > 2.5 * cap && b->w < 0.3 * cap)
        return false;
    if (b->h > 2.1 * cap && b->w > 1.6 * cap && fill < 0.28) /* the rim of an avatar */
        return false;
    return !(b->h > 1.6 * cap && b->w > 2.2 * cap && fill < 0.22); /* the frame of a pill */
}

bool glyph_is_flat(const struct glyph *g, double cap)
{
    return g->at.h <= 0.30 * cap && g->at.w >= 1.7 * g->at.h && g->at.w >= 0.25 * cap &&
           g->at.w <= 1.2 * cap;
}

int glyph_saturation(const struct glyph *g)
{
    return most(most(g->r, g->g), g->b) - least(least(g->r, g->g), g->b);
}

int glyph_light(const struct glyph *g) { return (299 * g->r + 587 * g->g + 114 * g->b) / 1000; }

bool glyph_is_at(const struct glyph *g, double cap)
{
    return g->at.h >= 1.02 * cap && g->at.w >= 0.9 * g->at.h && g->at.w <= 1.35 * g->at.h;
}

int glyph_sign(const struct glyph *g)
{
    if (glyph_saturation(g) < 60)
        return 0;
    if (g->r > 1.3 * g->g && g->r > 1.1 * g->b)
        return -1;
    return g->g > 1.15 * g->r && g->g >= 0.9 * g->b ? 1 : 0;
}
