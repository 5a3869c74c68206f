/* test_delete.c - a deleted picture is gone from S3 and Postgres once the analysis has forgotten
 * it, an undone deletion loses nothing, and what has been kept long enough leaves S3 only. On a
 * real Postgres and a real S3. Covers: delete bury retention outbox cleanup */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/bury.h"
#include "upload-svc/metrics.h"
#include "upload-svc/relay.h"
#include "upload-svc/sweep.h"

#define ROOT        "/api/admin/snapshots"
#define COUNT(what) kit_pg_value("SELECT count(*) FROM upload." what)

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(true);
    return app ? 0 : -1;
}

static int fresh(void **state)
{
    int failed = kit_schema_fresh(state);

    app->conf.delete_undo = 0;
    return failed;
}

static int ask(const char *method, const char *path) { return kit_status(method, path, ""); }

static void put(const char *key)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    assert_ok(s3_put(app->s3, key, "image/png", SV_LIT("picture"), &etag, &err), err);
}

static bool there(const char *key)
{
    struct s3_head head;
    struct err err = ERR_INIT;

    if (s3_stat(app->s3, key, &head, &err))
        return true;
    assert_int_equal(err.code, ERR_NOT_FOUND);
    return false;
}

static const char *derived(const struct intake_file *f, const char *what)
{
    static char key[SNAPSHOT_KEY_SIZE + 80];

    snprintf(key, sizeof key, "%s/derived/%s/%s", app->deployment, f->uuid.text, what);
    return key;
}

/* n pictures with their objects, and one derived from the first. */
static struct intake *stored(int n)
{
    struct intake *in = kit_recorded(n, NULL, 1);

    for (size_t i = 0; i < in->file_count; i++)
        put(in->files[i].key);
    put(derived(&in->files[0], "small.jpg"));
    return in;
}

/* The relay's part: the forget is accepted. */
static void forget_is_accepted(void)
{
    char id[64];
    struct err err = ERR_INIT;

    snprintf(id, sizeof id, "%s",
             kit_pg_value("SELECT batch_id FROM upload.outbox WHERE op = 'forget' AND state ="
                          " 'ready'"));
    assert_ok(relay_settle(app, id, 202, SV_LIT("{}"), &err), err);
}

static void bury(void)
{
    struct err err = ERR_INIT;

    assert_ok(bury_deleted(app, &err), err);
}

static void a_deleted_picture_goes_when_the_analysis_has_forgotten_it(void **state)
{
    struct intake *in = stored(2);
    char mine[SNAPSHOT_KEY_SIZE + 80];

    (void)state;
    snprintf(mine, sizeof mine, "%s", derived(&in->files[0], "small.jpg"));
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_string_equal(kit_pg_value("SELECT op || ' ' || o.state || ' ' ||"
                                     " (body::jsonb -> 'items' -> 0 ->> 's3_key' = s3_key)"
                                     " FROM upload.outbox o JOIN upload.platform_snapshots s"
                                     " ON s.id = o.snapshot_id WHERE due_at <= now()"),
                        "forget ready true");
    bury(); /* not yet: it is not forgotten */
    assert_true(there(in->files[0].key));
    assert_int_equal(ask("GET", ROOT "/1/image"), 410);
    forget_is_accepted();
    assert_true(bury_soon(app, 0));
    bury();
    assert_false(there(in->files[0].key));
    assert_false(there(mine));
    assert_true(there(in->files[1].key));
    assert_string_equal(COUNT("platform_snapshots"), "1");
    assert_int_equal(ask("GET", ROOT "/1"), 404);
    assert_false(bury_soon(app, 0));
    assert_string_equal(kit_pg_value("SELECT string_agg(state, ',' ORDER BY seq) FROM"
                                     " upload.event_log WHERE snapshot_id = 1"),
                        "pending,deleted");
}

static void deleting_may_be_repeated_before_and_after(void **state)
{
    (void)state;
    stored(1);
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_string_equal(COUNT("outbox WHERE op = 'forget'"), "1");
    forget_is_accepted();
    bury();
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_int_equal(ask("DELETE", ROOT "/99"), 404);
    assert_string_equal(COUNT("event_log WHERE state = 'deleted'"), "1");
}

static void a_forget_that_was_given_up_is_put_again(void **state)
{
    (void)state;
    stored(1);
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    kit_pg_sql("UPDATE upload.outbox SET state = 'dead'");
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_string_equal(COUNT("outbox WHERE op = 'forget' AND state = 'ready'"), "1");
}

