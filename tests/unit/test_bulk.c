/* test_bulk.c - calls that have time go through both vendors' Batch APIs: a real Postgres and S3,
 * a scripted provider. Covers: bulk_fetch bulk_gather bulk_rows bulk_send bulk_talk */
#include "analysis-svc/bulk.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "tests/kit/bulk_model.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/workshop.h"

#define ALL_DONE                                                                                   \
    "SELECT bool_and(ended_at IS NOT NULL) AND NOT EXISTS (SELECT FROM analysis.bulks WHERE "      \
    "state <> 'over') FROM analysis.batches"
#define SLOW "\"deadline_s\":200000,"

enum { PICTURES = 12, PATIENCE_MS = 15000 };

static struct app *app;
static struct kit_bulk *provider;
static struct run *runner;
static const char *s3_url;
static char url[80];

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    s3_url = app ? kit_rgw_start() : NULL;
    return app ? 0 : -1;
}

static bool put_picture(int i, struct err *err)
{
    struct s3_etag etag;
    char key[80];

    snprintf(key, sizeof key, KIT_DEPLOYMENT "/snapshots/2026-11-20/%d.png", i);
    return s3_put(app->s3, key, "image/png", SV_LIT("a picture, to those who trust"), &etag, err);
}

static void put_pictures(void)
{
    static bool there;
    struct err err = ERR_INIT;

    for (int i = 1; i <= PICTURES && !there; i++)
        assert_ok(put_picture(i, &err), err);
    there = true;
}

static void run_again(void)
{
    struct err err = ERR_INIT;

    assert_ok(run_open(app, &runner, &err), err);
}

static void stop(void)
{
    run_close(&runner);
    kit_service_close(app);
}

static void open_service(bool files)
{
    snprintf(url, sizeof url, "%s%s", kit_bulk_url(provider), files ? "/v1" : "");
    app->conf.half_price_from = 86400000;
    app->conf.half_price_gather = 50;
    app->conf.half_price_poll = 50;
    app->conf.half_price_reserve = 7200000;
    app->conf.half_price_bytes = 32 << 20;
    app->conf.anthropic_price_in = 1000000;
    if (files)
        kit_service_open(app, url, s3_url, "");
    else
        kit_service_open_anthropic(app, url, s3_url);
    put_pictures();
}

/* All but the service's own threads. files: OpenAI's API, else Anthropic's. */
static void prepare(const struct kit_bulk_script *script, bool files)
{
    if (!s3_url)
        skip();
    provider = kit_bulk_open(script);
    open_service(files);
}

static void begin(const struct kit_bulk_script *script, bool files)
{
    prepare(script, files);
    run_again();
}

static int end(void **state)
{
    run_close(&runner);
    kit_service_close(app);
    kit_bulk_close(&provider);
    app->conf.images_per_call = 4;
    app->conf.openai_key = app->conf.anthropic_key = secret_of("");
    app->conf.spend_cap = 0;
    return kit_workshop_fresh(state);
}

/* Most is told of either vendor's API: true for OpenAI's, which goes by files. */
static bool vendors[] = {true, false};

static bool of_vendor(void **state) { return *(const bool *)*state; }

static enum roster_who who(bool files) { return files ? ROSTER_OPENAI : ROSTER_ANTHROPIC; }

static const char *states(void)
{
    return kit_pg_value(
        "SELECT string_agg(s, ', ' ORDER BY s) FROM (SELECT count(*) || ' ' || state"
        " || COALESCE(' ' || fail_code, '') AS s FROM analysis.images"
        " GROUP BY state, fail_code) AS t");
}

static const char *classes(void)
{
    return kit_pg_value(
        "SELECT string_agg(c, ', ' ORDER BY c) FROM (SELECT count(*) || ' ' || class"
        " AS c FROM analysis.attempts GROUP BY class) AS t");
}

