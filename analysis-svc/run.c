/*
 * run.c - the scheduler's turn and the threads around it.
 *
 * One lock guards the words `stopping` and `over`. Submitting happens under a lock of its own, so
 * that no call starts on a loop that is being closed.
 */
#include "analysis-svc/run.h"

#include <pthread.h>
#include <stdlib.h>

#include "analysis-svc/answer.h"
#include "analysis-svc/bulk.h"
#include "analysis-svc/claim.h"
#include "analysis-svc/dispatch.h"
#include "analysis-svc/fit.h"
#include "analysis-svc/flight_list.h"
#include "analysis-svc/hedge.h"
#include "analysis-svc/linger.h"
#include "analysis-svc/listen.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/reaper.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/queue.h"
#include "common/worker.h"

enum { FAULT_PAUSE_MS = 1000, KEEPER_MS = 500, BACKLOG = 256 };

/* All flights of a set go to one of them: their batch and sheet are locked by nobody else here, and
 * calls of a set that come back together are stored together. */
struct keeper {
    struct run *run;
    struct queue *answers;
    pthread_t thread;
    bool started;
};

struct run {
    struct app *app;
    pthread_mutex_t lock, gate;
    bool stopping; /* no new calls */
    bool over;     /* no further answers */
    struct flight_list flights;
    struct linger linger;
    int64_t beat_at, reap_at;
    struct worker *scheduler, *reaper;
    struct fit *fit;
    struct bulk *bulk;
    struct hedge *hedge; /* NULL: nobody is asked twice */
    pthread_t listener;
    bool listening;
    struct keeper *keepers;
    size_t keeper_count;
};

struct app *run_app(struct run *run) { return run->app; }
struct fit *run_fit(struct run *run) { return run->fit; }
struct hedge *run_hedge(struct run *run) { return run->hedge; }
struct linger *run_linger(struct run *run) { return &run->linger; }
size_t run_flying(struct run *run) { return flight_list_count(&run->flights); }

static bool is(struct run *run, const bool *word)
{
    bool yes;

    pthread_mutex_lock(&run->lock);
    yes = *word;
    pthread_mutex_unlock(&run->lock);
    return yes;
}

bool run_stopping(struct run *run) { return is(run, &run->stopping); }

void run_wake(struct run *run) { worker_wake(run->scheduler); }

static struct keeper *keeper_of(struct run *run, const struct flight *f)
{
    return &run->keepers[sv_hash(sv_of(f->set_id)) % run->keeper_count];
}

void run_answered(struct run *run, struct flight *f)
{
    if (!queue_push(keeper_of(run, f)->answers, f)) /* ended: only after every flight had landed */
        abort();
}

struct flight *run_next_answer(struct keeper *k, int wait_ms)
{
    return queue_pop(k->answers, wait_ms);
}

bool run_submit(struct run *run, const struct http_req *req, http_done_fn *done, void *arg)
{
    bool go;

    pthread_mutex_lock(&run->gate);
    go = !run_stopping(run);
    if (go)
        http_submit(run->app->http, req, done, arg);
    pthread_mutex_unlock(&run->gate);
    return go;
}

void run_cancel(struct run *run, const void *ticket)
{
    pthread_mutex_lock(&run->gate);
    if (!run_stopping(run)) /* else they end anyway, all of them */
        http_cancel(run->app->http, ticket);
    pthread_mutex_unlock(&run->gate);
}

void run_listed(struct run *run, struct flight *f) { flight_list_add(&run->flights, f); }

void run_landed(struct run *run, struct flight **f)
{
    flight_list_drop(&run->flights, *f);
    flight_free(f);
}

/* ---- the scheduler ---- */

static void leases_free(struct claim_lease **list)
{
    free(*list);
    *list = NULL;
}

static bool beat(struct run *run, struct err *err)
{
    size_t n, lost = 0;
    AUTO(leases_free) struct claim_lease *list = flight_list_leases(&run->flights, &n);

    if (!claim_heartbeat(run->app, list, n, &lost, err))
        return false;
    run->beat_at = clock_mono_ms() + run->app->conf.heartbeat;
    metric_add(M_LEASES_LOST, 0, (int64_t)lost);
    return true;
}

