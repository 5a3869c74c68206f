#include "upload-svc/bury.h"

#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"

enum { PREFIX_WALL = 1024 };

static bool delete_derived(struct app *app, const char *uuid, struct err *err)
{
    AUTO(str_free) struct str prefix = STR_INIT(PREFIX_WALL);
    AUTO(s3_list_free) struct s3_list page = {0};

    str_addf(&prefix, "%s%s/derived/%s/", app->conf.s3_prefix, app->deployment, uuid);
    if (!s3_list(app->s3, prefix.p, NULL, &page, err)) /* a page is 1000: far more than there are */
        return false;
    for (size_t i = 0; i < page.n; i++)
        if (!s3_delete(app->s3, page.items[i].key, err))
            return false;
    return true;
}

bool bury_objects(struct app *app, const char *key, const char *uuid, struct err *err)
{
    struct id ours;

    if (snapshot_key_parse(app->key_prefix, key, &ours) && !s3_delete(app->s3, key, err))
        return false;
    return delete_derived(app, uuid, err);
}

static bool bury(struct app *app, const struct db_rows *rows, size_t i, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    const char *key = db_text(rows, i, "s3_key");

    if (!bury_objects(app, key, db_text(rows, i, "uuid"), err) ||
        !db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_BURIED, NULL, err, P(db_int(rows, i, "id"))))
        return false;
    metric_add(M_SWEPT, BROOM_DELETED, 1);
    log_info("bury.done", "a deleted picture is gone", KV_I("id", db_int(rows, i, "id")),
             KV_S("key", key));
    return true;
}

static bool find(struct app *app, struct db_rows **rows, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) && db_run0(conn, Q_BURY, rows, err);
}

bool bury_deleted(struct app *app, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err first = ERR_INIT;

    if (!find(app, &rows, err))
        return false;
    for (size_t i = 0; i < db_count(rows); i++) {
        struct err why = ERR_INIT;

        if (!bury(app, rows, i, &why) && first.code == ERR_NONE)
            first = why;
    }
    return first.code == ERR_NONE || err_set(err, first.code, "a deleted picture: %s", first.msg);
}

bool bury_soon(struct app *app, int64_t within_ms)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, &err) &&
           db_run(conn, Q_BURY_SOON, &rows, &err, P(within_ms)) && db_bool(rows, 0, "soon");
}
