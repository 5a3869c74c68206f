/*
 * s3_upload_kept.c - the bytes of one upload, in buffers of the pool.
 */
#include <string.h>

#include "common/s3_upload_internal.h"

enum {
    LEFT_ALONE = 2,         /* buffers that stay for uploads of unknown length */
    BYTES_PER_MS = 40 << 10 /* 40 MiB/s: a wait is no longer than the bytes take at that */
};

bool s3_kept_open(struct s3_kept *k, struct pool *pool, int64_t length, bool wait)
{
    int64_t size = (int64_t)pool_buffer_size(pool);
    int64_t want = (length + size - 1) / size, wait_ms = wait ? length / BYTES_PER_MS : 0;

    *k = (struct s3_kept){.pool = pool};
    if (want > S3_KEPT_MAX || !pool_spare(pool, (size_t)want, LEFT_ALONE, wait_ms, k->buffers))
        return false;
    k->count = (size_t)want;
    return true;
}

void s3_kept_free(struct s3_kept *k)
{
    for (size_t i = 0; i < k->count; i++)
        pool_give(k->pool, &k->buffers[i]);
    k->count = 0;
}

/* From byte `at` to the end of its buffer. */
static struct room rest_of(const struct s3_kept *k, int64_t at)
{
    size_t size = pool_buffer_size(k->pool), i = (size_t)at / size, from = (size_t)at % size;

    return i < k->count ? (struct room){k->buffers[i] + from, size - from} : NO_ROOM;
}

struct room s3_kept_room(const struct s3_kept *k) { return rest_of(k, k->n); }

bool s3_kept_add(struct s3_kept *k, struct sv bytes)
{
    while (bytes.n > 0) {
        struct room room = s3_kept_room(k);
        size_t n = bytes.n < room.n ? bytes.n : room.n;

        if (!room.p)
            return false;
        if (bytes.p != room.p)
            memcpy(room.p, bytes.p, n);
        k->n += (int64_t)n;
        bytes = (struct sv){bytes.p + n, bytes.n - n};
    }
    return true;
}

struct sv s3_kept_at(const struct s3_kept *k, int64_t at)
{
    struct room room = rest_of(k, at);
    int64_t left = k->n - at;

    return (struct sv){room.p, left < (int64_t)room.n ? (size_t)left : room.n};
}

size_t s3_kept_copy(const struct s3_kept *k, int64_t at, char *buf, size_t n)
{
    struct sv bytes = s3_kept_at(k, at);

    n = bytes.n < n ? bytes.n : n;
    if (bytes.p)
        memcpy(buf, bytes.p, n);
    return n;
}
