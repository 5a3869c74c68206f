/* test_robust.c - a scripted model misbehaves by call number; every picture ends as it should, no
 * call is wasted, and no signature stays anywhere. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis-svc/run.h"
#include "common/file.h"
#include "tests/kit/kit.h"
#include "tests/kit/model.h"
#include "tests/kit/pg.h"
#include "tests/kit/place.h"
#include "tests/kit/rgw.h"
#include "tests/kit/workshop.h"

#define ALL_DONE "SELECT bool_and(ended_at IS NOT NULL) FROM analysis.batches"

static struct app *app;
static struct kit_model *model;
static struct run *runner;
enum { BRIEF_MS = 700, AMPLE_MS = 15000 }; /* what a call may take */

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static void begin_with(const struct kit_model_step *steps, size_t n, const char *s3, int pictures,
                       int limit_ms)
{
    struct err err = ERR_INIT;
    struct s3_etag etag;
    char key[64];

    model = kit_model_open(steps, n);
    kit_service_open(app, kit_model_url(model), s3, *s3 ? "http://127.0.0.1:9" : "");
    for (int i = 41; *s3 && i < 41 + pictures; i++) {
        snprintf(key, sizeof key, KIT_DEPLOYMENT "/snapshots/2026-11-20/%d.png", i);
        assert_ok(s3_put(app->s3, key, "image/png", SV_LIT("bytes"), &etag, &err), err);
    }
    app->conf.call_timeout = limit_ms;
    assert_ok(run_open(app, &runner, &err), err);
    kit_accept(app, kit_batch(1, 1, 41, pictures, ""));
}

static void begin(const struct kit_model_step *steps, size_t n, int pictures)
{
    begin_with(steps, n, "", pictures, AMPLE_MS);
}

static int end(void **state)
{
    (void)state;
    run_close(&runner);
    kit_service_close(app);
    kit_model_close(&model);
    return 0;
}

static void finish(const char *states, size_t calls, const char *classes)
{
    assert_true(kit_until(ALL_DONE, 20000));
    assert_string_equal(
        kit_pg_value("SELECT string_agg(DISTINCT state || COALESCE(' ' || fail_code,"
                     " ''), ',') FROM analysis.images"),
        states);
    assert_string_equal(kit_pg_value("SELECT string_agg(class, ',' ORDER BY attempt_id)"
                                     " FROM analysis.attempts"),
                        classes);
    assert_int_equal(kit_model_calls(model), calls);
}

static void first_within(int limit_ms, enum kit_model_act act, const char *classes)
{
    const struct kit_model_step steps[] = {{.act = act}, {.act = KIT_MODEL_READ}};
    size_t calls = 1;

    for (const char *at = strchr(classes, ','); at; at = strchr(at + 1, ','))
        calls++;
    begin_with(steps, 2, "", 2, limit_ms);
    finish("extracted", calls, classes);
}

static void first(enum kit_model_act act, const char *classes)
{
    first_within(AMPLE_MS, act, classes);
}

static void a_thought_before_the_answer_is_passed_over(void **state)
{
    (void)state;
    first(KIT_MODEL_THINK, "ok");
}

static void a_fence_around_the_answer_is_no_fault(void **state)
{
    (void)state;
    first(KIT_MODEL_FENCED, "ok");
}

static void a_wrong_id_costs_only_its_picture_another_call(void **state)
{
    (void)state;
    first(KIT_MODEL_WRONG_ID, "ok,ok");
    assert_int_equal(kit_model_images(model), 3);
}

static void a_doubled_id_costs_only_its_picture_another_call(void **state)
{
    (void)state;
    first(KIT_MODEL_DOUBLED, "ok,ok");
    assert_int_equal(kit_model_images(model), 3);
}

static void an_empty_answer_is_asked_for_again_in_smaller_groups(void **state)
{
    (void)state;
    first(KIT_MODEL_EMPTY, "nonsense,ok,ok");
}

static void a_depth_bomb_harms_nobody(void **state)
{
    (void)state;
    first(KIT_MODEL_DEEP, "nonsense,ok,ok");
}

static void a_body_cut_inside_a_character_is_nonsense(void **state)
{
    (void)state;
    first(KIT_MODEL_BROKEN, "nonsense,ok,ok");
}

static void two_hundred_megabytes_are_not_read(void **state)
{
    (void)state;
    first(KIT_MODEL_HUGE, "nonsense,ok,ok");
}

static void silence_inside_a_body_ends_at_the_calls_limit(void **state)
{
    (void)state;
    first_within(BRIEF_MS, KIT_MODEL_STALL, "timeout,ok");
}

static void a_reset_inside_a_body_is_the_networks(void **state)
{
    (void)state;
    first(KIT_MODEL_RESET, "network,ok");
}

static void a_refusal_is_tried_alone(void **state)
{
    (void)state;
    first(KIT_MODEL_REFUSE, "refused,ok,ok");
}

