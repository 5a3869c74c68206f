#include "upload-svc/again.h"

#include <inttypes.h>
#include <string.h>

#include "upload-svc/queries.h"
#include "upload-svc/relay.h"
#include "upload-svc/store.h"

bool again_find(struct app *app, const char *ids, const char *platform, struct db_rows **rows,
                struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    const struct db_param params[] = {P(ids), P(platform), P((int64_t)AGAIN_MAX)};
    const struct store_ask ask = {Q_AGAIN, Q_AGAIN_ALONE, params, COUNT_OF(params)};

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) && store_read(conn, &ask, rows, err);
}

static enum snapshot_state state_of(const struct db_rows *rows, size_t i)
{
    return (enum snapshot_state)(snapshot_word_of(db_text(rows, i, "state")) - snapshot_words);
}

const char *again_refusal(const struct db_rows *rows, size_t i, bool forced)
{
    if (db_bool(rows, i, "object_gone"))
        return "its picture was removed when its retention time was over";
    switch (state_of(rows, i)) {
    case SNAPSHOT_PENDING:
    case SNAPSHOT_FAILED:
        return NULL;
    case SNAPSHOT_PROCESSING:
        return "it is being read now";
    case SNAPSHOT_DELETED:
        return "it was deleted";
    case SNAPSHOT_COMPLETED:
    case SNAPSHOT_NEEDS_REVIEW:
    case SNAPSHOT_VALIDATED:
    case SNAPSHOT_STATE_COUNT_:
        break;
    }
    return forced ? NULL : "it was read already; POST /:id/retry asks for a new run";
}

struct lists { /* as SQL arrays */
    struct str ids, revs, sets, waiting;
    int64_t n;
};

static void lists_free(struct lists *l)
{
    str_free(&l->ids);
    str_free(&l->revs);
    str_free(&l->sets);
    str_free(&l->waiting);
}

static void add(struct str *list, const char *item)
{
    str_addf(list, "%c%s", list->n == 0 ? '{' : ',', item);
}

static const char *end(struct str *list)
{
    str_addz(list, list->n == 0 ? "{}" : "}");
    return list->p;
}

static void sort_out(const struct db_rows *rows, bool forced, struct lists *l)
{
    for (size_t i = 0; i < db_count(rows); i++) {
        if (again_refusal(rows, i, forced))
            continue;
        l->n++;
        add(&l->sets, db_text(rows, i, "set_id"));
        if (state_of(rows, i) == SNAPSHOT_PENDING) {
            add(&l->waiting, db_text(rows, i, "id"));
            continue;
        }
        add(&l->ids, db_text(rows, i, "id"));
        add(&l->revs, db_text(rows, i, "rev"));
    }
}

/* The sets' rows are locked first: whoever packs one of them waits for us. */
static bool transact(struct db_conn *conn, struct lists *l, struct err *err)
{
    const char *ids = end(&l->ids);

    return db_begin(conn, err) && db_run(conn, Q_SETS_DUE_NOW, NULL, err, P(end(&l->sets))) &&
           db_run(conn, Q_SNAPSHOTS_AGAIN, NULL, err, P(ids), P(end(&l->revs))) &&
           db_run(conn, Q_OUTBOX_HURRY, NULL, err, P(end(&l->waiting))) &&
           db_run0(conn, Q_TELL, NULL, err) && db_commit(conn, err);
}

bool again_send(struct app *app, const struct db_rows *rows, bool forced, int64_t *n,
                struct err *err)
{
    enum { WALL = AGAIN_MAX * 40 };
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(lists_free)
    struct lists l = {.ids = STR_INIT(WALL),
                      .revs = STR_INIT(WALL),
                      .sets = STR_INIT(WALL),
                      .waiting = STR_INIT(WALL)};

    sort_out(rows, forced, &l);
    *n = l.n;
    if (l.n == 0)
        return true;
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    if (!transact(conn, &l, err))
        return err->code == ERR_CONFLICT
                   ? err_set(err, ERR_BUSY, "the same pictures are changed elsewhere; try again")
                   : false;
    relay_wake(app->relay);
    return true;
}
