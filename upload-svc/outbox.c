#include "upload-svc/outbox.h"

#include "common/json_write.h"
#include "upload-svc/queries.h"

enum { BODY_WALL = 4 << 20 };

static void open_message(struct jw *w, const char *op, const char *batch_id)
{
    jw_open(w, '{');
    jw_text(w, "batch_id", batch_id);
    jw_text(w, "op", op);
}

static void write_item(struct jw *w, const struct db_rows *snapshot, bool key)
{
    jw_key(w, "items");
    jw_open(w, '[');
    jw_open(w, '{');
    jw_int(w, "snapshot_id", db_int(snapshot, 0, "id"));
    jw_text(w, "uuid", db_text(snapshot, 0, "uuid"));
    if (key)
        jw_text(w, "s3_key", db_text(snapshot, 0, "s3_key"));
    jw_close(w);
    jw_close(w);
}

bool outbox_forget(struct db_conn *conn, const struct db_rows *snapshot, int64_t wait_ms,
                   struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(BODY_WALL);
    struct id batch = id_new();
    struct jw w = jw_on(&body);

    open_message(&w, "forget", batch.text);
    write_item(&w, snapshot, true);
    jw_close(&w);
    return db_run(conn, Q_OUTBOX_SAY, NULL, err, P((const char *)batch.text), P("forget"),
                  P(db_int(snapshot, 0, "id")), P((const char *)body.p), P(wait_ms));
}

/* A number that a client sent is the text that it stands for. */
static void write_value(struct jw *w, const struct json *value)
{
    AUTO(str_free) struct str text = STR_INIT(64);

    if (value && json_type(value) == JSON_NUMBER) {
        json_print(value, &text);
        jw_text(w, "value", text.p);
    } else {
        jw_text(w, "value", json_text(value));
    }
}

static void write_edits(struct jw *w, const struct json *edits)
{
    jw_key(w, "edits");
    jw_open(w, '[');
    for (const struct json *e = edits ? json_first(edits) : NULL; e; e = json_next(e)) {
        jw_open(w, '{');
        jw_text(w, "row_key", json_text_or(e, "rowKey", ""));
        jw_text(w, "field", json_text_or(e, "field", ""));
        write_value(w, json_find(e, "value"));
        jw_close(w);
    }
    jw_close(w);
}

bool outbox_review(struct db_conn *conn, const struct db_rows *snapshot,
                   const struct outbox_review *said, struct id *batch, struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(BODY_WALL);
    struct jw w = jw_on(&body);

    *batch = id_new();
    open_message(&w, "review", batch->text);
    write_item(&w, snapshot, false);
    jw_key(&w, "review");
    jw_open(&w, '{');
    jw_text(&w, "action", said->action);
    jw_text(&w, "by", said->by);
    jw_text(&w, "note", said->note);
    write_edits(&w, said->edits);
    jw_close(&w);
    jw_close(&w);
    if (!str_ok(&body))
        return err_set(err, ERR_TOO_LARGE, "the corrections are larger than %d bytes", BODY_WALL);
    return db_run(conn, Q_OUTBOX_SAY, NULL, err, P((const char *)batch->text), P("review"),
                  P(db_int(snapshot, 0, "id")), P((const char *)body.p), P((int64_t)0));
}
