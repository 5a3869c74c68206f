/*
 * arena.h - memory of one request or one job: many small allocations, one release.
 *
 * Threads: an arena belongs to one thread. No memory: abort. Nothing outlives the arena except by
 * copy.
 */
#pragma once

#include "common/base.h"

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes given out, for a limit or a metric */
};
#define ARENA_INIT                                                                                 \
    {                                                                                              \
        .blocks = NULL                                                                             \
    }

MUST_CHECK void *arena_take(struct arena *a, size_t n);    /* zeroed, aligned for anything */
MUST_CHECK char *arena_copy(struct arena *a, struct sv v); /* NUL-terminated copy */
MUST_CHECK char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
void arena_free(struct arena *a); /* all of it; usable again */
