/*
 * str.h - a byte string that grows, up to a wall.
 *
 * Appends need no checking one by one: an append that would pass the wall is refused and `over`
 * sticks, so the caller asks str_ok once at the end. p is never NULL and always NUL-terminated. No
 * memory: abort. AUTO(str_free) struct str s = STR_INIT(4096);
 */
#pragma once

#include <stdarg.h>

#include "common/base.h"

struct str {
    char *p;     /* never NULL */
    size_t n;    /* bytes in use, without the NUL */
    size_t cap;  /* bytes allocated; 0: p is a shared empty string */
    size_t wall; /* n never passes it */
    bool over;   /* an append was refused */
};

extern char str_empty[1];
#define STR_INIT(wall_)                                                                            \
    {                                                                                              \
        .p = str_empty, .wall = (wall_)                                                            \
    }

char *str_room_slowly(struct str *s, size_t n); /* for str_room */
/* n further bytes, in use from now on, for the caller to write; NULL: they would pass the wall. */
static inline char *str_room(struct str *s, size_t n)
{
    char *p = s->p + s->n;

    if (s->over || n >= s->cap - s->n || n > s->wall - s->n)
        return str_room_slowly(s, n);
    s->n += n;
    s->p[s->n] = '\0';
    return p;
}
char *str_ready_slowly(struct str *s, size_t n); /* for str_ready */
/* Where up to n further bytes may be written, and no more than what str_took then says is in use;
 * NULL: the wall is nearer, and s is as it was. */
static inline char *str_ready(struct str *s, size_t n)
{
    if (s->over || n >= s->cap - s->n || n > s->wall - s->n)
        return str_ready_slowly(s, n);
    return s->p + s->n;
}
static inline void str_took(struct str *s, const char *end)
{
    s->n = (size_t)(end - s->p);
    s->p[s->n] = '\0';
}
static inline void str_add(struct str *s, const void *p, size_t n)
{
    char *to = n > 0 ? str_room(s, n) : NULL;

    if (to)
        memcpy(to, p, n);
}
static inline void str_addz(struct str *s, const char *z) { str_add(s, z, strlen(z)); }
static inline void str_addv(struct str *s, struct sv v) { str_add(s, v.p, v.n); }
void str_addc_slowly(struct str *s, char c); /* for str_addc */
static inline void str_addc(struct str *s, char c)
{
    if (s->n + 1 >= s->cap || s->n >= s->wall || s->over) {
        str_addc_slowly(s, c);
        return;
    }
    s->p[s->n++] = c;
    s->p[s->n] = '\0';
}
void str_addf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void str_vaddf(struct str *s, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void str_reserve(struct str *s, size_t n); /* room for n more bytes in one step */
void str_reset(struct str *s);             /* empty, memory kept, `over` cleared */
void str_free(struct str *s);              /* empty, memory given back; usable again */
char *str_dup(const char *z);              /* strdup that aborts; NULL stays NULL. Caller owns */

static inline bool str_ok(const struct str *s) { return !s->over; }
static inline struct sv str_sv(const struct str *s) { return (struct sv){s->p, s->n}; }
