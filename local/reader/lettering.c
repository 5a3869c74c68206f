/*
 * lettering.c - every character finds its letter of ink; look-alikes are measured there.
 */
#include "local/reader/lettering.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "local/reader/align.h"

#define BAR      0.30  /* narrower than this times its height: an I or an l; wider: a 1 */
#define STEADY   0.11  /* of a step: a typewriter's steps spread less */
#define LOW      0.86  /* of a capital: an i without its dot is no higher */
#define LOWER    0.8   /* and an l or I never as low */
#define LINE_MAX 1.2   /* capitals: an underscore is no longer */
#define NARROW   0.7   /* of the usual width: letters that touch are never as narrow */
#define OVAL     0.755 /* a zero is narrower, a capital O wider than this times its height */

/* A handle in the making: each character with its letter. */
struct spelled {
    const struct letter *letters;
    double cap;
    char text[LETTERS_MAX + 1];
    int letter[LETTERS_MAX]; /* -1: the ink lacks it */
    int shared[LETTERS_MAX];
    size_t n;
    bool lost; /* one side lacks what the other has */
};

static void put(struct spelled *s, char c, int letter, int shared)
{
    if (s->n >= LETTERS_MAX)
        return;
    s->text[s->n] = c;
    s->letter[s->n] = letter;
    s->shared[s->n++] = shared;
    s->text[s->n] = '\0';
}

static bool alike(char a, char b)
{
    return (strchr("Il1i|!", a) && strchr("Il1i|!", b)) || (strchr("O0o", a) && strchr("O0o", b));
}

/* "l1", "O0": the recogniser saw one letter and wrote both it could be. */
static bool is_double(const struct spelled *s, const struct match *m, const char *text)
{
    return m[0].shared == 2 && m[0].letter >= 0 && alike(text[m[0].at], text[m[1].at]) &&
           s->letters[m[0].letter].at.w < 1.05 * s->cap;
}

/* An underscore that is no flat piece of ink: a letter touches it, and was not read. */
static bool hides_letter(const struct match *m, const char *shape, const char *text)
{
    return text[m->at] == '_' && m->shared == 1 && m->letter >= 0 && shape[m->letter] != '_';
}

/* One character for a piece of ink as long as two underscores. */
static bool is_too_long(const struct spelled *s, const struct match *m, const char *shape)
{
    return m->letter >= 0 && shape[m->letter] == '_' && m->shared < 2 &&
           s->letters[m->letter].at.w > LINE_MAX * s->cap;
}

/* Several characters for a piece of ink that is too narrow for them: some are not there. */
static bool is_too_narrow(const struct spelled *s, const struct match *m, size_t i,
                          const char *text)
{
    bool first = i == 0 || m[i - 1].letter != m[i].letter;

    return first && m[i].letter >= 0 && m[i].shared > 1 &&
           s->letters[m[i].letter].at.w <
               NARROW * s->cap * align_width(text + m[i].at, (size_t)m[i].shared);
}

/* Characters in the ink's order; underscores that the recogniser lost are put back. */
static void spell_out(struct spelled *s, const struct match *m, size_t n, const char *shape,
                      const char *text)
{
    for (size_t i = 0; i < n; i++) {
        s->lost = s->lost || is_too_long(s, &m[i], shape);
        if (m[i].at < 0) {
            if (shape[m[i].letter] == '_')
                put(s, '_', m[i].letter, 1);
            else
                s->lost = true;
            continue;
        }
        if (i + 1 < n && is_double(s, m + i, text)) {
            put(s, text[m[i].at], m[i].letter, 1);
            i++;
            continue;
        }
        s->lost = s->lost || m[i].letter < 0 || hides_letter(&m[i], shape, text) ||
                  is_too_narrow(s, m, i, text);
        put(s, text[m[i].at], m[i].letter, m[i].shared);
    }
}

static bool opens_word(const char *s, size_t i) { return i == 0 || s[i - 1] == '_'; }

/* Before a consonant at the start of a word a bar is an I, among capitals too; anywhere else an l.
 */
char lettering_bar(const char *s, size_t i)
{
    char next = s[i + 1];

    if (opens_word(s, i))
        return (char)(islower((unsigned char)next) && !strchr("aeiouyl", next) ? 'I' : 'l');
    return isupper((unsigned char)s[i - 1]) && (next == '\0' || isupper((unsigned char)next)) ? 'I'
                                                                                              : 'l';
}

static void note(enum stroke_kind kind, size_t i, const struct letter *l, struct lettering *out)
{
    if (out->n < STROKES_MAX)
        out->stroke[out->n++] = (struct stroke){kind, (unsigned)i, l->at.w, l->stem, l->thick};
    else
        out->sure = false;
}

