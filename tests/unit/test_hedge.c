/* test_hedge.c - a slow call is asked a second time, and one answer counts. On a real Postgres,
 * with a scripted model and two keys. Covers: hedge_pace hedge_send */
#include "analysis-svc/hedge.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/hedge_pace.h"
#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "tests/kit/kit.h"
#include "tests/kit/model.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

enum { PRIMED = PACE_LEAST, PATIENCE_MS = 15000 };
#define ALL_DONE "SELECT bool_and(ended_at IS NOT NULL) FROM analysis.batches"
#define ALL_TOLD "SELECT bool_and(finished_at IS NOT NULL) FROM analysis.attempts"

static struct app *app;
static struct kit_model *model;
static struct run *runner;
static int64_t sent, won;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static void accept(int batch) { kit_accept(app, kit_batch(batch, batch, batch, 1, "")); }

/* So many quick calls, one after the other, so that it is known what slow is; then what the steps
 * behind them say. */
static void begin(const struct kit_model_step *steps, size_t n, int64_t budget)
{
    struct err err = ERR_INIT;

    model = kit_model_open(steps, n);
    app->conf.openai_key = secret_of("sk-kit-one,sk-kit-two");
    app->conf.hedge_budget = budget;
    app->conf.hedge_percentile = 95;
    kit_service_open(app, kit_model_url(model), "", "");
    assert_ok(run_open(app, &runner, &err), err);
    sent = metric_value(M_HEDGES, HEDGE_END_SENT);
    won = metric_value(M_HEDGES, HEDGE_END_WON);
    for (int i = 1; i <= PRIMED; i++)
        accept(i);
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
}

static int end(void **state)
{
    run_close(&runner);
    kit_service_close(app);
    kit_model_close(&model);
    app->conf.openai_key = secret_of("");
    app->conf.hedge_budget = 0;
    return kit_workshop_fresh(state);
}

/* Quick ones first. */
#define Q                                                                                          \
    {                                                                                              \
        .act = KIT_MODEL_READ, .delay_ms = 20                                                      \
    }
#define QUICK Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q, Q

static const char *classes(void)
{
    return kit_pg_value(
        "SELECT string_agg(c, ', ' ORDER BY c) FROM (SELECT count(*) || ' ' || class"
        " AS c FROM analysis.attempts GROUP BY class) AS t");
}

static void each_is_stored_once(int pictures)
{
    char want[64];

    snprintf(want, sizeof want, "%d %d", pictures, pictures);
    assert_string_equal(kit_pg_value("SELECT count(*) || ' ' || count(DISTINCT snapshot_id)"
                                     " FROM analysis.extractions"),
                        want);
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT state::text, ',')"
                                     " FROM analysis.images"),
                        "extracted");
}

/* One picture more, until it is read and both its calls are over. */
static void one_more(void)
{
    accept(PRIMED + 1);
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_true(kit_until(ALL_TOLD, PATIENCE_MS));
}

static void the_second_call_wins_and_the_slow_one_is_cancelled_and_accounted(void **state)
{
    static const struct kit_model_step steps[] = {
        QUICK, {.act = KIT_MODEL_READ, .delay_ms = 4000}, {.act = KIT_MODEL_READ}};
    int64_t began;

    (void)state;
    begin(steps, COUNT_OF(steps), 10);
    began = clock_mono_ms();
    one_more();
    assert_true(clock_mono_ms() - began < 3500);
    each_is_stored_once(PRIMED + 1);
    assert_string_equal(classes(), "1 stale, 21 ok");
    assert_int_equal(metric_value(M_HEDGES, HEDGE_END_SENT) - sent, 1);
    assert_int_equal(metric_value(M_HEDGES, HEDGE_END_WON) - won, 1);
    /* it may be billed: it counts as what it was thought to cost */
    assert_string_equal(kit_pg_value("SELECT message || ' ' || (cost_micro_usd > 0)"
                                     " FROM analysis.attempts WHERE class = 'stale'"),
                        "cancelled: the other call was faster true");
    assert_string_equal(kit_pg_value("SELECT deliveries || ' ' || attempts FROM analysis.jobs"
                                     " ORDER BY job_id DESC LIMIT 1"),
                        "1 1");
}

static void a_first_call_that_fails_leaves_it_to_the_second(void **state)
{
    static const struct kit_model_step steps[] = {
        QUICK,
        {.act = KIT_MODEL_STATUS, .delay_ms = 900, .status = 500, .body = "{}"},
        {.act = KIT_MODEL_READ, .delay_ms = 1800}};

    (void)state;
    begin(steps, COUNT_OF(steps), 10);
    one_more();
    each_is_stored_once(PRIMED + 1);
    assert_string_equal(classes(), "1 stale, 21 ok");
    assert_int_equal(kit_model_calls(model), PRIMED + 2);
    assert_string_equal(kit_pg_value("SELECT deliveries || ' ' || attempts FROM analysis.jobs"
                                     " ORDER BY job_id DESC LIMIT 1"),
                        "1 1");
}

