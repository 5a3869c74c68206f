/* test_post_review.c - a review is asked through the outbox, and whoever asks is told what came of
 * it. Through the real door, with the relay's answers given by hand. */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/batch.h" /* what it would read */
#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/relay.h"

#define PATH "/api/admin/snapshots/1/review"
#define EDITS                                                                                      \
    "\"edits\":[{\"rowKey\":\"@foo\",\"field\":\"followers\",\"value\":12.5},"                     \
    "{\"rowKey\":\"@foo\",\"field\":\"badge\",\"value\":null},"                                    \
    "{\"rowKey\":\"@foo\",\"field\":\"display_name\",\"value\":\"Nora\"}]"

static struct app *app;
static struct extractors extractors;

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    app = kit_gate_open(false);
    if (!app || !extractors_load("analysis-svc/extractors", &extractors, &err))
        return -1;
    kit_schema_analysis();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    extractors_free(&extractors);
    kit_gate_close();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    kit_recorded(1, NULL, 1);
    return 0;
}

static int status(const char *path, const char *body)
{
    return talk_status(kit_ask("POST", path, NULL, sv_of(body)));
}

/* Ask, and let the relay's answer come while the request waits. */
static const char *settled(const char *body, int verdict, const char *said)
{
    static char answer[65536];
    AUTO(talk_close) struct talk *talk = talk_open(kit_gate_port());
    char head[600], id[64] = "";
    struct err err = ERR_INIT;

    snprintf(head, sizeof head,
             "POST " PATH
             " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " KIT_GATE_TOKEN
             "\r\nContent-Length: %zu\r\n\r\n",
             strlen(body));
    talk_say(talk, head);
    talk_say(talk, body);
    for (int i = 0; i < 100 && *id == '\0'; i++) {
        clock_sleep_ms(20);
        snprintf(id, sizeof id, "%s",
                 kit_pg_value("SELECT coalesce((SELECT batch_id::text FROM upload.outbox WHERE op ="
                              " 'review' AND state = 'ready'), '')"));
    }
    assert_ok(relay_settle(app, id, verdict, sv_of(said), &err), err);
    snprintf(answer, sizeof answer, "%s", talk_answer(talk));
    return answer;
}

static void an_accepted_review_is_answered_with_the_state(void **state)
{
    const char *answer = settled("{\"action\":\"approve\",\"note\":\"fine\"}", 202, "{}");

    (void)state;
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "\"snapshot\":{\"id\":1"));
    assert_string_equal(
        kit_pg_value("SELECT state || ' ' || snapshot_id FROM upload.outbox WHERE op = 'review'"),
        "sent 1");
}

static void a_refused_review_is_answered_with_the_reason_and_harms_no_picture(void **state)
{
    const char *answer =
        settled("{\"action\":\"edit\"," EDITS "}", 422,
                "{\"message\":\"1 item cannot be reviewed\",\"items\":[{\"snapshot_id\":1,"
                "\"reason\":\"there is no row \\\"@foo\\\"\"}]}");

    (void)state;
    assert_int_equal(talk_status(answer), 422);
    assert_non_null(strstr(answer, "there is no row"));
    assert_string_equal(kit_pg_value("SELECT failed_at IS NULL FROM upload.platform_snapshots"),
                        "t");
}

static void what_is_frozen_is_what_analysis_svc_takes(void **state)
{
    const struct batch_rules rules = {&extractors, "", ""};
    AUTO(batch_free) struct batch b = {.root = NULL};
    AUTO(str_free) struct str body = STR_INIT(65536);
    struct err err = ERR_INIT;
    const struct json *edit;

    (void)state;
    settled("{\"action\":\"edit\",\"note\":\"n\"," EDITS "}", 202, "{}");
    str_addz(&body, kit_pg_value("SELECT body FROM upload.outbox WHERE op = 'review'"));
    assert_ok(batch_read(str_sv(&body), &rules, &b, &err), err);
    assert_int_equal(b.op, BATCH_REVIEW);
    assert_int_equal(b.review.action, REVIEW_EDIT);
    assert_string_equal(b.review.note, "n");
    assert_true(*b.review.by != '\0');
    assert_int_equal(b.list[0].snapshot_id, 1);
    edit = json_at(b.review.edits, 0);
    assert_string_equal(json_text_or(edit, "row_key", ""), "@foo");
    assert_string_equal(json_text_or(edit, "value", ""), "12.5");
    assert_int_equal(json_type(json_find(json_at(b.review.edits, 1), "value")), JSON_NULL);
}

static void while_the_analysis_is_away_it_is_kept_for_later(void **state)
{
    int64_t began = clock_mono_ms();

    (void)state;
    assert_int_equal(status(PATH, "{\"action\":\"reject\"}"), 202);
    assert_true(clock_mono_ms() - began < 6000);
    assert_string_equal(kit_pg_value("SELECT state FROM upload.outbox"), "ready");
}

static void a_review_that_makes_no_sense_is_refused_before_anything_is_written(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"action\":\"praise\"}",
        "{\"action\":\"edit\"}",
        "{\"action\":\"edit\",\"edits\":[]}",
        "{\"action\":\"edit\",\"edits\":{}}",
        "{\"action\":\"edit\",\"edits\":[{\"rowKey\":\"a\",\"field\":\"b\"}]}",
        "{\"action\":\"edit\",\"edits\":[{\"rowKey\":\"\",\"field\":\"b\",\"value\":\"1\"}]}",
        "{\"action\":\"edit\",\"edits\":[{\"field\":\"b\",\"value\":\"1\"}]}",
        "{\"action\":\"edit\",\"edits\":[{\"rowKey\":\"a\",\"field\":\"b\",\"value\":[]}]}",
        "{\"action\":\"reject\"," EDITS "}",
        "{\"action\":7}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (status(PATH, bad[i]) != 422)
            fail_msg("%s: %d", bad[i], status(PATH, bad[i]));
    assert_int_equal(status("/api/admin/snapshots/9/review", "{\"action\":\"approve\"}"), 404);
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    assert_int_equal(status(PATH, "{\"action\":\"approve\"}"), 410);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM upload.outbox WHERE op = 'review'"),
                        "0");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(an_accepted_review_is_answered_with_the_state),
        T(a_refused_review_is_answered_with_the_reason_and_harms_no_picture),
        T(what_is_frozen_is_what_analysis_svc_takes),
        T(while_the_analysis_is_away_it_is_kept_for_later),
        T(a_review_that_makes_no_sense_is_refused_before_anything_is_written),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
