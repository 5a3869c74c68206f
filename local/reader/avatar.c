/*
 * avatar.c - text is closed away first; what then still differs from the paper around it is a
 * thing, not text.
 */
#include "local/reader/avatar.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

#define DIFFERS 22 /* grey levels from the paper */
#define LEAST   1.7
#define MOST    7.0 /* capitals */

static int odd(double v) { return (int)(v + 0.5) | 1; }

static bool looks_like_one(const struct box *b, int area, double cap)
{
    double slim = b->w / (double)b->h;

    return b->w >= LEAST * cap && b->w <= MOST * cap && slim > 0.75 && slim < 1.33 &&
           area >= 0.6 * b->w * b->h;
}

static PIX *things(PIX *gray, double cap)
{
    int small = odd(fmax(9, 0.95 * cap)), large = odd(MOST * cap + 2);
    AUTO(pixDestroy) PIX *bare = pixCloseGray(gray, small, small);
    AUTO(pixDestroy) PIX *paper = pixCloseGray(bare, large, large);
    AUTO(pixDestroy) PIX *depth = pixSubtractGray(NULL, paper, bare);
    PIX *mask = pixThresholdToBinary(depth, DIFFERS);

    return pixInvert(mask, mask);
}

void avatars_find(struct Pix *gray, double cap, struct avatars *out)
{
    AUTO(pixDestroy) PIX *mask = things(gray, cap);
    AUTO(pixaDestroy) PIXA *shapes = NULL;
    AUTO(boxaDestroy) BOXA *boxes = pixConnComp(mask, &shapes, 4);

    out->n = 0;
    for (int i = 0; i < boxaGetCount(boxes) && out->n < AVATARS_MAX; i++) {
        struct box b;
        AUTO(pixDestroy) PIX *shape = pixaGetPix(shapes, i, L_CLONE);
        l_int32 area = 0;

        boxaGetBoxGeometry(boxes, i, &b.x, &b.y, &b.w, &b.h);
        pixCountPixels(shape, &area, NULL);
        if (looks_like_one(&b, area, cap))
            out->at[out->n++] = b;
    }
}

static bool within(const struct box *a, const struct box *b, int slack)
{
    return b->x >= a->x - slack && b->y >= a->y - slack && box_right(b) <= box_right(a) + slack &&
           box_bottom(b) <= box_bottom(a) + slack;
}

static bool central(const struct box *a, const struct box *b, double cap)
{
    return fabs(box_mid_y(a) - box_mid_y(b)) < 0.12 * a->h &&
           fabs(box_mid_x(a) - box_mid_x(b)) < 0.3 * a->w && b->h > 0.7 * cap && b->h < 1.6 * cap &&
           b->w < 0.6 * a->w;
}

/* Letters that stand on one line inside: a bar or a pill with a figure on it, or text that was not
 * closed away. */
static bool is_written_on(const struct box *a, const struct glyph *glyphs, size_t n, double cap)
{
    for (size_t i = 0; i < n; i++) {
        const struct box *g = &glyphs[i].at;

        if (!within(a, g, 1) || g->h < 0.7 * cap || g->h > 1.5 * cap)
            continue;
        for (size_t j = i + 1; j < n && glyphs[j].at.x < box_right(a); j++) {
            const struct box *o = &glyphs[j].at;

            if (within(a, o, 1) && o->h >= 0.7 * cap && o->h <= 1.5 * cap &&
                abs(box_bottom(o) - box_bottom(g)) <= 1 && box_gap_x(g, o) < 0.6 * cap &&
                box_gap_x(g, o) >= 0)
                return true;
        }
    }
    return false;
}

size_t avatars_clear(const struct avatars *a, struct glyph *glyphs, size_t n, double cap)
{
    bool written[AVATARS_MAX];
    size_t kept = 0;

    for (size_t i = 0; i < a->n; i++)
        written[i] = is_written_on(&a->at[i], glyphs, n, cap);
    for (size_t k = 0; k < n; k++) {
        bool held = false;

        for (size_t i = 0; i < a->n && !held; i++)
            held = !written[i] && within(&a->at[i], &glyphs[k].at, (int)(0.2 * cap) + 1) &&
                   !central(&a->at[i], &glyphs[k].at, cap);
        if (!held)
            glyphs[kept++] = glyphs[k];
    }
    return kept;
}