/* In a typewriter's font bars have feet, and letters stand in steps of one width. */
static bool is_typewritten(const struct spelled *s)
{
    double n = 0, sum = 0, squares = 0;

    for (size_t i = 1; i < s->n; i++) {
        int l = s->letter[i - 1], r = s->letter[i];
        double step;

        if (l < 0 || r < 0 || s->shared[i - 1] > 1 || s->shared[i] > 1)
            continue;
        step = box_mid_x(&s->letters[r].at) - box_mid_x(&s->letters[l].at);
        n++;
        sum += step;
        squares += step * step;
    }
    return n >= 4 && squares / n - (sum / n) * (sum / n) < STEADY * STEADY * (sum / n) * (sum / n);
}

static bool beside(const struct spelled *s, size_t i, const char *any)
{
    return (i > 0 && strchr(any, s->text[i - 1])) ||
           (s->text[i + 1] && strchr(any, s->text[i + 1]));
}

/* O or 0: by their widths, but not in a typewriter's font, where all letters are as wide. A zero
 * beside another digit is one. */
static void settle_round(struct spelled *s, size_t i, const struct letter *l, bool *sure)
{
    double slim = l->at.w / (double)l->at.h;

    if (l->at.h < 0.85 * s->cap || (s->text[i] == '0' && beside(s, i, "123456789")))
        return;
    if (i == 0 && s->text[1] == 'x' && slim < OVAL + 0.06) { /* as people of this trade begin */
        s->text[i] = '0';
        return;
    }
    s->text[i] = (char)(slim > OVAL ? 'O' : '0');
    *sure = *sure && fabs(slim - OVAL) > 0.5 / l->at.h && !is_typewritten(s) &&
            (s->text[i] == '0' || !beside(s, i, "0123456789"));
}

static void settle_bar(struct spelled *s, size_t i, const struct letter *l, struct lettering *out)
{
    double slim = l->at.w / (double)l->at.h;
    bool after_f = i > 0 && s->text[i - 1] == 'f'; /* its dot melts into the f */

    if (l->pieces == 2) {
        s->text[i] = 'i';
        note(STROKE_DOTTED, i, l, out);
    } else if (slim < BAR && s->text[i] == 'i') {
        if (!after_f && l->at.h > LOW * s->cap) /* no higher than an x, it is the i's own */
            note(STROKE_DOTLESS, i, l, out);
    } else if (slim < BAR && l->at.h < LOWER * s->cap) {
        s->text[i] = 'i';
        out->sure = false;
    } else if (slim < BAR) {
        s->text[i] = lettering_bar(s->text, i);
        note(STROKE_BAR, i, l, out);
    } else if (is_typewritten(s)) {
        out->sure = false;
    } else if (s->text[i] != 'i') {
        s->text[i] = '1';
        out->sure = out->sure && slim > BAR + 0.04 && slim < 0.7;
    }
}

static void settle(struct spelled *s, size_t i, struct lettering *out)
{
    bool bar = strchr("Il1i|!", s->text[i]) != NULL, round = strchr("O0", s->text[i]) != NULL;
    const struct letter *l = s->letter[i] >= 0 ? &s->letters[s->letter[i]] : NULL;

    if (!l || s->shared[i] > 1) {
        out->sure = out->sure && !round && (!bar || strchr("il", s->text[i]));
        return;
    }
    if (round)
        settle_round(s, i, l, &out->sure);
    else if (bar)
        settle_bar(s, i, l, out);
    else if (strchr("bdhk", s->text[i]))
        note(STROKE_ASCENDING, i, l, out);
    else if (strchr("BDEFHKLMNPRT", s->text[i]))
        note(STROKE_CAPITAL, i, l, out);
}

static void note_widths(const struct spelled *s, struct lettering *out)
{
    for (size_t i = 0; i < s->n && i < HANDLE_MAX; i++)
        if (s->letter[i] >= 0 && s->shared[i] == 1)
            out->width[i] = (short)s->letters[s->letter[i]].at.w;
}

void lettering_settle(const struct cell *cell, size_t first, char *handle, size_t size,
                      struct lettering *out)
{
    struct letter l[LETTERS_MAX];
    char shape[LETTERS_MAX];
    struct match m[2 * LETTERS_MAX];
    size_t n = spell_shapes(cell, l, shape), steps;
    struct spelled s = {.letters = l + first, .cap = cell->cap};

    *out = (struct lettering){.sure = true};
    steps = n > first ? align_text(l + first, shape + first, n - first, handle, cell->cap, m) : 0;
    if (steps == 0) {
        out->sure = false;
        return;
    }
    spell_out(&s, m, steps, shape + first, handle);
    for (size_t i = 0; i < s.n; i++)
        settle(&s, i, out);
    note_widths(&s, out);
    if (is_typewritten(&s) && strpbrk(s.text, "gq")) /* there they are nearly the same */
        out->sure = false;
    out->sure = out->sure && !s.lost && s.n < size;
    if (s.n < size)
        memcpy(handle, s.text, s.n + 1);
}
