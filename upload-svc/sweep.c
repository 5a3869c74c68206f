#include "upload-svc/sweep.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"

struct sweep {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool ended;
};

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
         run_query(app, Q_SESSION_TIDY, err);
    return db_run0(conn, Q_SWEEP_GIVE, NULL, ok ? err : &late) && ok;
}

static bool wait_round(struct sweep *s)
{
    struct timespec until;
    int64_t ms = s->app->conf.sweep_period;
    bool ended;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&s->lock);
    while (!s->ended && rc == 0)
        rc = pthread_cond_timedwait(&s->change, &s->lock, &until);
    ended = s->ended;
    pthread_mutex_unlock(&s->lock);
    return !ended;
}

static void *run(void *arg)
{
    struct sweep *s = arg;

    do {
        struct err err = ERR_INIT;

        if (!sweep_once(s->app, &err))
            log_warn("sweep.failed", "the sweep was cut short; the next round goes on",
                     KV_ERR(&err));
    } while (wait_round(s));
    return NULL;
}

bool sweep_open(struct app *app, struct sweep **out, struct err *err)
{
    struct sweep *s = calloc(1, sizeof *s);
    pthread_condattr_t mono;

    if (!s)
        abort();
    s->app = app;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&s->change, &mono);
    pthread_condattr_destroy(&mono);
    *out = s;
    if (pthread_create(&s->thread, NULL, run, s) == 0)
        return true;
    s->thread = pthread_self();
    sweep_close(out);
    return err_set(err, ERR_INTERNAL, "the sweeper's thread cannot be started");
}

void sweep_close(struct sweep **sweep)
{
    struct sweep *s = *sweep;

    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_cond_signal(&s->change);
    pthread_mutex_unlock(&s->lock);
    if (!pthread_equal(s->thread, pthread_self()))
        pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->change);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *sweep = NULL;
}
