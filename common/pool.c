/*
 * pool.c - the buffers are one anonymous mapping; the kernel gives a page when it is first touched,
 * so a pool that is never used costs nothing. Whoever gives a buffer back serves who waits: nobody
 * is woken in vain, and nobody overtakes.
 */
#include "common/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "common/clock.h"

enum queue { NEEDY, MODEST, QUEUES }; /* in the order of being served */

/* Lives on the stack of the thread that waits. */
struct waiter {
    struct waiter *next;
    enum queue queue;
    size_t count, leave;
    char **out;
    int64_t until_ms;
    bool served;
    pthread_cond_t wake;
};

struct pool {
    pthread_mutex_t lock;
    pthread_condattr_t clock; /* monotonic */
    char *memory;
    size_t size, count;
    /* under the lock: */
    char **free_list; /* free_n of count are there to take */
    size_t free_n;
    struct waiter *queue[QUEUES];
    int64_t moved_ms; /* when a buffer was last taken or given */
};

bool pool_open(size_t buffer_size, size_t count, struct pool **out, struct err *err)
{
    AUTO(pool_close) struct pool *pool = NULL;
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
    pthread_condattr_init(&pool->clock);
    pthread_condattr_setclock(&pool->clock, CLOCK_MONOTONIC);
    *out = TAKE(pool);
    return true;
}

void pool_close(struct pool **pool)
{
    struct pool *p = *pool;

    if (!p)
        return;
    pthread_condattr_destroy(&p->clock);
    pthread_mutex_destroy(&p->lock);
    munmap(p->memory, p->size * p->count);
    free(p->free_list);
    free(p);
    *pool = NULL;
}

size_t pool_buffer_size(const struct pool *pool) { return pool->size; }

static bool serve(struct pool *pool, struct waiter *w)
{
    if (pool->free_n < w->count + w->leave)
        return false;
    for (size_t i = 0; i < w->count; i++)
        w->out[i] = pool->free_list[--pool->free_n];
    pool->moved_ms = clock_mono_ms();
    w->served = true;
    pthread_cond_signal(&w->wake);
    return true;
}

/* The first who must wait on lets nobody past. */
static void serve_all(struct pool *pool)
{
    for (size_t i = 0; i < QUEUES; i++)
        while (pool->queue[i]) {
            if (!serve(pool, pool->queue[i]))
                return;
            pool->queue[i] = pool->queue[i]->next;
        }
}

static struct waiter **place_of(struct waiter **at, const struct waiter *w)
{
    while (*at && *at != w)
        at = &(*at)->next;
    return at;
}

/* When waiting makes no sense any more. */
static int64_t end_of(const struct pool *pool, const struct waiter *w)
{
    int64_t still = pool->moved_ms + POOL_STILL_MS;

    return w->queue == MODEST && still < w->until_ms ? still : w->until_ms;
}

/* Under the lock. */
static void wait_for(struct pool *pool, struct waiter *w)
{
    int64_t end;

    while (!w->served && clock_mono_ms() < (end = end_of(pool, w))) {
        const struct timespec at = {.tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000};

        pthread_cond_timedwait(&w->wake, &pool->lock, &at);
    }
}

static bool take(struct pool *pool, struct waiter *w, int64_t wait_ms)
{
    w->until_ms = clock_mono_ms() + wait_ms;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_init(&w->wake, &pool->clock);
    *place_of(&pool->queue[w->queue], NULL) = w;
    serve_all(pool);
    wait_for(pool, w);
    if (!w->served) {
        *place_of(&pool->queue[w->queue], w) = w->next;
        serve_all(pool); /* who stood behind */
    }
    pthread_cond_destroy(&w->wake);
    pthread_mutex_unlock(&pool->lock);
    return w->served;
}

bool pool_take(struct pool *pool, size_t count, int64_t wait_ms, char **out, struct err *err)
{
    struct waiter w = {.queue = NEEDY, .count = count, .out = out};

    if (count > pool->count)
        return err_set(err, ERR_BUSY, "%zu buffers are asked of a pool of %zu", count, pool->count);
    return take(pool, &w, wait_ms) ||
           err_set(err, ERR_BUSY, "no upload buffer came free within %lld ms; try again",
                   (long long)wait_ms);
}

bool pool_spare(struct pool *pool, size_t count, size_t leave, int64_t wait_ms, char **out)
{
    struct waiter w = {.queue = MODEST, .count = count, .leave = leave, .out = out};

    return count + leave <= pool->count && take(pool, &w, wait_ms);
}

void pool_give(struct pool *pool, char **buffer)
{
    if (!*buffer)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->free_list[pool->free_n++] = TAKE(*buffer);
    pool->moved_ms = clock_mono_ms();
    serve_all(pool);
    pthread_mutex_unlock(&pool->lock);
}