static void within_its_time_a_deletion_is_undone_and_nothing_was_lost(void **state)
{
    struct intake *in = stored(1);

    (void)state;
    app->conf.delete_undo = 60000;
    kit_schema_image(1, "doubtful", "");
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_string_equal(COUNT("outbox WHERE due_at > now() + interval '50 s'"), "1");
    assert_int_equal(ask("POST", ROOT "/1/undelete"), 200);
    assert_int_equal(ask("POST", ROOT "/1/undelete"), 200); /* repeatable too */
    assert_string_equal(COUNT("outbox WHERE op = 'forget'"), "0");
    assert_true(there(in->files[0].key));
    assert_non_null(strstr(kit_get(ROOT "/status/1"), "\"state\":\"needs_review\""));
    assert_string_equal(
        kit_pg_value("SELECT state FROM upload.event_log ORDER BY seq DESC LIMIT 1"),
        "needs_review");
}

static void a_picture_that_was_not_packed_yet_is_packed_after_it_came_back(void **state)
{
    struct err err = ERR_INIT;
    bool any;

    (void)state;
    kit_recorded(1, id_new().text, 1);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    app->conf.delete_undo = 60000;
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_ok(relay_freeze(app, &any, &err), err);
    assert_string_equal(COUNT("outbox WHERE op = 'extract'"), "0");
    assert_int_equal(ask("POST", ROOT "/1/undelete"), 200);
    assert_ok(relay_freeze(app, &any, &err), err);
    assert_string_equal(COUNT("outbox WHERE op = 'extract'"), "1");
}

static void too_late_is_too_late(void **state)
{
    (void)state;
    stored(1);
    app->conf.delete_undo = 60000;
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    kit_pg_sql("UPDATE upload.outbox SET due_at = now(), attempts = 1");
    assert_int_equal(ask("POST", ROOT "/1/undelete"), 410);
    forget_is_accepted();
    bury();
    assert_int_equal(ask("POST", ROOT "/1/undelete"), 410);
    assert_int_equal(ask("POST", ROOT "/77/undelete"), 404);
}

static void one_that_was_sent_in_again_meanwhile_does_not_come_back(void **state)
{
    (void)state;
    stored(1);
    app->conf.delete_undo = 60000;
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    kit_recorded(1, NULL, 1); /* the same bytes */
    assert_int_equal(ask("POST", ROOT "/1/undelete"), 409);
    assert_string_equal(COUNT("outbox WHERE op = 'forget'"), "1");
}

static void an_object_that_came_from_elsewhere_stays(void **state)
{
    (void)state;
    stored(1);
    put("old/screens.png");
    kit_pg_sql("UPDATE upload.platform_snapshots SET s3_key = 'old/screens.png'");
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    forget_is_accepted();
    bury();
    assert_true(there("old/screens.png"));
    assert_string_equal(COUNT("platform_snapshots"), "0");
}

/* ---- retention ---- */

#define OLD "UPDATE analysis.images SET updated_at = now() - interval '1 day'"

static void keep(int64_t ms, bool dry)
{
    struct err err = ERR_INIT;

    app->conf.retention = ms;
    app->conf.retention_dry_run = dry;
    assert_ok(retention_sweep(app, &err), err);
}

/* 1 read, 2 failed, 3 doubtful, 4 being read, 5 waits, 6 refused by the relay; a day ago. */
static struct intake *six(void)
{
    struct intake *in = stored(6);

    kit_schema_image(1, "extracted", "");
    kit_schema_image(2, "failed", "no_rows");
    kit_schema_image(3, "doubtful", "");
    kit_schema_image(4, "waiting", "");
    kit_pg_sql(OLD
               "; UPDATE upload.platform_snapshots SET uploaded_at = now() - interval '2 days';"
               "UPDATE upload.platform_snapshots SET failed_at = now() - interval '1 day' WHERE id"
               " = 6");
    return in;
}

static const char *left(const struct intake *in)
{
    static char out[16];
    size_t n = 0;

    for (size_t i = 0; i < in->file_count; i++)
        if (there(in->files[i].key))
            out[n++] = (char)('1' + i);
    out[n] = '\0';
    return out;
}

