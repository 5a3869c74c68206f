/* relay_freeze.c - a set that waited for more pictures becomes a batch when it is due. (One without
 * a setId waits for none: record.c makes its batch.) */
#include "upload-svc/frozen.h"
#include "upload-svc/queries.h"
#include "upload-svc/relay.h"

enum { ITEMS_MAX = 500, SETS_MAX = 16 };

static const char *or_null(const struct db_rows *rows, size_t i, const char *column)
{
    return db_null(rows, i, column) ? NULL : db_text(rows, i, column);
}

static struct frozen_set set_of(const struct db_rows *set)
{
    return (struct frozen_set){.id = db_text(set, 0, "id"),
                               .type = db_text(set, 0, "snapshot_type"),
                               .platform = db_text(set, 0, "platform_source"),
                               .date = db_text(set, 0, "snapshot_date"),
                               .timeframe = db_text(set, 0, "snapshot_timeframe"),
                               .campaign_id = db_int(set, 0, "campaign_id"),
                               .campaign_title = or_null(set, 0, "campaign_title"),
                               .handle = or_null(set, 0, "yapper_twitter_handle"),
                               .deadline_s = db_int(set, 0, "deadline_s")};
}

static struct frozen_item item_of(const struct db_rows *items, size_t i)
{
    return (struct frozen_item){.id = db_int(items, i, "id"),
                                .uuid = db_text(items, i, "uuid"),
                                .key = db_text(items, i, "s3_key"),
                                .mime = db_text(items, i, "content_type"),
                                .bytes = db_int(items, i, "bytes"),
                                .sha256 = or_null(items, i, "sha256"),
                                .width = db_int(items, i, "width"),
                                .height = db_int(items, i, "height"),
                                .rev = db_int(items, i, "rev"),
                                .moved = db_bool(items, i, "moved")};
}

static void write_batch(struct str *out, const char *batch_id, const struct db_rows *set,
                        const struct db_rows *items, size_t n)
{
    const struct frozen_set facts = set_of(set);
    struct jw w = frozen_open(out, batch_id, &facts);

    for (size_t i = 0; i < n; i++) {
        const struct frozen_item item = item_of(items, i);

        frozen_add(&w, &item);
    }
    frozen_close(&w);
}

/* In one trip: the batch, whose pictures they are now, and whether more of them wait. */
static bool put_batch(struct db_conn *conn, const struct db_rows *set, const struct db_rows *items,
                      size_t n, struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(FROZEN_WALL), ids = STR_INIT(ITEMS_MAX * 21 + 2);
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
        DB_STEP(Q_BATCH_TAKE, NULL, P(id), P((const char *)ids.p), P(set_id)),
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
