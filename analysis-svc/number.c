/*
 * number.c - see number.h.
 */
#include "analysis-svc/number.h"

#include <string.h>

#include "analysis-svc/glyph.h"
#include "analysis-svc/number_fold.h"

enum { DIGITS_MAX = 15 };

#define RUPEE "\u20B9"

struct sign {
    const char *text;
    int way; /* +1, -1 */
};
static const struct sign signs[] = {{"+", 1},       {"-", -1},      {"\u2212", -1},
                                    {"\u2013", -1}, {"\uFE63", -1}, {"\uFF0D", -1}};
static const struct sign arrows[] = {
    {"\u25B2", 1},     {"\u25B3", 1},     {"\u2191", 1},      {"\u2197", 1},      {"\u2B06", 1},
    {"\U0001F53A", 1}, {"\u25B4", 1},     {"\u25BC", -1},     {"\u25BD", -1},     {"\u2193", -1},
    {"\u2198", -1},    {"\u2B07", -1},    {"\U0001F53B", -1}, {"\u25BE", -1},     {"\U0001F53C", 1},
    {"\u23F6", 1},     {"\u2B08", 1},     {"\U0001F4C8", 1},  {"\U0001F53D", -1}, {"\u23F7", -1},
    {"\u2B0A", -1},    {"\U0001F4C9", -1}};
static const char *const currencies[] = {"US$",    "$",      "\u20AC", "\u00A3", "\u00A5",
                                         RUPEE,    "\u20BF", "\u039E", "\u20A9", "\u20BD",
                                         "\u20BA", "USDT",   "USDC",   "USD",    "EUR"};
static const char *const group_marks[] = {",",      "\u00A0", "\u2007", "\u2009",
                                          "\u202F", "'",      "\u2019"};

struct suffix {
    const char *text;
    int tens;
};
static const struct suffix suffixes[] = {{"bn", 9}, {"mn", 6}, {"k", 3},
                                         {"m", 6},  {"b", 9},  {"t", 12}};

/* What has been taken off the figure so far. */
struct figure {
    struct sv rest;
    enum number_kind kind;
    int arrow, sign; /* 0: none */
    bool currency;
    bool rupee; /* 12,34,567 may stand behind it */
    int tens;   /* power of ten by suffix */
};

static bool take_sign(struct figure *f, const struct sign *list, size_t n, int *way, bool end)
{
    if (*way)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (end ? !glyph_skip_end(&f->rest, list[i].text) : !glyph_skip(&f->rest, list[i].text))
            continue;
        *way = list[i].way;
        return true;
    }
    return false;
}

static bool take_currency(struct figure *f, bool end)
{
    for (size_t i = 0; !f->currency && i < COUNT_OF(currencies); i++) {
        f->currency =
            end ? glyph_skip_end(&f->rest, currencies[i]) : glyph_skip(&f->rest, currencies[i]);
        f->rupee = f->currency && strcmp(currencies[i], RUPEE) == 0;
    }
    return f->currency;
}

static bool take_front(struct figure *f)
{
    bool had = f->currency;

    f->rest = glyph_trim(f->rest);
    return take_sign(f, arrows, COUNT_OF(arrows), &f->arrow, false) ||
           take_sign(f, signs, COUNT_OF(signs), &f->sign, false) ||
           (!had && take_currency(f, false));
}

static bool take_word_end(struct figure *f, const char *word)
{
    struct sv tail;
    size_t n = sv_of(word).n;

    if (f->rest.n < n)
        return false;
    tail = (struct sv){f->rest.p + f->rest.n - n, n};
    if (!sv_ieqz(tail, word))
        return false;
    f->rest = glyph_trim((struct sv){f->rest.p, f->rest.n - n});
    return true;
}

static void take_suffix(struct figure *f)
{
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        if (!take_word_end(f, suffixes[i].text))
            continue;
        f->tens += suffixes[i].tens;
        return;
    }
}

static void take_ordinal(struct figure *f)
{
    static const char *const ends[] = {"st", "nd", "rd", "th", "."};

    glyph_skip(&f->rest, "#");
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (take_word_end(f, ends[i]))
            return;
}

