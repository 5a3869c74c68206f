/*
 * parts.c - words are told apart by gaps, and judged by the tone and colour of their ink.
 */
#include "local/reader/parts.h"

#include <math.h>
#include <stdlib.h>

#define TONE_BREAK                                                                                 \
    50 /* ink this much lighter or darker begins another text: a name, its muted handle */
#define LOUD                                                                                       \
    28 /* per cent of colourful pixels more than in the rest of the cell: an emoji or a pill */
#define GAP        0.27 /* of a capital: between words */
#define AT_GAP     0.45 /* between a handle and the next '@' */
#define FULL       0.68 /* of its box is the ink of a disc */
#define LOUD_WIDTH 3.6  /* capitals; wider than an emoji and a small pill, it is coloured text */

/* Right edge of glyphs [from, to). */
static int edge(const struct cell *c, size_t from, size_t to)
{
    int right = c->glyphs[from]->at.x;

    for (size_t k = from; k < to; k++)
        if (box_right(&c->glyphs[k]->at) > right)
            right = box_right(&c->glyphs[k]->at);
    return right;
}

static bool breaks(const struct cell *c, size_t from, size_t i)
{
    int before = 0, after = 0, gap = c->glyphs[i]->at.x - edge(c, from, i);
    bool at = glyph_is_at(c->glyphs[from], c->cap); /* in a handle two letters that touch */
    size_t n = 0;

    if (gap < 0.25 * c->cap)
        return false;
    if (i - from < 2) /* one letter alone may be thin, and look light */
        return false;
    if (glyph_is_at(c->glyphs[i], c->cap) && c->n - i > 3 && (!at || gap >= AT_GAP * c->cap))
        return true;
    for (size_t k = from; k < i; k++)
        before += glyph_light(c->glyphs[k]);
    for (size_t k = i; k < c->n && n < 4; k++, n++)
        after += glyph_light(c->glyphs[k]);
    return abs(before / (int)(i - from) - after / (int)n) > TONE_BREAK;
}

size_t parts_next(const struct cell *c, size_t from)
{
    size_t i = from + 1;

    while (i < c->n && !breaks(c, from, i))
        i++;
    return i;
}

static size_t word_end(const struct cell *c, size_t from, size_t to)
{
    size_t i = from + 1;

    while (i < to && c->glyphs[i]->at.x - edge(c, from, i) < GAP * c->cap)
        i++;
    return i;
}

/* Per cent of colourful pixels in the boxes of [from, to). */
static int loudness(const struct cell *c, size_t from, size_t to)
{
    int64_t loud = 0, all = 0;

    for (size_t i = from; i < to; i++) {
        loud += c->glyphs[i]->loud;
        all += (int64_t)c->glyphs[i]->at.w * c->glyphs[i]->at.h;
    }
    return all ? (int)(100 * loud / all) : 0;
}

/* A disc alone before the text: the dot of a list. No letter is as round and as full. */
static bool is_bullet(const struct cell *c, size_t from, size_t to)
{
    const struct glyph *g = c->glyphs[from];

    return to - from == 1 && to < c->n && abs(g->at.w - g->at.h) <= 0.15 * g->at.h &&
           g->at.h >= 0.5 * c->cap && g->ink >= FULL * g->at.w * g->at.h &&
           c->glyphs[to]->at.x - box_right(&g->at) >= 0.4 * c->cap;
}

static bool is_loud(const struct cell *c, size_t from, size_t to, int quiet)
{
    struct box at = c->glyphs[from]->at;

    for (size_t i = from + 1; i < to; i++)
        at = box_join(at, c->glyphs[i]->at);
    return loudness(c, from, to) > quiet + LOUD && at.w <= LOUD_WIDTH * c->cap &&
           at.w >= 0.85 * c->cap && at.h >= 0.5 * c->cap && !glyph_is_at(c->glyphs[0], c->cap);
}

static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The line on which the letters stand: the middle one of their lower edges. */
static int line_of(const struct cell *c)
{
    int bottom[PART_MAX];
    size_t n = 0;

    for (size_t i = 0; i < c->n && n < PART_MAX; i++)
        if (c->glyphs[i]->at.h >= 0.5 * c->cap && c->glyphs[i]->foot.w == 0)
            bottom[n++] = box_bottom(&c->glyphs[i]->at);
    if (n == 0)
        return box_bottom(&c->at);
    qsort(bottom, n, sizeof *bottom, by_value);
    return bottom[n / 2];
}

/* A letter that an underscore touches: its foot is as long as one, and lies under the line. */
static bool has_underscore(const struct cell *c, const struct glyph *g)
{
    return g->foot.w >= 0.42 * c->cap && g->foot.w <= g->at.w - 3 && g->foot.h <= 0.3 * c->cap &&
           g->foot.y >= line_of(c) - 0.04 * c->cap;
}

/* Cut the glyph beside its foot; the two halves live in the part. */
static void cut(const struct glyph *g, struct part *out)
{
    struct glyph *letter = &out->split[out->splits++], *low = &out->split[out->splits++];
    bool first = g->foot.x <= g->at.x + 1;

    *letter = *low = *g;
    low->at = g->foot;
    letter->at.w = g->at.w - g->foot.w;
    letter->at.h = g->foot.y - g->at.y;
    letter->at.x = first ? box_right(&g->foot) : g->at.x;
    out->kept[out->cell.n++] = first ? low : letter;
    out->kept[out->cell.n++] = first ? letter : low;
}

static void keep(const struct cell *c, size_t from, size_t to, struct part *out)
{
    for (size_t i = from; i < to && out->cell.n + 2 < PART_MAX; i++)
        if (out->splits + 2 <= COUNT_OF(out->split) && has_underscore(c, c->glyphs[i]))
            cut(c->glyphs[i], out);
        else
            out->kept[out->cell.n++] = c->glyphs[i];
}

static bool is_arrow(const struct cell *c, size_t from, size_t to, size_t whole)
{
    return c->glyphs[from]->arrow && to - from == 1 && whole > 1;
}

void parts_clean(const struct cell *c, size_t from, size_t to, struct part *out)
{
    int quiet = 255;

    out->cell = (struct cell){.glyphs = out->kept, .cap = c->cap};
    out->arrow = 0;
    out->splits = 0;
    for (size_t i = from, next; i < to; i = next) {
        next = word_end(c, i, to);
        if (loudness(c, i, next) < quiet)
            quiet = loudness(c, i, next);
    }
    for (size_t i = from, next; i < to; i = next) {
        next = c->glyphs[i]->arrow && i == from ? i + 1 : word_end(c, i, to);
        if (is_arrow(c, i, next, to - from))
            out->arrow = c->glyphs[i]->arrow;
        else if (!is_loud(c, i, next, quiet) && !(i == from && is_bullet(c, i, next)))
            keep(c, i, next, out);
    }
    if (out->cell.n == 0)
        return;
    out->cell.at = out->kept[0]->at;
    for (size_t i = 1; i < out->cell.n; i++)
        out->cell.at = box_join(out->cell.at, out->kept[i]->at);
}
