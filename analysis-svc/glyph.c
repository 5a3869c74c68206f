/*
 * glyph.c - see glyph.h.
 */
#include "analysis-svc/glyph.h"

#include <string.h>

#include "common/nfc.h"
#include "common/utf8.h"

/* ASCII blanks; no-break, figure, thin, hair, narrow no-break, ideographic, zero-width; marks of
 * direction, which pages put around names.
 * NOLINTBEGIN(misc-misleading-bidirectional): these marks are what the table is for. */
static const char *const blanks[] = {" ",      "\t",     "\n",     "\r",     "\u00A0", "\u2007",
                                     "\u2009", "\u200A", "\u202F", "\u3000", "\u200B", "\uFEFF",
                                     "\u200E", "\u200F", "\u061C", "\u202A", "\u202B", "\u202C",
                                     "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"};
/* NOLINTEND(misc-misleading-bidirectional) */
static const char *const dashes[] = {"-",      "\u2010", "\u2011", "\u2012",
                                     "\u2013", "\u2014", "\u2015", "\u2212"};

bool glyph_skip(struct sv *text, const char *sign)
{
    if (!sv_starts(*text, sign))
        return false;
    text->p += strlen(sign);
    text->n -= strlen(sign);
    return true;
}

bool glyph_skip_end(struct sv *text, const char *sign)
{
    size_t n = strlen(sign);

    if (text->n < n || memcmp(text->p + text->n - n, sign, n) != 0)
        return false;
    text->n -= n;
    return true;
}

static bool skip_any(struct sv *text, const char *const *signs, size_t n,
                     bool (*skip)(struct sv *, const char *))
{
    for (size_t i = 0; i < n; i++)
        if (skip(text, signs[i]))
            return true;
    return false;
}

/* An ASCII character that is printed: no blank begins or ends with such a byte. */
static bool is_ink(char c) { return c > 0x20 && c < 0x7f; }

struct sv glyph_trim(struct sv text)
{
    if (text.n == 0 || (is_ink(text.p[0]) && is_ink(text.p[text.n - 1]))) /* nearly always */
        return text;
    while (skip_any(&text, blanks, COUNT_OF(blanks), glyph_skip))
        ;
    while (skip_any(&text, blanks, COUNT_OF(blanks), glyph_skip_end))
        ;
    return text;
}

bool glyph_is_none(struct sv text)
{
    text = glyph_trim(text);
    if (text.n > 0 && is_ink(text.p[0]) && !strchr("-nN", text.p[0])) /* nearly always */
        return false;
    if (sv_ieqz(text, "n/a") || sv_ieqz(text, "na"))
        return true;
    while (skip_any(&text, dashes, COUNT_OF(dashes), glyph_skip))
        ;
    return text.n == 0;
}

static bool starts_char(char c) { return ((unsigned char)c & 0xC0) != 0x80; }

struct sv glyph_cut(struct sv text, size_t chars)
{
    return (struct sv){text.p, text.n <= chars ? text.n : nfc_cut(text, chars)};
}

/* A first byte of several, and behind it nothing but some of the rest. */
static bool is_cut_off(struct sv rest)
{
    if ((unsigned char)rest.p[0] < 0xC2 || (unsigned char)rest.p[0] > 0xF4 || rest.n > 3)
        return false;
    for (size_t i = 1; i < rest.n; i++)
        if (starts_char(rest.p[i]))
            return false;
    return true;
}

void glyph_mend(char *text)
{
    struct sv rest = sv_of(text);

    while (rest.n > 0) {
        size_t step = utf8_step(rest), at = (size_t)(rest.p - text);

        if (step == 0 && is_cut_off(rest)) {
            text[at] = '\0';
            return;
        }
        if (step == 0)
            text[at] = '?';
        step = step > 0 ? step : 1;
        rest = (struct sv){rest.p + step, rest.n - step};
    }
}
