/*
 * spell.c - letters by geometry: tall, dot, flat, wide, narrow.
 */
#include "local/reader/spell.h"

#include <ctype.h>
#include <string.h>

#define TWO_WIDE 1.42 /* wider than this times a capital: two letters that touch */
#define BAR      0.27 /* narrower than this times its height: an I or an l */
#define OVAL     0.81 /* a zero is narrower, a capital O wider than this times its height */

static int least(int a, int b) { return a < b ? a : b; }

static bool above_each_other(const struct box *a, const struct box *b)
{
    return -box_gap_x(a, b) * 2 > least(a->w, b->w);
}

size_t spell_letters(const struct cell *cell, struct letter out[LETTERS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < cell->n; i++) {
        const struct box *b = &cell->glyphs[i]->at;

        if (n > 0 && above_each_other(&out[n - 1].at, b)) {
            out[n - 1].at = box_join(out[n - 1].at, *b);
            out[n - 1].pieces++;
        } else if (n < LETTERS_MAX) {
            out[n++] = (struct letter){*b, 1};
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

/* D: digit or letter, '.' or ',' on the line, '-' in the middle, '_' under it, '?': something else.
 */
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

static size_t classes(const struct cell *cell, struct letter *l, char *out)
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
    size_t n = classes(cell, l, shape), sign = figure[0] == '-' || figure[0] == '+';
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

/* "O0x": the recogniser saw one round letter and wrote both it could be. */
static void undouble(char *s, size_t want)
{
    for (size_t i = 0; s[i] && s[i + 1] && strlen(s) > want; i++)
        if ((s[i] == 'O' && s[i + 1] == '0') || (s[i] == '0' && s[i + 1] == 'O'))
            memmove(s + i, s + i + 1, strlen(s + i));
}

/* Underscores as the ink has them, all other characters in their order. */
static void underscores(const char *shape, size_t n, char *s, size_t size)
{
    char out[LETTERS_MAX + 1];
    size_t used = 0, other = 0, lines = 0;
    const char *p = s;

    for (size_t i = 0; i < n; i++)
        lines += shape[i] == '_';
    for (size_t i = 0; s[i]; i++)
        other += s[i] != '_';
    if (other + lines != n || n + 1 > size)
        return;
    for (size_t i = 0; i < n; i++) {
        p += strspn(p, "_");
        out[used++] = (char)(shape[i] == '_' ? '_' : *p++);
    }
    out[used] = '\0';
    memcpy(s, out, used + 1);
}

static bool opens_word(const char *s, size_t i) { return i == 0 || s[i - 1] == '_'; }

/* Before a consonant at the start of a word a bar is an I, among capitals too; anywhere else an l.
 */
static char bar_in(const char *s, size_t i)
{
    char next = s[i + 1];

    if (opens_word(s, i))
        return (char)(islower((unsigned char)next) && !strchr("aeiouyl", next) ? 'I' : 'l');
    return isupper((unsigned char)s[i - 1]) && (next == '\0' || isupper((unsigned char)next)) ? 'I'
                                                                                              : 'l';
}

/* Wide is an O; so is what opens a word of small letters, but for "0x". */
static bool settle_round(const struct letter *l, char *s, size_t i)
{
    double slim = l->at.w / (double)l->at.h;
    bool word = opens_word(s, i) && islower((unsigned char)s[i + 1]) && s[i + 1] != 'x';

    if (word && slim > OVAL - 0.1) {
        s[i] = 'O';
        return false;
    }
    s[i] = (char)(slim > OVAL + 0.05 ? 'O' : '0');
    return slim > OVAL + 0.05 || slim < OVAL - 0.03;
}

/* One look-alike by its shape; false: the shape does not tell. */
static bool settle(const struct letter *l, double cap, char *s, size_t i)
{
    double slim = l->at.w / (double)l->at.h;

    if (strchr("O0", s[i]) && l->at.h >= 0.85 * cap)
        return settle_round(l, s, i);
    if (strchr("Il1|!", s[i])) {
        if (l->pieces == 2) {
            s[i] = 'i';
            return true;
        }
        s[i] = (char)(slim >= BAR && s[i] == '1' ? '1' : bar_in(s, i));
        return s[i] == '1' && slim > BAR + 0.06;
    }
    return true;
}

bool spell_handle(const struct cell *cell, size_t first, char *handle, size_t size)
{
    struct letter l[LETTERS_MAX];
    char shape[LETTERS_MAX];
    size_t n = classes(cell, l, shape);
    bool sure = true;

    if (n <= first)
        return false;
    undouble(handle, n - first);
    underscores(shape + first, n - first, handle, size);
    if (strlen(handle) != n - first) {
        spell_name(handle);
        return strpbrk(handle, "Il1O0|!") == NULL;
    }
    for (size_t i = 0; handle[i]; i++)
        sure = settle(&l[first + i], cell->cap, handle, i) && sure;
    return sure;
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
    struct letter one = {cell->glyphs[i]->at, 1}, all[LETTERS_MAX];
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
