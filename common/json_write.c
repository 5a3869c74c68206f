#include "common/json_write.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_plain.h"
#include "common/utf8.h"

struct jw jw_on(struct str *out) { return (struct jw){.out = out}; }

/* What needs no escape, as nearly all keys and texts, goes there in one step. */
static bool quote_plain(struct str *out, struct sv text, bool comma, bool colon)
{
    char *to;

    if (json_plain(text.p, text.n) < text.n)
        return false;
    to = str_room(out, text.n + 2 + comma + colon);
    if (!to)
        return true; /* the wall: that is said by `over` */
    if (comma)
        *to++ = ',';
    *to++ = '"';
    if (text.n > 0)
        memcpy(to, text.p, text.n);
    to[text.n] = '"';
    if (colon)
        to[text.n + 1] = ':';
    return true;
}

bool jw_more(struct jw *w)
{
    bool more = w->more[w->depth];

    w->more[w->depth] = true;
    return more;
}

/* A comma where one is due, then the key. */
static void lead(struct jw *w, const char *key)
{
    bool comma = jw_more(w);

    if (key && quote_plain(w->out, sv_of(key), comma, true))
        return;
    if (comma)
        str_addc(w->out, ',');
    if (!key)
        return;
    json_quote(w->out, sv_of(key));
    str_addc(w->out, ':');
}

void jw_open(struct jw *w, char bracket)
{
    assert(w->depth + 1 < COUNT_OF(w->more));
    lead(w, NULL);
    str_addc(w->out, bracket);
    w->closer[w->depth++] = bracket == '{' ? '}' : ']';
    w->more[w->depth] = false;
}

void jw_close(struct jw *w)
{
    assert(w->depth > 0);
    str_addc(w->out, w->closer[--w->depth]);
}

void jw_key(struct jw *w, const char *key)
{
    lead(w, key);
    w->more[w->depth] = false; /* the value that follows is no further member */
}

void jw_sv(struct jw *w, const char *key, struct sv v)
{
    lead(w, key);
    w->more[w->depth] = true;
    if (v.p)
        json_quote(w->out, v);
    else
        str_addz(w->out, "null");
}

void jw_text(struct jw *w, const char *key, const char *z)
{
    jw_sv(w, key, z ? sv_of(z) : (struct sv){NULL, 0});
}

/* Digits go straight to their place, from the last to the first: what is copied right after it was
 * written byte by byte waits for those bytes. */
static char *put_digits(char *to, uint64_t n)
{
    size_t count = 1;
    char *end;

    for (uint64_t ten = 10; n >= ten && count < 19; ten *= 10)
        count++;
    count += n >= UINT64_C(10000000000000000000);
    end = to + count;
    for (char *at = end; at > to; n /= 10)
        *--at = (char)('0' + n % 10);
    return end;
}

static char *put_int(char *to, int64_t n)
{
    if (n < 0)
        *to++ = '-';
    return put_digits(to, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void json_int(struct str *out, int64_t n)
{
    char text[JSON_NUM_MAX];

    str_add(out, text, (size_t)(put_int(text, n) - text));
}

void jw_int(struct jw *w, const char *key, int64_t n)
{
    lead(w, key);
    json_int(w->out, n);
}

/* Those with up to four decimals: with the whole ones nearly all, and without printf. The
 * division is exact to the nearest double, so the text reads back as the same. NULL: it is none. */
static char *put_short(char *to, double n)
{
    double tens = n * 10000;
    int64_t k = fabs(tens) < 1e12 ? (int64_t)(tens + (tens < 0 ? -0.5 : 0.5)) : 0;
    uint64_t left = k < 0 ? (uint64_t)-k : (uint64_t)k, part = left % 10000;

    if ((double)k / 10000 != n || k == 0)
        return NULL;
    if (k < 0)
        *to++ = '-';
    to = put_digits(to, left / 10000);
    *to++ = '.';
    for (uint64_t ten = 1000; part > 0; part %= ten, ten /= 10) /* it is not whole: one at least */
        *to++ = (char)('0' + part / ten);
    return to;
}

static char *put_long(char *to, double n)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(to, JSON_NUM_MAX, "%.*g", digits, n);
        if (strtod(to, NULL) == n)
            break;
    }
    return to + strlen(to);
}

char *json_put_num(char *to, double n)
{
    int64_t whole = fabs(n) < 1e12 ? (int64_t)n : 0;
    char *end;

    if ((double)whole == n && (whole != 0 || !signbit(n)))
        return put_int(to, whole);
    end = put_short(to, n);
    if (end)
        return end;
    return isfinite(n) ? put_long(to, n) : json_put(to, SV_LIT("null"));
}

void json_num(struct str *out, double n)
{
    char text[JSON_NUM_MAX];

    str_add(out, text, (size_t)(json_put_num(text, n) - text));
}

void jw_num(struct jw *w, const char *key, double n)
{
    lead(w, key);
    json_num(w->out, n);
}

void jw_bool(struct jw *w, const char *key, bool b)
{
    lead(w, key);
    str_addz(w->out, b ? "true" : "false");
}

void jw_raw(struct jw *w, const char *key, struct sv json)
{
    lead(w, key);
    str_addv(w->out, json.n > 0 ? json : SV_LIT("null"));
}

static void escape(struct str *out, unsigned char c)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = memchr(named, c, sizeof named - 1);

    if (at) {
        const char two[] = {'\\', letters[at - named]};

        str_add(out, two, sizeof two);
    } else {
        str_addf(out, "\\u%04x", c);
    }
}

void json_quote(struct str *out, struct sv text)
{
    size_t run, length;

    if (quote_plain(out, text, false, false))
        return;
    str_reserve(out, text.n + 2);
    str_addc(out, '"');
    while (text.n > 0) {
        run = json_plain(text.p, text.n);
        str_add(out, text.p, run);
        text = (struct sv){text.p + run, text.n - run};
        if (text.n == 0)
            break;
        length = utf8_step(text);
        if (length > 1)
            str_add(out, text.p, length);
        else if (length == 1)
            escape(out, (unsigned char)*text.p);
        else
            str_addz(out, "\xef\xbf\xbd");
        length = length > 0 ? length : 1;
        text = (struct sv){text.p + length, text.n - length};
    }
    str_addc(out, '"');
}
