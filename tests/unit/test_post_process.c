/* test_post_process.c - what failed or waits is sent again, once, set by set; through the real
 * door. Covers: post_process again plain */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/relay.h"

#define ROOT "/api/admin/snapshots"
#define SET1 "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"
#define SET2 "1b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"

static struct app *app;
static const struct json *doc;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

static int status;
static const struct json *ask(const char *method, const char *path, const char *body)
{
    return doc = kit_json(method, path, body, &status);
}

static const char *numbers(const struct json *list)
{
    static char out[1000];

    out[0] = '\0';
    for (const struct json *n = json_first(list); n; n = json_next(n))
        snprintf(out + strlen(out), sizeof out - strlen(out), "%d,",
                 json_type(n) == JSON_OBJECT ? (int)json_int_or(n, "id", 0) : (int)json_number(n));
    return out;
}

/* Six pictures in two sets: 1 refused by the relay, 2 failed at the model, 3 read, 4 rejected by a
 * person; 5 and 6 wait. */
static void six(void)
{
    kit_recorded(4, SET1, 1);
    kit_recorded(2, SET2, 2);
    kit_pg_sql("UPDATE upload.sets SET waiting = false WHERE id = '" SET1 "';"
               "INSERT INTO upload.outbox (batch_id, set_id, body, item_count, state) VALUES"
               " ('00000000-0000-4000-8000-000000000001', '" SET1 "', '{}', 4, 'sent');"
               "UPDATE upload.platform_snapshots SET batch_id ="
               " '00000000-0000-4000-8000-000000000001' WHERE id < 5;"
               "UPDATE upload.platform_snapshots SET failed_at = now(), fail_code ="
               " 'batch_rejected' WHERE id = 1");
    kit_schema_image(2, "failed", "no_rows");
    kit_schema_image(3, "extracted", "");
    kit_schema_image(4, "failed", "review_rejected");
}

#define REVS                                                                                       \
    kit_pg_value("SELECT string_agg(id || ':' || rev, ' ' ORDER BY id) FROM"                       \
                 " upload.platform_snapshots")

static void the_summary_counts_what_waits_and_what_failed_by_set(void **state)
{
    const struct json *batches;

    (void)state;
    six();
    ask("GET", ROOT "/pending-summary", "");
    assert_int_equal(json_int_or(doc, "totalPending", 0), 4);
    assert_int_equal(json_int_or(doc, "totalBatches", 0), 2);
    batches = json_find(doc, "batches");
    assert_string_equal(json_text_or(json_at(batches, 0), "setId", ""), SET1);
    assert_int_equal(json_int_or(json_at(batches, 0), "count", 0), 2);
    assert_int_equal(json_int_or(json_at(batches, 0), "failed", 0), 2);
    assert_string_equal(json_text_or(json_at(batches, 0), "platform", ""), "cookie.fun");
    assert_int_equal(json_int_or(json_at(batches, 1), "failed", -1), 0);
}

static void all_that_failed_is_sent_again_and_the_rest_is_left_alone(void **state)
{
    const struct json *batches;

    (void)state;
    six();
    ask("POST", ROOT "/process-pending", "");
    assert_int_equal(status, 200);
    assert_int_equal(json_int_or(doc, "totalSnapshots", 0), 4);
    batches = json_find(doc, "batches");
    assert_int_equal(json_count(batches), 2);
    assert_string_equal(json_text_or(json_at(batches, 0), "groupKey", ""), SET1);
    assert_string_equal(numbers(json_find(json_at(batches, 0), "snapshotIds")), "1,2,");
    assert_string_equal(numbers(json_find(json_at(batches, 1), "snapshotIds")), "5,6,");
    assert_string_equal(REVS, "1:2 2:2 3:1 4:1 5:1 6:1");
    assert_string_equal(kit_pg_value("SELECT string_agg(id::text, ',' ORDER BY id) FROM"
                                     " upload.platform_snapshots WHERE batch_id IS NULL AND"
                                     " failed_at IS NULL"),
                        "1,2,5,6");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM upload.sets WHERE waiting AND"
                                     " closes_at <= now()"),
                        "2");
    /* what the analysis said of the run before no longer counts */
    assert_string_equal(
        json_text_or(json_find(ask("GET", ROOT "/status/2", ""), "snapshot"), "state", ""),
        "pending");
    ask("POST", ROOT "/process-pending", ""); /* twice is once */
    assert_string_equal(REVS, "1:2 2:2 3:1 4:1 5:1 6:1");
}

static void the_new_batch_carries_a_higher_number(void **state)
{
    struct err err = ERR_INIT;
    bool any;

    (void)state;
    six();
    ask("POST", ROOT "/2/retry", "");
    assert_int_equal(status, 200);
    assert_string_equal(json_text_or(json_find(doc, "snapshot"), "state", ""), "pending");
    assert_ok(relay_freeze(app, &any, &err), err);
    assert_string_equal(kit_pg_value("SELECT body::jsonb -> 'items' -> 0 ->> 'rev' FROM"
                                     " upload.outbox WHERE state = 'ready' AND item_count = 1"),
                        "2");
    assert_string_equal(
        kit_pg_value("SELECT state FROM upload.event_log ORDER BY seq DESC LIMIT 1"), "pending");
}

