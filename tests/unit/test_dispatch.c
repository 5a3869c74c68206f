/* test_dispatch.c - from a claimed job to a call: what is sent, with which key, and what is not
 * sent at all. Covers: fit */
#include "analysis-svc/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "common/file.h"
#include "tests/kit/kit.h"
#include "tests/kit/model.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"
#include "tests/kit/workshop.h"

#define ALL_DONE "SELECT bool_and(ended_at IS NOT NULL) FROM analysis.batches"

static struct app *app;
static struct kit_model *model;
static struct kit_wire *wire;
static struct run *runner;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static void begin(const struct kit_model_step *steps, size_t n)
{
    model = kit_model_open(steps, n);
    kit_service_open(app, kit_model_url(model), "", "");
}

static void go(void)
{
    struct err err = ERR_INIT;

    assert_ok(run_open(app, &runner, &err), err);
}

static int end(void **state)
{
    (void)state;
    run_close(&runner);
    kit_service_close(app);
    kit_model_close(&model);
    kit_wire_close(&wire);
    app->conf.openai_key = secret_of("");
    return 0;
}

static const char *states(void)
{
    return kit_pg_value("SELECT string_agg(DISTINCT state || COALESCE(' ' || fail_code, ''), ',')"
                        " FROM analysis.images");
}

static void a_group_that_is_too_large_for_the_model_is_split_and_not_sent(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, 1);
    kit_accept(app, kit_batch(1, 1, 41, 4, ""));
    app->roster.items[0].images_max = 1; /* as after a start with another model */
    go();
    assert_true(kit_until(ALL_DONE, 5000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_calls(model), 4);
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT class || ' ' || image_count, ','"
                                     " ORDER BY class || ' ' || image_count)"
                                     " FROM analysis.attempts"),
                        "ok 1,too_big 2,too_big 4");
}

static void a_dead_key_is_set_aside_and_the_other_takes_its_calls(void **state)
{
    static const struct kit_step script[] = {
        {KIT_ANSWER, 401, NULL,
         "{\"error\":{\"message\":\"Incorrect API key provided: sk-dead-1\",\"type\":"
         "\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}"},
        {KIT_ANSWER, 200, NULL,
         "{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"}}"}};
    char url[64];
    int64_t aside = metric_value(M_KEYS_ASIDE, ROSTER_OPENAI);

    (void)state;
    wire = kit_wire_open(script, COUNT_OF(script));
    snprintf(url, sizeof url, "%s/v1", kit_wire_url(wire));
    app->conf.openai_key = secret_of("sk-dead-1,sk-live-2");
    kit_service_open(app, url, "", "");
    go();
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 5000));
    assert_string_equal(states(), "failed model_refused");
    assert_int_equal(kit_wire_count(wire), 2);
    assert_non_null(strstr(kit_wire_head(wire, 0), "Bearer sk-dead-1"));
    assert_non_null(strstr(kit_wire_head(wire, 1), "Bearer sk-live-2"));
    assert_int_equal(metric_value(M_KEYS_ASIDE, ROSTER_OPENAI), aside + 1);
    assert_string_equal(kit_pg_value("SELECT class FROM analysis.attempts ORDER BY attempt_id"
                                     " LIMIT 1"),
                        "key_refused");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.attempts WHERE message LIKE '%dead%'"), "0");
}

/* How many of the requests bore this key. */
static size_t sent_with(const char *key)
{
    size_t n = 0;

    for (size_t i = 0; i < kit_wire_count(wire); i++)
        n += strstr(kit_wire_head(wire, i), key) != NULL;
    return n;
}