/* Everything behind the digits: an arrow, the unit, a currency sign, the suffix. */
static void take_end(struct figure *f)
{
    f->rest = glyph_trim(f->rest);
    take_sign(f, arrows, COUNT_OF(arrows), &f->arrow, true);
    f->rest = glyph_trim(f->rest);
    if (f->kind == NUMBER_PERCENT && take_word_end(f, "bps"))
        f->tens -= 2;
    else if (f->kind == NUMBER_PERCENT && take_word_end(f, "\u2030"))
        f->tens -= 1;
    else if (f->kind == NUMBER_PERCENT)
        take_word_end(f, "%");
    if (!f->currency && take_currency(f, true))
        f->rest = glyph_trim(f->rest);
    if (f->kind == NUMBER_WHOLE)
        take_ordinal(f);
    take_suffix(f);
}

static bool is_digit(struct sv v) { return v.n > 0 && v.p[0] >= '0' && v.p[0] <= '9'; }

static size_t skip_digits(struct sv *v, int64_t *mantissa, int *digits)
{
    size_t n = 0;

    for (; is_digit(*v); n++) {
        if (*mantissa > 0 || v->p[0] != '0')
            (*digits)++;
        if (*digits <= DIGITS_MAX)
            *mantissa = *mantissa * 10 + (v->p[0] - '0');
        v->p++;
        v->n--;
    }
    return n;
}

static bool skip_mark(struct sv *v, const char **mark)
{
    if (v->n == 0 || v->p[0] == '.')
        return false;
    for (size_t i = 0; i < COUNT_OF(group_marks); i++) {
        if ((*mark && *mark != group_marks[i]) || !glyph_skip(v, group_marks[i]))
            continue;
        *mark = group_marks[i];
        return true;
    }
    return false;
}

/* 1234 or 1,234,567: one kind of mark, and three digits behind each. In rupees 12,34,567 too: two
 * behind each mark but the last. */
static bool read_whole(struct sv *v, bool rupee, int64_t *mantissa, int *digits)
{
    const char *mark = NULL;
    size_t first = skip_digits(v, mantissa, digits), marks = 0, twos = 0, last = 3;

    for (; skip_mark(v, &mark); marks++) {
        last = skip_digits(v, mantissa, digits);
        twos += last == 2 ? 1 : 0;
        if (first == 0 || first > 3 || (last != 3 && last != 2))
            return false;
    }
    return twos == 0 || (rupee && first < 3 && last == 3 && twos == marks - 1);
}

/* Digits with one optional point; *tens becomes the power of ten of the last digit. */
static bool read_digits(struct sv v, bool rupee, int64_t *mantissa, int *tens)
{
    struct sv whole = v;
    int digits = 0;
    size_t fraction;

    if (!read_whole(&v, rupee, mantissa, &digits))
        return false;
    if (v.n > 0 && v.p[0] == '.') {
        v = (struct sv){v.p + 1, v.n - 1};
        fraction = skip_digits(&v, mantissa, &digits);
        if (fraction == 0 || fraction > DIGITS_MAX)
            return false;
        *tens -= (int)fraction;
    }
    return v.n == 0 && whole.n > 0 && digits <= DIGITS_MAX;
}

static int64_t power(int n)
{
    int64_t p = 1;

    for (; n > 0; n--)
        p *= 10;
    return p;
}

/* Both halves of the division are exact in a double, so the quotient is the nearest double. */
static bool scale(int64_t mantissa, int tens, double *out)
{
    while (tens < 0 && mantissa % 10 == 0 && mantissa != 0) {
        mantissa /= 10;
        tens++;
    }
    if (mantissa == 0)
        tens = 0;
    if (tens < -18 || (tens > 0 && mantissa >= power(DIGITS_MAX) / power(tens)))
        return false;
    *out = tens < 0 ? (double)mantissa / (double)power(-tens) : (double)(mantissa * power(tens));
    return true;
}

/* Signs that contradict each other, and a bracket that may or may not mean minus, are bad. */
static bool find_way(const struct figure *f, int *way)
{
    if (f->arrow && f->sign && f->arrow != f->sign)
        return false;
    *way = f->arrow ? f->arrow : f->sign;
    return true;
}

static bool read_medal(struct sv text, double *out)
{
    static const char *const medals[] = {"\U0001F947", "\U0001F948", "\U0001F949"};

    for (size_t i = 0; i < COUNT_OF(medals); i++) {
        struct sv rest = glyph_trim(text);
        if (!glyph_skip(&rest, medals[i]) || glyph_trim(rest).n > 0)
            continue;
        *out = (double)(i + 1);
        return true;
    }
    return false;
}

