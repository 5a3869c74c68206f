#include "upload-svc/sweep.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/bury.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/throttle.h"

enum { SOON_MS = 2000 };

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

/* What the row of the sweeper said when the round began. */
struct state {
    bool tripped, lifted, list_due;
    int64_t stale;
};

static void show(const struct sweep_counts *c, bool listed, bool blown)
{
    metric_set(M_STALE, 0, (int64_t)c->arrivals);
    metric_set(M_FUSE, 0, blown);
    if (!listed)
        return;
    metric_set(M_LISTED, 0, (int64_t)c->listed);
    metric_set(M_STRAYS, 0, (int64_t)c->strays);
    metric_set(M_STRAY_PARTS, 0, (int64_t)c->parts);
}

static bool trip(struct app *app, const struct sweep_counts *c, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char why[160];

    if (c->foreign)
        snprintf(why, sizeof why, "the bucket was swept by a newer database than this one");
    else
        snprintf(why, sizeof why, "%zu of %zu objects are in no row", c->strays, c->listed);
    log_error("sweep.fuse",
              c->foreign ? "this database is older than the bucket: nothing is deleted until the "
                           "right one is back, or upload-svc --sweep-lift"
                         : "the fuse has blown: no stray is deleted until upload-svc --sweep-lift. "
                           "Is this the right database?",
              KV_S("why", why));
    return app->conf.sweep_dry_run || (db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
                                       db_run(conn, Q_SWEEP_TRIP, NULL, err, P((const char *)why)));
}

/* When the bucket was listed; a dry run uses no lift up. */
static bool note_listed(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_SWEEP_LISTED, NULL, err, P(app->conf.sweep_dry_run));
}

/* The bucket is listed. Its mark is renewed while there is something to protect. */
static bool list_round(struct app *app, const struct state *s, struct sweep_counts *c,
                       struct err *err)
{
    bool dry = s->tripped || app->conf.sweep_dry_run;
    enum sweep_mode mode = s->lifted && !app->conf.sweep_dry_run ? SWEEP_LIFTED
                           : dry                                 ? SWEEP_DRY
                                                                 : SWEEP_FUSED;

    if (!sweep_strays(app, mode, c, err) || (c->blown && !trip(app, c, err)))
        return false;
    if (c->listed > c->strays && !app->conf.sweep_dry_run && !sweep_mark_renew(app, err))
        return false;
    return note_listed(app, err);
}

static bool clean(struct app *app, const struct state *s, struct sweep_counts *c, struct err *err)
{
    bool ours = true;

    if (!sweep_mark_is_ours(app, &ours, err))
        return false;
    c->foreign = !ours && !s->lifted;
    if (c->foreign)
        return trip(app, c, err) && (!s->list_due || note_listed(app, err));
    return (app->conf.sweep_dry_run || sweep_arrivals(app, err)) &&
           (!s->list_due || list_round(app, s, c, err));
}

/* The mark is asked for only when something could be deleted. */
static bool round_of(struct app *app, const struct state *s, struct err *err)
{
    struct sweep_counts c = {.arrivals = (size_t)s->stale};
    bool ok = (s->stale == 0 && !s->list_due) || clean(app, s, &c, err);

    show(&c, ok && s->list_due && !c.foreign, c.foreign || c.blown || (s->tripped && !s->lifted));
    return ok;
}

/* What people and their settings ask for; not in a database that is older than the bucket. */
static bool obey(struct app *app, struct err *err)
{
    bool ours = true;

    if (app->conf.retention == 0 && !bury_soon(app, 0))
        return true;
    if (!sweep_mark_is_ours(app, &ours, err))
        return false;
    return !ours || (bury_deleted(app, err) && retention_sweep(app, err));
}

/* Rows whose time is over. */
static bool tidy(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run0(conn, Q_SESSION_TIDY, NULL, err) &&
           db_run(conn, Q_LOGIN_TIDY, NULL, err, P((int64_t)THROTTLE_WINDOW_MS)) &&
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
        !db_run(conn, Q_SWEEP_TAKE, &turn, err, P(app->conf.stray_period),
                P(app->conf.arrival_stale)))
        return false;
    if (!db_bool(turn, 0, "mine"))
        return true;
    const struct state s = {.tripped = db_bool(turn, 0, "tripped"),
                            .lifted = db_bool(turn, 0, "lifted"),
                            .list_due = db_bool(turn, 0, "list_due"),
                            .stale = db_int(turn, 0, "stale")};
    ok = round_of(app, &s, err) && tidy(app, err) && obey(app, err);
    return db_run0(conn, Q_SWEEP_GIVE, NULL, ok ? err : &late) && ok;
}

bool sweep_dry_run(struct app *app, struct sweep_counts *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;
    struct sweep_counts c = {0};
    bool ours = true;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_STALE_COUNT, &row, err, P(app->conf.arrival_stale)))
        return false;
    c.arrivals = (size_t)db_int(row, 0, "n");
    if (!sweep_mark_is_ours(app, &ours, err) || !sweep_strays(app, SWEEP_DRY, &c, err))
        return false;
    c.foreign = !ours;
    c.blown = c.blown || !ours;
    *out = c;
    return true;
}

static int64_t turn(void *arg)
{
    struct app *app = arg;
    struct err err = ERR_INIT;

    if (!sweep_once(app, &err))
        log_warn("sweep.failed", "the sweep was cut short; the next round goes on", KV_ERR(&err));
    app->swept_at_ms = clock_wall_ms();
    app->sweeps++;
    return app->conf.sweep_period > SOON_MS && bury_soon(app, SOON_MS) ? SOON_MS
                                                                       : app->conf.sweep_period;
}

bool sweep_open(struct app *app, struct worker **out, struct err *err)
{
    return worker_open(turn, app, out, err) || err_wrap(err, "the sweeper");
}
