/* record_ask.c - the truth after a COMMIT that nobody answered. */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/record.h"

enum { ASK_FOR_MS = 10000, ASK_EVERY_MS = 500 };

static bool is_recorded(const struct db_rows *rows, struct intake_file *f)
{
    for (size_t i = 0; i < db_count(rows); i++) {
        if (strcmp(db_text(rows, i, "uuid"), f->uuid.text) != 0)
            continue;
        f->id = db_int(rows, i, "id");
        snprintf(f->uploaded_at, sizeof f->uploaded_at, "%s", db_text(rows, i, "uploaded_at"));
        return true;
    }
    return false;
}

static bool any_open(const struct db_rows *arrivals)
{
    for (size_t i = 0; i < db_count(arrivals); i++)
        if (strcmp(db_text(arrivals, i, "state"), "open") == 0)
            return true;
    return false;
}

/* Did it commit? The lost transaction holds its arrivals locked while it lives, so asking for their
 * locks waits for its end, and what is read after that is the truth. */
static bool ask(struct intake *in, bool *committed, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *arrivals = NULL, *rows = NULL;
    AUTO(str_free) struct str uuids = STR_INIT(1024);
    bool all = true;

    str_addc(&uuids, '{');
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].announced)
            str_addf(&uuids, "%s%s", uuids.n > 1 ? "," : "", in->files[i].uuid.text);
    str_addc(&uuids, '}');
    if (!db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_ARRIVALS_LOCK, &arrivals, err, P((const char *)uuids.p)) ||
        !db_run(conn, Q_SNAPSHOTS_BACK, &rows, err, P((const char *)uuids.p)))
        return false;
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_RECORDED)
            all = is_recorded(rows, &in->files[i]) && all;
    *committed = all && !any_open(arrivals);
    return true;
}

bool record_ask(struct intake *in, bool *committed, struct err *err)
{
    int64_t end = clock_mono_ms() + ASK_FOR_MS;
    struct err why = ERR_INIT;

    metric_add(M_UNCERTAIN, 0, 1);
    do {
        if (ask(in, committed, &why))
            return true;
        log_warn("record.uncertain", "COMMIT stayed without an answer; asking again", KV_ERR(&why));
        clock_sleep_ms(ASK_EVERY_MS);
    } while (clock_mono_ms() < end);
    for (size_t i = 0; i < in->file_count; i++)
        in->files[i].announced = false; /* nothing may be undone: now the sweeper's */
    return err_set(err, ERR_UNCERTAIN,
                   "whether the pictures were recorded cannot be told now; ask for them later");
}
