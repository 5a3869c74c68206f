#include "common/json_leaf.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_plain.h"
#include "common/utf8.h"

enum { DIGITS_EXACT = 15 };

bool json_at_fails(struct json_at *r, const char *fault)
{
    if (!r->fault)
        r->fault = fault;
    return false;
}

/* ---- texts ---- */

static bool hex4(struct json_at *r, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        char c = *r->at, letter = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            *out = *out * 16 + (unsigned)(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            *out = *out * 16 + (unsigned)(letter - 'a' + 10);
        else
            return json_at_fails(r, "four hexadecimal digits are due after \\u");
    }
    return true;
}

static char *put_utf8(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* Behind the first of a pair: the second. */
static bool low_half(struct json_at *r, unsigned *c)
{
    unsigned low = 0;

    if (*c > 0xdbff || r->at[0] != '\\' || r->at[1] != 'u')
        return json_at_fails(r, "half of a surrogate pair");
    r->at += 2;
    if (!hex4(r, &low))
        return false;
    if (low < 0xdc00 || low > 0xdfff)
        return json_at_fails(r, "half of a surrogate pair");
    *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* Behind \u: no NUL (a C string and Postgres cannot hold it), and surrogates only in pairs. */
static bool unicode(struct json_at *r, char **to)
{
    unsigned c;

    if (!hex4(r, &c))
        return false;
    if (c == 0)
        return json_at_fails(r, "\\u0000 is not taken");
    if (c >= 0xd800 && c <= 0xdfff && !low_half(r, &c))
        return false;
    *to = put_utf8(*to, c);
    return true;
}

/* r->at stands at the backslash. What is written is never longer than what it stands for. */
static bool escape(struct json_at *r, char **to)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char c = r->at[1];
    const char *letter;

    r->at += 2;
    if (c == '"') { /* of JSON within JSON, nearly always */
        *(*to)++ = c;
        return true;
    }
    if (c == 'u')
        return unicode(r, to);
    letter = c != '\0' ? strchr(letters, c) : NULL;
    if (!letter)
        return json_at_fails(r, "an unknown escape");
    *(*to)++ = means[letter - letters];
    return true;
}

static bool letter(struct json_at *r, char **to)
{
    size_t n;

    if (r->at == r->end)
        return json_at_fails(r, "a text without its end");
    if ((unsigned char)*r->at < 0x20)
        return json_at_fails(r, "a raw control character in a text");
    n = utf8_step((struct sv){r->at, (size_t)(r->end - r->at)});
    if (n == 0)
        return json_at_fails(r, "bytes that are not UTF-8");
    memmove(*to, r->at, n);
    *to += n;
    r->at += n;
    return true;
}

/* What is plain goes to its place. JSON within JSON has a short run behind each escape, and each
 * escape widens the gap between that place and r->at; once it holds a word, whole words are put
 * there and nothing that is still to be read is written over. */
static void plain(struct json_at *r, char **to)
{
    uint64_t x, odd = 0;
    size_t n;

    while (!odd && r->end - r->at >= (ptrdiff_t)sizeof x && r->at - *to >= (ptrdiff_t)sizeof x) {
        memcpy(&x, r->at, sizeof x);
        memcpy(*to, &x, sizeof x);
        odd = json_odd(x);
        n = odd ? (size_t)__builtin_ctzll(odd) / 8 : sizeof x;
        r->at += n;
        *to += n;
    }
    if (odd)
        return;
    n = json_plain(r->at, (size_t)(r->end - r->at));
    memmove(*to, r->at, n);
    *to += n;
    r->at += n;
}

/* r->at stands at the first byte that is not plain. */
static bool rest_of_text(struct json_at *r, char **to)
{
    while (*r->at != '"') {
        if (*r->at == '\\' ? !escape(r, to) : !letter(r, to))
            return false;
        plain(r, to);
    }
    return true;
}

bool json_read_text(struct json_at *r, struct json_text *out)
{
    char *from = r->at + 1, *to;

    if (*r->at != '"')
        return json_at_fails(r, "a text is due");
    r->at = from + json_plain(from, (size_t)(r->end - from));
    to = r->at;
    if (!rest_of_text(r, &to))
        return false;
    out->p = from;
    out->n = (uint32_t)(to - from);
    out->plain = r->at == to;
    *to = '\0';
    r->at++;
    return true;
}

/* ---- numbers ---- */

static locale_t plain_locale;
static void make_locale(void) { plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* *whole: the digits so far as a number, while there are few. */
static bool digits(struct json_at *r, int64_t *whole, size_t *n)
{
    const char *from = r->at;

    for (; is_digit(*r->at); r->at++)
        if (++*n <= DIGITS_EXACT)
            *whole = *whole * 10 + (*r->at - '0');
    return r->at > from || json_at_fails(r, "a digit is missing");
}

static bool exponent(struct json_at *r)
{
    int64_t unused = 0;
    size_t n = 0;

    r->at++;
    if (*r->at == '+' || *r->at == '-')
        r->at++;
    return digits(r, &unused, &n);
}

static bool convert(struct json_at *r, const char *from, double *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_locale);
    *out = strtod_l(from, NULL, plain_locale);
    return isfinite(*out) || json_at_fails(r, "a number is larger than any that can be kept");
}

/* Up to fifteen digits and no exponent: the division of two exact doubles is the nearest one. */
bool json_read_number(struct json_at *r, double *out)
{
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *from = r->at;
    bool minus = *r->at == '-';
    int64_t whole = 0;
    size_t n = 0, before;

    r->at += minus;
    if (r->at[0] == '0' && is_digit(r->at[1]))
        return json_at_fails(r, "a number begins with 0");
    if (!digits(r, &whole, &n))
        return false;
    before = n;
    if (*r->at == '.') {
        r->at++;
        if (!digits(r, &whole, &n))
            return false;
    }
    if (*r->at == 'e' || *r->at == 'E')
        return exponent(r) && convert(r, from, out);
    if (n > DIGITS_EXACT)
        return convert(r, from, out);
    *out = (double)whole / tens[n - before];
    *out = minus ? -*out : *out;
    return true;
}
