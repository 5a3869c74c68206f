/* bulk.c - the thread that gathers, sends and fetches; one step at a time, each under a lease. */
#include "analysis-svc/bulk.h"

#include <stdlib.h>

#include "analysis-svc/bulk_fetch.h"
#include "analysis-svc/bulk_send.h"
#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/worker.h"

enum { LOOK_MS = 10000, FAULT_PAUSE_MS = 1000, OFF_MS = 3600000 };

struct bulk {
    struct run *run;
    struct worker *worker;
    int64_t off_until[ROSTER_MAX]; /* a provider that refused one gets none for a while */
};

static bool offers(const struct app *app)
{
    for (size_t i = 0; i < app->roster.n; i++)
        if (bulk_offered(&app->roster.items[i]))
            return true;
    return false;
}

bool bulk_wanted(const struct app *app, int64_t deadline_s)
{
    return app->conf.half_price_from > 0 && deadline_s > app->conf.half_price_from / 1000 &&
           offers(app);
}

/* The first in the order that takes batches at present; -1: none. */
static int place(const struct bulk *b)
{
    const struct app *app = run_app(b->run);

    for (size_t i = 0; app->conf.half_price_from > 0 && i < app->roster.n; i++)
        if (bulk_offered(&app->roster.items[i]) && clock_mono_ms() >= b->off_until[i])
            return (int)i;
    return -1;
}

static bool gather(struct bulk *b, struct err *err)
{
    size_t calls = 0;

    do
        if (!bulk_gather(run_app(b->run), place(b), &calls, err))
            return false;
    while (calls > 0 && !run_stopping(b->run));
    return true;
}

/* ---- a step ---- */

/* The calls go the ordinary way; what the provider still brings is nobody's. */
static bool give_up(struct bulk *b, struct bulk_row *row, struct err *err)
{
    bool refused = row->remote_id[0] == '\0';

    if (row->place >= 0 && refused)
        b->off_until[row->place] = clock_mono_ms() + OFF_MS;
    if (!bulk_release(run_app(b->run), row, NULL, err))
        return false;
    row->state = BULK_OVER;
    metric_add(M_BULKS, refused ? BULK_END_REFUSED : BULK_END_ABANDONED, 1);
    log_warn("bulk.given_up", "the calls of a provider's batch go the ordinary way",
             KV_S("provider", row->provider), KV_S("id", row->remote_id), KV_I("calls", row->calls),
             KV_S("note", row->note));
    return true;
}

static bool walk(struct bulk *b, struct bulk_row *row, int64_t *next_ms, struct err *err)
{
    bool sent = row->state == BULK_SENT || row->state == BULK_CANCELLING;
    enum bulk_fate fate = BULK_REFUSED;

    if (row->place >= 0 && (sent || !row->late) &&
        !(sent ? bulk_fetch : bulk_send)(b->run, row, &fate, next_ms, err))
        return false;
    return fate == BULK_GOES_ON || give_up(b, row, err);
}

/* After a fault the lease stays until it runs out, unless it can be given back. */
static bool step(struct bulk *b, struct bulk_row *row, struct err *err)
{
    struct app *app = run_app(b->run);
    struct err why = ERR_INIT;
    int64_t next_ms = 0;

    if (walk(b, row, &next_ms, &why))
        return bulk_write(app, row, next_ms, true, err);
    if (why.code != ERR_CLOSING && why.code != ERR_CONFLICT)
        log_warn("bulk.fault", "a step with a provider's batch failed; it is tried again",
                 KV_ERR(&why), KV_I("bulk", row->id));
    row->faults++;
    return why.code == ERR_CONFLICT ||
           bulk_write(app, row, why.code == ERR_CLOSING ? 0 : bulk_pause_ms(app, row), true, err);
}

static bool steps(struct bulk *b, struct err *err)
{
    struct bulk_row row;
    bool any = true;

    while (any && !run_stopping(b->run)) {
        if (!bulk_take(run_app(b->run), &row, &any, err) || (any && !step(b, &row, err)))
            return false;
        if (any)
            run_wake(b->run); /* what came back may have made new jobs */
    }
    return true;
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t turn(void *arg)
{
    struct bulk *b = arg;
    const struct analysis_conf *c = &run_app(b->run)->conf;
    struct err err = ERR_INIT;

    if (gather(b, &err) && steps(b, &err))
        return least(least(c->half_price_poll, c->half_price_gather), LOOK_MS);
    if (err.code == ERR_CONFLICT) /* somebody else goes on with it */
        return 0;
    metric_add(M_TURN_FAULTS, err.code, 1);
    log_warn("bulk.fault", "a turn failed; the next one tries again", KV_ERR(&err));
    return FAULT_PAUSE_MS;
}

bool bulk_start(struct run *run, struct bulk **out, struct err *err)
{
    AUTO(bulk_close) struct bulk *b = calloc(1, sizeof *b);

    if (!b)
        abort();
    b->run = run;
    for (size_t i = 0; i < ROSTER_MAX; i++)
        b->off_until[i] = INT64_MIN;
    if (!worker_open(turn, b, &b->worker, err))
        return false;
    *out = TAKE(b);
    return true;
}

void bulk_end(struct bulk *b)
{
    if (b)
        worker_end(b->worker);
}

void bulk_close(struct bulk **b)
{
    if (!*b)
        return;
    worker_close(&(*b)->worker);
    free(*b);
    *b = NULL;
}
