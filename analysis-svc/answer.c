/* answer.c - read, decide, store; and if the store is away for a moment, again. */
#include "analysis-svc/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/dispatch.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/read.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"

enum { STORE_TRIES = 10 };

static const struct retry_plan store_retry = {.base_ms = 100, .cap_ms = 3000};

struct landing_site { /* everything one landing needs */
    struct run *run;
    struct flight *flight;
    struct provider_answer said;
    struct reading reading;
    struct fate *fates;
    struct landing landing;
    bool called; /* a provider was asked */
};

static void site_free(struct landing_site *s)
{
    provider_answer_free(&s->said);
    reading_free(&s->reading);
    free(s->fates);
}

/* ---- what came ---- */

static void own_fault(struct landing_site *s)
{
    const struct flight *f = s->flight;
    int place = 0;

    for (int i = 0; i < f->unfetched; i++) /* counted among the asked, as a provider would */
        place += f->images[i].known == NULL;
    s->said.class = ANSWER_IMAGE_FETCH;
    s->said.bad_image = place;
    snprintf(s->said.message, sizeof s->said.message, "%.200s", f->answer.err.msg);
    limits_cancel(run_app(s->run)->limits, f->place);
}

static void hear(struct landing_site *s)
{
    struct app *app = run_app(s->run);
    const struct flight *f = s->flight;
    const struct http_answer *h = &f->answer;

    provider_read(&app->roster.items[f->place], h->status, h->err.code, str_sv(&h->headers),
                  str_sv(&h->body), clock_wall_s(), &s->said);
    limits_give(app->limits, f->place, s->said.class, s->said.retry_after_ms, clock_mono_ms());
    /* Bytes arrived where the URL had not: this provider does not reach our S3 at present. */
    if (f->transport == TRANSPORT_BASE64 && s->said.class == ANSWER_OK)
        limits_url_failed(app->limits, f->place, clock_mono_ms());
    metric_observe_ms(M_CALL_SECONDS, 0, (double)h->total_us / 1000);
    s->called = true;
}

static void count_tokens(const struct provider_usage *u, int64_t cost)
{
    metric_add(M_TOKENS, TOKENS_INPUT, u->input);
    metric_add(M_TOKENS, TOKENS_CACHED, u->cached);
    metric_add(M_TOKENS, TOKENS_CACHE_WRITE, u->cache_write);
    metric_add(M_TOKENS, TOKENS_OUTPUT, u->output);
    metric_add(M_TOKENS, TOKENS_REASONING, u->reasoning);
    metric_add(M_COST, 0, cost);
}

static void read_it(struct landing_site *s)
{
    struct app *app = run_app(s->run);
    const struct flight *f = s->flight;
    const struct provider *p = f->place >= 0 ? &app->roster.items[f->place] : NULL;

    s->said = (struct provider_answer){
        .class = ANSWER_OK, .text = STR_INIT(0), .retry_after_ms = -1, .bad_image = -1};
    if (f->asked > 0 && f->unfetched >= 0)
        own_fault(s);
    else if (f->asked > 0)
        hear(s);
    read_answer(f, p, &s->said, &s->reading);
    if (!s->called)
        return;
    log_redact(s->said.text.p);
    s->landing.report.cost_micro_usd = provider_cost(p, &s->said.usage);
    metric_add(M_CALLS, s->said.class, 1);
    count_tokens(&s->said.usage, s->landing.report.cost_micro_usd);
}

static void conclude(struct landing_site *s)
{
    const struct app *app = run_app(s->run);
    struct retry_plan plan = {app->conf.retry_base, app->conf.retry_cap};
    struct decide_in in = {.class = s->said.class,
                           .bad_image = s->said.bad_image,
                           .retry_after_ms = s->said.retry_after_ms,
                           .good = s->reading.good,
                           .all = roster_all(&app->roster),
                           .retry = &plan,
                           .unit = rnd_unit()};

    s->fates = calloc(s->flight->n + 1, sizeof *s->fates);
    if (!s->fates)
        abort();
    s->landing.flight = s->flight;
    s->landing.end = decide(s->flight, &in, s->fates);
    s->landing.fates = s->fates;
    s->landing.results = s->reading.results;
    s->landing.note = s->reading.note;
    s->landing.report.class = answer_wire(s->said.class);
    s->landing.report.status = s->flight->answer.status;
    s->landing.report.said = s->flight->asked > 0 ? &s->said : NULL;
}

/* ---- where it goes ---- */

static bool passing(enum err_code code)
{
    return code == ERR_UNCERTAIN || code == ERR_DATABASE || code == ERR_BUSY || code == ERR_TIMEOUT;
}

