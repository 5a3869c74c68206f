/*
 * desk.c - a queue of pictures and the threads that take from it.
 */
#include "local/reader/desk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/queue.h"

#define WAITING_MAX 256
#define READERS_MAX 32
#define WAKE_MS     1000

struct seat {
    struct desk *desk;
    struct ocr *ocr;
    pthread_t thread;
};

struct desk {
    struct queue *queue;
    struct seat seat[READERS_MAX];
    size_t n;
    atomic_bool ending;
};

/* One picture on its way; it lives on the stack of the thread that waits for it. */
struct errand {
    const struct reader_task *task;
    struct str *out;
    struct err *err;
    bool ok, done;
    pthread_mutex_t lock;
    pthread_cond_t ready;
};

static void run(struct seat *me, struct errand *e)
{
    bool ok = reader_answer(me->ocr, e->task, e->out, e->err);

    pthread_mutex_lock(&e->lock);
    e->ok = ok;
    e->done = true;
    pthread_cond_signal(&e->ready);
    pthread_mutex_unlock(&e->lock); /* from here on the errand is the waiter's alone */
}

static void *work(void *arg)
{
    struct seat *me = arg;
    struct errand *e;

    do {
        e = queue_pop(me->desk->queue, WAKE_MS);
        if (e)
            run(me, e);
    } while (e || !atomic_load(&me->desk->ending));
    return NULL;
}

static bool take_seat(struct desk *desk, struct err *err)
{
    struct seat *me = &desk->seat[desk->n];

    me->desk = desk;
    if (!ocr_open(&me->ocr, err))
        return false;
    if (pthread_create(&me->thread, NULL, work, me) != 0) {
        ocr_free(&me->ocr);
        return err_set(err, ERR_INTERNAL, "no thread for a reader");
    }
    desk->n++;
    return true;
}

bool desk_open(size_t readers, struct desk **out, struct err *err)
{
    AUTO(desk_close) struct desk *desk = calloc(1, sizeof *desk);

    if (!desk)
        abort();
    if (!queue_open(WAITING_MAX, &desk->queue, err))
        return false;
    while (desk->n < readers && desk->n < READERS_MAX)
        if (!take_seat(desk, err))
            return false;
    *out = TAKE(desk);
    return true;
}

bool desk_read(struct desk *desk, const struct reader_task *task, struct str *out, struct err *err)
{
    struct errand e = {.task = task,
                       .out = out,
                       .err = err,
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .ready = PTHREAD_COND_INITIALIZER};

    if (!queue_push(desk->queue, &e))
        return err_set(err, ERR_CLOSING, "the reader is shutting down");
    pthread_mutex_lock(&e.lock);
    while (!e.done)
        pthread_cond_wait(&e.ready, &e.lock);
    pthread_mutex_unlock(&e.lock);
    pthread_cond_destroy(&e.ready);
    pthread_mutex_destroy(&e.lock);
    return e.ok;
}

void desk_close(struct desk **desk)
{
    if (!*desk)
        return;
    atomic_store(&(*desk)->ending, true);
    if ((*desk)->queue)
        queue_end((*desk)->queue);
    for (size_t i = 0; i < (*desk)->n; i++) {
        pthread_join((*desk)->seat[i].thread, NULL);
        ocr_free(&(*desk)->seat[i].ocr);
    }
    queue_close(&(*desk)->queue);
    free(*desk);
    *desk = NULL;
}
