/*
 * redact.c - see redact.h.
 */
#include "analysis-svc/redact.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "analysis-svc/glyph.h"

static bool ends_address(char c) { return (unsigned char)c <= ' ' || strchr("\"'<>`|\\)", c); }
static bool ends_value(char c) { return ends_address(c) || strchr("&;,", c); }

/* What stands here must go: `keep` bytes stay, "***" follows, and all up to the end is left out. */
struct secret_word {
    const char *word;
    bool (*ends)(char c);
};
static const struct secret_word words[] = {
    {"X-Amz-", ends_address},  {"Signature=", ends_value}, {"AWSAccessKeyId=", ends_value},
    {"Bearer ", ends_value},   {"sk-", ends_value},        {"GoogleAccessId=", ends_address},
    {"X-Goog-", ends_address}, {"sig=", ends_value},
};

static size_t length_until(struct sv text, bool (*ends)(char c))
{
    size_t n = 0;

    while (n < text.n && !ends(text.p[n]))
        n++;
    return n;
}

/* The address ahead, 0: there is none. *keep: its part before the query. */
static size_t find_address(struct sv text, size_t *keep)
{
    const char *query;
    size_t n;

    if (text.n < 8 ||
        (strncasecmp(text.p, "http://", 7) != 0 && strncasecmp(text.p, "https://", 8) != 0))
        return 0;
    n = length_until(text, ends_address);
    query = memchr(text.p, '?', n);
    *keep = query ? (size_t)(query - text.p) + 1 : n;
    return n;
}

static size_t find_word(struct sv text, size_t *keep)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t n = strlen(words[i].word);

        if (text.n <= n || strncasecmp(text.p, words[i].word, n) != 0)
            continue;
        *keep = n;
        return n + length_until((struct sv){text.p + n, text.n - n}, words[i].ends);
    }
    return 0;
}

struct copy {
    char *out;
    size_t n, size;
};

static char printable(char c)
{
    if ((unsigned char)c < ' ' || c == 127)
        return ' ';
    return c;
}

static void put(struct copy *c, const char *p, size_t n)
{
    for (size_t i = 0; i < n && c->n + 1 < c->size; i++)
        c->out[c->n++] = printable(p[i]);
}

void redact_copy(struct sv from, char *out, size_t size)
{
    struct copy c = {out, 0, size};

    for (size_t i = 0; i < from.n && c.n + 1 < size;) {
        struct sv rest = {from.p + i, from.n - i};
        size_t keep = 1, n = find_address(rest, &keep);

        if (n == 0 && (i == 0 || !isalnum((unsigned char)from.p[i - 1])))
            n = find_word(rest, &keep);
        put(&c, rest.p, keep);
        if (n > keep)
            put(&c, "***", 3);
        i += n > 0 ? n : 1;
    }
    c.out[c.n] = '\0';
    glyph_mend(out);
}
