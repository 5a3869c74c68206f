/*
 * answer.c - what the http loop brought is landed; and if Postgres is away for a moment, again.
 * Answers that are there at the same time, or within a moment (linger.h), are stored together.
 */
#include "analysis-svc/answer.h"

#include "analysis-svc/claim.h"
#include "analysis-svc/dispatch.h"
#include "analysis-svc/hear.h"
#include "analysis-svc/hedge.h"
#include "analysis-svc/land.h"
#include "analysis-svc/linger.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/spend.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"

enum { STORE_TRIES = 40 }; /* about a minute */

static const struct retry_plan store_retry = {.base_ms = 100, .cap_ms = 3000};

/* ---- where it goes ---- */

static bool passing(enum err_code code)
{
    return code == ERR_UNCERTAIN || code == ERR_DATABASE || code == ERR_BUSY || code == ERR_TIMEOUT;
}

static bool store(struct run *run, const struct land *l, size_t n, struct stored *done,
                  struct err *err)
{
    for (unsigned i = 0;; i++) {
        int64_t start = clock_mono_us();

        if (lands_store(run_app(run), l, n, done, err)) {
            metric_observe_ms(M_STORE_SECONDS, 0, (double)(clock_mono_us() - start) / 1000);
            return true;
        }
        if (!passing(err->code) || i >= STORE_TRIES || run_stopping(run))
            return false;
        metric_add(M_STORE_RETRIES, 0, 1);
        clock_sleep_ms(retry_wait_ms(&store_retry, i, 0, rnd_unit()));
        *err = (struct err)ERR_INIT;
    }
}

/* What cannot be stored at all must not be paid for again and again: the pictures end. */
static bool store_or_end(struct run *run, struct land *l, struct stored *done)
{
    struct err err = ERR_INIT;

    if (store(run, l, 1, done, &err))
        return true;
    if (!passing(err.code)) {
        log_error("answer.unstorable", "an answer could not be stored; its pictures fail",
                  KV_ERR(&err), KV_I("job", l->flight->job_id));
        land_fail(l, FAIL_NONSENSE, "the answer could not be stored");
        err = (struct err)ERR_INIT;
        if (store(run, l, 1, done, &err))
            return true;
    }
    log_error("answer.lost", "nothing could be stored; the lease will run out", KV_ERR(&err),
              KV_I("job", l->flight->job_id));
    return false;
}

static void count(const struct land *l, const struct stored *done)
{
    const struct flight *f = l->flight;

    for (size_t i = 0; i < f->n; i++) {
        if (l->fates[i].todo == FATE_FAIL)
            metric_add(M_IMAGES, IMAGE_FAILED, 1);
        if (l->fates[i].todo == FATE_STORE)
            metric_add(M_IMAGES, l->reading.results[i].extracted.state, 1);
        if (l->fates[i].todo == FATE_STORE && f->images[i].known)
            metric_add(M_REUSED, 0, 1);
    }
    metric_add(M_IMAGES_DROPPED, 0, (int64_t)done->dropped);
    metric_add(M_SPLITS, 0, (int64_t)done->children);
}

static void tell(const struct land *l, const struct stored *done)
{
    const struct flight *f = l->flight;

    if (!done->fenced) {
        metric_add(M_DROPPED, 0, 1);
        log_warn("answer.dropped", "the lease had gone to another; the answer is dropped",
                 KV_I("job", f->job_id), KV_I("attempt", f->attempt_id));
        return;
    }
    count(l, done);
    log_info("call.done", "a job's call was judged and stored", KV_I("job", f->job_id),
             KV_S("batch", f->batch_id), KV_I("attempt", f->attempt_id),
             KV_S("class", l->landing.report.class), KV_S("to", job_state_wire(l->landing.end.to)),
             KV_I("images", f->n), KV_I("stored", done->images), KV_I("children", done->children),
             KV_I("status", f->answer.status), KV_I("ms", f->answer.total_us / 1000),
             KV_I("judged_us", f->judged_us), KV_S("note", l->reading.note));
}

bool answer_keep(struct run *run, struct land *l)
{
    struct stored done = {.fenced = true};

    hear_count(l);
    if (!store_or_end(run, l, &done))
        return false;
    tell(l, &done);
    return true;
}

/* ---- answers that are stored together ---- */

void answers_free(struct answers *g)
{
    for (size_t i = 0; i < g->n; i++)
        land_free(&g->lands[i]);
    g->n = 0;
}

static bool share_a_picture(const struct flight *a, const struct flight *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++)
            if (a->images[i].snapshot_id == b->images[j].snapshot_id)
                return true;
    return false;
}

/* A job whose lease went to this same replica again can be in the air twice. */
static bool may_join(const struct answers *g, const struct flight *f)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->flights[i]->job_id == f->job_id || share_a_picture(g->flights[i], f))
            return false;
    return true;
}

static void join(struct run *run, struct answers *g, struct flight *f)
{
    log_scope(f->batch_id);
    f->judged_us = clock_mono_us();
    g->flights[g->n] = f;
    hear(run, f, &g->lands[g->n++]);
    f->judged_us = clock_mono_us() - f->judged_us;
    log_scope(NULL);
}

