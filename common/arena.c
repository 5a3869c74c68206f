#include "common/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All of a block is zeroed, used or not. So what holds little, as the document of a small picture,
 * takes a small one; what grows takes larger ones. */
enum { BLOCK_FIRST = 2048, BLOCK_MAX = 32768, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *older;
    size_t used, size;
    _Alignas(ALIGNMENT) char bytes[];
};

static struct arena_block *grow(struct arena *a, size_t n)
{
    size_t size = a->blocks ? a->blocks->size * 2 : BLOCK_FIRST;
    struct arena_block *b;

    if (size > BLOCK_MAX)
        size = BLOCK_MAX;
    if (size < n)
        size = n;
    b = calloc(1, sizeof *b + size);
    if (!b)
        abort();
    b->size = size;
    b->older = a->blocks;
    a->blocks = b;
    return b;
}

void *arena_take(struct arena *a, size_t n)
{
    struct arena_block *b = a->blocks;
    char *p;

    n = (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!b || b->size - b->used < n)
        b = grow(a, n);
    p = b->bytes + b->used;
    b->used += n;
    a->used += n;
    return p;
}

char *arena_copy(struct arena *a, struct sv v)
{
    char *p = arena_take(a, v.n + 1);

    if (v.n > 0)
        memcpy(p, v.p, v.n);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, twice;
    char *p;
    int n;

    va_start(ap, fmt);
    va_copy(twice, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    p = arena_take(a, (size_t)(n > 0 ? n : 0) + 1);
    vsnprintf(p, (size_t)(n > 0 ? n : 0) + 1, fmt, twice);
    va_end(twice);
    return p;
}

void arena_free(struct arena *a)
{
    struct arena_block *b = a->blocks;

    while (b) {
        struct arena_block *older = b->older;

        free(b);
        b = older;
    }
    *a = (struct arena)ARENA_INIT;
}
