/*
 * repair.c - ranks by counting, decimals and signs by majority, lost points by order.
 */
#include "local/reader/repair.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 400

static void mark(struct row *r, enum column c) { r->unsure |= 1U << c; }

/* Place of every row among the people: lane after lane, or line after line across the lanes. */
static void places(const struct board *b, bool across, int *place)
{
    for (size_t i = 0; i < b->n; i++) {
        place[i] = 0;
        for (size_t j = 0; j < b->n; j++) {
            const struct row *r = &b->rows[i], *o = &b->rows[j];
            bool above = o->y < r->y - 4, level = fabs(o->y - r->y) <= 4;
            bool before = across ? above || (level && o->lane < r->lane)
                                 : o->lane < r->lane || (o->lane == r->lane && above);

            place[i] += before;
        }
    }
}

/* The first rank that most rows agree on when they are counted this way. */
static size_t votes_of(const struct board *b, const int *place, int *first)
{
    size_t most = 0;

    for (size_t i = 0; i < b->n; i++) {
        int start = (int)strtol(b->rows[i].cell[COL_RANK], NULL, 10) - place[i];
        size_t votes = 0;

        for (size_t j = 0; b->rows[i].cell[COL_RANK][0] && start > 0 && j < b->n; j++)
            votes += strtol(b->rows[j].cell[COL_RANK], NULL, 10) == start + place[j];
        if (votes > most) {
            most = votes;
            *first = start;
        }
    }
    return most;
}

static void ranks(struct board *b)
{
    int down[ROWS_MAX], across[ROWS_MAX], first_down = 1, first_across = 1;
    size_t by_lane, by_line;
    const int *place;
    int first;

    if (b->n > ROWS_MAX)
        return;
    places(b, false, down);
    places(b, true, across);
    by_lane = votes_of(b, down, &first_down);
    by_line = votes_of(b, across, &first_across);
    place = by_line > by_lane ? across : down;
    first = by_line > by_lane ? first_across : first_down;
    if ((by_line > by_lane ? by_line : by_lane) < 2 ||
        10 * (by_line > by_lane ? by_line : by_lane) < 4 * b->n)
        return;
    for (size_t i = 0; i < b->n; i++) {
        struct row *r = &b->rows[i];

        if (strtol(r->cell[COL_RANK], NULL, 10) == first + place[i])
            continue;
        snprintf(r->cell[COL_RANK], CELL_TEXT_MAX, "%d", first + place[i]);
        mark(r, COL_RANK);
    }
}

struct census {
    size_t n, percent, sign, decimals[6], suffix;
};

static struct census census_of(const struct board *b, enum column c)
{
    struct census s = {.n = 0};
    struct figure f;

    for (size_t i = 0; i < b->n; i++) {
        if (!figure_parse(b->rows[i].cell[c], &f))
            continue;
        s.n++;
        s.percent += f.percent;
        s.sign += f.sign != 0;
        s.suffix += f.suffix != 0;
        s.decimals[f.decimals < 5 ? f.decimals : 5]++;
    }
    return s;
}

/* Decimals that at least two thirds of the column have; -1: no such number. */
static int usual_decimals(const struct census *s)
{
    for (int d = 0; d < 5; d++)
        if (3 * s->decimals[d] >= 2 * s->n && s->decimals[d] >= 2)
            return d;
    return -1;
}

/* "189%" in a column of two decimals was "1.89%". */
static void point_back(struct row *r, enum column c, int decimals)
{
    char *cell = r->cell[c];
    size_t whole = strspn(cell + (cell[0] == '+' || cell[0] == '-'), "0123456789");
    size_t sign = cell[0] == '+' || cell[0] == '-';
    struct figure f;

    if (!figure_parse(cell, &f) || f.decimals != 0 || f.comma || whole <= (size_t)decimals ||
        strlen(cell) + 2 > CELL_TEXT_MAX)
        return;
    memmove(cell + sign + whole - (size_t)decimals + 1, cell + sign + whole - (size_t)decimals,
            strlen(cell + sign + whole - (size_t)decimals) + 1);
    cell[sign + whole - (size_t)decimals] = '.';
    mark(r, c);
}

