#include "common/queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied; /* apart, so that one waiter is woken, not all */
    size_t room, head, count;
    bool ended;
    void *items[];
};

bool queue_open(size_t room, struct queue **out, struct err *err)
{
    struct queue *q = calloc(1, sizeof *q + room * sizeof q->items[0]);
    pthread_condattr_t mono;

    if (!q)
        return err_set(err, ERR_BUSY, "no memory for a queue of %zu", room);
    q->room = room;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&q->filled, &mono);
    pthread_cond_init(&q->emptied, &mono);
    pthread_condattr_destroy(&mono);
    *out = q;
    return true;
}

void queue_close(struct queue **qp)
{
    struct queue *q = *qp;

    if (!q)
        return;
    assert(q->count == 0);
    pthread_cond_destroy(&q->filled);
    pthread_cond_destroy(&q->emptied);
    pthread_mutex_destroy(&q->lock);
    free(q);
    *qp = NULL;
}

static void put(struct queue *q, void *item)
{
    q->items[(q->head + q->count) % q->room] = item;
    q->count++;
    pthread_cond_signal(&q->filled);
}

bool queue_push(struct queue *q, void *item)
{
    bool taken;

    pthread_mutex_lock(&q->lock);
    while (q->count == q->room && !q->ended)
        pthread_cond_wait(&q->emptied, &q->lock);
    taken = !q->ended;
    if (taken)
        put(q, item);
    pthread_mutex_unlock(&q->lock);
    return taken;
}

bool queue_try_push(struct queue *q, void *item)
{
    bool taken;

    pthread_mutex_lock(&q->lock);
    taken = !q->ended && q->count < q->room;
    if (taken)
        put(q, item);
    pthread_mutex_unlock(&q->lock);
    return taken;
}

static struct timespec deadline(int wait_ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += wait_ms / 1000;
    t.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

void *queue_pop(struct queue *q, int wait_ms)
{
    struct timespec until = deadline(wait_ms);
    void *item = NULL;
    int rc = 0;

    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && !q->ended && wait_ms > 0 && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&q->filled, &q->lock, &until);
    if (q->count > 0) {
        item = q->items[q->head];
        q->head = (q->head + 1) % q->room;
        q->count--;
        pthread_cond_signal(&q->emptied);
    }
    pthread_mutex_unlock(&q->lock);
    return item;
}

void queue_end(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->ended = true;
    pthread_cond_broadcast(&q->filled);
    pthread_cond_broadcast(&q->emptied);
    pthread_mutex_unlock(&q->lock);
}

size_t queue_count(struct queue *q)
{
    size_t n;

    pthread_mutex_lock(&q->lock);
    n = q->count;
    pthread_mutex_unlock(&q->lock);
    return n;
}
