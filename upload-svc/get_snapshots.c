/* get_snapshots.c - how far a picture is, and all that is known of it. */
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/row.h"
#include "upload-svc/store.h"

static bool open_one(struct req *req, struct db_conn **conn, struct db_rows **rows, struct err *err)
{
    struct app *app = req_app(req);
    int64_t id;

    return req_param_int(req, "id", &id, err) && db_lease(app->db, APP_DB_WAIT_MS, conn, err) &&
           store_one(*conn, id, rows, err);
}

bool get_status(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct jw w = jw_on(&reply->body);

    if (!open_one(req, &conn, &rows, err))
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_key(&w, "snapshot");
    jw_open(&w, '{');
    row_write_status(&w, rows, 0);
    jw_close(&w);
    jw_close(&w);
    return true;
}

/* What was read of this picture alone. */
static bool write_result(struct jw *w, struct db_conn *conn, int64_t id, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct db_param params[] = {P(id)};

    if (!store_late(conn, Q_RESULT, params, 1, &rows, err))
        return false;
    if (!rows || db_count(rows) == 0) {
        jw_raw(w, "document", SV_LIT("null"));
        jw_raw(w, "extraction", SV_LIT("null"));
        return true;
    }
    jw_raw(w, "document", db_sv(rows, 0, "document"));
    jw_key(w, "extraction");
    jw_open(w, '{');
    jw_text(w, "extractor", db_text(rows, 0, "extractor"));
    jw_int(w, "version", db_int(rows, 0, "version"));
    jw_int(w, "run", db_int(rows, 0, "run"));
    jw_text(w, "provider", db_text(rows, 0, "provider"));
    jw_text(w, "model", db_text(rows, 0, "model"));
    jw_text(w, "createdAt", db_text(rows, 0, "created_at"));
    jw_close(w);
    return true;
}

/* One late query that gives one JSON column; null where it gives no row. */
static bool write_late(struct jw *w, struct db_conn *conn, int query, const char *column,
                       struct db_param param, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!store_late(conn, query, &param, 1, &rows, err))
        return false;
    jw_raw(w, column, rows && db_count(rows) > 0 ? db_sv(rows, 0, column) : SV_LIT("null"));
    return true;
}

bool get_snapshot(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct jw w = jw_on(&reply->body);
    int64_t id;

    if (!open_one(req, &conn, &rows, err))
        return false;
    id = db_int(rows, 0, "id");
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_key(&w, "snapshot");
    jw_open(&w, '{');
    row_write_status(&w, rows, 0);
    row_write_rest(&w, rows, 0);
    if (!write_result(&w, conn, id, err) ||
        !write_late(&w, conn, Q_SHEET, "sheet", P(db_text(rows, 0, "set_id")), err) ||
        !write_late(&w, conn, Q_ATTEMPTS, "attempts", P(id), err) ||
        !write_late(&w, conn, Q_REVIEWS, "reviews", P(id), err))
        return false;
    jw_close(&w);
    jw_close(&w);
    return true;
}
