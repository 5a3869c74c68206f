/* test_spend.c - the daily cap: reserved by the claim, settled by the answer; on a real Postgres.
 */
#include "analysis-svc/spend.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/reaper.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

/* The kit's price is one micro-USD a token in, none out; a picture is thought to be 2500 tokens. */
enum { ESTIMATE = 3000, COST = 1000 };

static int fresh(void **state)
{
    app->conf.spend_cap = 0;
    return kit_workshop_fresh(state);
}

static const char *today(void) { return kit_pg_value("SELECT sum(micro_usd) FROM analysis.spend"); }

static size_t claim_all(struct flight **list)
{
    struct err err = ERR_INIT;
    size_t n = 0;

    assert_ok(claim_jobs(app, 8, list, &n, &err), err);
    return n;
}

static void a_call_is_reserved_when_claimed_and_settled_when_stored(void **state)
{
    struct flight *f;

    (void)state;
    app->conf.spend_cap = 1000000;
    f = kit_claim_of(app, 1);
    assert_int_equal(atoi(today()), ESTIMATE);
    kit_land_good(app, &f, 0);
    assert_int_equal(atoi(today()), COST);
    assert_string_equal(kit_pg_value("SELECT cost_micro_usd FROM analysis.attempts"), "1000");
}

static void beyond_the_cap_jobs_wait_for_the_next_day_and_say_so(void **state)
{
    struct flight *list[CLAIM_MAX];
    int64_t before = metric_value(M_DEFERRED, WAIT_SPEND_CAP);

    (void)state;
    app->conf.spend_cap = ESTIMATE * 2;
    for (int i = 1; i <= 5; i++)
        kit_accept(app, kit_batch(i, i, 40 + i, 1, ""));
    assert_int_equal(claim_all(list), 2);
    assert_string_equal(
        kit_pg_value("SELECT string_agg(DISTINCT waits_for || ' ' || deliveries, ',') || ' ' ||"
                     " count(*) FROM analysis.jobs WHERE state = 'deferred' AND due_at >"
                     " date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
                     " + interval '1 day'"),
        "spend_cap 0 3");
    assert_int_equal(metric_value(M_DEFERRED, WAIT_SPEND_CAP), before + 3);
    assert_int_equal(limits_room(app->limits, 0), 30); /* what they had taken was given back */
    for (size_t i = 0; i < 2; i++)
        kit_land_good(app, &list[i], 0);
    /* The two were cheaper than thought, so there is room again; and tomorrow all of it. */
    assert_int_equal(atoi(today()), 2 * COST);
    kit_pg_sql("UPDATE analysis.spend SET day = day - 1;"
               "UPDATE analysis.jobs SET due_at = now() WHERE state = 'deferred'");
    assert_int_equal(claim_all(list), 2);
    for (size_t i = 0; i < 2; i++)
        kit_land_good(app, &list[i], 0);
}

static void the_deadline_of_a_job_that_waits_for_money_names_the_cap(void **state)
{
    struct flight *list[CLAIM_MAX];
    struct reaped r;
    struct err err = ERR_INIT;

    (void)state;
    app->conf.spend_cap = 1;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_int_equal(claim_all(list), 0);
    kit_pg_sql("UPDATE analysis.jobs SET deadline_at = now()");
    assert_ok(reaper_turn(app, &r, &err), err);
    assert_string_equal(kit_pg_value("SELECT state || ' ' || fail_code FROM analysis.images"),
                        "failed spend_cap");
}

static void what_was_not_sent_is_given_back_and_what_was_lost_stands(void **state)
{
    struct flight *f;
    struct reaped r;
    struct err err = ERR_INIT;

    (void)state;
    app->conf.spend_cap = 1000000;
    f = kit_claim_of(app, 1);
    assert_ok(claim_release(app, f, 0, &err), err);
    flight_free(&f);
    assert_string_equal(today(), "0");
    f = kit_claim(app);
    kit_pg_sql("UPDATE analysis.jobs SET lease_until = now() - interval '1 s'");
    assert_ok(reaper_turn(app, &r, &err), err);
    assert_int_equal(atoi(today()), ESTIMATE); /* it may have been billed */
    assert_int_equal(metric_value(M_SPEND, 0), ESTIMATE);
    assert_false(kit_land_good(app, &f, 0).fenced); /* and now its late answer tells */
    assert_int_equal(atoi(today()), COST);
}

static void without_a_cap_nothing_is_reserved(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land_good(app, &f, 0);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.spend"), "0");
}

static void a_cap_needs_prices(void **state)
{
    struct analysis_conf conf = app->conf;
    struct roster roster = app->roster;
    struct err err = ERR_INIT;

    (void)state;
    roster.items[0].caps.price_in = 0;
    assert_ok(spend_check(&conf, &roster, &err), err);
    conf.spend_cap = 1;
    assert_fails(spend_check(&conf, &roster, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "OPENAI_PRICE_IN"));
}

static void the_pause_ends_after_midnight(void **state)
{
    (void)state;
    assert_int_equal(spend_pause_ms(0), 86401000);
    assert_int_equal(spend_pause_ms(86399999), 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_call_is_reserved_when_claimed_and_settled_when_stored, fresh),
        cmocka_unit_test_setup(beyond_the_cap_jobs_wait_for_the_next_day_and_say_so, fresh),
        cmocka_unit_test_setup(the_deadline_of_a_job_that_waits_for_money_names_the_cap, fresh),
        cmocka_unit_test_setup(what_was_not_sent_is_given_back_and_what_was_lost_stands, fresh),
        cmocka_unit_test_setup(without_a_cap_nothing_is_reserved, fresh),
        cmocka_unit_test_setup(a_cap_needs_prices, fresh),
        cmocka_unit_test_setup(the_pause_ends_after_midnight, fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
