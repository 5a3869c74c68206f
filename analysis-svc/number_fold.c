/*
 * number_fold.c - see number_fold.h.
 */
#include "analysis-svc/number_fold.h"

#include "analysis-svc/glyph.h"

/* Other ways to print what ASCII has, and marks that only say how to show it: no-width blanks,
 * directions, the emoji selector, the key cap.
 * NOLINTBEGIN(misc-misleading-bidirectional): these marks are what the table is for. */
struct other_print {
    const char *text;
    char ascii; /* 0: nothing */
};
static const struct other_print others[] = {
    {"\u066B", '.'}, {"\u066C", ','}, {"\u066A", '%'}, {"\uFE6A", '%'}, {"\uFE0F", 0},
    {"\u20E3", 0},   {"\u200B", 0},   {"\uFEFF", 0},   {"\u200E", 0},   {"\u200F", 0},
    {"\u061C", 0},   {"\u202A", 0},   {"\u202B", 0},   {"\u202C", 0},   {"\u202D", 0},
    {"\u202E", 0},   {"\u2066", 0},   {"\u2067", 0},   {"\u2068", 0},   {"\u2069", 0}};
/* NOLINTEND(misc-misleading-bidirectional) */

static char of_full_width(const unsigned char *p)
{
    return (char)(p[1] == 0xBC ? p[2] - 0x60 : p[2] - 0x20);
}

/* U+FF01 to U+FF5E are ASCII in full width. */
static bool is_full_width(const unsigned char *p, size_t n)
{
    return n > 2 && p[0] == 0xEF &&
           ((p[1] == 0xBC && p[2] > 0x80) || (p[1] == 0xBD && p[2] < 0x9F));
}

/* The first digit of its script, U+0660 (Arabic-Indic) or U+06F0 (Persian); 0: it is of none. */
static unsigned char nought_of(const unsigned char *p, size_t n)
{
    if (n > 1 && p[0] == 0xD9 && p[1] >= 0xA0 && p[1] <= 0xA9)
        return 0xA0;
    return n > 1 && p[0] == 0xDB && p[1] >= 0xB0 && p[1] <= 0xB9 ? 0xB0 : 0;
}

/* The ASCII that the next sign means, and the sign cut off the front; or its first byte. */
static char next_ascii(struct sv *in)
{
    const unsigned char *p = (const unsigned char *)in->p;
    size_t step = 1;
    char c = in->p[0];

    for (size_t i = 0; p[0] >= 0x80 && i < COUNT_OF(others); i++)
        if (glyph_skip(in, others[i].text))
            return others[i].ascii;
    if (is_full_width(p, in->n)) {
        c = of_full_width(p);
        step = 3;
    } else if (nought_of(p, in->n)) {
        c = (char)('0' + p[1] - nought_of(p, in->n));
        step = 2;
    }
    *in = (struct sv){in->p + step, in->n - step};
    return c;
}

static bool fold(struct sv in, char out[static NUMBER_FOLDED_MAX], size_t *n)
{
    for (*n = 0; in.n > 0 && *n < NUMBER_FOLDED_MAX;) {
        char c = next_ascii(&in);

        if (c)
            out[(*n)++] = c;
    }
    return in.n == 0;
}

static void swap_marks(char *text, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if ((text[i] == '.' || text[i] == ',') && text[i + 1] >= '0' && text[i + 1] <= '9')
            text[i] = text[i] == '.' ? ',' : '.';
}

bool number_fold(struct sv in, bool comma, char out[static NUMBER_FOLDED_MAX], size_t *n)
{
    if (!fold(in, out, n))
        return false;
    if (comma)
        swap_marks(out, *n);
    return true;
}
