#include "common/json_scan.h"

#include <string.h>

#include "common/json_plain.h"
#include "common/utf8.h"

struct scan {
    struct sv text;
    size_t at;
    const char *fault; /* the first thing that was wrong */
};

static bool fail(struct scan *s, const char *what)
{
    if (!s->fault)
        s->fault = what;
    return false;
}

static char peek(const struct scan *s)
{
    if (s->at < s->text.n)
        return s->text.p[s->at];
    return '\0';
}

static bool take(struct scan *s, char c)
{
    if (s->at >= s->text.n || s->text.p[s->at] != c)
        return false;
    s->at++;
    return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

static void blanks(struct scan *s)
{
    while (s->at < s->text.n && is_blank(s->text.p[s->at]))
        s->at++;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool digits(struct scan *s)
{
    size_t from = s->at;

    while (is_digit(peek(s)))
        s->at++;
    return s->at > from || fail(s, "a digit is missing");
}

static bool number(struct scan *s)
{
    (void)take(s, '-');
    if (take(s, '0')) {
        if (is_digit(peek(s)))
            return fail(s, "a number begins with 0");
    } else if (!digits(s)) {
        return false;
    }
    if (take(s, '.') && !digits(s))
        return false;
    if (peek(s) != 'e' && peek(s) != 'E')
        return true;
    s->at++;
    if (!take(s, '+'))
        (void)take(s, '-');
    return digits(s);
}

static bool hex4(struct scan *s, unsigned *out)
{
    static const char hex[] = "0123456789abcdef0123456789ABCDEF";
    const char *h;

    *out = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        h = peek(s) != 0 ? strchr(hex, peek(s)) : NULL;
        if (!h)
            return fail(s, "four hexadecimal digits are due after \\u");
        *out = *out * 16 + (unsigned)(h - hex) % 16;
    }
    return true;
}

/* Behind \u: no NUL (a C string and Postgres cannot hold it), and surrogates only in pairs. */
static bool unicode(struct scan *s)
{
    unsigned high, low;

    if (!hex4(s, &high))
        return false;
    if (high == 0)
        return fail(s, "\\u0000 is not taken");
    if (high < 0xd800 || high > 0xdfff)
        return true;
    if (high > 0xdbff || !take(s, '\\') || !take(s, 'u') || !hex4(s, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return fail(s, "half of a surrogate pair");
    return true;
}

static bool escape(struct scan *s)
{
    char c = peek(s);

    s->at++;
    if (c == 'u')
        return unicode(s);
    return (c != '\0' && strchr("\"\\/bfnrt", c)) || fail(s, "an unknown escape");
}

static bool letter(struct scan *s)
{
    size_t n;

    if ((unsigned char)peek(s) < 0x20)
        return fail(s, "a raw control character in a text");
    n = utf8_step((struct sv){s->text.p + s->at, s->text.n - s->at});
    s->at += n;
    return n > 0 || fail(s, "bytes that are not UTF-8");
}

static bool text(struct scan *s)
{
    if (!take(s, '"'))
        return fail(s, "a text is due");
    while (s->at < s->text.n) {
        s->at += json_plain(s->text.p + s->at, s->text.n - s->at);
        if (take(s, '"'))
            return true;
        if (take(s, '\\') ? !escape(s) : !letter(s))
            return false;
    }
    return fail(s, "a text without its end");
}

static bool word(struct scan *s, const char *w)
{
    if (!sv_starts((struct sv){s->text.p + s->at, s->text.n - s->at}, w))
        return fail(s, "a value is due");
    s->at += strlen(w);
    return true;
}

static bool scalar(struct scan *s)
{
    char c = peek(s);

    if (c == '"')
        return text(s);
    if (c == '-' || is_digit(c))
        return number(s);
    return word(s, c == 't' ? "true" : c == 'f' ? "false" : "null");
}

/* What is open: one closer per level, so that nothing recurses on foreign input. */
struct levels {
    char closer[JSON_DEPTH_MAX];
    unsigned depth;
};

static bool key(struct scan *s)
{
    blanks(s);
    if (!text(s))
        return false;
    blanks(s);
    return take(s, ':') || fail(s, "a colon is due");
}

/* Enter an object or array. *empty: it was closed at once. */
static bool enter(struct scan *s, struct levels *l, bool *empty)
{
    char closer = s->text.p[s->at] == '{' ? '}' : ']';

    s->at++;
    if (l->depth == JSON_DEPTH_MAX)
        return fail(s, "nested deeper than 32 levels");
    blanks(s);
    *empty = take(s, closer);
    if (*empty)
        return true;
    l->closer[l->depth++] = closer;
    return closer == ']' || key(s);
}

/* After a value: close what ends here, or step to the next member. *more: another value is due. */
static bool step(struct scan *s, struct levels *l, bool *more)
{
    for (*more = false; l->depth > 0;) {
        blanks(s);
        if (take(s, l->closer[l->depth - 1])) {
            l->depth--;
            continue;
        }
        if (!take(s, ','))
            return fail(s, "a comma or the end of the list is due");
        *more = true;
        return l->closer[l->depth - 1] == ']' || key(s);
    }
    return true;
}

static bool document(struct scan *s)
{
    struct levels l = {.depth = 0};
    bool more = true, done;

    while (more) {
        blanks(s);
        done = true;
        if (peek(s) == '{' || peek(s) == '[') {
            if (!enter(s, &l, &done))
                return false;
        } else if (!scalar(s)) {
            return false;
        }
        if (done && !step(s, &l, &more))
            return false;
    }
    blanks(s);
    return s->at == s->text.n || fail(s, "something stands after the end");
}

bool json_scan(struct sv input, struct err *err)
{
    struct scan s = {.text = input};

    if (document(&s))
        return true;
    return err_set(err, ERR_BAD_REQUEST, "not valid JSON at byte %zu: %s", s.at, s.fault);
}