static void when_both_fail_the_job_is_tried_again(void **state)
{
    static const struct kit_model_step steps[] = {
        QUICK,
        {.act = KIT_MODEL_STATUS, .delay_ms = 700, .status = 500, .body = "{}"},
        {.act = KIT_MODEL_STATUS, .delay_ms = 900, .status = 500, .body = "{}"},
        {.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, COUNT_OF(steps), 10);
    one_more();
    each_is_stored_once(PRIMED + 1);
    /* a machine that is slow may ask twice in the second round too */
    assert_string_equal(
        kit_pg_value("SELECT count(*) FILTER (WHERE class = 'server_error') || ' ' ||"
                     " count(*) FILTER (WHERE class = 'ok') || ' ' ||"
                     " (count(*) FILTER (WHERE class = 'stale') > 0)"
                     " FROM analysis.attempts"),
        "1 21 true");
    assert_string_equal(kit_pg_value("SELECT deliveries || ' ' || attempts FROM analysis.jobs"
                                     " ORDER BY job_id DESC LIMIT 1"),
                        "2 1");
}

static void the_budget_holds_though_all_are_slow(void **state)
{
    static const struct kit_model_step steps[] = {QUICK, {.act = KIT_MODEL_READ, .delay_ms = 400}};

    (void)state;
    begin(steps, COUNT_OF(steps), 5);
    for (int i = 1; i <= 6; i++)
        accept(PRIMED + i);
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_true(kit_until(ALL_TOLD, PATIENCE_MS));
    each_is_stored_once(PRIMED + 6);
    assert_in_range(metric_value(M_HEDGES, HEDGE_END_SENT) - sent, 0, 1); /* of 26 calls */
}

static void without_a_budget_nobody_is_asked_twice(void **state)
{
    static const struct kit_model_step steps[] = {QUICK, {.act = KIT_MODEL_READ, .delay_ms = 600}};

    (void)state;
    begin(steps, COUNT_OF(steps), 0);
    accept(PRIMED + 1);
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_int_equal(kit_model_calls(model), PRIMED + 1);
    assert_null(run_hedge(runner));
}

static void a_service_that_closes_gives_the_claim_back_once(void **state)
{
    static const struct kit_model_step steps[] = {QUICK, {.act = KIT_MODEL_READ, .delay_ms = 2500}};

    (void)state;
    begin(steps, COUNT_OF(steps), 10);
    accept(PRIMED + 1);
    assert_true(kit_until("SELECT count(*) = 2 FROM analysis.attempts WHERE finished_at IS NULL",
                          PATIENCE_MS));
    run_close(&runner);
    assert_string_equal(kit_pg_value("SELECT state || ' ' || deliveries FROM analysis.jobs"
                                     " ORDER BY job_id DESC LIMIT 1"),
                        "ready 0");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.attempts"
                                     " WHERE finished_at IS NULL"),
                        "0");
}

static void slow_is_beyond_the_percentile_of_the_last_answers(void **state)
{
    struct hedge_pace p;

    (void)state;
    hedge_pace_init(&p, 90, 10);
    for (int i = 1; i < PACE_LEAST; i++) {
        hedge_pace_answer(&p, i);
        assert_int_equal(p.slow_ms, -1);
    }
    hedge_pace_answer(&p, PACE_LEAST);
    assert_int_equal(p.slow_ms, 20); /* the 19th of 20, and one more */
    for (int i = 0; i < PACE_CALLS; i++)
        hedge_pace_answer(&p, 1000); /* the old ones are forgotten */
    assert_int_equal(p.slow_ms, 1001);
}

static void second_calls_are_a_part_of_all(void **state)
{
    struct hedge_pace p;

    (void)state;
    hedge_pace_init(&p, 95, 3);
    for (p.calls = 1; p.calls <= 1000; p.calls++)
        p.sent += hedge_pace_may(&p);
    assert_int_equal(p.sent, 30);
    hedge_pace_init(&p, 95, 0);
    p.calls = 1000;
    assert_false(hedge_pace_may(&p));
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_is_beyond_the_percentile_of_the_last_answers),
        cmocka_unit_test(second_calls_are_a_part_of_all),
        T(the_second_call_wins_and_the_slow_one_is_cancelled_and_accounted),
        T(a_first_call_that_fails_leaves_it_to_the_second),
        T(when_both_fail_the_job_is_tried_again),
        T(the_budget_holds_though_all_are_slow),
        T(without_a_budget_nobody_is_asked_twice),
        T(a_service_that_closes_gives_the_claim_back_once),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