/* Together; and when one of them spoils that, each for itself. */
static void store_group(struct run *run, struct answers *g)
{
    struct err err = ERR_INIT;
    bool all = g->n > 1 && store(run, g->lands, g->n, g->done, &err);

    for (size_t i = 0; i < g->n; i++) {
        log_scope(g->flights[i]->batch_id);
        if (all || store_or_end(run, &g->lands[i], &g->done[i]))
            tell(&g->lands[i], &g->done[i]);
        log_scope(NULL);
    }
}

static bool goes_on(const struct answers *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->lands[i].landing.end.to != JOB_DONE || g->done[i].children > 0)
            return true;
    return false;
}

static void land_group(struct run *run, struct answers *g)
{
    run_wake(run); /* they were judged: their slots are free */
    store_group(run, g);
    for (size_t i = 0; i < g->n; i++)
        run_landed(run, &g->flights[i]);
    if (goes_on(g)) /* what was stored may be due soon */
        run_wake(run);
}

/* The service is closing: another replica, or the next start, goes on with it. */
static void hand_back(struct run *run, struct flight *f)
{
    struct app *app = run_app(run);
    struct err err = ERR_INIT;

    limits_cancel(app->limits, &f->slip);
    if (!claim_release(app, f, 0, &err))
        log_warn("lease.kept", "a lease could not be given back; it will run out", KV_ERR(&err),
                 KV_I("job", f->job_id));
    run_landed(run, &f);
}

static bool unasked(const struct flight *f) { return f->asked > 0 && !f->answered; }

static bool closed(const struct flight *f)
{
    return f->asked > 0 && f->answer.status == 0 && f->answer.err.code == ERR_CLOSING;
}

/* ---- calls that were asked twice ---- */

/* Its flight is still on the list, where the heartbeat reads it: nothing of it may change. */
static void pay_only(struct run *run, struct land *l, const struct flight *f)
{
    struct stored done = {.fenced = false};

    l->landing.pays_only = true;
    if (store_or_end(run, l, &done))
        log_info("hedge.lost", "a call that was asked twice: this answer was not needed",
                 KV_I("job", f->job_id), KV_I("attempt", f->attempt_id),
                 KV_I("cost_micro_usd", l->landing.report.cost_micro_usd));
}

/* Cancelled, as the other one was faster. It may be billed all the same. */
static void pay_cancelled(struct run *run, struct flight *f)
{
    struct provider_answer said = {.class = ANSWER_UNANSWERED,
                                   .text = STR_INIT(0),
                                   .message = "cancelled: the other call was faster",
                                   .retry_after_ms = -1,
                                   .bad_image = -1};
    AUTO(land_free) struct land l = {.flight = f};
    struct app *app = run_app(run);

    limits_cancel(app->limits, &f->slip);
    land_open(app, f, &said, rnd_unit(), &l);
    l.landing.report.cost_micro_usd = spend_estimate(app, f);
    pay_only(run, &l, f);
    run_landed(run, &f);
}

static void land_duel(struct run *run, struct flight *f)
{
    AUTO(land_free) struct land l = {.flight = f};
    struct stored done = {.fenced = true};

    hear(run, f, &l);
    if (hedge_back(run_hedge(run), f, l.said.class == ANSWER_OK) == HEDGE_LOSE)
        pay_only(run, &l, f);
    else if (store_or_end(run, &l, &done))
        tell(&l, &done);
    run_landed(run, &f);
    run_wake(run);
}

static void take_duel(struct run *run, struct flight *f)
{
    if (!closed(f))
        land_duel(run, f);
    else if (hedge_back(run_hedge(run), f, false) == HEDGE_LOSE)
        pay_cancelled(run, f);
    else
        hand_back(run, f);
}

static bool alone(const struct flight *f) { return unasked(f) || closed(f) || f->duel; }

static void take_alone(struct run *run, struct flight *f)
{
    log_scope(f->batch_id);
    if (unasked(f))
        dispatch(run, f);
    else if (f->duel)
        take_duel(run, f);
    else
        hand_back(run, f);
    log_scope(NULL);
}

/* One that is there; or, once in a group, while others are out, one that comes in a moment. */
static struct flight *next_one(struct run *run, struct keeper *k, const struct answers *g,
                               bool *lingered)
{
    struct flight *f = g->n < LANDS_MAX ? run_next_answer(k, 0) : NULL;

    if (f || *lingered || g->n == LANDS_MAX || run_flying(run) <= g->n)
        return f;
    *lingered = true;
    linger(run_linger(run));
    return run_next_answer(k, 0);
}

bool answers_gather(struct run *run, struct keeper *k, int wait_ms, struct answers *g)
{
    struct flight *f = run_next_answer(k, wait_ms);
    bool lingered = false;

    *g = (struct answers){.n = 0};
    while (f && !alone(f) && may_join(g, f)) {
        join(run, g, f);
        f = next_one(run, k, g, &lingered);
    }
    g->apart = f;
    return g->n > 0 || f;
}

static void take_apart(struct run *run, struct flight *f)
{
    AUTO(answers_free) struct answers g = {.n = 0};

    if (alone(f)) {
        take_alone(run, f);
        return;
    }
    join(run, &g, f);
    land_group(run, &g);
}

void answers_take(struct run *run, struct answers *g)
{
    if (g->n > 0)
        land_group(run, g);
    if (g->apart)
        take_apart(run, g->apart);
    answers_free(g);
}
