/*
 * page_platform.c - see page_platform.h. Spellings count as whole words, in any case; "Yap Market"
 * is "yapmarket".
 */
#include "analysis-svc/page_platform.h"

#include <ctype.h>
#include <string.h>

struct platform {
    const char *wire, *label, *spellings; /* separated by commas */
};
static const struct platform platforms[] = {
#define PLATFORM(wire, label, spellings) {wire, label, spellings},
#include "proto/platform.def"
#undef PLATFORM
};

static bool is_inner(struct sv text, size_t i)
{
    return i < text.n && (!isascii(text.p[i]) || isalnum((unsigned char)text.p[i]));
}

static bool same_letters(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    return true;
}

static bool has_word(struct sv text, struct sv word)
{
    for (size_t i = 0; word.n > 0 && i + word.n <= text.n; i++)
        if (same_letters(text.p + i, word.p, word.n) && (i == 0 || !is_inner(text, i - 1)) &&
            !is_inner(text, i + word.n))
            return true;
    return false;
}

/* Letters and digits alone. */
static struct sv squash(struct sv text, char *buf, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n && n < size; i++)
        if (is_inner(text, i))
            buf[n++] = text.p[i];
    return (struct sv){buf, n};
}

static bool is_squashed(struct sv text, struct sv word)
{
    char a[64], b[64];
    struct sv sa = squash(text, a, sizeof(a)), sb = squash(word, b, sizeof(b));

    return sa.n > 0 && sa.n == sb.n && same_letters(sa.p, sb.p, sa.n);
}

static bool names(struct sv text, struct sv word)
{
    return has_word(text, word) || is_squashed(text, word);
}

static bool names_platform(struct sv text, const struct platform *p)
{
    struct sv rest = sv_of(p->spellings);

    if (names(text, sv_of(p->wire)) || names(text, sv_of(p->label)))
        return true;
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n;

        if (names(text, (struct sv){rest.p, n}))
            return true;
        n += comma ? 1 : 0;
        rest = (struct sv){rest.p + n, rest.n - n};
    }
    return false;
}

enum seen page_platform(struct sv text, const char *expected, const char **other)
{
    enum seen seen = SEEN_NONE;

    for (size_t i = 0; i < COUNT_OF(platforms); i++) {
        if (!names_platform(text, &platforms[i]))
            continue;
        if (strcmp(platforms[i].wire, expected) == 0)
            return SEEN_SAME;
        if (seen == SEEN_NONE)
            *other = platforms[i].label;
        seen = SEEN_OTHER;
    }
    return seen;
}

bool page_platform_known(const char *wire)
{
    for (size_t i = 0; i < COUNT_OF(platforms); i++)
        if (strcmp(platforms[i].wire, wire) == 0)
            return true;
    return false;
}
