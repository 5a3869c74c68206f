/*
 * shapes.c - percent signs, plus and minus, and order tell what a column is; all else would be a
 * guess.
 */
#include "local/reader/shapes.h"

#include <stdlib.h>
#include <string.h>

#define LONE_MAX 100
#define FEW      1000

struct tally {
    size_t n, percent, signs, falls, rises;
};

static void count(const struct item *it, struct tally *t, double *before)
{
    struct figure f;

    if (!it || !figure_parse(it->text, &f))
        return;
    t->percent += f.percent;
    t->signs += f.sign != 0;
    t->falls += t->n > 0 && f.value < *before;
    t->rises += t->n > 0 && f.value > *before;
    t->n++;
    *before = f.value;
}

static struct tally tally_of(const struct item *const *figures, size_t persons, size_t j)
{
    struct tally t = {.n = 0};
    double before = 0;

    for (size_t i = 0; i < persons; i++)
        count(figures[i * SHAPE_COLUMNS + j], &t, &before);
    return t;
}

/* Four falls and not one rise are no accident: this is what the people are ranked by. */
static bool ranked_by(const struct tally *t) { return t->falls >= 4 && t->rises == 0; }

/* Is b never above a? Of two counts of followers the smart ones are the fewer. */
static bool part_of(const struct item *const *figures, size_t persons, size_t a, size_t b)
{
    size_t n = 0;

    for (size_t i = 0; i < persons; i++) {
        const struct item *x = figures[i * SHAPE_COLUMNS + a], *y = figures[i * SHAPE_COLUMNS + b];
        struct figure fx, fy;

        if (!x || !y || !figure_parse(x->text, &fx) || !figure_parse(y->text, &fy))
            continue;
        if (fy.value > fx.value)
            return false;
        n++;
    }
    return n >= 5;
}

static enum column percent_column(const struct tally *t, const enum column *out, size_t j)
{
    enum column c = 2 * t->signs > t->n ? COL_CHANGE : COL_MINDSHARE;

    for (size_t i = 0; i < j; i++)
        if (out[i] == c)
            return COL_NONE;
    return c;
}

static int by_value(const void *a, const void *b)
{
    double l = *(const double *)a, r = *(const double *)b;

    return l < r ? -1 : l > r;
}

/* A count that nobody is ranked by: of followers, the smart ones where half are a few hundred at
 * most and none needs a K. Likely, not proven. */
static enum column lone_count(const struct item *const *figures, size_t persons, size_t j)
{
    double value[LONE_MAX];
    size_t n = 0, suffixes = 0;
    struct figure f;

    for (size_t i = 0; i < persons && n < LONE_MAX; i++) {
        const struct item *it = figures[i * SHAPE_COLUMNS + j];

        if (!it || !figure_parse(it->text, &f))
            continue;
        suffixes += f.suffix != 0;
        value[n++] = f.value;
    }
    if (n < 5)
        return COL_NONE;
    qsort(value, n, sizeof *value, by_value);
    if (suffixes == 0 && value[n / 2] < FEW)
        return COL_SMART;
    return 2 * suffixes > n ? COL_FOLLOWERS : COL_NONE;
}

bool shapes_sure(enum column c) { return c == COL_MINDSHARE || c == COL_CHANGE; }

void shapes_judge(const struct item *const *figures, size_t persons, enum column out[SHAPE_COLUMNS])
{
    size_t open[SHAPE_COLUMNS], open_n = 0, snaps = 0;

    for (size_t j = 0; j < SHAPE_COLUMNS; j++) {
        struct tally t = tally_of(figures, persons, j);

        out[j] = COL_NONE;
        if (t.n == 0)
            continue;
        if (2 * t.percent > t.n)
            out[j] = percent_column(&t, out, j);
        else if (ranked_by(&t) && t.signs == 0)
            out[j] = snaps++ == 0 ? COL_SNAPS : COL_NONE;
        else if (t.signs == 0)
            open[open_n++] = j;
    }
    if (open_n == 1 && snaps == 0)
        out[open[0]] = lone_count(figures, persons, open[0]);
    if (open_n == 2 && part_of(figures, persons, open[0], open[1])) {
        out[open[0]] = COL_FOLLOWERS;
        out[open[1]] = COL_SMART;
    }
}
