/*
 * sizes.c - a sorted list and its middle.
 */
#include "local/reader/sizes.h"

#include <math.h>
#include <stdlib.h>

#define SAME_TONE 40
#define STEADY    0.7 /* this part of the sizes lies near their middle, or none is trusted */

bool sizes_same_style(const struct item *a, const struct item *b)
{
    return a->kind == b->kind && fabs(a->cap - b->cap) <= 0.05 * a->cap + 1 &&
           abs(a->light - b->light) < SAME_TONE;
}

void sizes_add(struct sizes *s, double size)
{
    if (s->n < SIZES_MAX)
        s->at[s->n++] = size;
}

static int by_size(const void *a, const void *b)
{
    double l = *(const double *)a, r = *(const double *)b;

    return l < r ? -1 : l > r;
}

double sizes_middle(struct sizes *s)
{
    qsort(s->at, s->n, sizeof *s->at, by_size);
    return s->at[s->n / 2];
}

bool sizes_are_steady(const struct sizes *s, double middle, double slack)
{
    size_t close = 0;

    for (size_t i = 0; i < s->n; i++)
        close += fabs(s->at[i] - middle) <= slack;
    return (double)close >= STEADY * (double)s->n;
}
