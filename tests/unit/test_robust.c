/* test_robust.c - a scripted model misbehaves by call number; every picture ends as it should, no
 * call is wasted, and no signature stays anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis-svc/metrics.h"
#include "analysis-svc/run.h"
#include "common/clock.h"
#include "tests/kit/ear.h"
#include "tests/kit/kit.h"
#include "tests/kit/model.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/workshop.h"

#define ALL_DONE "SELECT bool_and(ended_at IS NOT NULL) FROM analysis.batches"

static struct app *app;
static struct kit_model *model;
static struct run *runner;
enum { BRIEF_MS = 700, AMPLE_MS = 15000 }; /* what a call may take */
static int64_t counted[ANSWER_COUNT_], extracted;

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
    for (unsigned c = 0; c < ANSWER_COUNT_; c++)
        counted[c] = metric_value(M_CALLS, c);
    extracted = metric_value(M_IMAGES, IMAGE_EXTRACTED);
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
    app->conf.first_byte_timeout = 0;
    return 0;
}

/* What was counted is what stands in the rows. */
static void metrics_agree(void)
{
    char sql[128];

    for (unsigned c = 0; c < ANSWER_COUNT_; c++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM analysis.attempts WHERE class = '%s'",
                 answer_wire((enum answer_class)c));
        assert_int_equal(metric_value(M_CALLS, c) - counted[c], atol(kit_pg_value(sql)));
    }
    assert_int_equal(metric_value(M_IMAGES, IMAGE_EXTRACTED) - extracted,
                     atol(kit_pg_value("SELECT count(*) FROM analysis.images"
                                       " WHERE state = 'extracted'")));
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
    run_close(&runner); /* all is counted */
    metrics_agree();
}

static void first_within(int limit_ms, enum kit_model_act act, const char *classes)
{
    static struct kit_model_step steps[2]; /* the model may look until it closes */
    size_t calls = 1;

    steps[0] = (struct kit_model_step){.act = act};
    steps[1] = (struct kit_model_step){.act = KIT_MODEL_READ};
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

static void silence_before_a_body_has_a_limit_of_its_own(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ, .delay_ms = 1200},
                                                  {.act = KIT_MODEL_READ}};

    (void)state;
    app->conf.first_byte_timeout = 400;
    begin(steps, 2, 2);
    finish("extracted", 2, "timeout,ok");
    assert_string_equal(kit_pg_value("SELECT message ~ 'no answer within 400 ms'"
                                     " FROM analysis.attempts WHERE class = 'timeout'"),
                        "t");
}

static void text_that_is_no_utf8_is_nonsense(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS,
         .status = 200,
         .body = "{\"id\":\"resp_kit\",\"status\":\"completed\",\"output\":[{\"type\":\"message\","
                 "\"content\":[{\"type\":\"output_text\",\"text\":\"{\\\"results\\\":["
                 "\\\"\xff\xfe\\\"]}\"}]}]}"},
        {.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, 2, 2);
    finish("extracted", 3, "nonsense,ok,ok");
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

/* ---- a provider that asks for patience ---- */

static const char patience[] =
    "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
    "\"code\":\"rate_limit_exceeded\"}}";

/* From the end of the n-th call (from 1) to the beginning of the next. */
static long pause_after(int n)
{
    char sql[256];

    snprintf(sql, sizeof sql,
             "SELECT round(extract(epoch FROM next - finished_at) * 1000) FROM (SELECT finished_at,"
             " lead(started_at) OVER (ORDER BY attempt_id) AS next FROM analysis.attempts) AS a"
             " OFFSET %d LIMIT 1",
             n - 1);
    return atol(kit_pg_value(sql));
}

static void whatever_form_retry_after_has_it_is_waited_for(void **state)
{
    char date[64];
    time_t until = (time_t)clock_wall_s() + 5;
    struct tm tm;
    const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS,
         .status = 429,
         .header = {"retry-after-ms", "350"},
         .body = patience},
        {.act = KIT_MODEL_STATUS, .status = 429, .header = {"Retry-After", "1"}, .body = patience},
        {.act = KIT_MODEL_STATUS,
         .status = 429,
         .header = {"retry-after", "0.45"},
         .body = patience},
        {.act = KIT_MODEL_STATUS, .status = 429, .header = {"retry-after", date}, .body = patience},
        {.act = KIT_MODEL_STATUS, .status = 429, .body = patience}, /* it may be left out */
        {.act = KIT_MODEL_READ}};

    (void)state;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&until, &tm));
    begin(steps, COUNT_OF(steps), 2);
    finish("extracted", 6, "rate_limited,rate_limited,rate_limited,rate_limited,rate_limited,ok");
    assert_in_range(pause_after(1), 350, 3000);
    assert_in_range(pause_after(2), 1000, 4000);
    assert_in_range(pause_after(3), 450, 3000);
    assert_string_equal(kit_pg_value("SELECT max(attempts) FROM analysis.images"), "1");
    assert_true(clock_wall_s() >= until);
}

static void an_outage_is_waited_out_with_few_calls(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS,
         .for_ms = 1500,
         .status = 529,
         .body = "{\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}"},
        {.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, 2, 8); /* two calls */
    assert_true(kit_until(ALL_DONE, 20000));
    run_close(&runner);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.images WHERE state ="
                                     " 'extracted' AND attempts = 1"),
                        "8");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(DISTINCT class, ',') || ' ' ||"
                     " count(*) FILTER (WHERE class = 'ok') FROM analysis.attempts"),
        "ok,overloaded 2");
    assert_in_range(kit_model_calls(model), 4, 40);
    metrics_agree();
}

/* ---- signatures ---- */

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
    const char *s3 = kit_rgw_start(), *log;

    (void)state;
    if (!s3)
        skip();
    kit_ear_open();
    begin_with(steps, COUNT_OF(steps), s3, 3, AMPLE_MS);
    (void)!kit_until(ALL_DONE, 20000);
    run_close(&runner);
    log = kit_ear_close();
    assert_true(kit_model_calls(model) >= 3);
    assert_non_null(strstr(log, "call.done"));
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT state::text, ',')"
                                     " FROM analysis.images"),
                        "extracted");
    assert_null(strstr(log, "5ecfade"));
    assert_null(strcasestr(log, "X-Amz-Signature="));
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
        ROBUST(silence_before_a_body_has_a_limit_of_its_own),
        ROBUST(text_that_is_no_utf8_is_nonsense),
        ROBUST(whatever_form_retry_after_has_it_is_waited_for),
        ROBUST(an_outage_is_waited_out_with_few_calls),
        ROBUST(a_reset_inside_a_body_is_the_networks),
        ROBUST(a_refusal_is_tried_alone),
        ROBUST(html_with_200_says_nothing_about_the_pictures),
        ROBUST(a_cut_off_answer_is_never_asked_for_again_unchanged),
        ROBUST(no_signature_is_in_a_log_or_a_row_after_a_run),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
