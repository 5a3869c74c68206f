#include "common/base.h"

#include <stdlib.h>
#include <strings.h>

bool sv_eq(struct sv a, struct sv b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool sv_eqz(struct sv a, const char *z) { return sv_eq(a, sv_of(z)); }

bool sv_ieqz(struct sv a, const char *z)
{
    return a.n == strlen(z) && (a.n == 0 || strncasecmp(a.p, z, a.n) == 0);
}

uint32_t sv_hash(struct sv a)
{
    uint32_t h = 2166136261;

    for (size_t i = 0; i < a.n; i++)
        h = (h ^ (unsigned char)a.p[i]) * 16777619;
    return h;
}

bool sv_starts(struct sv a, const char *z)
{
    size_t n = strlen(z);

    return a.n >= n && (n == 0 || memcmp(a.p, z, n) == 0);
}

static bool blank(char c) { return c == ' ' || c == '\t'; }

struct sv sv_trim(struct sv a)
{
    while (a.n > 0 && blank(a.p[0]))
        a = (struct sv){a.p + 1, a.n - 1};
    while (a.n > 0 && blank(a.p[a.n - 1]))
        a.n--;
    return a;
}

struct sv sv_cut(struct sv *rest, char at)
{
    const char *end = rest->n > 0 ? memchr(rest->p, at, rest->n) : NULL;
    struct sv piece = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t taken = piece.n + (end ? 1 : 0);

    if (taken > 0)
        *rest = (struct sv){rest->p + taken, rest->n - taken};
    return piece;
}

struct sv sv_cut_line(struct sv *rest)
{
    struct sv line = sv_cut(rest, '\n');

    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

bool sv_pair(struct sv line, char mark, struct sv *name, struct sv *value)
{
    if (line.n == 0 || !memchr(line.p, mark, line.n))
        return false;
    *name = sv_trim(sv_cut(&line, mark));
    *value = sv_trim(line);
    return true;
}

/* One more digit; false when the number would not fit. Counts downwards, because INT64_MIN has no
 * positive twin. */
static bool push_digit(int64_t *n, char c)
{
    int64_t next;

    return c >= '0' && c <= '9' && !__builtin_mul_overflow(*n, 10, &next) &&
           !__builtin_sub_overflow(next, c - '0', n);
}

bool sv_int(struct sv a, int64_t *out)
{
    bool minus = a.n > 0 && a.p[0] == '-';
    size_t at = a.n > 0 && (minus || a.p[0] == '+') ? 1 : 0;
    int64_t n = 0;

    if (at == a.n)
        return false;
    for (; at < a.n; at++)
        if (!push_digit(&n, a.p[at]))
            return false;
    if (!minus && n == INT64_MIN)
        return false;
    *out = minus ? n : -n;
    return true;
}

void *list_grow(void *items, size_t *room, size_t size)
{
    enum { FIRST = 64 };
    void *more;

    *room = *room ? 2 * *room : FIRST;
    more = reallocarray(items, *room, size);
    if (!more)
        abort();
    return more;
}

void list_sort(void *items, size_t n, size_t size, int (*order)(const void *a, const void *b))
{
    const char *at = items;

    for (size_t i = 1; i < n; i++, at += size)
        if (order(at, at + size) > 0) {
            qsort(items, n, size, order);
            return;
        }
}