/* A '%' misread as a digit ("4.519" for "4.51%"): one decimal too many and no sign of per cent. */
static void percent_back(struct row *r, enum column c, int decimals)
{
    char *cell = r->cell[c];
    size_t n = strlen(cell);
    struct figure f;

    if (!figure_parse(cell, &f) || f.percent || f.suffix || n + 2 > CELL_TEXT_MAX)
        return;
    if (f.decimals > decimals && f.decimals <= decimals + 2)
        n -= (size_t)(f.decimals - decimals);
    cell[n] = '%';
    cell[n + 1] = '\0';
    mark(r, c);
}

static void percent_column(struct board *b, enum column c)
{
    struct census s = census_of(b, c);
    int decimals = usual_decimals(&s);

    if (s.n < 3 || 3 * s.percent < 2 * s.n || decimals < 0)
        return;
    for (size_t i = 0; i < b->n; i++) {
        if (!b->rows[i].cell[c][0])
            continue;
        percent_back(&b->rows[i], c, decimals);
        if (decimals > 0)
            point_back(&b->rows[i], c, decimals);
    }
}

/* "K" figures of one column have the same decimals: "5017K" among "50.17K" lost its point. */
static void suffix_column(struct board *b, enum column c)
{
    struct census s = {.n = 0};
    struct figure f;
    int decimals;

    for (size_t i = 0; i < b->n; i++)
        if (figure_parse(b->rows[i].cell[c], &f) && f.suffix) {
            s.n++;
            s.decimals[f.decimals < 5 ? f.decimals : 5]++;
        }
    decimals = usual_decimals(&s);
    if (s.n < 3 || decimals <= 0)
        return;
    for (size_t i = 0; i < b->n; i++)
        if (figure_parse(b->rows[i].cell[c], &f) && f.suffix && f.decimals == 0)
            point_back(&b->rows[i], c, decimals);
}

static bool value_at(const struct board *b, size_t i, enum column c, double *out)
{
    struct figure f;

    if (i >= b->n || !figure_parse(b->rows[i].cell[c], &f))
        return false;
    *out = f.value;
    return true;
}

/* Does the column fall from row to row, but for a few places? */
static bool falls(const struct board *b, enum column c)
{
    size_t down = 0, n = 0;
    double above, here;

    for (size_t i = 1; i < b->n; i++)
        if (value_at(b, i - 1, c, &above) && value_at(b, i, c, &here) &&
            b->rows[i].lane == b->rows[i - 1].lane) {
            down += here <= above;
            n++;
        }
    return n >= 5 && 10 * down >= 7 * n;
}

/* A zero with a dot in it is read as an 8: "8.95%" below "1.02%" was "0.95%". */
static void zero_back(struct row *r, enum column c, double above)
{
    char was = r->cell[c][0];
    struct figure f;

    if (was != '8' || r->cell[c][1] != '.')
        return;
    r->cell[c][0] = '0';
    if (!figure_parse(r->cell[c], &f) || f.value > above)
        r->cell[c][0] = was;
}

/* Where a falling column rises, one of the two is misread. */
static void order(struct board *b, enum column c)
{
    double above, here;

    if (!falls(b, c))
        return;
    for (size_t i = 1; i < b->n; i++) {
        if (b->rows[i].lane != b->rows[i - 1].lane || !value_at(b, i - 1, c, &above) ||
            !value_at(b, i, c, &here) || here <= above)
            continue;
        zero_back(&b->rows[i], c, above);
        mark(&b->rows[i], c);
        mark(&b->rows[i - 1], c);
    }
}

/* Where any change bears a sign, one without may have lost its own: an arrow, say. */
static void signs(struct board *b)
{
    struct census s = census_of(b, COL_CHANGE);
    struct figure f;

    for (size_t i = 0; s.sign > 0 && i < b->n; i++)
        if (figure_parse(b->rows[i].cell[COL_CHANGE], &f) && !f.sign && f.value > 0)
            mark(&b->rows[i], COL_CHANGE);
}

void repair_board(struct board *b)
{
    ranks(b);
    signs(b);
    percent_column(b, COL_MINDSHARE);
    percent_column(b, COL_CHANGE);
    for (int c = COL_SNAPS; c <= COL_ENGAGEMENT; c++)
        suffix_column(b, (enum column)c);
    order(b, COL_MINDSHARE);
    order(b, COL_SNAPS);
}
