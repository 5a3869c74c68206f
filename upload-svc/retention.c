/*
 * retention.c - pictures that have been finished for longer than RETENTION leave S3; their rows and
 * all that was read stay. Off by default.
 *
 * Finished: completed, validated or failed. What waits, is being read, or waits for a person's eye
 * is never touched. The row is locked while its object goes, so that nobody sends it again
 * meanwhile.
 */
#include "common/log.h"
#include "upload-svc/bury.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

static bool look(struct app *app, struct db_rows **rows, int64_t *due, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *count = NULL;
    const struct db_param params[] = {P(app->conf.retention)};
    const struct store_ask list = {Q_RETENTION, Q_RETENTION_ALONE, params, 1};
    const struct store_ask all = {Q_RETENTION_COUNT, Q_RETENTION_COUNT_ALONE, params, 1};

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !store_read(conn, &list, rows, err) ||
        !store_read(conn, &all, &count, err))
        return false;
    *due = db_int(count, 0, "n");
    return true;
}

static bool remove_one(struct app *app, const struct db_rows *rows, size_t i, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *taken = NULL;
    int64_t id = db_int(rows, i, "id");

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_OBJECT_GONE, &taken, err, P(id), P(db_int(rows, i, "rev"))))
        return false;
    if (db_affected(taken) == 0) /* sent again, or deleted, since we looked */
        return true;
    if (!bury_objects(app, db_text(rows, i, "s3_key"), db_text(rows, i, "uuid"), err) ||
        !db_commit(conn, err))
        return false;
    metric_add(M_SWEPT, BROOM_RETENTION, 1);
    log_info("retention.removed", "a picture's retention time is over; its rows stay",
             KV_I("id", id), KV_S("key", db_text(rows, i, "s3_key")));
    return true;
}

bool retention_sweep(struct app *app, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    int64_t due = 0;

    if (app->conf.retention == 0)
        return true;
    if (!look(app, &rows, &due, err))
        return err_wrap(err, "retention");
    metric_set(M_RETENTION_DUE, 0, due);
    if (app->conf.retention_dry_run && due > 0)
        log_info("retention.dry", "so many pictures would be removed", KV_I("due", due),
                 KV_I("first", db_int(rows, 0, "id")));
    for (size_t i = 0; !app->conf.retention_dry_run && i < db_count(rows); i++)
        if (!remove_one(app, rows, i, err))
            return err_wrap(err, "retention");
    return true;
}
