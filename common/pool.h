/*
 * pool.h - a fixed number of big buffers shared by the whole process: the ceiling of its memory.
 *
 * A buffer is taken or waited for, bounded, in the order of asking; none in time is ERR_BUSY, which
 * a client sees as 503 with Retry-After. Whoever can do without comes behind all who cannot.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

struct pool;

MUST_CHECK bool pool_open(size_t buffer_size, size_t count, struct pool **out,
                          struct err *err); /* memory is touched on first use */
void pool_close(struct pool **pool);
size_t pool_buffer_size(const struct pool *pool);
MUST_CHECK bool pool_take(struct pool *pool, size_t count, int64_t wait_ms, char **out,
                          struct err *err); /* all or none */
/* The same for whoever can do without: `leave` buffers stay behind. It waits only as long as some
 * have changed hands in the last POOL_STILL_MS, not for buffers that others just hold. */
enum { POOL_STILL_MS = 100 };
bool pool_spare(struct pool *pool, size_t count, size_t leave, int64_t wait_ms, char **out);
void pool_give(struct pool *pool, char **buffer); /* NULL is fine */