static void html_with_200_says_nothing_about_the_pictures(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS, .status = 200, .body = "<html>Please log in</html>"},
        {.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, 2, 2);
    finish("extracted", 2, "server_error,ok");
    assert_string_equal(kit_pg_value("SELECT max(attempts) FROM analysis.images"), "1");
}

static void a_cut_off_answer_is_never_asked_for_again_unchanged(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_CUT}};

    (void)state;
    begin(steps, 1, 4); /* four, two and two, then each alone: seven different calls */
    finish("failed model_truncated", 7,
           "truncated,truncated,truncated,truncated,truncated,truncated,truncated");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM (SELECT array_agg(snapshot_id ORDER BY snapshot_id) AS s"
                     " FROM analysis.attempt_images GROUP BY attempt_id) AS c"
                     " GROUP BY s ORDER BY 1 DESC LIMIT 1"),
        "1");
}

/* ---- signatures ---- */

/* Standard error goes into this file until the returned descriptor is given back. */
static int catch_log(const char *path)
{
    int before = dup(2), file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(before >= 0 && file >= 0);
    fflush(stderr);
    dup2(file, 2);
    close(file);
    return before;
}

static void release_log(int before)
{
    fflush(stderr);
    dup2(before, 2);
    close(before);
}

/* Every row of every table of the schema, as text. */
#define ROWS_WITH(pattern)                                                                         \
    "SELECT count(*) FROM pg_tables t, LATERAL (SELECT unnest(xpath('//r/text()',"                 \
    " query_to_xml(format('SELECT x::text AS r FROM analysis.%I x', t.tablename), false, false,"   \
    " '')))::text AS line) AS rows WHERE t.schemaname = 'analysis' AND line ~ '" pattern "'"

static void no_signature_is_in_a_log_or_a_row_after_a_run(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_FETCH}, /* it does not reach them, and echoes one, signature and all */
        {.act = KIT_MODEL_STATUS,
         .status = 400,
         .body = "{\"error\":{\"message\":\"Bad request: https://b.example.com/k?X-Amz-Signature="
                 "5ecfade0&X-Amz-Credential=5ecfade1 and X-Amz-Security-Token=5ecfade2\"}}"},
        {.act = KIT_MODEL_STATUS,
         .status = 200,
         .body = "<html>https://b.example.com/k?X-Amz-Signature=5ecfade3</html>"},
        {.act = KIT_MODEL_READ}};
    AUTO(str_free) struct str log = STR_INIT(1 << 22);
    char place[KIT_PLACE_SIZE], path[KIT_PLACE_SIZE + 8];
    const char *s3 = kit_rgw_start();
    struct err err = ERR_INIT;
    int before;

    (void)state;
    if (!s3)
        skip();
    assert_true(kit_place("robust", place));
    snprintf(path, sizeof path, "%s/log", place);
    before = catch_log(path);
    begin_with(steps, COUNT_OF(steps), s3, 3, AMPLE_MS);
    (void)!kit_until(ALL_DONE, 20000);
    run_close(&runner);
    release_log(before);
    assert_ok(file_read(path, &log, &err), err);
    unlink(path);
    rmdir(place);
    assert_true(kit_model_calls(model) >= 3);
    assert_non_null(strstr(log.p, "call.done"));
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT state::text, ',')"
                                     " FROM analysis.images"),
                        "extracted");
    assert_null(strstr(log.p, "5ecfade"));
    assert_null(strcasestr(log.p, "X-Amz-Signature="));
    assert_true(atol(kit_pg_value(ROWS_WITH("image_fetch"))) >
                0); /* the search finds what is there */
    assert_string_equal(kit_pg_value(ROWS_WITH("5ecfade")), "0");
    assert_string_equal(kit_pg_value(ROWS_WITH("(?i)x-amz-signature=")), "0");
    assert_string_equal(kit_pg_value(ROWS_WITH("(?i)x-amz-credential=")), "0");
}

#define ROBUST(name) cmocka_unit_test_setup_teardown(name, kit_workshop_fresh, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROBUST(a_thought_before_the_answer_is_passed_over),
        ROBUST(a_fence_around_the_answer_is_no_fault),
        ROBUST(a_wrong_id_costs_only_its_picture_another_call),
        ROBUST(a_doubled_id_costs_only_its_picture_another_call),
        ROBUST(an_empty_answer_is_asked_for_again_in_smaller_groups),
        ROBUST(a_depth_bomb_harms_nobody),
        ROBUST(a_body_cut_inside_a_character_is_nonsense),
        ROBUST(two_hundred_megabytes_are_not_read),
        ROBUST(silence_inside_a_body_ends_at_the_calls_limit),
        ROBUST(a_reset_inside_a_body_is_the_networks),
        ROBUST(a_refusal_is_tried_alone),
        ROBUST(html_with_200_says_nothing_about_the_pictures),
        ROBUST(a_cut_off_answer_is_never_asked_for_again_unchanged),
        ROBUST(no_signature_is_in_a_log_or_a_row_after_a_run),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
