#include "common/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_FIRST = 64 }; /* what is put together bit by bit does not grow by as little */

char str_empty[1];

/* Make sure that `more` further bytes and the NUL fit; otherwise say so in `over`. */
static bool fits(struct str *s, size_t more)
{
    size_t need, cap;
    char *p;

    if (s->over || more > s->wall - s->n) {
        s->over = true;
        return false;
    }
    need = s->n + more + 1;
    if (need <= s->cap)
        return true;
    cap = s->cap > 0 ? s->cap * 2 : CAP_FIRST;
    cap = cap > need ? cap : need;
    p = realloc(s->cap > 0 ? s->p : NULL, cap);
    if (!p)
        abort();
    s->p = p;
    s->cap = cap;
    return true;
}

char *str_room_slowly(struct str *s, size_t n)
{
    if (!fits(s, n))
        return NULL;
    s->n += n;
    s->p[s->n] = '\0';
    return s->p + s->n - n;
}

char *str_ready_slowly(struct str *s, size_t n)
{
    return !s->over && n <= s->wall - s->n && fits(s, n) ? s->p + s->n : NULL;
}

void str_addc_slowly(struct str *s, char c) { str_add(s, &c, 1); }

void str_vaddf(struct str *s, const char *fmt, va_list ap)
{
    va_list twice;
    int n;

    va_copy(twice, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    if (n > 0 && fits(s, (size_t)n)) {
        vsnprintf(s->p + s->n, (size_t)n + 1, fmt, twice);
        s->n += (size_t)n;
    }
    va_end(twice);
}

void str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    str_vaddf(s, fmt, ap);
    va_end(ap);
}

void str_reserve(struct str *s, size_t n)
{
    if (fits(s, n) && s->n == 0)
        s->p[0] = '\0';
}

void str_reset(struct str *s)
{
    s->n = 0;
    s->over = false;
    if (s->cap > 0)
        s->p[0] = '\0';
}

void str_free(struct str *s)
{
    if (s->cap > 0)
        free(s->p);
    *s = (struct str)STR_INIT(s->wall);
}

char *str_dup(const char *z)
{
    char *copy;

    if (!z)
        return NULL;
    copy = strdup(z);
    if (!copy)
        abort();
    return copy;
}
