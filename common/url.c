/*
 * url.c - percent-encoding, both ways.
 */
#include "common/url.h"

#include <string.h>

#include "common/utf8.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that starts at in.p[*i], stepping *i over it; -1: a broken escape. */
static int take_byte(struct sv in, size_t *i, bool form)
{
    char c = in.p[(*i)++];
    if (form && c == '+')
        return ' ';
    if (c != '%')
        return (unsigned char)c;
    if (in.n - *i < 2)
        return -1;
    int high = hex_digit(in.p[*i]);
    int low = hex_digit(in.p[*i + 1]);
    *i += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

char *url_decode(struct arena *a, struct sv in, bool form)
{
    char *out = arena_take(a, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n;) {
        int byte = take_byte(in, &i, form);
        if (byte <= 0)
            return NULL;
        out[n++] = (char)byte;
    }
    return utf8_ok((struct sv){out, n}) ? out : NULL;
}

static bool unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void url_encode(struct str *out, struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (unreserved(text.p[i]))
            str_addc(out, text.p[i]);
        else
            str_addf(out, "%%%02X", (unsigned)(unsigned char)text.p[i]);
    }
}

bool url_next_pair(struct sv *rest, struct sv *name, struct sv *value)
{
    while (rest->n > 0) {
        const char *amp = memchr(rest->p, '&', rest->n);
        struct sv pair = {rest->p, amp ? (size_t)(amp - rest->p) : rest->n};
        size_t taken = pair.n + (amp ? 1 : 0);
        *rest = (struct sv){rest->p + taken, rest->n - taken};
        if (pair.n == 0)
            continue;
        const char *eq = memchr(pair.p, '=', pair.n);
        *name = (struct sv){pair.p, eq ? (size_t)(eq - pair.p) : pair.n};
        size_t skip = name->n + (eq ? 1 : 0);
        *value = (struct sv){pair.p + skip, pair.n - skip};
        return true;
    }
    return false;
}