static struct sv unwrap(struct sv text, bool *wrapped)
{
    struct sv in = glyph_trim(text);

    *wrapped = glyph_skip(&in, "(") && glyph_skip_end(&in, ")");
    return *wrapped ? in : glyph_trim(text);
}

/* The digits of 1234.5 at the front of v, and how many of them stand behind the point. */
static int64_t plain_digits(struct sv *v, int *behind)
{
    int64_t mantissa = 0;
    bool point = false;

    for (*behind = 0; v->n > 0; v->p++, v->n--) {
        if (*v->p >= '0' && *v->p <= '9') {
            mantissa = mantissa * 10 + (*v->p - '0');
            *behind += point;
        } else if (*v->p == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    return mantissa;
}

/* Of a suffix of one letter; 0: it is none. */
static int letter_tens(char c)
{
    for (size_t i = 0; i < COUNT_OF(suffixes); i++)
        if ((c | 0x20) == suffixes[i].text[0] && suffixes[i].text[1] == '\0')
            return suffixes[i].tens;
    return 0;
}

/* 1234, 12.5K, 0.55%: digits with at most one point between them, a suffix, a percent sign. Nearly
 * all figures are such, and each table above is passed by for them. */
static bool read_plain(struct sv text, enum number_kind kind, double *out)
{
    struct sv v = text;
    int behind, tens;
    int64_t mantissa;
    double value;

    if (text.n == 0 || text.n > DIGITS_MAX || !is_digit(text))
        return false;
    mantissa = plain_digits(&v, &behind);
    if (v.p[-1] == '.')
        return false;
    tens = v.n > 0 ? letter_tens(*v.p) : 0;
    if (tens > 0)
        v = (struct sv){v.p + 1, v.n - 1};
    if (kind == NUMBER_PERCENT && v.n == 1 && *v.p == '%')
        v.n = 0;
    if (v.n > 0 || !scale(mantissa, tens - behind, &value) ||
        (kind == NUMBER_WHOLE && value != (double)(int64_t)value))
        return false;
    *out = value;
    return true;
}

static void take_marks(struct figure *f)
{
    while (take_front(f))
        ;
    take_end(f);
}

static enum number_read parse(struct sv text, enum number_kind kind, double *out)
{
    struct figure f = {.kind = kind, .rest = text};
    bool wrapped = false;
    int64_t mantissa = 0;
    int way = 0;
    double value = 0;

    if (glyph_is_none(text))
        return NUMBER_NONE;
    if (kind == NUMBER_WHOLE && read_medal(text, out))
        return NUMBER_OK;
    f.rest = unwrap(text, &wrapped);
    take_marks(&f);
    if (!find_way(&f, &way) || (wrapped && way == 0))
        return NUMBER_BAD;
    if (!read_digits(f.rest, f.rupee, &mantissa, &f.tens) || !scale(mantissa, f.tens, &value))
        return NUMBER_BAD;
    if (kind == NUMBER_WHOLE && value != (double)(int64_t)value)
        return NUMBER_BAD;
    *out = way < 0 && value > 0 ? -value : value;
    return NUMBER_OK;
}

static bool is_ascii(struct sv v)
{
    for (size_t i = 0; i < v.n; i++)
        if ((unsigned char)v.p[i] >= 0x80)
            return false;
    return true;
}

static enum number_read parse_folded(struct sv text, enum number_kind kind, bool comma, double *out)
{
    char folded[NUMBER_FOLDED_MAX];
    struct sv in = {folded, 0};

    if (!comma && read_plain(text, kind, out))
        return NUMBER_OK;
    if (!comma && text.n <= NUMBER_FOLDED_MAX && is_ascii(text)) /* nothing to fold */
        return parse(text, kind, out);
    if (!number_fold(text, comma, folded, &in.n))
        return NUMBER_BAD;
    return parse(in, kind, out);
}

enum number_read number_parse(struct sv text, enum number_kind kind, double *out)
{
    return parse_folded(text, kind, false, out);
}

enum number_read number_parse_comma(struct sv text, enum number_kind kind, double *out)
{
    return parse_folded(text, kind, true, out);
}
