/*
 * cleanup.c - what the old front end's panel asks of the old back end, which kept files
 * on a disk. There are none here, so whatever is about local files is zero, and that is true; the
 * rest is told from the sweeper, and "clean up now" is a round of it.
 */
#include "common/clock.h"
#include "common/worker.h"
#include "upload-svc/handlers.h"
#include "upload-svc/metrics.h"
#include "upload-svc/plain.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { WAIT_MS = 10000, ASK_MS = 20 };

static const char *or_null(const struct db_rows *row, const char *column)
{
    return db_null(row, 0, column) ? NULL : db_text(row, 0, column);
}

static bool write_row(struct jw *w, const struct db_rows *row)
{
    jw_key(w, "stats");
    jw_open(w, '{');
    jw_int(w, "pendingCleanup", db_int(row, 0, "pending"));
    jw_int(w, "totalLocalFiles", 0);
    jw_int(w, "totalS3Files", db_int(row, 0, "objects"));
    jw_int(w, "uploadsDirectorySize", 0);
    jw_int(w, "uploadsDirectorySizeMB", 0);
    jw_bool(w, "fuseBlown", db_bool(row, 0, "tripped"));
    jw_text(w, "fuseReason", or_null(row, "why"));
    jw_text(w, "bucketListedAt", or_null(row, "listed_at"));
    jw_close(w);
    return true;
}

static bool write_stats(struct app *app, struct jw *w, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_CLEANUP_STATS, &row, err, P(app->conf.arrival_stale)) &&
           write_row(w, row);
}

static int64_t swept(void)
{
    return metric_value(M_SWEPT, BROOM_ARRIVAL) + metric_value(M_SWEPT, BROOM_DELETED) +
           metric_value(M_SWEPT, BROOM_RETENTION);
}

/* A round of the sweeper's own thread, for which a person waits a while; what was removed. */
static void write_round(struct app *app, struct jw *w, const char *key)
{
    int64_t before = swept(), round = app->sweeps, until = clock_mono_ms() + WAIT_MS, n;

    worker_wake(app->sweep);
    while (app->sweep && app->sweeps == round && clock_mono_ms() < until && app->cut_at_ms == 0)
        clock_sleep_ms(ASK_MS);
    n = swept() - before;
    jw_key(w, key);
    jw_open(w, '{');
    jw_int(w, "processed", n);
    jw_int(w, "uploaded", 0);
    jw_int(w, "deleted", n);
    jw_int(w, "failed", 0);
    jw_close(w);
}

/* Of files on our disk: there is none. */
static void write_old_files(struct jw *w, const char *key)
{
    static const char *const zeros[] = {"scanned", "deleted", "failed", "bytesFreed",
                                        "bytesFreedMB"};

    jw_key(w, key);
    jw_open(w, '{');
    for (size_t i = 0; i < COUNT_OF(zeros); i++)
        jw_int(w, zeros[i], 0);
    jw_close(w);
}

static void open_answer(struct jw *w, const char *message)
{
    jw_open(w, '{');
    jw_bool(w, "success", true);
    jw_text(w, "message", message);
}

bool get_cleanup_stats(struct req *req, struct reply *reply, struct err *err)
{
    struct jw w = jw_on(&reply->body);

    open_answer(&w, "Pictures are kept in S3 only");
    if (!write_stats(req_app(req), &w, err))
        return false;
    jw_close(&w);
    return true;
}

bool post_cleanup_processed(struct req *req, struct reply *reply, struct err *err)
{
    struct jw w = jw_on(&reply->body);

    (void)err;
    open_answer(&w, "Abandoned uploads and deleted pictures were removed");
    write_round(req_app(req), &w, "result");
    jw_close(&w);
    return true;
}

bool post_cleanup_old_files(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    struct jw w = jw_on(&reply->body);

    if (!plain_body_if_any(req, &doc, err))
        return false;
    open_answer(&w, "There are no local files; RETENTION says how long pictures stay in S3");
    write_old_files(&w, "result");
    jw_close(&w);
    return true;
}

bool post_cleanup_full(struct req *req, struct reply *reply, struct err *err)
{
    struct jw w = jw_on(&reply->body);

    open_answer(&w,
                "Abandoned uploads and deleted pictures were removed; there are no local files");
    jw_key(&w, "result");
    jw_open(&w, '{');
    write_round(req_app(req), &w, "processedCleanup");
    write_old_files(&w, "oldFilesCleanup");
    if (!write_stats(req_app(req), &w, err))
        return false;
    jw_close(&w);
    jw_close(&w);
    return true;
}

static void write_time(struct jw *w, const char *key, int64_t wall_ms)
{
    char text[CLOCK_ISO_SIZE];

    if (wall_ms > 0)
        clock_iso(wall_ms, text);
    jw_text(w, key, wall_ms > 0 ? text : NULL);
}

bool get_cleanup_status(struct req *req, struct reply *reply, struct err *err)
{
    struct app *app = req_app(req);
    struct jw w = jw_on(&reply->body);
    int64_t last = app->swept_at_ms;

    open_answer(&w, "The sweeper's rounds");
    jw_key(&w, "status");
    jw_open(&w, '{');
    jw_bool(&w, "cleanupTaskRunning", app->sweep != NULL);
    jw_bool(&w, "dailyCleanupTaskRunning", app->sweep != NULL && app->conf.retention > 0);
    write_time(&w, "lastCleanupRun", last);
    write_time(&w, "nextCleanupRun", app->sweep && last > 0 ? last + app->conf.sweep_period : 0);
    write_time(&w, "nextDailyCleanupRun", /* retention goes with every round */
               app->sweep && last > 0 && app->conf.retention > 0 ? last + app->conf.sweep_period
                                                                 : 0);
    jw_close(&w);
    if (!write_stats(app, &w, err))
        return false;
    jw_close(&w);
    return true;
}
