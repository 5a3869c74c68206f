/* test_watch.c - a model that is gone is a refusal to start, one that ends soon a number. */
#include "analysis-svc/watch.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "tests/kit/ear.h"
#include "tests/kit/kit.h"
#include "tests/kit/wire.h"

static struct kit_wire *wire;
static struct app app;
static char url[64];

static void begin(const struct kit_step *steps, size_t n, int64_t poll_ms)
{
    wire = kit_wire_open(steps, n);
    snprintf(url, sizeof url, "%s/v1", kit_wire_url(wire));
    app = (struct app){.conf = {.model_check = true,
                                .model_poll = poll_ms,
                                .model_days = 30,
                                .connect_timeout = 1000},
                       .roster = {.n = 1, .who = {ROSTER_OPENAI}}};
    app.roster.items[0] = (struct provider){.name = "openai",
                                            .dialect = DIALECT_RESPONSES,
                                            .base_url = url,
                                            .key = secret_of("sk-1"),
                                            .model = "m-1",
                                            .caps = {.listed = true}};
    app.keys = keyring_open(&app.roster, 1000);
}

static int end(void **state)
{
    (void)state;
    keyring_close(&app.keys);
    kit_wire_close(&wire);
    return 0;
}

static void a_model_that_is_gone_stops_the_start_unless_told_otherwise(void **state)
{
    static const struct kit_step steps[] = {
        {KIT_ANSWER, 404, NULL,
         "{\"error\":{\"message\":\"no such model\",\"code\":\"model_not_found\"}}"}};
    AUTO(watch_close) struct watch *w = NULL;
    struct err err = ERR_INIT;

    (void)state;
    begin(steps, 1, 60000);
    assert_fails(watch_open(&app, &w, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "m-1"));
    assert_non_null(strstr(err.msg, "OPENAI_MODEL"));
    assert_non_null(strstr(err.msg, "MODEL_CHECK=off"));
    assert_non_null(strstr(kit_wire_log(wire), "GET /v1/models/m-1"));
    assert_int_equal(metric_value(M_MODEL_DAYS, ROSTER_OPENAI), 0);
    err = (struct err)ERR_INIT;
    app.conf.model_check = false;
    assert_ok(watch_open(&app, &w, &err), err);
}

static void days_that_are_left_are_counted_and_asked_for_again(void **state)
{
    char body[128];
    struct kit_step steps[2] = {{KIT_ANSWER, 200, NULL, body},
                                {KIT_ANSWER, 200, NULL, "{\"id\":\"m-1\"}"}};
    AUTO(watch_close) struct watch *w = NULL;
    struct err err = ERR_INIT;
    const char *log;

    (void)state;
    snprintf(body, sizeof body, "{\"id\":\"m-1\",\"shutdown_date\":%lld}",
             (long long)(clock_wall_s() + 10 * 86400 + 60));
    begin(steps, 2, 100);
    kit_ear_open();
    assert_ok(watch_open(&app, &w, &err), err);
    log = kit_ear_close();
    assert_non_null(strstr(log, "\"event\":\"model.ends\""));
    assert_non_null(strstr(log, "\"days\":10"));
    assert_int_equal(metric_value(M_MODEL_DAYS, ROSTER_OPENAI), 10);
    for (int i = 0; i < 100 && metric_value(M_MODEL_DAYS, ROSTER_OPENAI) != -1; i++)
        clock_sleep_ms(20);
    assert_int_equal(metric_value(M_MODEL_DAYS, ROSTER_OPENAI), -1);
}

static void a_provider_that_does_not_answer_or_has_no_list_starts(void **state)
{
    static const struct kit_step steps[] = {{KIT_RESET, 0, NULL, NULL}};
    AUTO(watch_close) struct watch *w = NULL;
    AUTO(watch_close) struct watch *other = NULL;
    struct err err = ERR_INIT;
    size_t before;

    (void)state;
    begin(steps, 1, 60000);
    assert_ok(watch_open(&app, &w, &err), err);
    before = kit_wire_count(wire);
    assert_true(before > 0);
    app.roster.items[0].caps.listed = false;
    assert_ok(watch_open(&app, &other, &err), err);
    assert_int_equal(kit_wire_count(wire), before);
}

static int start(void **state)
{
    (void)state;
    http_global_open();
    analysis_metrics_open();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_model_that_is_gone_stops_the_start_unless_told_otherwise, end),
        cmocka_unit_test_teardown(days_that_are_left_are_counted_and_asked_for_again, end),
        cmocka_unit_test_teardown(a_provider_that_does_not_answer_or_has_no_list_starts, end),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
