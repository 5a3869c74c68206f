/* forget.c - a deleted picture leaves no result, no raw answer and no row on a sheet. */
#include "analysis-svc/forget.h"

#include "analysis-svc/batch_locks.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/sheet.h"

static bool erase(struct db_conn *conn, const struct batch *b, const char *ids, struct err *err)
{
    AUTO(str_free) struct str items = STR_INIT(4 << 20);

    json_print(b->items, &items);
    return db_run(conn, Q_IMAGES_FORGET, NULL, err, P(b->id.text), P(items.p),
                  P(fail_wire(FAIL_FORGOTTEN)), P(fail_text(FAIL_FORGOTTEN)),
                  P(image_state_sources(IMAGE_FORGOTTEN))) &&
           db_run(conn, Q_EXTRACTIONS_FORGET, NULL, err, P(ids)) &&
           db_run(conn, Q_REVIEWS_FORGET, NULL, err, P(ids)) &&
           db_run(conn, Q_RAW_FORGET, NULL, err, P(ids));
}

bool forget_images(struct app *app, struct db_conn *conn, struct batch *b, struct err *err)
{
    AUTO(batch_locks_free) struct batch_locks l = BATCH_LOCKS_INIT;

    if (!batch_lock(conn, b, &l, err) || !erase(conn, b, l.ids.p, err))
        return false;
    for (size_t i = 0; i < db_count(l.sheets); i++)
        if (!sheet_merge(conn, &app->extractors, db_text(l.sheets, i, "set_id"), err))
            return false;
    return batch_settle(conn, &l, err);
}
