/* hedge_send.c - a second call: who takes it, its row in analysis.attempts, and out. See hedge.h.
 */
#include <inttypes.h>

#include "analysis-svc/dispatch.h"
#include "analysis-svc/fit.h"
#include "analysis-svc/hedge.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/spend.h"
#include "common/clock.h"
#include "common/log.h"

enum { WAIT_MS = 1000 };

/* Another provider, or else another key. */
static bool choose(struct app *app, struct flight *f, int first_key)
{
    unsigned first = 1U << f->place, others = f->tried | f->refused | first;
    const struct limits_ask asks[] = {{others, f->asked, false},
                                      {others & ~first, f->asked, false}};
    enum limits_no no;
    int before = f->place;

    for (size_t i = 0; i < COUNT_OF(asks); i++) {
        if (!limits_take(app->limits, &asks[i], clock_mono_ms(), &f->slip, &no))
            continue;
        f->place = f->slip.place;
        if (f->place != before || f->slip.key != first_key)
            return true;
        limits_cancel(app->limits, &f->slip);
        f->slip.place = -1;
    }
    return false;
}

static void asked_ids(const struct flight *f, struct str *out)
{
    for (size_t i = 0; i < f->n; i++)
        str_addf(out, "%s%" PRId64, i ? "," : "{", f->images[i].snapshot_id);
    str_addc(out, '}');
}

static bool born(struct app *app, struct db_conn *conn, struct flight *f, int64_t reserved,
                 struct err *err)
{
    const struct provider *p = &app->roster.items[f->place];
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str ids = STR_INIT(4096);

    f->sent_by = p->caps.urls && f->transport == TRANSPORT_URL &&
                         reach_by_url(app->reach, f->place, clock_mono_ms())
                     ? TRANSPORT_URL
                     : TRANSPORT_BASE64;
    asked_ids(f, &ids);
    if (!db_run(conn, Q_TWIN_BORN, &rows, err, P(f->job_id), P(f->token), P(p->name), P(p->model),
                P(transport_wire(f->sent_by)), P(ids.p), P(reserved)))
        return false;
    if (db_count(rows) == 0)
        return err_set(err, ERR_CONFLICT, "the lease has gone");
    f->attempt_id = db_int(rows, 0, "attempt_id");
    return true;
}

static bool reserve(struct app *app, struct flight *f, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    int64_t reserved = 0;
    bool granted;

    if (!db_lease(app->db, WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !spend_reserve(app, conn, f, &reserved, &granted, err))
        return false;
    if (!granted)
        return err_set(err, ERR_BUSY, "the daily spend cap is reached");
    if (born(app, conn, f, reserved, err) && db_commit(conn, err))
        return true;
    f->attempt_id = 0;
    return false;
}

bool hedge_send(struct run *run, struct flight *twin, int first_key)
{
    struct app *app = run_app(run);
    struct err err = ERR_INIT;

    if (!choose(app, twin, first_key) || fit_needed(app, twin))
        return false;
    if (!reserve(app, twin, &err)) {
        if (err.code != ERR_CONFLICT && err.code != ERR_BUSY)
            log_warn("hedge.unsent", "a second call could not be made", KV_ERR(&err),
                     KV_I("job", twin->job_id));
        return false;
    }
    dispatch(run, twin);
    return true;
}

void hedge_unsent(struct run *run, struct flight *twin)
{
    struct app *app = run_app(run);
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    limits_cancel(app->limits, &twin->slip);
    if (twin->attempt_id > 0 && (!db_lease(app->db, WAIT_MS, &conn, &err) ||
                                 !db_run(conn, Q_TWIN_UNSENT, NULL, &err, P(twin->attempt_id))))
        log_warn("hedge.unsent", "the row of a second call that was not made stays open",
                 KV_ERR(&err), KV_I("attempt", twin->attempt_id));
    flight_free(&twin);
}
