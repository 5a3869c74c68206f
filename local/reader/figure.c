/*
 * figure.c - what a figure may look like, and the misreadings that are certain enough to undo.
 */
#include "local/reader/figure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Dashes and quotes that stand for a minus, and blanks: multi-byte first. */
static const struct {
    const char *from, *to;
} signs[] = {
    {"\xE2\x88\x92", "-"},
    {"\xE2\x80\x94", "-"},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x80\x9C", "-"},
    {"\xE2\x80\x98", ""},
    {"\xE2\x80\x99", ""},
    {"\xE2\x82\xAC", "€"},
    {"~", "-"},
    {" ", ""},
    {"'", ""},
    {"_", ""},
};

static void put(char out[FIGURE_MAX], size_t *n, const char *z)
{
    for (; *z && *n + 1 < FIGURE_MAX; z++)
        out[(*n)++] = *z;
    out[*n] = '\0';
}

static const char *replaced(const char *p, size_t *used)
{
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        *used = strlen(signs[i].from);
        if (strncmp(p, signs[i].from, *used) == 0)
            return signs[i].to;
    }
    return NULL;
}

static void plain(const char *text, char out[FIGURE_MAX])
{
    size_t n = 0, used;

    out[0] = '\0';
    while (*text) {
        const char *to = replaced(text, &used);
        char one[2] = {*text, '\0'};

        put(out, &n, to ? to : one);
        text += to ? used : 1;
    }
}

static bool near_digit(const char *s, size_t i)
{
    bool before = i > 0 && (isdigit((unsigned char)s[i - 1]) || strchr(".,", s[i - 1]));
    bool after = s[i + 1] && (isdigit((unsigned char)s[i + 1]) || strchr(".,%KM", s[i + 1]));

    return before || after;
}

/* Letters among digits are digits. Once changed, a letter makes its neighbour a digit's neighbour.
 */
static void letters_to_digits(char *s)
{
    static const char from[] = "OoDQlI|!iSsBZzg", to[] = "000011111558229";

    for (size_t i = 0; s[i]; i++) {
        const char *at = strchr(from, s[i]);
        bool billions = s[i] == 'B' && s[i + 1] == '\0';

        if (at && !billions && near_digit(s, i))
            s[i] = to[at - from];
    }
    if (s[0] && s[strlen(s) - 1] == 'k')
        s[strlen(s) - 1] = 'K';
    if (s[0] && s[strlen(s) - 1] == 'm')
        s[strlen(s) - 1] = 'M';
}

static bool is_digit(char c) { return isdigit((unsigned char)c) != 0; }

/* A comma sets off exactly three digits. */
static bool sets_off(const char *p)
{
    return *p == ',' && is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3]) && !is_digit(p[4]);
}

static size_t digits_at(const char *p, bool commas)
{
    size_t n = 0;

    while (is_digit(p[n]) || (commas && n && sets_off(p + n)))
        n++;
    return n;
}

/* Digits and the point, without commas. false: a point without digits behind it, or too long. */
static bool take_number(const char **p, struct figure *f)
{
    size_t whole = digits_at(*p, true), n = 0;
    size_t part = (*p)[whole] == '.' ? digits_at(*p + whole + 1, false) : 0;
    size_t all = whole + (part ? part + 1 : 0);
    char number[FIGURE_MAX];

    if (whole == 0 || all >= sizeof number || ((*p)[whole] == '.' && part == 0))
        return false;
    for (size_t i = 0; i < all; i++)
        if ((*p)[i] != ',')
            number[n++] = (*p)[i];
    number[n] = '\0';
    f->comma = memchr(*p, ',', whole) != NULL;
    f->decimals = (int)part;
    f->value = strtod(number, NULL);
    *p += all;
    return true;
}

static double factor_of(char suffix)
{
    return suffix == 'K' ? 1e3 : suffix == 'M' ? 1e6 : suffix == 'B' ? 1e9 : 1;
}

/* Take one of these characters, if it is there. */
static char take_one(const char **p, const char *any)
{
    char c = **p;

    if (!c || !strchr(any, c))
        return '\0';
    (*p)++;
    return c;
}

bool figure_parse(const char *clean, struct figure *out)
{
    const char *p = clean;
    struct figure f = {.sign = take_one(&p, "+-")};

    take_one(&p, "$");
    if (!take_number(&p, &f))
        return false;
    f.suffix = take_one(&p, "KMB");
    f.percent = take_one(&p, "%") != 0;
    if (*p)
        return false;
    f.value *= factor_of(f.suffix) * (f.sign == '-' ? -1 : 1);
    *out = f;
    return true;
}

/* "12,5%" can only be a misread point: commas set off three digits. */
static void comma_to_point(char *s)
{
    char *comma = strrchr(s, ',');

    if (comma && !strchr(s, '.') && digits_at(comma + 1, false) != 3)
        *comma = '.';
}

bool figure_clean(const char *text, char out[FIGURE_MAX])
{
    struct figure f;
    char *p;
    size_t n;

    plain(text, out);
    letters_to_digits(out);
    p = out + (out[0] == '#');
    n = strlen(p);
    if (n > 1 && (p[n - 1] == '.' || p[n - 1] == ','))
        n--;
    memmove(out, p, n);
    out[n] = '\0';
    comma_to_point(out);
    if (figure_parse(out, &f))
        return true;
    out[0] = '\0';
    return false;
}

bool figure_is_rank(const char *clean, int *out)
{
    size_t n = strlen(clean);

    if (n == 0 || n > 4 || digits_at(clean, false) != n || clean[0] == '0')
        return false;
    *out = (int)strtol(clean, NULL, 10);
    return true;
}
