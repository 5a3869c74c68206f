/*
 * post_review.c - POST /:id/review: a person approves, corrects or rejects what was read.
 *
 * It goes through the outbox like everything that analysis-svc is asked for. That takes a moment,
 * so the answer waits for it: 200 with the new state, 422 with the reason, and 202 where
 * analysis-svc does not answer now (it is asked until it does).
 */
#include <string.h>

#include "common/clock.h"
#include "upload-svc/handlers.h"
#include "upload-svc/outbox.h"
#include "upload-svc/plain.h"
#include "upload-svc/queries.h"
#include "upload-svc/relay.h"
#include "upload-svc/store.h"

enum {
    NOTE_MAX = 1000,
    KEY_MAX = 400,
    FIELD_MAX = 80,
    EDITS_MAX = 1000,
    ASK_MS = 50,
    WAIT_MS = 3000
};

static bool read_edit(const struct json *e, struct err *err)
{
    const char *key, *field, *text;
    const struct json *value = json_find(e, "value");

    if (!plain_text(e, "rowKey", KEY_MAX, &key, err) ||
        !plain_text(e, "field", FIELD_MAX, &field, err))
        return false;
    if (!key || *key == '\0' || !field || *field == '\0')
        return err_set(err, ERR_UNPROCESSABLE, "edits: each has a rowKey, a field and a value");
    if (value && json_type(value) == JSON_NUMBER)
        return true;
    if (!value)
        return err_set(err, ERR_UNPROCESSABLE, "value: a text, or null to withdraw, is wanted");
    return plain_text(e, "value", NOTE_MAX, &text, err);
}

static bool read_edits(const struct json *doc, const struct json **out, struct err *err)
{
    const struct json *edits = json_find(doc, "edits");

    *out = NULL;
    if (!edits || json_type(edits) == JSON_NULL)
        return true;
    if (json_type(edits) != JSON_ARRAY || json_count(edits) > EDITS_MAX)
        return err_set(err, ERR_UNPROCESSABLE, "edits: a list of at most %d is wanted", EDITS_MAX);
    for (const struct json *e = json_first(edits); e; e = json_next(e))
        if (!read_edit(e, err))
            return false;
    *out = json_count(edits) > 0 ? edits : NULL;
    return true;
}

static bool read_said(const struct json *doc, struct outbox_review *said, struct err *err)
{
    static const char *const actions[] = {"approve", "edit", "reject"};
    bool known = false;

    if (!plain_text(doc, "action", NOTE_MAX, &said->action, err) ||
        !plain_text(doc, "note", NOTE_MAX, &said->note, err) || !read_edits(doc, &said->edits, err))
        return false;
    for (size_t i = 0; said->action && i < COUNT_OF(actions); i++)
        known = known || strcmp(said->action, actions[i]) == 0;
    if (!known)
        return err_set(err, ERR_UNPROCESSABLE, "action: approve, edit or reject is wanted");
    if (strcmp(said->action, "edit") == 0 && !said->edits)
        return err_set(err, ERR_UNPROCESSABLE, "edits: nothing is to be changed");
    if (strcmp(said->action, "reject") == 0 && said->edits)
        return err_set(err, ERR_UNPROCESSABLE, "edits: what is rejected is not corrected");
    said->note = said->note ? said->note : "";
    return true;
}

static bool put(struct app *app, int64_t id, const struct outbox_review *said, struct id *batch,
                struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL, *told = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_SNAPSHOT_LOCK, &row, err, P(id)))
        return false;
    if (db_count(row) == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no snapshot with that number");
    if (db_bool(row, 0, "deleted"))
        return err_set(err, ERR_GONE, "the picture was deleted");
    return outbox_review(conn, row, said, batch, err) && db_run0(conn, Q_TELL, &told, err) &&
           db_commit(conn, err);
}

static bool judge(const struct db_rows *row, bool *settled, struct err *err)
{
    *settled = !sv_eqz(db_sv(row, 0, "state"), "ready");
    return !sv_eqz(db_sv(row, 0, "state"), "dead") ||
           err_set(err, ERR_UNPROCESSABLE, "%s", db_text(row, 0, "last_error"));
}

/* What came of it so far; *settled false: nothing yet. */
static bool look(struct app *app, const struct id *batch, bool *settled, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_OUTBOX_FATE, &row, err, P((const char *)batch->text)) &&
           judge(row, settled, err);
}

static bool wait_for(struct app *app, const struct id *batch, bool *settled, struct err *err)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    do {
        if (!look(app, batch, settled, err))
            return false;
        if (!*settled)
            clock_sleep_ms(ASK_MS);
    } while (!*settled && clock_mono_ms() < until && app->cut_at_ms == 0);
    return true;
}

bool post_review(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    struct app *app = req_app(req);
    struct outbox_review said = {.by = req_who(req)->name};
    struct id batch;
    bool settled = false;
    int64_t id;

    if (!req_param_int(req, "id", &id, err) || !plain_body(req, &doc, err) ||
        !read_said(doc, &said, err))
        return false;
    if (*said.by == '\0')
        said.by = "anonymous"; /* a loopback without tokens */
    if (!put(app, id, &said, &batch, err))
        return false;
    relay_wake(app->relay);
    if (!wait_for(app, &batch, &settled, err))
        return false;
    if (!settled)
        reply_json(reply, 202);
    return plain_snapshot(req, id, settled ? "Review stored" : "The review will be stored", reply,
                          err);
}
