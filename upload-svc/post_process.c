/*
 * post_process.c - run again: POST /process, /process-pending and /:id/retry, and what would be
 * run, GET /pending-summary. Grouped by set, for a set is what is packed and merged together.
 */
#include <inttypes.h>
#include <string.h>

#include "upload-svc/again.h"
#include "upload-svc/handlers.h"
#include "upload-svc/plain.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

/* "all" and "" of a select are no filter. */
static const char *platform_of(const struct json *doc)
{
    const char *platform = json_text_or(doc, "platformSource", NULL);

    return platform && *platform != '\0' && strcmp(platform, "all") != 0 ? platform : NULL;
}

/* snapshotIds as an SQL array; *out NULL: none were named. */
static bool ids_of(struct req *req, const struct json *doc, const char **out, struct err *err)
{
    const struct json *list = json_find(doc, "snapshotIds");
    AUTO(str_free) struct str text = STR_INIT(AGAIN_MAX * 21 + 2);

    *out = NULL;
    if (!list || json_type(list) == JSON_NULL)
        return true;
    if (json_type(list) != JSON_ARRAY || json_count(list) > AGAIN_MAX)
        return err_set(err, ERR_UNPROCESSABLE,
                       "snapshotIds: a list of at most %d numbers is wanted", AGAIN_MAX);
    str_addc(&text, '{');
    for (const struct json *n = json_first(list); n; n = json_next(n)) {
        double id = json_number(n);

        if (json_type(n) != JSON_NUMBER || id < 1 || id > 9e15 || id != (double)(int64_t)id)
            return err_set(err, ERR_UNPROCESSABLE, "snapshotIds: whole numbers are wanted");
        str_addf(&text, "%s%" PRId64, text.n > 1 ? "," : "", (int64_t)id);
    }
    str_addc(&text, '}');
    *out = arena_copy(req_arena(req), str_sv(&text));
    return true;
}

static void write_sent(struct jw *w, const struct db_rows *rows)
{
    jw_key(w, "processedIds");
    jw_open(w, '[');
    for (size_t i = 0; i < db_count(rows); i++)
        if (!again_refusal(rows, i, false))
            jw_int(w, NULL, db_int(rows, i, "id"));
    jw_close(w);
}

static void write_skipped(struct jw *w, const struct db_rows *rows)
{
    jw_key(w, "skipped");
    jw_open(w, '[');
    for (size_t i = 0; i < db_count(rows); i++) {
        const char *why = again_refusal(rows, i, false);

        if (!why)
            continue;
        jw_open(w, '{');
        jw_int(w, "id", db_int(rows, i, "id"));
        jw_text(w, "state", db_text(rows, i, "state"));
        jw_text(w, "message", why);
        jw_close(w);
    }
    jw_close(w);
}

static const char *told(struct req *req, int64_t n)
{
    if (n == 0)
        return "No snapshot waits or has failed";
    return arena_printf(req_arena(req), "%" PRId64 " snapshot%s sent to the analysis", n,
                        n == 1 ? "" : "s");
}

bool post_process(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct jw w = jw_on(&reply->body);
    const char *ids;
    int64_t n;

    if (!plain_body_if_any(req, &doc, err) || !ids_of(req, doc, &ids, err) ||
        !again_find(req_app(req), ids, platform_of(doc), &rows, err) ||
        !again_send(req_app(req), rows, false, &n, err))
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "message", told(req, n));
    write_sent(&w, rows);
    write_skipped(&w, rows);
    jw_close(&w);
    return true;
}

/* rows[from..) of one set; returns where the next one begins. */
static size_t write_set(struct jw *w, const struct db_rows *rows, size_t from)
{
    const char *set = db_text(rows, from, "set_id");
    size_t to = from;
    bool campaign = !db_null(rows, from, "campaign_id");

    jw_open(w, '{');
    jw_text(w, "groupKey", set);
    jw_text(w, "setId", set);
    jw_text(w, "platform", db_text(rows, from, "platform_source"));
    jw_text(w, "snapshotType", db_text(rows, from, "snapshot_type"));
    jw_raw(w, "campaignId", campaign ? db_sv(rows, from, "campaign_id") : SV_LIT("null"));
    jw_text(w, "campaignTitle", campaign ? db_text(rows, from, "campaign_title") : NULL);
    jw_text(w, "snapshotDate", db_text(rows, from, "snapshot_date"));
    jw_key(w, "snapshotIds");
    jw_open(w, '[');
    for (; to < db_count(rows) && strcmp(db_text(rows, to, "set_id"), set) == 0; to++)
        jw_int(w, NULL, db_int(rows, to, "id"));
    jw_close(w);
    jw_int(w, "snapshotCount", (int64_t)(to - from));
    jw_close(w);
    return to;
}

bool post_process_pending(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct jw w = jw_on(&reply->body);
    int64_t n;

    if (!again_find(req_app(req), NULL, NULL, &rows, err) ||
        !again_send(req_app(req), rows, false, &n, err))
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "message", told(req, n));
    jw_key(&w, "batches");
    jw_open(&w, '[');
    for (size_t i = 0; i < db_count(rows);)
        i = write_set(&w, rows, i);
    jw_close(&w);
    jw_int(&w, "totalSnapshots", n);
    jw_bool(&w, "more", db_count(rows) == AGAIN_MAX);
    jw_close(&w);
    return true;
}

bool get_pending_summary(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const struct store_ask ask = {Q_PENDING, Q_PENDING_ALONE, NULL, 0};

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !store_read(conn, &ask, &rows, err))
        return false;
    str_addv(&reply->body, db_sv(rows, 0, "body"));
    return true;
}

bool post_retry(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const char *why;
    int64_t id, n;

    if (!req_param_int(req, "id", &id, err) ||
        !again_find(app, arena_printf(req_arena(req), "{%" PRId64 "}", id), NULL, &rows, err))
        return false;
    if (db_count(rows) == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no snapshot with that number");
    why = again_refusal(rows, 0, true);
    if (why && strcmp(db_text(rows, 0, "state"), "processing") == 0)
        return err_set(err, ERR_IN_PROGRESS, "%s", why);
    if (why)
        return err_set(err, ERR_GONE, "%s", why);
    return again_send(app, rows, true, &n, err) &&
           plain_snapshot(req, id, "The snapshot is read once more", reply, err);
}
