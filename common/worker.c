#include "common/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct worker {
    worker_turn_fn *turn;
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool started, woken, ending;
};

static struct timespec after(int64_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* Until the time is up, or somebody wakes us. False: no further turn. */
static bool rest(struct worker *w, int64_t ms)
{
    struct timespec until = after(ms);
    bool goes_on;
    int rc = 0;

    pthread_mutex_lock(&w->lock);
    while (ms > 0 && !w->woken && !w->ending && rc == 0)
        rc = pthread_cond_timedwait(&w->change, &w->lock, &until);
    w->woken = false;
    goes_on = !w->ending;
    pthread_mutex_unlock(&w->lock);
    return goes_on;
}

static void *run(void *arg)
{
    struct worker *w = arg;

    while (rest(w, w->turn(w->arg)))
        ;
    return NULL;
}

bool worker_open(worker_turn_fn *turn, void *arg, struct worker **out, struct err *err)
{
    struct worker *w = calloc(1, sizeof *w);
    pthread_condattr_t mono;

    if (!w)
        abort();
    w->turn = turn;
    w->arg = arg;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&w->change, &mono);
    pthread_condattr_destroy(&mono);
    *out = w;
    w->started = pthread_create(&w->thread, NULL, run, w) == 0;
    if (w->started)
        return true;
    worker_close(out);
    return err_set(err, ERR_INTERNAL, "no thread could be started: raise the limit of processes");
}

static void tell(struct worker *w, bool *what)
{
    pthread_mutex_lock(&w->lock);
    *what = true;
    pthread_cond_signal(&w->change);
    pthread_mutex_unlock(&w->lock);
}

void worker_wake(struct worker *w)
{
    if (w)
        tell(w, &w->woken);
}

bool worker_ending(struct worker *w)
{
    bool ending;

    pthread_mutex_lock(&w->lock);
    ending = w->ending;
    pthread_mutex_unlock(&w->lock);
    return ending;
}

void worker_end(struct worker *w)
{
    if (!w || !w->started)
        return;
    tell(w, &w->ending);
    pthread_join(w->thread, NULL);
    w->started = false;
}

void worker_close(struct worker **worker)
{
    struct worker *w = *worker;

    if (!w)
        return;
    worker_end(w);
    pthread_cond_destroy(&w->change);
    pthread_mutex_destroy(&w->lock);
    free(w);
    *worker = NULL;
}
