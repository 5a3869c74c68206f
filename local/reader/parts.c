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
#define LOUD_WIDTH 2.8  /* capitals; wider than an emoji and a small pill, it is coloured text */

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
    int before = 0, after = 0;
    size_t n = 0;

    if (c->glyphs[i]->at.x - edge(c, from, i) < 0.25 * c->cap)
        return false;
    if (glyph_is_at(c->glyphs[i], c->cap) && c->n - i > 3)
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

static bool is_loud(const struct cell *c, size_t from, size_t to, int quiet)
{
    struct box at = c->glyphs[from]->at;

    for (size_t i = from + 1; i < to; i++)
        at = box_join(at, c->glyphs[i]->at);
    return loudness(c, from, to) > quiet + LOUD && at.w <= LOUD_WIDTH * c->cap &&
           at.w >= 0.85 * c->cap && at.h >= 0.5 * c->cap && !glyph_is_at(c->glyphs[0], c->cap);
}

static void keep(const struct cell *c, size_t from, size_t to, struct part *out)
{
    for (size_t i = from; i < to && out->cell.n < PART_MAX; i++)
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
    for (size_t i = from, next; i < to; i = next) {
        next = word_end(c, i, to);
        if (loudness(c, i, next) < quiet)
            quiet = loudness(c, i, next);
    }
    for (size_t i = from, next; i < to; i = next) {
        next = c->glyphs[i]->arrow && i == from ? i + 1 : word_end(c, i, to);
        if (is_arrow(c, i, next, to - from))
            out->arrow = c->glyphs[i]->arrow;
        else if (!is_loud(c, i, next, quiet))
            keep(c, i, next, out);
    }
    if (out->cell.n == 0)
        return;
    out->cell.at = out->kept[0]->at;
    for (size_t i = 1; i < out->cell.n; i++)
        out->cell.at = box_join(out->cell.at, out->kept[i]->at);
}
