/*
 * cells.c - a glyph joins its neighbour when they share a line and the gap between them is a word
 * gap at most.
 */
#include "local/reader/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BRIDGE   0.5  /* a point or comma stands this near to its digits */
#define WORD_GAP 0.95 /* of a capital's height; columns and badges stand further apart */
#define LOOSE                                                                                      \
    0.38 /* a dot, an accent or an underscore may lie this far above or below its letter */

static int least(int a, int b) { return a < b ? a : b; }
static int most(int a, int b) { return a > b ? a : b; }

/* A small piece at the tail of a g or y belongs to the next line. */
static bool under(const struct glyph *s, const struct glyph *l)
{
    return 2 * s->at.h < l->at.h && box_mid_y(&s->at) > box_bottom(&l->at) - 0.2 * l->at.h;
}

/* Two or three underscores in one piece, beside a letter: what lies under letters is a rule. */
static bool is_long_underscore(const struct glyph *s, const struct glyph *l, double cap)
{
    return s->at.h <= 0.3 * cap && s->at.w > 1.2 * cap && s->at.w <= 2.6 * cap &&
           box_gap_x(&s->at, &l->at) > -0.2 * cap && box_mid_y(&s->at) > box_mid_y(&l->at);
}

/* Underscores lie under the rows of their neighbours; letters must share half of theirs. */
static bool same_line(const struct glyph *a, const struct glyph *b, double cap)
{
    const struct glyph *s = a->at.h < b->at.h ? a : b, *l = s == a ? b : a;
    int shared = box_shared_y(&a->at, &b->at);

    if (s->at.h >= 0.6 * cap && l->at.h > 2 * s->at.h)
        return false;
    if (2 * shared >= s->at.h && !under(s, l))
        return true;
    return (glyph_is_flat(s, cap) || is_long_underscore(s, l, cap)) && -shared <= LOOSE * cap &&
           box_gap_x(&a->at, &b->at) <= LOOSE * cap;
}

static bool joined(const struct glyph *a, const struct glyph *b, double cap)
{
    double reach = WORD_GAP * fmax(cap, least(a->at.h, b->at.h));

    return box_gap_x(&a->at, &b->at) <= reach && same_line(a, b, cap);
}

static void up_free(int **up) { free(*up); }

static int root_of(const int *up, int i)
{
    while (up[i] != i)
        i = up[i];
    return i;
}

/* up[i]: a glyph of the same cell, the cell's first one for itself. */
static void unite(const struct glyph *glyphs, size_t n, double cap, int *up)
{
    for (size_t i = 0; i < n; i++)
        up[i] = (int)i;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            int a, b;

            if (glyphs[j].at.x - box_right(&glyphs[i].at) > 5 * cap)
                break;
            if (!joined(&glyphs[i], &glyphs[j], cap))
                continue;
            a = root_of(up, (int)i);
            b = root_of(up, (int)j);
            up[most(a, b)] = least(a, b);
        }
    }
}

/* A text so far: the box of its letters, and how many of them are tall. */
struct group {
    struct box at;
    int n, tallest, tall;
};

static void measure(const struct glyph *glyphs, size_t n, const int *up, struct group *groups)
{
    for (size_t i = 0; i < n; i++) {
        struct group *g = &groups[root_of(up, (int)i)];

        g->at = g->n++ ? box_join(g->at, glyphs[i].at) : glyphs[i].at;
        g->tallest = most(g->tallest, glyphs[i].at.h);
    }
    for (size_t i = 0; i < n; i++) {
        struct group *g = &groups[root_of(up, (int)i)];

        g->tall += 10 * glyphs[i].at.h >= 7 * g->tallest;
    }
}

/* Does a small piece lie where points, commas, accents and dots of a text lie? */
static bool hangs_on(const struct box *dot, const struct group *g, double cap)
{
    double own = g->tallest;

    if (g->tallest < 0.6 * cap || (g->tallest > 1.6 * cap && g->tall < 2))
        return false;
    return dot->h <= 0.5 * own && dot->w <= 0.6 * own && box_gap_x(dot, &g->at) <= BRIDGE * own &&
           dot->y >= g->at.y - LOOSE * own && box_bottom(dot) <= box_bottom(&g->at) + 0.3 * own;
}

static void groups_free(struct group **g) { free(*g); }

/* The text whose rows a lone piece shares most; -1: it hangs on none. */
static int host_of(const struct box *dot, const struct group *groups, size_t n, int own, double cap)
{
    int best = -1, most_shared = 0;

    for (size_t j = 0; j < n; j++) {
        int shared = box_shared_y(dot, &groups[j].at);

        if ((int)j == own || groups[j].n == 0 || !hangs_on(dot, &groups[j], cap))
            continue;
        if (best < 0 || shared > most_shared) {
            best = (int)j;
            most_shared = shared;
        }
    }
    return best;
}

/* Lone small pieces join the text that they hang on; a comma also bridges two halves of a figure.
 */