static void calls_come_back_in_any_order_at_half_the_price(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {
        .polls = 2, .poll_faults = 1, .result_faults = 1, .reversed = true};
    int64_t calls = metric_value(M_BULK_CALLS, who(files));
    struct kit_bulk_seen seen;

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 10, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    seen = kit_bulk_seen(provider);
    assert_string_equal(states(), "10 extracted");
    assert_string_equal(classes(), "3 ok");
    assert_int_equal(seen.parcels, 1);
    assert_int_equal(seen.calls, 3);
    assert_int_equal(seen.births, 1);
    assert_int_equal(seen.ordinary, 0);
    assert_int_equal(seen.drops, files ? 3 : 1);
    assert_false(seen.urls);
    /* 1000 tokens at 1 USD a million, and half of that */
    assert_string_equal(
        kit_pg_value("SELECT string_agg(DISTINCT cost_micro_usd || ' ' || transport,"
                     " ',') FROM analysis.attempts"),
        "500 base64");
    assert_string_equal(kit_pg_value("SELECT sum(deliveries) || ' ' || sum(attempts) || ' ' ||"
                                     " string_agg(DISTINCT state::text, ',') FROM analysis.jobs"),
                        "3 3 done");
    assert_int_equal(metric_value(M_BULK_CALLS, who(files)) - calls, 3);
    assert_string_equal(
        kit_pg_value("SELECT string_agg(handle, ',' ORDER BY row_no) FROM analysis.leaderboard"),
        "amber_dune,birch_lane");
}

/* answered, busy, expired, left out, a broken picture, a broken line */
static void what_comes_to_nothing_goes_the_ordinary_way(void **state)
{
    const struct kit_bulk_script script = {.fates = "aex-ij"};

    app->conf.images_per_call = 1;
    begin(&script, of_vendor(state));
    kit_accept(app, kit_batch(1, 1, 1, 6, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "1 failed image_unreadable, 5 extracted");
    assert_string_equal(classes(), "1 image_bad, 1 overloaded, 3 unanswered, 5 ok");
    assert_int_equal(kit_bulk_seen(provider).ordinary, 4);
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT cost_micro_usd::text, ','"
                                     " ORDER BY cost_micro_usd::text) FROM analysis.attempts"
                                     " WHERE class = 'ok'"),
                        "1000,500");
}

static void without_a_batch_api_all_go_the_ordinary_way(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.birth = KIT_BULK_NONE};
    int64_t refused = metric_value(M_BULKS, BULK_END_REFUSED);

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "5 extracted");
    assert_string_equal(classes(), "2 ok, 2 released");
    kit_accept(app, kit_batch(2, 2, 6, 3, SLOW)); /* it is not asked again for a while */
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_int_equal(kit_bulk_seen(provider).uploads, files ? 1 : 0);
    assert_int_equal(metric_value(M_BULKS, BULK_END_REFUSED) - refused, 1);
}

static void a_birth_that_nobody_heard_of_is_found_in_the_list(void **state)
{
    const struct kit_bulk_script script = {.birth = KIT_BULK_UNHEARD};
    bool files = of_vendor(state);
    int64_t again = metric_value(M_BULK_AGAIN, who(files));

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(classes(), "2 ok");
    assert_int_equal(kit_bulk_seen(provider).parcels, 1);
    assert_int_equal(kit_bulk_seen(provider).births, 1);
    assert_int_equal(metric_value(M_BULK_AGAIN, who(files)), again);
}

static void one_that_was_not_born_is_asked_for_again_and_counted(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.birth = KIT_BULK_UNBORN};
    int64_t again = metric_value(M_BULK_AGAIN, who(files));

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(classes(), "2 ok");
    assert_int_equal(kit_bulk_seen(provider).parcels, 1);
    assert_int_equal(kit_bulk_seen(provider).births, 2);
    assert_int_equal(kit_bulk_seen(provider).uploads, files ? 1 : 0);
    assert_int_equal(metric_value(M_BULK_AGAIN, who(files)) - again, 1);
}

static void a_refused_key_is_set_aside_and_another_one_goes_on(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.birth = KIT_BULK_WRONG_KEY};

    if (files)
        app->conf.openai_key = secret_of("sk-kit-one,sk-kit-two");
    else
        app->conf.anthropic_key = secret_of("sk-kit-one,sk-kit-two");
    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(classes(), "2 ok");
    assert_int_equal(kit_bulk_seen(provider).uploads, files ? 2 : 0);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.jobs WHERE deliveries <> 1"),
                        "0");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.bulks WHERE key_mark ~"
                                     " '^[0-9a-f]{8}$'"),
                        "1");
}

