/*
 * align.c - the cheapest path through a table of letters against characters.
 */
#include "local/reader/align.h"

#include <math.h>
#include <string.h>

#define TEXT_MAX   48
#define TOUCHING   4    /* letters that one piece of ink may hold */
#define LOST       1.2  /* capitals of misfit that a lost letter or character costs */
#define LOST_LINE  0.25 /* an underscore: recognisers lose it easily */
#define LOST_PIECE 0.5  /* a small piece: half of a sign of per cent */
#define BETWEEN    0.1  /* capitals between two letters */
#define JOIN       0.06 /* letters rarely touch */
#define NOT_A_LINE 0.8  /* an underscore matched with something else */

/* How wide a character is, in capitals: the same within a quarter in every common font. */
static double width_of(char c)
{
    if (strchr("il|I!.,", c))
        return 0.2;
    if (strchr("jtfr1-", c))
        return 0.45;
    if (strchr("mwMW@%", c))
        return 1.15;
    return c == '_' ? 0.75 : c >= 'A' && c <= 'Z' ? 0.85 : 0.7;
}

double align_width(const char *text, size_t k)
{
    double width = 0;

    for (size_t i = 0; i < k; i++)
        width += width_of(text[i]) + (i > 0 ? BETWEEN : 0);
    return width;
}

static double misfit(const struct letter *l, char shape, const char *text, size_t k, double cap)
{
    double cost = (double)(k - 1) * JOIN;

    if (k == 1 && (shape == '_') != (text[0] == '_'))
        cost += NOT_A_LINE;
    return cost + fabs(l->at.w / cap - align_width(text, k));
}

static double cost_of_losing(char shape)
{
    return shape == '_' ? LOST_LINE : shape == '?' ? LOST_PIECE : LOST;
}

struct step {
    double cost;
    int letters, chars; /* taken by the last step */
};

struct table {
    double cap;
    struct step at[LETTERS_MAX + 1][TEXT_MAX + 1];
};

static void offer(struct step *s, double cost, int letters, int chars)
{
    if (cost < s->cost)
        *s = (struct step){cost, letters, chars};
}

static void walk_back(const struct table *t, size_t i, size_t j, size_t n, struct match *out)
{
    while (n > 0) {
        const struct step *s = &t->at[i][j];

        for (int k = s->chars; k > 1; k--)
            out[--n] = (struct match){(int)i - 1, (int)(j - (size_t)(s->chars - k)) - 1, s->chars};
        out[--n] = (struct match){s->letters ? (int)i - 1 : -1,
                                  s->chars ? (int)(j - (size_t)(s->chars - 1)) - 1 : -1,
                                  s->chars > 1 ? s->chars : 1};
        i -= (size_t)s->letters;
        j -= (size_t)s->chars;
    }
}

static size_t length_of(const struct table *t, size_t i, size_t j)
{
    size_t n = 0;

    while (i > 0 || j > 0) {
        const struct step *s = &t->at[i][j];

        n += s->chars > 1 ? (size_t)s->chars : 1;
        i -= (size_t)s->letters;
        j -= (size_t)s->chars;
    }
    return n;
}

/* The cheapest way to have taken i letters and j characters. */
static void fill(struct table *t, const struct letter *l, const char *shape, const char *text,
                 size_t i, size_t j)
{
    struct step *s = &t->at[i][j];

    *s = (struct step){i + j == 0 ? 0 : INFINITY, 0, 0};
    if (i > 0)
        offer(s, t->at[i - 1][j].cost + cost_of_losing(shape[i - 1]), 1, 0);
    if (j > 0)
        offer(s, t->at[i][j - 1].cost + LOST, 0, 1);
    for (size_t k = 1; i > 0 && k <= TOUCHING && k <= j; k++)
        offer(s,
              t->at[i - 1][j - k].cost + misfit(&l[i - 1], shape[i - 1], text + j - k, k, t->cap),
              1, (int)k);
}

size_t align_text(const struct letter *l, const char *shape, size_t n, const char *text, double cap,
                  struct match *out)
{
    size_t m = strlen(text), count;
    struct table t = {.cap = cap};

    if (n > LETTERS_MAX || m > TEXT_MAX)
        return 0;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++)
            fill(&t, l, shape, text, i, j);
    count = length_of(&t, n, m);
    walk_back(&t, n, m, count, out);
    return count;
}