static void attach(const struct glyph *glyphs, size_t n, double cap, int *up)
{
    AUTO(groups_free) struct group *groups = calloc(n + 1, sizeof *groups);

    if (!groups)
        abort();
    measure(glyphs, n, up, groups);
    for (size_t i = 0; i < n; i++) {
        int host = groups[i].n == 1 ? host_of(&glyphs[i].at, groups, n, (int)i, cap) : -1;

        for (size_t j = 0; host >= 0 && j < n; j++) {
            int a = root_of(up, host), b = root_of(up, (int)j);
            const struct box *h = &groups[host].at, *g = &groups[j].at;

            if (groups[j].n > 0 && a != b &&
                (j == i || (hangs_on(&glyphs[i].at, &groups[j], cap) &&
                            10 * box_shared_y(h, g) >= 7 * most(h->h, g->h))))
                up[most(a, b)] = least(a, b);
        }
    }
}

static int by_cell(const void *a, const void *b)
{
    const struct glyph *l = *(const struct glyph *const *)a, *r = *(const struct glyph *const *)b;

    return l->cell != r->cell ? (l->cell < r->cell ? -1 : 1) : l->at.x - r->at.x;
}

static int by_place(const void *a, const void *b)
{
    const struct cell *l = a, *r = b;

    return l->at.y != r->at.y ? (l->at.y < r->at.y ? -1 : 1) : l->at.x - r->at.x;
}

static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The line on which letters stand: the middle one of their lower edges. */
static int baseline(const struct cell *c, double cap)
{
    int bottoms[64];
    size_t n = 0;

    for (size_t i = 0; i < c->n && n < COUNT_OF(bottoms); i++)
        if (c->glyphs[i]->at.h >= 0.5 * cap)
            bottoms[n++] = box_bottom(&c->glyphs[i]->at);
    if (n == 0)
        return box_bottom(&c->at);
    qsort(bottoms, n, sizeof *bottoms, by_value);
    return bottoms[n / 2];
}

/* Own height where it is clearly another size than the page's; small letters alone prove nothing.
 */
static double own_cap(const struct cell *c, double cap)
{
    int base = baseline(c, cap), top = base;
    double own;

    for (size_t i = 0; i < c->n; i++)
        if (c->glyphs[i]->at.h >= 0.5 * cap)
            top = least(top, c->glyphs[i]->at.y);
    own = base - top;
    if (own > 1.2 * cap)
        return own;
    return own > 0.8 * cap && own < cap ? own : cap;
}

/* A blot is no text: one lone piece that is no digit's shape, or too large to stand alone. */
static bool is_text(const struct cell *c, double cap)
{
    size_t tall = 0;

    for (size_t i = 0; i < c->n; i++)
        tall += c->glyphs[i]->at.h >= 0.8 * c->cap;
    if (c->at.h < 0.6 * cap || c->at.w < 2)
        return false;
    return c->cap <= 1.9 * cap || tall >= 2;
}

/* Two lines that a tail or a broken '@' has tied together: each glyph goes to the line that its
 * middle lies on. */
static size_t upper_first(const struct glyph **g, size_t n, double middle)
{
    size_t upper = 0;

    for (size_t i = 0; i < n; i++) {
        const struct glyph *it = g[i];

        if (box_mid_y(&it->at) >= middle)
            continue;
        memmove(&g[upper + 1], &g[upper],
                (i - upper) * sizeof(void *)); /* both lines keep their order */
        g[upper++] = it;
    }
    return upper;
}

static bool is_two_lines(const struct glyph *const *g, size_t n, double cap, double *middle)
{
    struct box all = g[0]->at;
    int tallest = 0;

    for (size_t i = 0; i < n; i++) {
        all = box_join(all, g[i]->at);
        tallest = most(tallest, g[i]->at.h);
    }
    *middle = box_mid_y(&all);
    return n >= 6 && all.h >= 2.1 * cap && all.h <= 4.5 * cap && tallest < 0.75 * all.h &&
           all.w > all.h;
}

static void settle(struct cells *out, size_t first, size_t n, double cap)
{
    struct cell *c = &out->at[out->n];

    *c = (struct cell){.at = out->order[first]->at, .glyphs = out->order + first, .n = n};
    for (size_t i = 1; i < n; i++)
        c->at = box_join(c->at, c->glyphs[i]->at);
    c->cap = own_cap(c, cap);
    if (is_text(c, cap))
        out->n++;
}

static void settle_lines(struct cells *out, size_t first, size_t n, double cap)
{
    double middle;
    size_t upper = 0;

    if (is_two_lines(out->order + first, n, cap, &middle))
        upper = upper_first(out->order + first, n, middle);
    if (upper > 0)
        settle(out, first, upper, cap);
    if (upper < n)
        settle(out, first + upper, n - upper, cap);
}

void cells_find(struct glyph *glyphs, size_t n, double cap, struct cells *out)
{
    AUTO(up_free) int *up = calloc(n + 1, sizeof *up);

    out->at = calloc(n + 1, sizeof *out->at);
    out->order = calloc(n + 1, sizeof(void *));
    out->n = 0;
    if (!up || !out->at || !out->order)
        abort();
    unite(glyphs, n, cap, up);
    attach(glyphs, n, cap, up);
    for (size_t i = 0; i < n; i++) {
        glyphs[i].cell = root_of(up, (int)i);
        out->order[i] = &glyphs[i];
    }
    qsort(out->order, n, sizeof(void *), by_cell);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && out->order[next]->cell == out->order[i]->cell;)
            next++;
        settle_lines(out, i, next - i, cap);
    }
    qsort(out->at, out->n, sizeof *out->at, by_place);
}

void cells_free(struct cells *cells)
{
    free(cells->at);
    free(cells->order);
    *cells = (struct cells)CELLS_INIT;
}
