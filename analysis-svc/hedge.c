/* hedge.c - duels: a call, its twin, and who was first. See hedge.h. */
#include "analysis-svc/hedge.h"

#include <pthread.h>
#include <stdlib.h>

#include "analysis-svc/hedge_pace.h"
#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "common/worker.h"

enum { IDLE_MS = 60000 };

struct duel {
    struct duel *next, *prev;
    struct flight *out[2]; /* in the air: the first call, the twin */
    void *tickets[2];
    struct flight *twin; /* before it leaves: ours */
    int64_t due_ms;
    int first_key;
    bool sending; /* the hedge's thread is at it */
    bool over;    /* one has won, or decides alone: no twin leaves any more */
};
struct hedge {
    struct run *run;
    struct worker *worker;
    pthread_mutex_t lock;
    struct hedge_pace pace;
    struct duel *duels;
};

/* ---- the list; under the lock ---- */

static void add(struct hedge *h, struct duel *d)
{
    d->next = h->duels;
    if (d->next)
        d->next->prev = d;
    h->duels = d;
}

/* Nobody is out and nobody is about to leave. */
static void drop_when_over(struct hedge *h, struct duel *d)
{
    if (d->out[0] || d->out[1] || d->sending)
        return;
    if (d->prev)
        d->prev->next = d->next;
    else
        h->duels = d->next;
    if (d->next)
        d->next->prev = d->prev;
    flight_free(&d->twin);
    free(d);
}

/* ---- leaving ---- */

static bool watched(const struct hedge *h, const struct flight *f)
{
    return h->pace.slow_ms >= 0 && f->asked == f->n && !f->duel;
}

static void watch(struct hedge *h, struct flight *f, void *ticket)
{
    struct duel *d = calloc(1, sizeof *d);

    if (!d)
        abort();
    d->out[0] = f;
    d->tickets[0] = ticket;
    d->twin = flight_twin(f);
    d->twin->duel = d;
    d->due_ms = clock_mono_ms() + h->pace.slow_ms;
    d->first_key = f->slip.key;
    f->duel = d;
    add(h, d);
}

/* The twin leaves, unless the first call is back already. */
static bool join(struct hedge *h, struct flight *twin, void *ticket)
{
    struct duel *d = twin->duel;

    if (d->over)
        return false;
    d->out[1] = twin;
    d->tickets[1] = ticket;
    h->pace.sent++;
    metric_add(M_HEDGES, HEDGE_END_SENT, 1);
    return true;
}

bool hedge_leaves(struct hedge *h, struct flight *f, void *ticket)
{
    bool go = true, wake = false;

    if (!h)
        return true;
    pthread_mutex_lock(&h->lock);
    if (f->twin) {
        go = join(h, f, ticket);
    } else {
        h->pace.calls++;
        wake = watched(h, f);
        if (wake)
            watch(h, f, ticket);
    }
    pthread_mutex_unlock(&h->lock);
    if (wake)
        worker_wake(h->worker);
    return go;
}

/* ---- coming back ---- */

void hedge_heard(struct hedge *h, const struct flight *f)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    hedge_pace_answer(&h->pace, f->answer.total_us / 1000);
    pthread_mutex_unlock(&h->lock);
}

static enum hedge_says judge(struct hedge *h, struct duel *d, size_t me, bool good)
{
    struct flight *other = d->out[1 - me];

    if (d->over && !other)
        return HEDGE_LOSE;
    if (good) {
        d->over = true;
        if (other)
            run_cancel(h->run, d->tickets[1 - me]);
        metric_add(M_HEDGES, me == 1 ? HEDGE_END_WON : HEDGE_END_LOST, other || me == 1);
        return HEDGE_LAND;
    }
    if (!other)
        d->over = true;
    else if (me == 0)
        run_listed(h->run, other); /* the lease is its now */
    return other ? HEDGE_LOSE : HEDGE_LAND;
}

enum hedge_says hedge_back(struct hedge *h, struct flight *f, bool good)
{
    struct duel *d = f->duel;
    enum hedge_says says;

    pthread_mutex_lock(&h->lock);
    d->out[f->twin] = NULL;
    says = judge(h, d, f->twin, good);
    drop_when_over(h, d);
    pthread_mutex_unlock(&h->lock);
    f->duel = NULL;
    return says;
}

/* ---- second calls ---- */

static struct duel *take_due(struct hedge *h, int64_t now, int64_t *wait_ms)
{
    struct duel *due = NULL;

    pthread_mutex_lock(&h->lock);
    for (struct duel *d = h->duels; d && !due; d = d->next) {
        if (!d->twin || d->over)
            continue;
        if (d->due_ms <= now)
            due = d;
        else if (d->due_ms - now < *wait_ms)
            *wait_ms = d->due_ms - now;
    }
    if (due &&
        !hedge_pace_may(&h->pace)) { /* the budget is used up: it has to wait for its answer */
        due->due_ms = now + h->pace.slow_ms + 1;
        due = NULL;
    }
    if (due)
        due->sending = true;
    pthread_mutex_unlock(&h->lock);
    return due;
}

static void ask_again(struct hedge *h, struct duel *d)
{
    struct flight *twin = d->twin;

    d->twin = NULL; /* from here on it goes its own way; only this thread takes it */
    if (!hedge_send(h->run, twin, d->first_key))
        hedge_unsent(h->run, twin);
    pthread_mutex_lock(&h->lock);
    d->sending = false;
    drop_when_over(h, d);
    pthread_mutex_unlock(&h->lock);
}

static int64_t turn(void *arg)
{
    struct hedge *h = arg;
    int64_t wait_ms = IDLE_MS;
    struct duel *d;

    while (!worker_ending(h->worker) && (d = take_due(h, clock_mono_ms(), &wait_ms)) != NULL)
        ask_again(h, d);
    return wait_ms;
}

bool hedge_start(struct run *run, struct hedge **out, struct err *err)
{
    const struct analysis_conf *c = &run_app(run)->conf;
    AUTO(hedge_close) struct hedge *h = NULL;

    if (c->hedge_budget == 0)
        return true;
    h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->run = run;
    pthread_mutex_init(&h->lock, NULL);
    hedge_pace_init(&h->pace, c->hedge_percentile, c->hedge_budget);
    if (!worker_open(turn, h, &h->worker, err))
        return false;
    *out = TAKE(h);
    return true;
}

void hedge_end(struct hedge *h)
{
    if (h)
        worker_end(h->worker);
}

void hedge_close(struct hedge **h)
{
    if (!*h)
        return;
    worker_close(&(*h)->worker);
    pthread_mutex_destroy(&(*h)->lock);
    free(*h);
    *h = NULL;
}