/* How many jobs may be taken now: free slots, unless a keeper is behind. */
static size_t room(struct run *run)
{
    for (size_t i = 0; i < run->keeper_count; i++)
        if (queue_count(run->keepers[i].answers) >= BACKLOG / 2)
            return 0;
    return limits_room(run->app->limits, clock_mono_ms());
}

/* Slots that come free within a moment are filled by one claim. */
static size_t room_by_now(struct run *run)
{
    size_t n = room(run);

    if (n == 0 || n >= CLAIM_MAX || run_flying(run) == 0)
        return n;
    linger(&run->linger);
    return room(run);
}

static bool claim(struct run *run, size_t want, size_t *n, struct err *err)
{
    struct flight *list[CLAIM_MAX];

    if (!claim_jobs(run->app, want, list, n, err))
        return false;
    for (size_t i = 0; i < *n; i++)
        run_listed(run, list[i]);
    for (size_t i = 0; i < *n; i++)
        if (list[i]->asked > 0 && list[i]->sent_by == TRANSPORT_URL)
            dispatch(run, list[i]);
        else
            run_answered(run, list[i]); /* a keeper fetches the bytes, or reads what is known */
    return true;
}

/* *wait_ms 0: there may be further jobs that could start at once. */
static bool look(struct run *run, int64_t *wait_ms, struct err *err)
{
    size_t n = 0, want;

    *wait_ms = 0;
    if (clock_mono_ms() >= run->beat_at && !beat(run, err))
        return false;
    want = room_by_now(run);
    if (want == 0) { /* an answer that comes wakes us before */
        *wait_ms = limits_wait_ms(run->app->limits, run->app->conf.poll, clock_mono_ms());
        return true;
    }
    if (!claim(run, want, &n, err))
        return false;
    return n > 0 || claim_next_due(run->app, run->app->conf.poll, wait_ms, err);
}

static void fault(const char *who, const struct err *err)
{
    metric_add(M_TURN_FAULTS, err->code, 1);
    log_warn(who, "a turn failed; the next one tries again", KV_ERR(err));
}

/* Waits until something is due, a lease is to be renewed, or somebody calls. */
static int64_t schedule(void *arg)
{
    struct run *run = arg;
    struct err err = ERR_INIT;
    int64_t wait_ms = 0, beat_ms;

    if (!look(run, &wait_ms, &err)) {
        fault("scheduler.fault", &err);
        return FAULT_PAUSE_MS;
    }
    beat_ms = run->beat_at - clock_mono_ms();
    return wait_ms < beat_ms ? wait_ms : beat_ms > 0 ? beat_ms : 0;
}

/* ---- the reaper ---- */

static int64_t reap(void *arg)
{
    struct run *run = arg;
    struct err err = ERR_INIT;
    struct reaped r = {.ended = 0};
    int64_t left_ms = run->reap_at - clock_mono_ms();

    if (left_ms > 0) {
        if (!reaper_sheets(run->app, &err))
            fault("reaper.fault", &err);
        return left_ms < REAPER_SHEETS_MS ? left_ms : REAPER_SHEETS_MS;
    }
    if (!reaper_turn(run->app, &r, &err))
        fault("reaper.fault", &err);
    if (r.expired + r.ended > 0)
        log_warn("queue.reaped", "leases ran out or jobs came to their deadline",
                 KV_I("expired", r.expired), KV_I("ended", r.ended));
    if (r.expired > 0)
        run_wake(run);
    run->reap_at = clock_mono_ms() + (r.more ? 0 : run->app->conf.reaper_period);
    return 0;
}

/* ---- the keepers ---- */

static void *keep(void *arg)
{
    struct keeper *k = arg;
    bool last = false;

    while (!last) {
        struct answers came;

        last = is(k->run, &k->run->over); /* asked first: what came by then is still taken */
        while (answers_gather(k->run, k, KEEPER_MS, &came))
            answers_take(k->run, &came);
    }
    return NULL;
}

