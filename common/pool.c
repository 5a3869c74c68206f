/*
 * pool.c - the buffers are one anonymous mapping; the kernel gives a page when it is first touched,
 * so a pool that is never used costs nothing.
 */
#include "common/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "common/clock.h"

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t given;
    char *memory;
    size_t size, count;
    char **free_list; /* free_n of count are there to take */
    size_t free_n;
};

bool pool_open(size_t buffer_size, size_t count, struct pool **out, struct err *err)
{
    AUTO(pool_close) struct pool *pool = NULL;
    pthread_condattr_t attr;
    void *memory;

    if (buffer_size == 0 || count == 0 || count > SIZE_MAX / buffer_size)
        return err_set(err, ERR_INTERNAL, "a pool of %zu buffers of %zu bytes makes no sense",
                       count, buffer_size);
    memory = mmap(NULL, buffer_size * count, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return err_set(err, ERR_INTERNAL,
                       "no memory for %zu buffers of %zu bytes: lower UPLOAD_BUFFERS", count,
                       buffer_size);
    if (!(pool = calloc(1, sizeof *pool)) || !(pool->free_list = calloc(count, sizeof(char *))))
        abort();
    pool->memory = memory;
    pool->size = buffer_size;
    pool->count = count;
    while (pool->free_n < count) {
        pool->free_list[pool->free_n] = pool->memory + pool->free_n * buffer_size;
        pool->free_n++;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->given, &attr);
    pthread_condattr_destroy(&attr);
    *out = TAKE(pool);
    return true;
}

void pool_close(struct pool **pool)
{
    struct pool *p = *pool;

    if (!p)
        return;
    pthread_cond_destroy(&p->given);
    pthread_mutex_destroy(&p->lock);
    munmap(p->memory, p->size * p->count);
    free(p->free_list);
    free(p);
    *pool = NULL;
}

size_t pool_buffer_size(const struct pool *pool) { return pool->size; }

/* Wait under the lock until `count` buffers are free; false: not in time. */
static bool wait_for(struct pool *pool, size_t count, int64_t wait_ms)
{
    int64_t until = clock_mono_ms() + wait_ms;
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};

    while (pool->free_n < count)
        if (pthread_cond_timedwait(&pool->given, &pool->lock, &at) != 0)
            return pool->free_n >= count;
    return true;
}

bool pool_take(struct pool *pool, size_t count, int64_t wait_ms, char **out, struct err *err)
{
    bool there;

    if (count > pool->count)
        return err_set(err, ERR_BUSY, "%zu buffers are asked of a pool of %zu", count, pool->count);
    pthread_mutex_lock(&pool->lock);
    there = wait_for(pool, count, wait_ms);
    for (size_t i = 0; there && i < count; i++)
        out[i] = pool->free_list[--pool->free_n];
    pthread_mutex_unlock(&pool->lock);
    return there || err_set(err, ERR_BUSY, "no upload buffer came free within %lld ms; try again",
                            (long long)wait_ms);
}

bool pool_spare(struct pool *pool, size_t count, size_t leave, char **out)
{
    bool there;

    pthread_mutex_lock(&pool->lock);
    there = pool->free_n >= count + leave;
    for (size_t i = 0; there && i < count; i++)
        out[i] = pool->free_list[--pool->free_n];
    pthread_mutex_unlock(&pool->lock);
    return there;
}

void pool_give(struct pool *pool, char **buffer)
{
    if (!*buffer)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->free_list[pool->free_n++] = TAKE(*buffer);
    pthread_cond_broadcast(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}
