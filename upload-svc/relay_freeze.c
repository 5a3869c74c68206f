/* relay_freeze.c - a due set becomes a batch, whose bytes never change again: analysis-svc compares
 * their hash when the same batch comes twice. */
#include "common/json_write.h"
#include "upload-svc/queries.h"
#include "upload-svc/relay.h"

enum { ITEMS_MAX = 500, BODY_WALL = 4 << 20, SETS_MAX = 16 };

static const char *or_null(const struct db_rows *rows, size_t i, const char *column)
{
    return db_null(rows, i, column) ? NULL : db_text(rows, i, column);
}

static void write_campaign(struct jw *w, const struct db_rows *set)
{
    jw_key(w, "campaign");
    if (db_null(set, 0, "campaign_id")) {
        jw_raw(w, NULL, SV_LIT("null"));
        return;
    }
    jw_open(w, '{');
    jw_int(w, "id", db_int(set, 0, "campaign_id"));
    jw_text(w, "title", db_text(set, 0, "campaign_title"));
    jw_close(w);
}

static void write_item(struct jw *w, const struct db_rows *items, size_t i)
{
    jw_open(w, '{');
    jw_int(w, "snapshot_id", db_int(items, i, "id"));
    jw_text(w, "uuid", db_text(items, i, "uuid"));
    jw_text(w, "s3_key", db_text(items, i, "s3_key"));
    jw_text(w, "content_type", db_text(items, i, "content_type"));
    jw_int(w, "bytes", db_int(items, i, "bytes"));
    jw_text(w, "sha256", or_null(items, i, "sha256"));
    jw_int(w, "width", db_int(items, i, "width"));
    jw_int(w, "height", db_int(items, i, "height"));
    jw_int(w, "rev", db_int(items, i, "rev"));
    jw_bool(w, "moved", db_bool(items, i, "moved"));
    jw_close(w);
}

static void write_batch(struct str *out, const char *batch_id, const struct db_rows *set,
                        const struct db_rows *items, size_t n)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_text(&w, "batch_id", batch_id);
    jw_text(&w, "op", "extract");
    jw_text(&w, "set_id", db_text(set, 0, "id"));
    jw_text(&w, "snapshot_type", db_text(set, 0, "snapshot_type"));
    jw_text(&w, "platform_source", db_text(set, 0, "platform_source"));
    jw_text(&w, "snapshot_date", db_text(set, 0, "snapshot_date"));
    jw_text(&w, "timeframe", db_text(set, 0, "snapshot_timeframe"));
    write_campaign(&w, set);
    jw_text(&w, "yapper_handle", or_null(set, 0, "yapper_twitter_handle"));
    jw_int(&w, "priority", 0);
    jw_int(&w, "deadline_s", db_int(set, 0, "deadline_s"));
    jw_key(&w, "items");
    jw_open(&w, '[');
    for (size_t i = 0; i < n; i++)
        write_item(&w, items, i);
    jw_close(&w);
    jw_close(&w);
}

/* In one trip: the batch, whose pictures they are now, and whether more of them wait. */
static bool put_batch(struct db_conn *conn, const struct db_rows *set, const struct db_rows *items,
                      size_t n, struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(BODY_WALL), ids = STR_INIT(ITEMS_MAX * 21 + 2);
    struct id batch = id_new();
    const char *id = batch.text, *set_id = db_text(set, 0, "id");
    bool more = db_count(items) > n;

    write_batch(&body, batch.text, set, items, n);
    for (size_t i = 0; i < n; i++)
        str_addf(&ids, "%c%s", i == 0 ? '{' : ',', db_text(items, i, "id"));
    str_addc(&ids, '}');
    if (!str_ok(&body))
        return err_set(err, ERR_INTERNAL, "a batch of %zu items is larger than its limit", n);
    const struct db_step steps[] = {
        DB_STEP(Q_OUTBOX_PUT, NULL, P(id), P(set_id), P((const char *)body.p), P((int64_t)n)),
        DB_STEP(Q_BATCH_TAKE, NULL, P(id), P((const char *)ids.p)),
        DB_STEP(Q_SET_WAITS, NULL, P(set_id), P(more))};
    return db_run_all(conn, steps, COUNT_OF(steps), err);
}

static bool freeze_one(struct db_conn *conn, bool *found, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *set = NULL, *items = NULL;

    if (!db_run0(conn, Q_SET_DUE, &set, err))
        return false;
    *found = db_count(set) > 0;
    if (!*found)
        return true;
    if (!db_run(conn, Q_SET_ITEMS, &items, err, P(db_text(set, 0, "id"))))
        return false;
    if (db_count(items) == 0)
        return db_run(conn, Q_SET_WAITS, NULL, err, P(db_text(set, 0, "id")), P(false));
    return put_batch(conn, set, items, db_count(items) < ITEMS_MAX ? db_count(items) : ITEMS_MAX,
                     err);
}

bool relay_freeze(struct app *app, bool *any, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    bool found = true;

    *any = false;
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err))
        return false;
    for (int i = 0; found && i < SETS_MAX; i++) {
        if (!freeze_one(conn, &found, err))
            return false;
        *any = *any || found;
    }
    return !*any || db_commit(conn, err);
}
