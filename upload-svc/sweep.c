#include "upload-svc/sweep.h"

#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"

static bool run_query(struct app *app, int query, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) && db_run0(conn, query, NULL, err);
}

bool sweep_lift(struct app *app, struct err *err) { return run_query(app, Q_SWEEP_LIFT, err); }

/* One abandoned upload: what it may have left in S3, then its row. A failure leaves the row. */
static bool bury(struct app *app, const struct db_rows *dead, size_t i, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    const char *key = db_text(dead, i, "s3_key"), *upload_id = db_text(dead, i, "s3_upload_id");

    if (*upload_id != '\0' && !s3_mpu_abort(app->s3, key, upload_id, err))
        return false;
    if (!s3_delete(app->s3, key, err) || !db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_ARRIVAL_END, NULL, err, P(db_text(dead, i, "uuid"))))
        return false;
    metric_add(M_SWEPT, BROOM_ARRIVAL, 1);
    log_info("sweep.arrival", "an abandoned upload was removed", KV_S("key", key));
    return true;
}

/* Marked dead and committed before anything is deleted: a form that ends now finds its arrival gone
 * and fails, rather than recording a picture that we are deleting. */
static bool mark_dead(struct app *app, struct db_rows **dead, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_STALE_MARK, dead, err, P(app->conf.arrival_stale));
}

static bool sweep_arrivals(struct app *app, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *dead = NULL;

    if (!mark_dead(app, &dead, err))
        return false;
    for (size_t i = 0; i < db_count(dead); i++)
        if (!bury(app, dead, i, err))
            return err_wrap(err, "an abandoned upload");
    return true;
}

static bool round_of(struct app *app, bool tripped, bool lifted, bool list_due, struct err *err)
{
    bool blown = tripped;

    if (list_due &&
        (!sweep_strays(app, tripped, lifted, &blown, err) || !run_query(app, Q_SWEEP_LISTED, err)))
        return false;
    metric_set(M_FUSE, 0, blown);
    return blown || sweep_arrivals(app, err);
}

/* Rows whose time is over. */
static bool tidy(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run0(conn, Q_SESSION_TIDY, NULL, err) &&
           db_run(conn, Q_IDEMPOTENCY_TIDY, NULL, err, P(app->conf.idempotency_time),
                  P(app->conf.idempotency_stale));
}

/* One replica sweeps at a time. */
bool sweep_once(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *turn = NULL;
    struct err late = ERR_INIT;
    bool ok;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_SWEEP_TAKE, &turn, err, P(app->conf.stray_period)))
        return false;
    if (!db_bool(turn, 0, "mine"))
        return true;
    ok = round_of(app, db_bool(turn, 0, "tripped"), db_bool(turn, 0, "lifted"),
                  db_bool(turn, 0, "list_due"), err) &&
         tidy(app, err);
    return db_run0(conn, Q_SWEEP_GIVE, NULL, ok ? err : &late) && ok;
}

static int64_t turn(void *arg)
{
    struct app *app = arg;
    struct err err = ERR_INIT;

    if (!sweep_once(app, &err))
        log_warn("sweep.failed", "the sweep was cut short; the next round goes on", KV_ERR(&err));
    return app->conf.sweep_period;
}

bool sweep_open(struct app *app, struct worker **out, struct err *err)
{
    return worker_open(turn, app, out, err) || err_wrap(err, "the sweeper");
}
