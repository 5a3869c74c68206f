/* relay_settle.c - what analysis-svc said about a batch becomes rows. */
#include <stdio.h>

#include "common/db_list.h"
#include "common/json.h"
#include "upload-svc/queries.h"
#include "upload-svc/relay.h"

enum relay_verdict relay_judge(int status)
{
    switch (status) {
    case 200:
    case 202:
        return RELAY_SENT;
    case 422:
        return RELAY_SPLIT;
    case 400: /* the bytes are frozen: what is wrong with them stays wrong */
    case 409:
    case 413:
    case 415:
        return RELAY_DEAD;
    default: /* no answer, 401, 404, 5xx: somebody will mend it */
        return RELAY_AGAIN;
    }
}

static bool end_outbox(struct db_conn *conn, const char *batch_id, const char *state, int status,
                       const char *why, struct err *err)
{
    return db_run(conn, Q_OUTBOX_END, NULL, err, P(batch_id), P(state), P(status), P(why));
}

static bool fail_all(struct db_conn *conn, const char *batch_id, int status, const char *why,
                     struct err *err)
{
    return end_outbox(conn, batch_id, "dead", status, why, err) &&
           db_run(conn, Q_BATCH_FAIL, NULL, err, P(batch_id), P_NULL, P(why));
}

/* The items that are named end here; the others wait in their set again, for another batch. When
 * none of ours is named, all are meant: the same bytes would be refused for ever. */
static bool split(struct db_conn *conn, const char *batch_id, const struct json *items,
                  const char *why, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    char reason[SNAPSHOT_NAME_MAX + 1] = "";
    int64_t named = 0;

    for (const struct json *it = items ? json_first(items) : NULL; it; it = json_next(it)) {
        snapshot_name(sv_of(json_text_or(it, "reason", why)), reason);
        if (!db_run(conn, Q_BATCH_FAIL, &rows, err, P(batch_id),
                    P(json_int_or(it, "snapshot_id", -1)), P((const char *)reason)))
            return false;
        named += db_affected(rows);
    }
    if (named == 0) /* a review's picture is in no batch of ours: its reason is told to who asked */
        return fail_all(conn, batch_id, 422, *reason != '\0' ? reason : why, err);
    return end_outbox(conn, batch_id, "split", 422, why, err) &&
           db_run(conn, Q_BATCH_LOOSE, NULL, err, P(batch_id)) &&
           db_run(conn, Q_SET_AGAIN, NULL, err, P(batch_id));
}

/* What the answer says, as text that a row may hold and a person may read. */
static void message_of(const struct json *doc, int status, char out[static SNAPSHOT_NAME_MAX + 1])
{
    const char *text = json_text_or(doc, "message", "");

    if (*text == '\0')
        snprintf(out, SNAPSHOT_NAME_MAX + 1, "analysis-svc answered %d", status);
    else
        snapshot_name(sv_of(text), out);
}

static bool apply(struct db_conn *conn, const char *batch_id, int status, const struct json *doc,
                  struct err *err)
{
    const struct json *items = json_find(doc, "items");
    char why[SNAPSHOT_NAME_MAX + 1];

    message_of(doc, status, why);
    switch (relay_judge(status)) {
    case RELAY_SENT:
        return end_outbox(conn, batch_id, "sent", status, NULL, err);
    case RELAY_SPLIT:
        return split(conn, batch_id, items, why, err);
    case RELAY_DEAD:
        return fail_all(conn, batch_id, status, why, err);
    case RELAY_AGAIN:
        break;
    }
    return err_set(err, ERR_INTERNAL, "an answer of %d settles nothing", status);
}

bool relay_settle_sent(struct app *app, const struct relay_sent *sent, size_t n, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_list_free) struct db_list ids = DB_LIST(TEXT);
    AUTO(db_list_free) struct db_list statuses = DB_LIST(INT);

    if (n == 0)
        return true;
    for (size_t i = 0; i < n; i++) {
        db_list_text(&ids, sent[i].batch_id);
        db_list_int(&statuses, sent[i].status);
    }
    const struct db_step steps[] = {DB_STEP(Q_OUTBOX_SENT, NULL, P(&ids), P(&statuses)),
                                    {.q = Q_TELL}};
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) && db_begin(conn, err) &&
           db_commit_all(conn, steps, COUNT_OF(steps), err);
}

bool relay_settle(struct app *app, const char *batch_id, int status, struct sv body,
                  struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(json_free) struct json *doc = NULL;
    struct err unread = ERR_INIT;

    if (!json_parse(body, &doc, &unread))
        doc = NULL; /* the status alone decides then */
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_OUTBOX_LOCK, &rows, err, P(batch_id)))
        return false;
    if (db_count(rows) == 0) /* another replica was told before us */
        return true;
    return apply(conn, batch_id, status, doc, err) && db_run0(conn, Q_TELL, NULL, err) &&
           db_commit(conn, err);
}