static bool try_store(struct landing_site *s, struct stored *done, struct err *err)
{
    for (unsigned i = 0;; i++) {
        int64_t start = clock_mono_us();

        if (store_landing(run_app(s->run), &s->landing, done, err)) {
            metric_observe_ms(M_STORE_SECONDS, 0, (double)(clock_mono_us() - start) / 1000);
            return true;
        }
        if (!passing(err->code) || i >= STORE_TRIES || run_stopping(s->run))
            return false;
        metric_add(M_STORE_RETRIES, 0, 1);
        clock_sleep_ms(retry_wait_ms(&store_retry, i, 0, rnd_unit()));
        *err = (struct err)ERR_INIT;
    }
}

/* What cannot be stored at all must not be paid for again and again: the pictures end. */
static void end_unstorable(struct landing_site *s, struct stored *done, struct err *err)
{
    log_error("answer.unstorable", "an answer could not be stored; its pictures fail", KV_ERR(err),
              KV_I("job", s->flight->job_id), KV_S("batch", s->flight->batch_id));
    for (size_t i = 0; i < s->flight->n; i++)
        s->fates[i] = (struct fate){.todo = FATE_FAIL, .fail = FAIL_NONSENSE};
    s->landing.end.to = JOB_DEAD;
    s->landing.end.fail = FAIL_NONSENSE;
    s->landing.note = "the answer could not be stored";
    *err = (struct err)ERR_INIT;
    if (!try_store(s, done, err))
        log_error("answer.lost", "nothing could be stored; the lease will run out", KV_ERR(err),
                  KV_I("job", s->flight->job_id));
}

static void count(const struct landing_site *s, const struct stored *done)
{
    const struct flight *f = s->flight;

    if (!done->fenced) {
        metric_add(M_DROPPED, 0, 1);
        log_warn("answer.dropped", "the lease had gone to another; the answer is dropped",
                 KV_I("job", f->job_id), KV_I("attempt", f->attempt_id));
        return;
    }
    for (size_t i = 0; i < f->n; i++) {
        if (s->fates[i].todo == FATE_FAIL)
            metric_add(M_IMAGES, IMAGE_FAILED, 1);
        if (s->fates[i].todo == FATE_STORE)
            metric_add(M_IMAGES, s->reading.results[i].extracted.state, 1);
        if (s->fates[i].todo == FATE_STORE && f->images[i].known)
            metric_add(M_REUSED, 0, 1);
    }
    metric_add(M_IMAGES_DROPPED, 0, (int64_t)done->dropped);
    metric_add(M_SPLITS, 0, (int64_t)done->children);
}

static void tell(const struct landing_site *s, const struct stored *done)
{
    const struct flight *f = s->flight;

    log_info("call.done", "a job's call was judged and stored", KV_I("job", f->job_id),
             KV_S("batch", f->batch_id), KV_I("attempt", f->attempt_id),
             KV_S("class", s->landing.report.class), KV_S("to", job_state_wire(s->landing.end.to)),
             KV_I("images", f->n), KV_I("stored", done->images), KV_I("children", done->children),
             KV_I("status", f->answer.status), KV_I("ms", f->answer.total_us / 1000),
             KV_S("note", s->reading.note));
}

static void land(struct run *run, struct flight *f)
{
    AUTO(site_free) struct landing_site s = {.run = run, .flight = f};
    struct stored done = {.fenced = true};
    struct err err = ERR_INIT;
    bool stored;

    read_it(&s);
    conclude(&s);
    stored = try_store(&s, &done, &err);
    if (!stored && !passing(err.code))
        end_unstorable(&s, &done, &err);
    else if (!stored)
        log_error("answer.lost", "nothing could be stored; the lease will run out", KV_ERR(&err),
                  KV_I("job", f->job_id));
    if (stored) {
        count(&s, &done);
        tell(&s, &done);
    }
    run_wake(run, s.landing.end.to == JOB_READY ? s.landing.end.due_ms : 0);
    run_landed(run, &f);
}

/* The service is closing: another replica, or the next start, goes on with it. */
static void hand_back(struct run *run, struct flight *f)
{
    struct app *app = run_app(run);
    struct err err = ERR_INIT;

    if (f->place >= 0)
        limits_cancel(app->limits, f->place);
    if (!claim_release(app, f, 0, &err))
        log_warn("lease.kept", "a lease could not be given back; it will run out", KV_ERR(&err),
                 KV_I("job", f->job_id));
    run_landed(run, &f);
}

void answer_take(struct run *run, struct flight *f)
{
    log_scope(f->batch_id);
    if (f->asked > 0 && !f->answered)
        dispatch(run, f);
    else if (f->asked > 0 && f->answer.status == 0 && f->answer.err.code == ERR_CLOSING)
        hand_back(run, f);
    else
        land(run, f);
    log_scope(NULL);
}