/* What a kill -9 leaves: a row under a lease that runs out. */
static void die(const char *sql)
{
    stop();
    kit_pg_sql("UPDATE analysis.bulks SET lease_token = gen_random_uuid(),"
               " lease_until = now() + interval '300 ms'");
    kit_pg_sql(sql);
}

static void after_a_crash_it_is_found_again(void **state)
{
    bool files = of_vendor(state);
    static const char *const left[] = {
        "SELECT 1", "UPDATE analysis.bulks SET state = 'creating', remote_id = NULL"};
    const struct kit_bulk_script never = {.polls = -1}, soon = {.polls = 0};

    for (size_t i = 0; i < COUNT_OF(left); i++) {
        begin(&never, files);
        kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
        assert_true(kit_until("SELECT EXISTS (SELECT FROM analysis.bulks WHERE state = 'sent')",
                              PATIENCE_MS));
        die(left[i]);
        kit_bulk_script(provider, &soon);
        open_service(files);
        run_again();
        assert_true(kit_until(ALL_DONE, PATIENCE_MS));
        assert_string_equal(states(), "5 extracted");
        assert_string_equal(classes(), "2 ok");
        assert_int_equal(kit_bulk_seen(provider).parcels, 1);
        assert_int_equal(kit_bulk_seen(provider).births, 1);
        (void)end(state);
    }
}

static void what_is_forgotten_meanwhile_is_cancelled_and_stays_forgotten(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = -1};

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(
        kit_until("SELECT EXISTS (SELECT FROM analysis.bulks WHERE state = 'sent')", PATIENCE_MS));
    kit_accept(app, kit_batch(2, 1, 1, 5, "\"op\":\"forget\","));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "5 forgotten forgotten");
    assert_int_equal(kit_bulk_seen(provider).cancels, 1);
    assert_int_equal(kit_bulk_seen(provider).ordinary, 0);
    assert_string_equal(classes(), "2 stale");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "0");
}

static void one_of_four_forgotten_leaves_no_words_behind(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script never = {.polls = -1}, soon = {.polls = 0};

    begin(&never, files);
    kit_accept(app, kit_batch(1, 1, 1, 4, SLOW));
    assert_true(
        kit_until("SELECT EXISTS (SELECT FROM analysis.bulks WHERE state = 'sent')", PATIENCE_MS));
    kit_accept(app, kit_batch(2, 1, 2, 1, "\"op\":\"forget\","));
    kit_bulk_script(provider, &soon);
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "1 forgotten forgotten, 3 extracted");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.attempts WHERE raw IS NOT NULL"), "0");
}

static void before_the_deadline_it_is_cancelled_for_the_ordinary_way(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = -1};

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(
        kit_until("SELECT EXISTS (SELECT FROM analysis.bulks WHERE state = 'sent' AND"
                  " give_up_at BETWEEN now() + interval '53 h' AND now() + interval '54 h')",
                  PATIENCE_MS)); /* 200,000 s less two hours */
    kit_pg_sql("UPDATE analysis.bulks SET give_up_at = now()");
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "5 extracted");
    assert_string_equal(classes(), "2 ok, 2 unanswered");
    assert_int_equal(kit_bulk_seen(provider).cancels, 1);
    assert_int_equal(kit_bulk_seen(provider).ordinary, 2);
}

static void a_provider_that_never_answers_about_it_is_not_waited_for(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = -1, .poll_faults = 100000};
    int64_t abandoned = metric_value(M_BULKS, BULK_END_ABANDONED);

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_true(kit_until("SELECT EXISTS (SELECT FROM analysis.bulks WHERE state = 'sent' AND"
                          " faults > 0)",
                          PATIENCE_MS));
    kit_pg_sql("UPDATE analysis.bulks SET give_up_at = now() - interval '1 day', next_at = now()");
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "5 extracted");
    assert_string_equal(classes(), "2 lost, 2 ok"); /* it may bill them */
    assert_int_equal(metric_value(M_BULKS, BULK_END_ABANDONED) - abandoned, 1);
}

static void a_day_is_not_more_than_a_day(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = 0};

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, "\"deadline_s\":86400,"));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_int_equal(kit_bulk_seen(provider).births, 0);
    assert_int_equal(kit_bulk_seen(provider).ordinary, 2);
}

