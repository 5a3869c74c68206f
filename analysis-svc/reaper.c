/* reaper.c - one job, one transaction, in the lock order of everybody else. */
#include "analysis-svc/reaper.h"

#include "analysis-svc/claim.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/sheet.h"
#include "analysis-svc/spend.h"
#include "common/clock.h"

enum { WAIT_MS = 2000, ENDED_MAX = 200, COUNTED_MAX = 100000 };

struct doomed {
    const char *job, *batch, *set;
    enum fail_code why;
};

static bool end_job(struct app *app, struct db_conn *conn, const struct doomed *d, bool *ended,
                    struct err *err)
{
    AUTO(db_rows_free) struct db_rows *job = NULL;
    AUTO(db_rows_free) struct db_rows *images = NULL;

    if (!db_begin(conn, err) || !db_run(conn, Q_BATCH_LOCK, NULL, err, P(d->batch)) ||
        !db_run(conn, Q_SHEET_LOCK, NULL, err, P(d->set)) ||
        !db_run(conn, Q_REAPER_JOB, &job, err, P(d->job), P(fail_wire(d->why)),
                P(job_state_sources(JOB_DEAD)), P((int)DELIVERIES_MAX)))
        return false;
    *ended = db_affected(job) == 1;
    if (!*ended) { /* an answer came in between */
        db_rollback(conn);
        return true;
    }
    if (!db_run(conn, Q_JOB_IMAGES_FAIL, &images, err, P(d->job), P(fail_wire(d->why)),
                P(fail_text(d->why))) ||
        !db_run(conn, Q_REAPER_ATTEMPTS, NULL, err, P(d->job)) ||
        !sheet_touch(conn, &app->extractors, d->set, false, err) ||
        !db_run(conn, Q_BATCH_END, NULL, err, P(d->batch)) || !db_commit(conn, err))
        return false;
    metric_add(M_REAPED, d->why, 1);
    metric_add(M_IMAGES, IMAGE_FAILED, db_affected(images));
    return true;
}

static enum fail_code reason(const struct db_rows *rows, size_t i)
{
    if (!db_bool(rows, i, "late"))
        return FAIL_TOO_OFTEN;
    return sv_eqz(db_sv(rows, i, "waits_for"), claim_wait_wire(WAIT_SPEND_CAP)) ? FAIL_SPEND_CAP
                                                                                : FAIL_DEADLINE;
}

static bool end_jobs(struct app *app, struct db_conn *conn, size_t *n, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_run(conn, Q_REAPER_DUE, &rows, err, P((int)DELIVERIES_MAX), P((int)ENDED_MAX)))
        return false;
    for (size_t i = 0; i < db_count(rows); i++) {
        struct doomed d = {db_text(rows, i, "job_id"), db_text(rows, i, "batch_id"),
                           db_text(rows, i, "set_id"), reason(rows, i)};
        bool ended = false;

        if (!end_job(app, conn, &d, &ended, err))
            return false;
        *n += ended;
    }
    return true;
}

/* How deep is the queue? For /metrics; one replica's word is as good as another's. */
static bool look(struct db_conn *conn, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    int64_t n[JOB_STATE_COUNT_] = {0};

    if (!db_run(conn, Q_QUEUE_STATES, &rows, err, P((int64_t)COUNTED_MAX)))
        return false;
    for (size_t i = 0; i < db_count(rows); i++)
        for (unsigned s = 0; s < JOB_STATE_COUNT_; s++)
            if (sv_eqz(db_sv(rows, i, "state"), job_state_wire((enum job_state)s)))
                n[s] = db_int(rows, i, "n");
    metric_set(M_QUEUE, JOB_READY, n[JOB_READY]);
    metric_set(M_QUEUE, JOB_DEFERRED, n[JOB_DEFERRED]);
    metric_set(M_QUEUE, JOB_HELD, n[JOB_HELD]);
    metric_set(M_QUEUE, JOB_LEASED, n[JOB_LEASED]);
    metric_set(M_QUEUE, JOB_AWAY, n[JOB_AWAY]);
    return true;
}

static void show_limits(const struct app *app)
{
    for (size_t i = 0; i < app->roster.n; i++) {
        metric_set(M_PROVIDER_OUT, app->roster.who[i],
                   limits_out(app->limits, (int)i, clock_mono_ms()));
        metric_set(M_KEYS, app->roster.who[i],
                   (int64_t)limits_keys(app->limits, (int)i, clock_mono_ms()));
        metric_set(M_WINDOW, app->roster.who[i], limits_window(app->limits, (int)i));
    }
}

bool reaper_sheets(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, WAIT_MS, &conn, err) && sheets_turn(conn, &app->extractors, err);
}

bool reaper_turn(struct app *app, struct reaped *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *expired = NULL;
    struct reaped r = {.ended = 0};

    if (!db_lease(app->db, WAIT_MS, &conn, err) || !db_run0(conn, Q_LEASES_EXPIRE, &expired, err) ||
        !end_jobs(app, conn, &r.ended, err) || !sheets_turn(conn, &app->extractors, err) ||
        !db_run(conn, Q_ATTEMPTS_ORPHANED, NULL, err,
                P(app->conf.call_timeout + app->conf.lease_time)) ||
        !db_run(conn, Q_RAW_EXPIRE, NULL, err, P(app->conf.raw_retention)) || !look(conn, err) ||
        !spend_show(app, conn, err))
        return false;
    show_limits(app);
    r.expired = db_count(expired);
    r.more = r.ended >= ENDED_MAX;
    metric_add(M_LEASES_EXPIRED, 0, (int64_t)r.expired);
    *out = r;
    return true;
}
