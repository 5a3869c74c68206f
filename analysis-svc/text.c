/*
 * text.c - see text.h.
 */
#include "analysis-svc/text.h"

#include <string.h>

#include "analysis-svc/glyph.h"
#include "common/nfc.h"
#include "common/utf8.h"

enum { TEXT_MAX = 1 << 20 };

struct span {
    uint32_t from, to;
};
/* C0 and C1 controls with the blank between them, no-break, Ogham, the sixteen of general
 * punctuation, line and paragraph ends, narrow no-break, mathematical, ideographic. */
static const struct span blanks[] = {{0, 0x20},        {0x7F, 0xA0},     {0x1680, 0x1680},
                                     {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                     {0x205F, 0x205F}, {0x3000, 0x3000}};
/* Soft hyphen, zero-width blank, embeddings and overrides, word joiner, isolates, byte order. */
static const struct span silent[] = {{0xAD, 0xAD},     {0x200B, 0x200B}, {0x202A, 0x202E},
                                     {0x2060, 0x2060}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};

static bool is_in(uint32_t c, const struct span *spans, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= spans[i].from && c <= spans[i].to)
            return true;
    return false;
}

/* step: as utf8_step says. */
static uint32_t code_of(const char *p, size_t step)
{
    uint32_t c = (unsigned char)p[0];

    if (step > 1)
        c &= 0xFFU >> (step + 1);
    for (size_t i = 1; i < step; i++)
        c = c << 6 | ((unsigned char)p[i] & 0x3FU);
    return c;
}

/* ASCII with single blanks inside: nearly all names, and as it should be. */
static bool is_plain(struct sv v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] > ' ' && v.p[i] < 0x7f)
            continue;
        if (v.p[i] != ' ' || i == 0 || i + 1 == v.n || v.p[i - 1] == ' ')
            return false;
    }
    return true;
}

static void squeeze(struct sv in, struct str *out)
{
    bool apart = false;

    for (size_t step; in.n > 0; in = (struct sv){in.p + step, in.n - step}) {
        uint32_t c;

        step = utf8_step(in);
        c = code_of(in.p, step);
        if (is_in(c, silent, COUNT_OF(silent)))
            continue;
        if (is_in(c, blanks, COUNT_OF(blanks))) {
            apart = true;
            continue;
        }
        if (apart && out->n > 0)
            str_addc(out, ' ');
        apart = false;
        str_add(out, in.p, step);
    }
}

/* A joiner joins nothing at the front. */
static struct sv trim(struct sv v)
{
    v = glyph_trim(v);
    while (glyph_skip(&v, "\u200D") || glyph_skip(&v, "\u200C"))
        v = glyph_trim(v);
    return v;
}

const char *text_clean(struct sv printed, size_t max_chars, struct arena *mem, bool *cut)
{
    AUTO(str_free) struct str one = STR_INIT(TEXT_MAX);
    AUTO(str_free) struct str composed = STR_INIT(3 * TEXT_MAX);
    char *mended;
    struct sv whole, kept;

    *cut = false;
    if (printed.n <= max_chars && is_plain(printed))
        return arena_copy(mem, printed);
    mended = arena_copy(mem, printed);
    glyph_mend(mended);
    squeeze(sv_of(mended), &one);
    if (!nfc_add(str_sv(&one), &composed) || !str_ok(&one) || !str_ok(&composed)) {
        *cut = true; /* larger than any field may be */
        return "";
    }
    whole = trim(str_sv(&composed));
    kept = glyph_cut(whole, max_chars);
    *cut = kept.n < whole.n;
    return arena_copy(mem, trim(kept));
}