static void a_key_without_money_is_not_asked_again_and_its_jobs_lose_nothing(void **state)
{
    static const struct kit_step script[] = {
        {KIT_ANSWER, 429, "retry-after: 1\r\n",
         "{\"error\":{\"message\":\"You exceeded your current quota\",\"type\":"
         "\"insufficient_quota\",\"param\":null,\"code\":\"insufficient_quota\"}}"},
        {KIT_ANSWER, 200, NULL,
         "{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"}}"}};
    char url[64];

    (void)state;
    wire = kit_wire_open(script, COUNT_OF(script));
    snprintf(url, sizeof url, "%s/v1", kit_wire_url(wire));
    app->conf.openai_key = secret_of("sk-poor,sk-rich-1,sk-rich-2");
    kit_service_open(app, url, "", "");
    go();
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 5000));
    for (int i = 2; i < 8; i++)
        kit_accept(app, kit_batch(i, i, 50 * i, 1, ""));
    assert_true(kit_until(ALL_DONE, 5000));
    assert_string_equal(states(), "failed model_refused");
    assert_int_equal(kit_wire_count(wire), 8);
    assert_int_equal(sent_with("sk-poor"), 1);
    assert_true(sent_with("sk-rich-1") >= 2 && sent_with("sk-rich-2") >= 2);
    assert_int_equal(limits_keys(app->limits, 0, clock_mono_ms()), 2);
}

/* One gateway for the tests that fetch; NULL: ceph is not installed. */
static const char *store(void)
{
    static const char *url;

    if (!url)
        url = kit_rgw_start();
    return url;
}

static void put_picture(int id, struct sv bytes)
{
    AUTO(str_free) struct str key = STR_INIT(256);
    struct s3_etag etag;
    struct err err = ERR_INIT;

    str_addf(&key, KIT_DEPLOYMENT "/snapshots/2026-11-20/%d.png", id);
    assert_ok(s3_put(app->s3, key.p, "image/png", bytes, &etag, &err), err);
}

static void a_picture_that_is_too_large_is_scaled_once_and_found_again(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_FETCH}};
    AUTO(str_free) struct str picture = STR_INIT(1 << 24);
    AUTO(str_free) struct str key = STR_INIT(256);
    AUTO(str_free) struct str small = STR_INIT(1 << 24);
    int64_t scaled = metric_value(M_SCALED, 0);
    struct err err = ERR_INIT;

#ifdef __SANITIZE_THREAD__ /* it does not see the locks of glib that libvips' threads wait by */
    skip();
#endif
    (void)state;
    if (!store())
        skip();
    model = kit_model_open(steps, 1);
    kit_service_open(app, kit_model_url(model), store(), "");
    app->roster.items[0].caps.side = 1000; /* they are said to be 1280 wide */
    assert_ok(file_read("local/samples/dark-desktop.png", &picture, &err), err);
    put_picture(41, str_sv(&picture));
    put_picture(42, SV_LIT("no picture at all"));
    go();
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_fetched(model), 1);
    assert_int_equal(metric_value(M_SCALED, 0), scaled + 1);
    str_addf(&key, KIT_DEPLOYMENT "/derived/%s/fit-1000-25000000-45000000.png", kit_uuid(41));
    assert_ok(s3_get(app->s3, key.p, 1 << 24, &small, &err), err);
    assert_memory_equal(small.p + 16, "\0\0\x03", 3); /* its width: 1000, or a pixel less */
    assert_in_range((unsigned char)small.p[19], 0xe7, 0xe8);
    kit_accept(app, kit_batch(2, 1, 41, 2, "\"fresh\":true,"));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_int_equal(metric_value(M_SCALED, 0), scaled + 1);
    assert_string_equal(
        kit_pg_value("SELECT string_agg(state || COALESCE(' ' || fail_code, ''), ','"
                     " ORDER BY snapshot_id) FROM analysis.images"),
        "extracted,failed image_unreadable");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_group_that_is_too_large_for_the_model_is_split_and_not_sent, kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(a_dead_key_is_set_aside_and_the_other_takes_its_calls,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(
            a_key_without_money_is_not_asked_again_and_its_jobs_lose_nothing, kit_workshop_fresh,
            end),
        cmocka_unit_test_setup_teardown(a_picture_that_is_too_large_is_scaled_once_and_found_again,
                                        kit_workshop_fresh, end),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
