#include "upload-svc/arrival.h"

#include "common/log.h"
#include "upload-svc/queries.h"
#include "upload-svc/scribe.h"

static bool again(struct app *app, const struct id *uuid, const char *key, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_ARRIVE_AGAIN, NULL, err, P((const char *)uuid->text), P(key));
}

void arrival_begin(struct app *app, struct intake_file *f)
{
    scribe_arrive(app, &f->arrival, &f->uuid, f->key);
}

/* What a transaction of many did not write is written alone; not when there is no Postgres. */
bool arrival_await(struct app *app, struct intake_file *f, struct err *err)
{
    struct err why = ERR_INIT;

    if (f->announced)
        return true;
    f->announced = scribe_wait(app, &f->arrival, &why) ||
                   (why.code == ERR_DATABASE ? err_set(err, why.code, "%s", why.msg)
                                             : again(app, &f->uuid, f->key, err));
    return f->announced;
}

bool arrival_parts(struct app *app, const struct id *uuid, const char *upload_id, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_ARRIVAL_PARTS, &rows, err, P((const char *)uuid->text), P(upload_id)))
        return false;
    if (db_affected(rows) == 0)
        return err_set(err, ERR_TIMEOUT,
                       "the file took so long that it was given up; send it again");
    return true;
}

void arrival_beat(struct app *app, const char *uuids)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, &err) ||
        !db_run(conn, Q_ARRIVAL_BEAT, NULL, &err, P(uuids)))
        log_warn("arrival.beat", "a heartbeat was missed", KV_ERR(&err));
}

static bool forget(struct app *app, const struct id *uuid, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_ARRIVAL_END, NULL, err, P((const char *)uuid->text));
}

void arrival_undo(struct app *app, const struct id *uuid, const char *key, bool uncertain)
{
    struct err err = ERR_INIT;

    if (!s3_delete(app->s3, key, &err) || (!uncertain && !forget(app, uuid, &err)))
        log_warn("arrival.undo", "left to the sweeper", KV_S("key", key), KV_ERR(&err));
}
