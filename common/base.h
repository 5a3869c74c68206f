/*
 * base.h - the words every room may use without asking.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AUTO(fn)          __attribute__((cleanup(fn))) /* fn(&local) when the local leaves its block */
#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define COUNT_OF(a)       (sizeof(a) / sizeof((a)[0]))

/* Pass ownership on: gives the pointer and clears the local, so its AUTO has nothing left to do. */
#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })

/* Bytes that somebody else owns. Not NUL-terminated; print with "%.*s", SV(v). */
struct sv {
    const char *p;
    size_t n;
};
#define SV(v)     (int)(v).n, (v).p
#define SV_LIT(s) ((struct sv){(s), sizeof(s) - 1})

/* A place for n bytes. */
struct room {
    char *p;
    size_t n;
};
#define NO_ROOM ((struct room){NULL, 0})

static inline struct sv sv_of(const char *z) /* NULL gives the empty view */
{
    return (struct sv){z ? z : "", z ? strlen(z) : 0};
}
bool sv_eq(struct sv a, struct sv b);       /* same bytes */
bool sv_eqz(struct sv a, const char *z);    /* same bytes as the string */
bool sv_ieqz(struct sv a, const char *z);   /* the same but for ASCII case */
bool sv_starts(struct sv a, const char *z); /* begins with the string */
struct sv sv_trim(struct sv a);             /* without blanks and tabs at both ends */
struct sv sv_cut(struct sv *rest,
                 char at);              /* what is before the next `at`; *rest moves behind it */
struct sv sv_cut_line(struct sv *rest); /* the next line, without its LF or CRLF */
/* "Name: value": true, and both without blanks around them; false: there is no such mark. */
bool sv_pair(struct sv line, char mark, struct sv *name, struct sv *value);
uint32_t sv_hash(struct sv a);          /* FNV-1a: spreads, keeps out nobody who means harm */
bool sv_int(struct sv a, int64_t *out); /* whole decimal number, sign allowed, no blanks */

/* Sorts; what is in order already, as lists of ours often are, is only looked through. */
void list_sort(void *items, size_t n, size_t size, int (*order)(const void *a, const void *b));
/* A full list grows: items of `size` bytes, room for more of them. The old address is given up; no
 * memory: abort. */
MUST_CHECK void *list_grow(void *items, size_t *room, size_t size);