static void what_is_finished_leaves_s3_after_its_time_and_its_row_stays(void **state)
{
    struct intake *in = six();
    int64_t before = metric_value(M_SWEPT, BROOM_RETENTION);

    (void)state;
    keep(0, false);
    assert_string_equal(left(in), "123456"); /* off */
    keep(2 * 86400000LL, false);
    assert_string_equal(left(in), "123456"); /* its time is not over */
    keep(3600000, true);
    assert_string_equal(left(in), "123456"); /* only counted */
    assert_int_equal(metric_value(M_RETENTION_DUE, 0), 3);
    keep(3600000, false);
    assert_string_equal(left(in), "345"); /* unfinished ones are never touched */
    assert_int_equal(metric_value(M_SWEPT, BROOM_RETENTION) - before, 3);
    assert_string_equal(COUNT("platform_snapshots"), "6");
    assert_false(there(derived(&in->files[0], "small.jpg")));
    assert_int_equal(ask("GET", ROOT "/1/image"), 410);
    assert_non_null(strstr(kit_get(ROOT "/1"), "\"imageGone\":true"));
    keep(3600000, false);
    assert_int_equal(metric_value(M_RETENTION_DUE, 0), 0);
}

static void a_picture_that_is_sent_again_in_between_stays(void **state)
{
    struct intake *in = six();

    (void)state;
    assert_int_equal(ask("POST", ROOT "/2/retry"), 200);
    keep(3600000, false);
    assert_string_equal(left(in), "2345");
}

static void the_sweeper_does_all_of_it(void **state)
{
    struct intake *in = six();
    struct err err = ERR_INIT;

    (void)state;
    app->conf.retention = 3600000;
    assert_int_equal(ask("DELETE", ROOT "/3"), 200);
    forget_is_accepted();
    assert_ok(sweep_once(app, &err), err);
    assert_string_equal(left(in), "45");
}

/* ---- /cleanup, as the old front end calls it ---- */

#define CLEAN ROOT "/cleanup"

static void the_panel_of_the_old_front_end_is_told_the_truth(void **state)
{
    const char *answer;
    struct err err = ERR_INIT;

    (void)state;
    app->conf.sweep_period = 3600000;
    stored(2);
    assert_int_equal(ask("DELETE", ROOT "/1"), 200);
    assert_ok(sweep_open(app, &app->sweep, &err), err);
    for (int i = 0; i < 200 && app->sweeps == 0; i++)
        clock_sleep_ms(20);
    kit_intake(1, NULL, 9);
    kit_pg_sql("UPDATE upload.arrivals SET heartbeat_at = now() - interval '1 h'");
    forget_is_accepted();
    answer = kit_get(CLEAN "/stats");
    assert_non_null(strstr(answer, "\"pendingCleanup\":2"));
    assert_non_null(strstr(answer, "\"totalS3Files\":2"));
    assert_non_null(strstr(answer, "\"totalLocalFiles\":0"));
    answer = talk_body(kit_ask("POST", CLEAN "/full", NULL, SV_LIT("{\"oldFilesDays\":7}")));
    assert_non_null(strstr(answer, "\"processedCleanup\":{\"processed\":2,\"uploaded\":0,"
                                   "\"deleted\":2,\"failed\":0}"));
    assert_non_null(strstr(answer, "\"oldFilesCleanup\":{\"scanned\":0"));
    assert_non_null(strstr(answer, "\"pendingCleanup\":0"));
    answer = talk_body(kit_ask("POST", CLEAN "/processed", NULL, SV_LIT("")));
    assert_non_null(strstr(answer, "\"result\":{\"processed\":0"));
    answer = talk_body(kit_ask("POST", CLEAN "/old-files", NULL, SV_LIT("{\"days\":-4}")));
    assert_non_null(strstr(answer, "\"bytesFreed\":0"));
    assert_int_equal(ask("POST", CLEAN "/immediate"), 200);
    answer = kit_get(CLEAN "/status");
    assert_non_null(strstr(answer, "\"cleanupTaskRunning\":true"));
    assert_non_null(strstr(answer, "\"nextCleanupRun\":\"20"));
    worker_close(&app->sweep);
    answer = kit_get(CLEAN "/status");
    assert_non_null(strstr(answer, "\"cleanupTaskRunning\":false"));
    assert_non_null(strstr(answer, "\"nextCleanupRun\":null"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(a_deleted_picture_goes_when_the_analysis_has_forgotten_it),
        T(deleting_may_be_repeated_before_and_after),
        T(a_forget_that_was_given_up_is_put_again),
        T(within_its_time_a_deletion_is_undone_and_nothing_was_lost),
        T(a_picture_that_was_not_packed_yet_is_packed_after_it_came_back),
        T(too_late_is_too_late),
        T(one_that_was_sent_in_again_meanwhile_does_not_come_back),
        T(an_object_that_came_from_elsewhere_stays),
        T(what_is_finished_leaves_s3_after_its_time_and_its_row_stays),
        T(a_picture_that_is_sent_again_in_between_stays),
        T(the_sweeper_does_all_of_it),
        T(the_panel_of_the_old_front_end_is_told_the_truth),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