/* ---- open and close ---- */

static struct run *run_new(struct app *app)
{
    struct run *run = calloc(1, sizeof *run);

    if (!run)
        abort();
    run->app = app;
    run->flights = (struct flight_list)FLIGHT_LIST_INIT;
    run->linger = (struct linger)LINGER_INIT;
    pthread_mutex_init(&run->lock, NULL);
    pthread_mutex_init(&run->gate, NULL);
    return run;
}

static bool start(pthread_t *thread, void *(*fn)(void *), void *arg, struct err *err)
{
    if (pthread_create(thread, NULL, fn, arg) == 0)
        return true;
    return err_set(err, ERR_INTERNAL, "no thread could be started");
}

/* All their queues first: whoever answers finds the one of its set. */
static bool open_keepers(struct run *run, struct err *err)
{
    size_t n = (size_t)run->app->conf.keepers;

    run->keepers = calloc(n, sizeof *run->keepers);
    if (!run->keepers)
        abort();
    for (; run->keeper_count < n; run->keeper_count++) {
        run->keepers[run->keeper_count].run = run;
        if (!queue_open(BACKLOG, &run->keepers[run->keeper_count].answers, err))
            return false;
    }
    return true;
}

static bool start_keepers(struct run *run, struct err *err)
{
    for (size_t i = 0; i < run->keeper_count; i++) {
        struct keeper *k = &run->keepers[i];

        k->started = start(&k->thread, keep, k, err);
        if (!k->started)
            return false;
    }
    return true;
}

bool run_open(struct app *app, struct run **out, struct err *err)
{
    AUTO(run_close) struct run *run = run_new(app);

    if (!open_keepers(run, err) || !hedge_start(run, &run->hedge, err) ||
        !fit_open(run, &run->fit, err) || !start_keepers(run, err) ||
        !worker_open(schedule, run, &run->scheduler, err) ||
        !worker_open(reap, run, &run->reaper, err) || !bulk_start(run, &run->bulk, err))
        return false;
    run->listening = start(&run->listener, listen_jobs, run, err);
    if (!run->listening)
        return false;
    *out = TAKE(run);
    return true;
}

static void stop(struct run *run)
{
    pthread_mutex_lock(&run->gate);
    pthread_mutex_lock(&run->lock);
    run->stopping = true;
    pthread_mutex_unlock(&run->lock);
    pthread_mutex_unlock(&run->gate);
}

static void join(struct run *run)
{
    hedge_end(run->hedge);
    bulk_end(run->bulk);
    worker_end(run->reaper);
    worker_end(run->scheduler); /* freed last: keepers still wake it */
    if (run->listening)
        pthread_join(run->listener, NULL);
    fit_end(run->fit);
    http_loop_close(&run->app->http); /* calls that are out end with ERR_CLOSING, for the keepers */
    for (size_t i = 0; i < run->keeper_count; i++)
        queue_end(run->keepers[i].answers);
    pthread_mutex_lock(&run->lock);
    run->over = true;
    pthread_mutex_unlock(&run->lock);
    for (size_t i = 0; i < run->keeper_count; i++)
        if (run->keepers[i].started)
            pthread_join(run->keepers[i].thread, NULL);
}

void run_close(struct run **run)
{
    if (!*run)
        return;
    stop(*run);
    join(*run);
    for (size_t i = 0; i < (*run)->keeper_count; i++)
        queue_close(&(*run)->keepers[i].answers);
    free((*run)->keepers);
    hedge_close(&(*run)->hedge);
    bulk_close(&(*run)->bulk);
    fit_close(&(*run)->fit);
    worker_close(&(*run)->reaper);
    worker_close(&(*run)->scheduler);
    pthread_mutex_destroy(&(*run)->lock);
    pthread_mutex_destroy(&(*run)->gate);
    free(*run);
    *run = NULL;
}
