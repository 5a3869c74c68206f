/*
 * lanes.c - lanes that nearly meet and never share a row are one.
 */
#include "local/reader/lanes.h"

#include <math.h>
#include <stdlib.h>

int lanes_x(const struct blocks *b, int lane)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->at[i].lane == lane)
            return b->at[i].at.x;
    return 0;
}

static bool lanes_share_row(const struct blocks *b, int l, int r, double cap)
{
    for (size_t i = 0; i < b->n; i++)
        for (size_t j = 0; b->at[i].lane == l && j < b->n; j++)
            if (b->at[j].lane == r &&
                fabs(box_mid_y(&b->at[i].at) - box_mid_y(&b->at[j].at)) < 2 * cap)
                return true;
    return false;
}

static int by_lane(const void *a, const void *b)
{
    const struct block *l = a, *r = b;

    return l->lane != r->lane ? l->lane - r->lane : l->at.y - r->at.y;
}

void lanes_merge(struct blocks *b, double cap)
{
    for (int l = 0; l + 1 < b->lanes;) {
        if (lanes_x(b, l + 1) - lanes_x(b, l) > 4 * cap || lanes_share_row(b, l, l + 1, cap)) {
            l++;
            continue;
        }
        for (size_t i = 0; i < b->n; i++)
            b->at[i].lane -= b->at[i].lane > l;
        b->lanes--;
    }
    qsort(b->at, b->n, sizeof *b->at, by_lane);
}
