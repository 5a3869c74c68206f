/*
 * delete.c - DELETE /:id and POST /:id/undelete.
 *
 * Marked and put into the outbox in one transaction; the forget waits there for DELETE_UNDO, and
 * while it does nothing is lost. After it was accepted the sweeper removes objects and row
 * (bury.c). Both calls may be repeated.
 */
#include "common/log.h"
#include "common/worker.h"
#include "upload-svc/handlers.h"
#include "upload-svc/outbox.h"
#include "upload-svc/plain.h"
#include "upload-svc/queries.h"
#include "upload-svc/relay.h"
#include "upload-svc/store.h"

static bool write_deleted(struct app *app, const char *message, bool undo, struct reply *reply)
{
    struct jw w = jw_on(&reply->body);

    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "message", message);
    jw_int(&w, "undoMs", undo ? app->conf.delete_undo : 0);
    jw_close(&w);
    return true;
}

/* The row is gone: by an earlier call, or was it never there? */
static bool long_gone(struct db_conn *conn, int64_t id, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_run(conn, Q_WAS_DELETED, &rows, err, P(id)))
        return false;
    return db_bool(rows, 0, "was") ||
           err_set(err, ERR_NOT_FOUND, "there is no snapshot with that number");
}

/* The first time it is marked and told; the forget is put where none is under way. */
static bool mark(struct app *app, struct db_conn *conn, const struct db_rows *row, const char *who,
                 struct err *err)
{
    AUTO(db_rows_free) struct db_rows *told = NULL;
    bool first = !db_bool(row, 0, "deleted");

    if (!first && db_bool(row, 0, "forgetting"))
        return true;
    return (!first || db_run(conn, Q_DELETE_MARK, NULL, err, P(db_int(row, 0, "id")), P(who))) &&
           outbox_forget(conn, row, first ? app->conf.delete_undo : 0, err) &&
           db_run0(conn, Q_TELL, &told, err);
}

bool delete_snapshot(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;
    struct app *app = req_app(req);
    int64_t id;

    if (!req_param_int(req, "id", &id, err) || !db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_begin(conn, err) || !db_run(conn, Q_SNAPSHOT_LOCK, &row, err, P(id)))
        return false;
    if (db_count(row) == 0)
        return long_gone(conn, id, err) &&
               write_deleted(app, "Snapshot was deleted before", false, reply);
    if (!mark(app, conn, row, req_who(req)->name, err) || !db_commit(conn, err))
        return false;
    log_info("snapshot.deleted", "a picture was deleted by a person", KV_I("id", id),
             KV_S("who", req_who(req)->name), KV_I("undo_ms", app->conf.delete_undo));
    relay_wake(app->relay);
    worker_wake(app->sweep);
    return write_deleted(app, "Snapshot deleted successfully", !db_bool(row, 0, "deleted"), reply);
}

/* ---- undo ---- */

/* What it is when it is no longer deleted; not within a transaction. */
static bool alive_word(struct db_conn *conn, int64_t id, struct db_rows **rows, struct err *err)
{
    const struct db_param param = P(id);
    const struct store_ask ask = {Q_ALIVE, Q_ALIVE_ALONE, &param, 1};

    if (!store_read(conn, &ask, rows, err))
        return false;
    return db_count(*rows) > 0 ||
           (long_gone(conn, id, err) && err_set(err, ERR_GONE, "the picture has been removed"));
}

/* The forget is taken out of the outbox before the relay has it, or it is too late. */
static bool revive(struct db_conn *conn, int64_t id, const char *sets, const char *word,
                   struct err *err)
{
    AUTO(db_rows_free) struct db_rows *undone = NULL, *told = NULL;

    if (!db_begin(conn, err) || !db_run(conn, Q_SETS_DUE_NOW, NULL, err, P(sets)) ||
        !db_run(conn, Q_FORGET_UNDO, &undone, err, P(id)))
        return false;
    if (db_affected(undone) == 0)
        return err_set(err, ERR_GONE, "the time in which it could be undone is over");
    if (!db_run(conn, Q_DELETE_UNDO, NULL, err, P(id), P(word)))
        return err->code == ERR_CONFLICT
                   ? err_set(err, ERR_CONFLICT, "the same picture was sent in again meanwhile")
                   : false;
    return db_run0(conn, Q_TELL, &told, err) && db_commit(conn, err);
}

bool post_undelete(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;
    struct app *app = req_app(req);
    int64_t id;

    if (!req_param_int(req, "id", &id, err) || !db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !alive_word(conn, id, &row, err))
        return false;
    if (db_bool(row, 0, "deleted") &&
        !revive(conn, id, arena_printf(req_arena(req), "{%s}", db_text(row, 0, "set_id")),
                db_text(row, 0, "state"), err))
        return false;
    db_release(&conn);
    relay_wake(app->relay);
    return plain_snapshot(req, id, "Snapshot is back", reply, err);
}