static void switched_off_what_was_held_goes_the_ordinary_way(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = 0};

    prepare(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 5, SLOW));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.jobs WHERE state = 'held'"),
                        "2");
    app->conf.half_price_from = 0;
    run_again();
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_int_equal(kit_bulk_seen(provider).births, 0);
    assert_int_equal(kit_bulk_seen(provider).ordinary, 2);
    assert_false(bulk_wanted(app, 200000));
}

static void more_than_a_parcel_holds_makes_several(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = 0};

    prepare(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 12, SLOW));
    app->conf.half_price_bytes = 80 << 10; /* two calls' worth */
    run_again();
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "12 extracted");
    assert_int_equal(kit_bulk_seen(provider).parcels, 2);
    assert_int_equal(kit_bulk_seen(provider).calls, 3);
}

static void without_money_they_are_held_until_the_next_day(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = 0};

    prepare(&script, files);
    app->conf.spend_cap = 1;
    run_again();
    kit_accept(app, kit_batch(1, 1, 1, 4, SLOW));
    assert_true(kit_until("SELECT bool_and(state = 'held' AND waits_for = 'spend_cap')"
                          " FROM analysis.jobs",
                          PATIENCE_MS));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.bulks"), "0");
    assert_int_equal(kit_bulk_seen(provider).births, 0);
}

static void a_known_answer_needs_no_call(void **state)
{
    bool files = of_vendor(state);
    const struct kit_bulk_script script = {.polls = 0};

    begin(&script, files);
    kit_accept(app, kit_batch(1, 1, 1, 4, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    kit_pg_sql("UPDATE analysis.extractions SET sha256 = lpad((snapshot_id + 4)::text, 64, '0')");
    kit_accept(app, kit_batch(2, 2, 5, 4, SLOW));
    assert_true(kit_until(ALL_DONE, PATIENCE_MS));
    assert_string_equal(states(), "8 extracted");
    assert_int_equal(kit_bulk_seen(provider).calls, 1);
    assert_int_equal(kit_bulk_seen(provider).ordinary, 0);
}

int main(void)
{
#define OPENAI(name)                                                                               \
    {                                                                                              \
#name " (openai)", name, NULL, end, &vendors[0]                                            \
    }
#define ANTHROPIC(name)                                                                            \
    {                                                                                              \
#name " (anthropic)", name, NULL, end, &vendors[1]                                         \
    }
    const struct CMUnitTest tests[] = {
        OPENAI(calls_come_back_in_any_order_at_half_the_price),
        ANTHROPIC(calls_come_back_in_any_order_at_half_the_price),
        OPENAI(what_comes_to_nothing_goes_the_ordinary_way),
        ANTHROPIC(what_comes_to_nothing_goes_the_ordinary_way),
        OPENAI(without_a_batch_api_all_go_the_ordinary_way),
        ANTHROPIC(without_a_batch_api_all_go_the_ordinary_way),
        OPENAI(a_birth_that_nobody_heard_of_is_found_in_the_list),
        ANTHROPIC(a_birth_that_nobody_heard_of_is_found_in_the_list),
        OPENAI(one_that_was_not_born_is_asked_for_again_and_counted),
        ANTHROPIC(one_that_was_not_born_is_asked_for_again_and_counted),
        OPENAI(a_refused_key_is_set_aside_and_another_one_goes_on),
        OPENAI(after_a_crash_it_is_found_again),
        ANTHROPIC(after_a_crash_it_is_found_again),
        OPENAI(what_is_forgotten_meanwhile_is_cancelled_and_stays_forgotten),
        ANTHROPIC(what_is_forgotten_meanwhile_is_cancelled_and_stays_forgotten),
        OPENAI(one_of_four_forgotten_leaves_no_words_behind),
        OPENAI(before_the_deadline_it_is_cancelled_for_the_ordinary_way),
        ANTHROPIC(before_the_deadline_it_is_cancelled_for_the_ordinary_way),
        OPENAI(a_provider_that_never_answers_about_it_is_not_waited_for),
        OPENAI(a_day_is_not_more_than_a_day),
        OPENAI(switched_off_what_was_held_goes_the_ordinary_way),
        OPENAI(more_than_a_parcel_holds_makes_several),
        OPENAI(without_money_they_are_held_until_the_next_day),
        ANTHROPIC(without_money_they_are_held_until_the_next_day),
        OPENAI(a_known_answer_needs_no_call),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
