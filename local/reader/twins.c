/*
 * twins.c - the nearest sample of the same digit against the nearest of another one.
 */
#include "local/reader/twins.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/align.h"

#define SAMPLES_MAX 1200
#define SAME_SIZE   0.15
#define CLEARLY     0.45 /* nearer by this factor: the other digit */
#define WIDTH       300  /* levels of ink that a difference in slimness counts */

void twins_add(struct twins *t, const struct twin *twin)
{
    if (t->n == t->room)
        t->at = list_grow(t->at, &t->room, sizeof *t->at);
    t->at[t->n++] = *twin;
}

/* A digit whose ink is its own. */
static bool is_sample(const struct match *m, const struct letter *l, const char *text, double cap)
{
    return m->at >= 0 && m->letter >= 0 && m->shared == 1 && isdigit((unsigned char)text[m->at]) &&
           l[m->letter].pieces == 1 && l[m->letter].at.h >= 0.7 * cap;
}

void twins_note(struct twins *t, const struct picture *pic, const struct cell *cell,
                const struct item *it, size_t item)
{
    struct letter l[LETTERS_MAX];
    struct match m[2 * LETTERS_MAX];
    char shape[LETTERS_MAX];
    size_t n = spell_shapes(cell, l, shape);
    size_t steps = align_text(l, shape, n, it->text, cell->cap, m);

    for (size_t i = 0; i < steps && t->n < SAMPLES_MAX; i++) {
        const struct box *at = &l[m[i].letter < 0 ? 0 : m[i].letter].at;
        struct twin twin = {.item = item, .cap = cell->cap, .slim = at->w / (double)at->h};

        if (!is_sample(&m[i], l, it->text, cell->cap))
            continue;
        twin.digit = it->text[m[i].at];
        picture_sample(pic, at, TWIN_W, TWIN_H, twin.ink);
        twins_add(t, &twin);
    }
}

static double distance(const struct twin *a, const struct twin *b)
{
    int sum = 0;

    for (size_t i = 0; i < sizeof a->ink; i++)
        sum += abs(a->ink[i] - b->ink[i]);
    return sum / (double)sizeof a->ink + WIDTH * fabs(a->slim - b->slim);
}

struct nearest {
    double same, other;
    size_t sames;
};

static struct nearest nearest_to(const struct twins *t, const struct twin *me)
{
    struct nearest out = {.same = INFINITY, .other = INFINITY};

    for (size_t i = 0; i < t->n; i++) {
        const struct twin *o = &t->at[i];
        double d;

        if (o->item == me->item || fabs(o->cap - me->cap) > SAME_SIZE * me->cap)
            continue;
        d = distance(me, o);
        out.sames += o->digit == me->digit;
        if (o->digit == me->digit)
            out.same = fmin(out.same, d);
        else
            out.other = fmin(out.other, d);
    }
    return out;
}

void twins_judge(const struct twins *t, struct page *page)
{
    for (size_t i = 0; i < t->n; i++) {
        struct nearest near = nearest_to(t, &t->at[i]);
        struct item *it = &page->items[t->at[i].item];

        if (near.sames < 2 || near.other >= CLEARLY * near.same)
            continue;
        it->doubtful = true;
    }
}

void twins_free(struct twins *t)
{
    free(t->at);
    *t = (struct twins)TWINS_INIT;
}
