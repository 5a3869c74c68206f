/*
 * spell.c - letters by geometry: tall, dot, flat, wide, narrow.
 */
#include "local/reader/spell.h"

#include <ctype.h>
#include <string.h>

#define TWO_WIDE 1.42 /* wider than this times a capital: two letters that touch */

static int least(int a, int b) { return a < b ? a : b; }

static bool above_each_other(const struct box *a, const struct box *b)
{
    return -box_gap_x(a, b) * 2 > least(a->w, b->w);
}

static void strongest(struct letter *l, const struct glyph *g)
{
    l->tallest = g->at.h;
    l->stem = g->stem;
    l->thick = g->thick;
}

size_t spell_letters(const struct cell *cell, struct letter out[LETTERS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < cell->n; i++) {
        const struct box *b = &cell->glyphs[i]->at;

        if (n > 0 && above_each_other(&out[n - 1].at, b)) {
            if (b->h > out[n - 1].tallest)
                strongest(&out[n - 1], cell->glyphs[i]);
            out[n - 1].at = box_join(out[n - 1].at, *b);
            out[n - 1].pieces++;
        } else if (n < LETTERS_MAX) {
            out[n] = (struct letter){.at = *b, .pieces = 1};
            strongest(&out[n++], cell->glyphs[i]);
        }
    }
    return n;
}

size_t spell_first_word(const struct cell *cell)
{
    struct letter l[LETTERS_MAX];
    size_t n = spell_letters(cell, l), count = 0;

    for (size_t i = 0; i < n; i++) {
        if (i > 0 && box_gap_x(&l[i - 1].at, &l[i].at) >= 0.27 * cell->cap)
            break;
        count += l[i].at.w > TWO_WIDE * cell->cap ? 2 : 1;
    }
    return count;
}

/* The line on which the tall letters stand. */
static int base_of(const struct letter *l, size_t n, double cap)
{
    int best = 0, votes = -1;

    for (size_t i = 0; i < n; i++) {
        int bottom = box_bottom(&l[i].at), same = 0;

        if (l[i].at.h < 0.6 * cap)
            continue;
        for (size_t j = 0; j < n; j++)
            same += l[j].at.h >= 0.6 * cap && box_bottom(&l[j].at) >= bottom - 1 &&
                    box_bottom(&l[j].at) <= bottom + 1;
        if (same > votes) {
            votes = same;
            best = bottom;
        }
    }
    return best;
}

static char class_of(const struct letter *l, int base, double cap)
{
    bool small = l->at.h <= 0.48 * cap && l->at.w <= 0.40 * cap;
    bool flat = l->at.h <= 0.30 * cap && l->at.w >= 1.6 * l->at.h && l->at.w >= 0.25 * cap;

    if (l->at.h >= 0.66 * cap)
        return 'D';
    if (flat && l->at.y >= base - 0.12 * cap)
        return '_';
    if (flat && box_bottom(&l->at) < base - 0.15 * cap)
        return '-';
    if (small && box_bottom(&l->at) >= base - 0.15 * cap)
        return box_bottom(&l->at) > base + 0.13 * cap ? ',' : '.';
    return '?';
}

size_t spell_shapes(const struct cell *cell, struct letter l[LETTERS_MAX], char out[LETTERS_MAX])
{
    size_t n = spell_letters(cell, l);
    int base = base_of(l, n, cell->cap);

    for (size_t i = 0; i < n; i++)
        out[i] = class_of(&l[i], base, cell->cap);
    return n;
}

static size_t count_digits(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += isdigit((unsigned char)*s) != 0;
    return n;
}

static size_t count_points(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += *s == '.' || *s == ',';
    return n;
}

/* The shapes' own account of the figure: digits from the text, points from the ink. */
static bool retold(const char *shape, size_t n, const char *figure, char *out, size_t size)
{
    size_t used = 0, digits = count_digits(figure), seen = 0, points = 0;
    const char *f = figure;

    for (size_t i = 0; i < n && seen < digits && used + 2 < size; i++) {
        if (shape[i] == 'D') {
            f += strcspn(f, "0123456789");
            out[used++] = *f++;
            seen++;
        } else if ((shape[i] == '.' || shape[i] == ',') && seen > 0) {
            out[used++] = shape[i];
            points++;
        } else if (seen > 0) {
            return false;
        }
    }
    f += strspn(f, ".,");
    if (seen != digits || used + strlen(f) + 1 > size)
        return false;
    memcpy(out + used, f, strlen(f) + 1);
    return points > count_points(figure);
}

bool spell_figure(const struct cell *cell, char *figure, size_t size)
{
    struct letter l[LETTERS_MAX];
    char shape[LETTERS_MAX], told[40];
    size_t n = spell_shapes(cell, l, shape), sign = figure[0] == '-' || figure[0] == '+';
    bool changed = false;

    if (n == 0)
        return false;
    if (retold(shape + (shape[0] == '-' || sign ? 1 : 0), n - (shape[0] == '-' || sign ? 1 : 0),
               figure + sign, told, sizeof told) &&
        strlen(told) + sign < size) {
        memcpy(figure + sign, told, strlen(told) + 1);
        changed = true;
    }
    if (shape[0] != '-' || sign || strlen(figure) + 2 > size)
        return changed;
    memmove(figure + 1, figure, strlen(figure) + 1);
    figure[0] = '-';
    return true;
}

void spell_zero_x(char *text, bool handle)
{
    static const char *const words[] = {"ford", "en", "ygen", "ide", "y"};
    size_t round = strspn(text, "O0oQ");
    const char *rest = text + round + 1;

    if (round == 0 || round > 2 || text[round] != 'x' || !isalnum((unsigned char)*rest) ||
        (!handle && islower((unsigned char)*rest)))
        return;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (round == 1 && text[0] == 'O' && strcmp(rest, words[i]) == 0)
            return;
    text[0] = '0';
    memmove(text + 1, text + round, strlen(text + round) + 1);
}

void spell_name(char *text)
{
    for (size_t i = 0; text[i]; i++) {
        bool opens = i == 0 || text[i - 1] == ' ' || text[i - 1] == '(';

        if (text[i] == 'l' && opens && islower((unsigned char)text[i + 1]) &&
            !strchr("aeiouyl", text[i + 1]))
            text[i] = 'I';
        if (text[i] == '!' && i > 0 && islower((unsigned char)text[i - 1]) && text[i + 1])
            text[i] = 'l';
    }
}

bool spell_is_underscore(const struct cell *cell, size_t i)
{
    struct letter one = {.at = cell->glyphs[i]->at, .pieces = 1}, all[LETTERS_MAX];
    size_t n = spell_letters(cell, all);

    for (size_t k = 0; k < cell->n; k++) /* the lower arc of an '@' has ink above it */
        if (k != i && above_each_other(&cell->glyphs[k]->at, &one.at))
            return false;
    return cell->n >= 3 && class_of(&one, base_of(all, n, cell->cap), cell->cap) == '_';
}

bool spell_begins_with_at(const struct cell *cell)
{
    struct letter l[LETTERS_MAX];
    size_t n = spell_letters(cell, l);
    int base = base_of(l, n, cell->cap);
    const struct box *b = &l[0].at;

    return n >= 3 && b->h >= 1.02 * cell->cap && b->w >= 0.9 * b->h && b->w <= 1.35 * b->h &&
           box_bottom(b) >= base + 0.08 * cell->cap && box_gap_x(b, &l[1].at) < 0.3 * cell->cap;
}