static void the_ones_that_are_named_are_sent_or_it_is_said_why_not(void **state)
{
    (void)state;
    six();
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now() WHERE id = 6");
    ask("POST", ROOT "/process", "{\"snapshotIds\":[1,3,4,6,77]}");
    assert_string_equal(numbers(json_find(doc, "processedIds")), "1,4,");
    assert_string_equal(numbers(json_find(doc, "skipped")), "3,6,");
    assert_string_equal(json_text_or(json_at(json_find(doc, "skipped"), 1), "message", ""),
                        "it was deleted");
    assert_string_equal(REVS, "1:2 2:1 3:1 4:2 5:1 6:1");
}

static void a_platform_may_be_named_instead(void **state)
{
    (void)state;
    six();
    kit_pg_sql("UPDATE upload.platform_snapshots SET platform_source = 'arbus' WHERE id = 2");
    ask("POST", ROOT "/process", "{\"platformSource\":\"arbus\"}");
    assert_string_equal(numbers(json_find(doc, "processedIds")), "2,");
    ask("POST", ROOT "/process", "{\"platformSource\":\"bantr\"}");
    assert_int_equal(status, 200);
    assert_string_equal(json_text_or(doc, "message", ""), "No snapshot waits or has failed");
}

static void one_that_was_read_is_read_anew_when_that_is_asked_for(void **state)
{
    (void)state;
    six();
    ask("POST", ROOT "/3/retry", "");
    assert_int_equal(status, 200);
    assert_string_equal(REVS, "1:1 2:1 3:2 4:1 5:1 6:1");
    kit_schema_image(2, "waiting", "");
    ask("POST", ROOT "/2/retry", "");
    assert_int_equal(status, 409);
    assert_string_equal(json_text_or(doc, "code", ""), "in_progress");
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now() WHERE id = 5");
    ask("POST", ROOT "/5/retry", "");
    assert_int_equal(status, 410);
    ask("POST", ROOT "/77/retry", "");
    assert_int_equal(status, 404);
}

static void a_picture_without_its_object_is_not_sent(void **state)
{
    (void)state;
    six();
    kit_pg_sql("UPDATE upload.platform_snapshots SET object_gone_at = now() WHERE id IN (1, 2)");
    ask("POST", ROOT "/2/retry", "");
    assert_int_equal(status, 410);
    ask("POST", ROOT "/process-pending", "");
    assert_string_equal(REVS, "1:1 2:1 3:1 4:1 5:1 6:1");
}

static void twins_that_both_failed_do_not_stand_in_each_others_way(void **state)
{
    (void)state;
    kit_recorded(1, SET1, 1);
    kit_pg_sql("UPDATE upload.platform_snapshots SET failed_at = now()");
    kit_recorded(1, SET2, 1); /* the same bytes once more */
    kit_pg_sql("UPDATE upload.platform_snapshots SET failed_at = now()");
    ask("POST", ROOT "/process-pending", "");
    assert_int_equal(status, 200);
    assert_string_equal(REVS, "1:2 2:2");
    assert_string_equal(kit_pg_value("SELECT string_agg(live::text, ' ' ORDER BY id) FROM"
                                     " upload.platform_snapshots"),
                        "false true");
}

static void a_batch_that_waits_for_its_next_try_is_hurried(void **state)
{
    struct err err = ERR_INIT;
    bool any;

    (void)state;
    kit_recorded(1, NULL, 1);
    assert_ok(relay_freeze(app, &any, &err), err);
    kit_pg_sql("UPDATE upload.outbox SET due_at = now() + interval '1 h'");
    ask("POST", ROOT "/process", "{}");
    assert_string_equal(numbers(json_find(doc, "processedIds")), "1,");
    assert_string_equal(kit_pg_value("SELECT due_at <= now() FROM upload.outbox"), "t");
    assert_string_equal(REVS, "1:1");
}

static void a_body_that_makes_no_sense_is_refused(void **state)
{
    static const char *const bad[] = {"[]",
                                      "{\"snapshotIds\":3}",
                                      "{\"snapshotIds\":[\"x\"]}",
                                      "{\"snapshotIds\":[1.5]}",
                                      "{\"snapshotIds\":[0]}",
                                      "{"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        ask("POST", ROOT "/process", bad[i]);
        if (status != 400 && status != 422)
            fail_msg("%s: %d", bad[i], status);
    }
    ask("POST", ROOT "/process", "{\"snapshotIds\":[]}");
    assert_int_equal(status, 200);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_schema_fresh)
    const struct CMUnitTest tests[] = {
        T(the_summary_counts_what_waits_and_what_failed_by_set),
        T(all_that_failed_is_sent_again_and_the_rest_is_left_alone),
        T(the_new_batch_carries_a_higher_number),
        T(the_ones_that_are_named_are_sent_or_it_is_said_why_not),
        T(a_platform_may_be_named_instead),
        T(one_that_was_read_is_read_anew_when_that_is_asked_for),
        T(a_picture_without_its_object_is_not_sent),
        T(twins_that_both_failed_do_not_stand_in_each_others_way),
        T(a_batch_that_waits_for_its_next_try_is_hurried),
        T(a_body_that_makes_no_sense_is_refused),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
