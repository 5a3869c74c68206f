/* test_limits.c - calls at a time, breaker, retry budget, blocks and the memory of URLs, with a
 * clock of the test's own. Covers: gauge */
#include "analysis-svc/limits.h"

#include "tests/kit/kit.h"

static const struct limits_conf conf = {
    .providers = 2,
    .gauge = {.slots = 3, .start = 3, .break_after = 2, .break_ms = 1000, .block_ms = 60000}};
/* One provider with room to grow. */
static const struct limits_conf wide = {
    .providers = 1,
    .gauge = {.slots = 64, .start = 4, .break_after = 5, .break_ms = 1000, .block_ms = 60000}};

static struct limits_slip slips[256];

/* Place of the slip, which lies in slips[i]; -1: none. */
static int take(struct limits *l, size_t i, unsigned avoid, int64_t now)
{
    enum limits_no no;

    limits_take(l, &(struct limits_ask){avoid, 1, false}, now, &slips[i], &no);
    return slips[i].place;
}

static void give(struct limits *l, size_t i, enum answer_class class, int64_t after, int64_t now)
{
    limits_give(l, &slips[i], &(struct limits_told){class, after, NULL, NULL}, now);
}

/* One call to the first provider. */
static void call(struct limits *l, enum answer_class class, int64_t now)
{
    assert_int_equal(take(l, 255, 2, now), 0);
    give(l, 255, class, -1, now);
}

static void the_first_free_provider_is_taken_up_to_its_slots(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(limits_room(l, 0), 6);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(take(l, i, 0, 0), 0);
    for (size_t i = 3; i < 6; i++)
        assert_int_equal(take(l, i, 0, 0), 1);
    assert_int_equal(take(l, 6, 0, 0), -1);
    assert_int_equal(limits_room(l, 0), 0);
    assert_int_equal(limits_wait_ms(l, 777, 0), 777);
    give(l, 0, ANSWER_OK, -1, 0);
    assert_int_equal(take(l, 0, 0, 0), 0);
    limits_cancel(l, &slips[3]);
    assert_int_equal(limits_room(l, 0), 1);
    limits_cancel(l, &slips[6]); /* one that holds nothing */
    assert_int_equal(limits_room(l, 0), 1);
}

static void providers_to_avoid_are_passed_over(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(take(l, 0, 1, 0), 1);
    assert_int_equal(take(l, 1, 3, 0), -1);
}

static void failures_in_a_row_open_the_breaker_and_one_call_probes(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    call(l, ANSWER_SERVER, 0);
    call(l, ANSWER_SERVER, 0);
    assert_true(limits_out(l, 0, 999));
    assert_int_equal(take(l, 0, 2, 999), -1);
    assert_int_equal(take(l, 0, 2, 1000), 0);
    assert_int_equal(take(l, 1, 2, 1000), -1); /* one probe at a time */
    give(l, 0, ANSWER_OK, -1, 1100);
    assert_int_equal(take(l, 0, 2, 1100), 0);
}

static void a_probe_that_fails_doubles_the_pause_up_to_a_limit(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);
    int64_t now = 0, pause = 1000;

    (void)state;
    call(l, ANSWER_SERVER, now);
    call(l, ANSWER_SERVER, now);
    for (int i = 0; i < 6; i++) {
        now += pause;
        call(l, ANSWER_SERVER, now);
        pause = pause * 2 > 12000 ? 12000 : pause * 2;
        assert_true(limits_out(l, 0, now + pause - 1));
        assert_false(limits_out(l, 0, now + pause));
    }
}

static void calls_that_were_out_when_it_opened_say_nothing_new(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(take(l, i, 0, 0), 0);
    give(l, 0, ANSWER_OK, -1, 1);
    for (size_t i = 10; i < 15; i++) /* the breaker opens */
        call(l, ANSWER_SERVER, 2);
    assert_true(limits_out(l, 0, 1001));
    give(l, 1, ANSWER_NETWORK, -1, 3);
    give(l, 2, ANSWER_OK, -1, 4);
    assert_false(limits_out(l, 0, 1002));
    assert_int_equal(take(l, 1, 0, 1002), 0);
    assert_int_equal(take(l, 2, 0, 1002), -1); /* still one probe, whatever the old ones said */
}

static void half_of_the_last_calls_failing_opens_the_breaker_too(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);

    (void)state;
    for (int i = 0; i < 9; i++) {
        call(l, ANSWER_OK, 40000 + i * 1000);
        call(l, ANSWER_SERVER, 40000 + i * 1000);
    }
    call(l, ANSWER_OK, 50000);
    assert_false(limits_out(l, 0, 50000));
    call(l, ANSWER_SERVER, 50000);
    assert_true(limits_out(l, 0, 50000));
}

static void failures_of_long_ago_do_not_count(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);

    (void)state;
    for (int i = 0; i < 60; i++) {
        call(l, i % 2 ? ANSWER_OK : ANSWER_SERVER, i * 5000);
        assert_false(limits_out(l, 0, i * 5000));
    }
}

static void a_success_between_failures_starts_the_count_anew(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    call(l, ANSWER_SERVER, 0);
    call(l, ANSWER_TRUNCATED, 0);
    call(l, ANSWER_SERVER, 0);
    assert_false(limits_out(l, 0, 0));
}

static void retry_after_is_kept(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(take(l, 0, 2, 0), 0);
    give(l, 0, ANSWER_RATE, 5000, 0);
    assert_true(limits_out(l, 0, 4999));
    assert_false(limits_out(l, 0, 5000));
}

static void a_refused_key_blocks_for_long_and_then_one_call_probes(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    call(l, ANSWER_AUTH, 0);
    assert_int_equal(take(l, 0, 2, 59999), -1);
    assert_int_equal(take(l, 0, 2, 60000), 0);
    assert_int_equal(take(l, 1, 2, 60000), -1);
}

static void quota_is_left_alone_until_the_day_that_was_named(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(take(l, 0, 2, 0), 0);
    give(l, 0, ANSWER_QUOTA, 86400000, 0);
    assert_int_equal(take(l, 0, 2, 86399999), -1);
    assert_int_equal(take(l, 0, 2, 86400000), 0);
}

/* Fill the window at `now`, let all of it be answered; how many calls it took. */
static size_t round_trip(struct limits *l, enum answer_class class, int64_t now)
{
    size_t n = 0;

    while (n < COUNT_OF(slips) && take(l, n, 0, now) == 0)
        n++;
    for (size_t i = 0; i < n; i++)
        give(l, i, class, -1, now + 50);
    return n;
}

static void the_window_doubles_until_the_first_sign_and_then_creeps(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);
    size_t n;

    (void)state;
    assert_int_equal(round_trip(l, ANSWER_OK, 0), 4);
    assert_in_range(round_trip(l, ANSWER_OK, 100), 7, 8);
    assert_in_range(round_trip(l, ANSWER_OK, 200), 13, 16);
    n = (size_t)limits_window(l, 0);
    assert_int_equal(take(l, 0, 0, 300), 0);
    give(l, 0, ANSWER_OVERLOADED, -1, 350);
    assert_int_equal(limits_window(l, 0), n / 2);
    assert_int_equal(round_trip(l, ANSWER_OK, 400), n / 2);
    assert_in_range(limits_window(l, 0), n / 2, n / 2 + 1);
}

static void it_stops_at_the_setting(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);

    (void)state;
    for (int i = 0; i < 20; i++)
        round_trip(l, ANSWER_OK, i * 100);
    assert_int_equal(limits_window(l, 0), 64);
}

static void calls_that_were_out_together_cut_it_once(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);
    int64_t before;

    (void)state;
    for (int i = 0; i < 20; i++)
        round_trip(l, ANSWER_OK, i * 100);
    before = limits_window(l, 0);
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(take(l, i, 0, 5000), 0);
    for (size_t i = 0; i < 30; i++)
        give(l, i, ANSWER_RATE, -1, 5050 + (int64_t)i);
    assert_int_equal(limits_window(l, 0), before * 8 / 10);
}

static void a_window_that_nobody_fills_does_not_grow(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);

    (void)state;
    for (int i = 0; i < 100; i++)
        call(l, ANSWER_OK, i);
    assert_in_range(limits_window(l, 0), 4, 5);
}

static void after_an_outage_the_window_opens_a_tenth_at_first(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);

    (void)state;
    for (int i = 0; i < 20; i++)
        round_trip(l, ANSWER_OK, i * 100);
    assert_int_equal(round_trip(l, ANSWER_OVERLOADED, 5000), 64); /* cut to 32, and open */
    assert_true(limits_out(l, 0, 5050));
    call(l, ANSWER_OK, 6100);
    assert_int_equal(round_trip(l, ANSWER_OK, 6200), 3);
    assert_in_range(round_trip(l, ANSWER_OK, 6300), 5, 6);
    for (int i = 0; i < 5; i++)
        round_trip(l, ANSWER_OK, 6400 + i * 100);
    assert_in_range(limits_window(l, 0), 32, 40);
}

static bool again(struct limits *l, size_t i, int64_t now)
{
    enum limits_no no = LIMITS_NO_ROOM;
    bool ok = limits_take(l, &(struct limits_ask){0, 1, true}, now, &slips[i], &no);

    assert_true(ok || no == LIMITS_NO_BUDGET);
    return ok;
}

static const struct limits_conf patient = {
    .providers = 1,
    .gauge = {.slots = 40, .start = 40, .break_after = 1000, .break_ms = 1000, .block_ms = 60000}};

static void repeated_calls_that_fail_use_up_their_budget(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&patient);

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        assert_true(again(l, i, 0));
        give(l, i, ANSWER_SERVER, -1, 0);
    }
    assert_false(again(l, 0, 0));
    assert_int_equal(take(l, 0, 0, 0), 0); /* others may go */
    limits_cancel(l, &slips[0]);
    assert_true(again(l, 0, 500)); /* time brings one more */
    assert_false(again(l, 1, 500));
}

static void repeated_calls_that_succeed_cost_nothing(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&patient);

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        assert_true(again(l, 0, 0));
        give(l, 0, ANSWER_OK, -1, 0);
    }
    for (size_t i = 0; i < 10; i++)
        assert_true(again(l, i, 0));
    assert_false(again(l, 11, 0));
    limits_cancel(l, &slips[3]); /* it was not sent */
    assert_true(again(l, 3, 0));
}

static void a_minutes_limit_holds_calls_back_though_slots_are_free(void **state)
{
    struct limits_conf slow = wide;
    AUTO(limits_close) struct limits *l = NULL;

    (void)state;
    slow.requests_per_minute[0] = 60;
    l = limits_open(&slow);
    assert_int_equal(take(l, 0, 0, 1000), 0);
    assert_int_equal(limits_room(l, 1000), 0);
    assert_int_equal(limits_wait_ms(l, 5000, 1000), 1000);
    assert_int_equal(take(l, 1, 0, 1900), -1);
    limits_replicas(l, 2, 1900);
    assert_int_equal(take(l, 1, 0, 2050), -1); /* half of it is somebody else's now */
    assert_int_equal(take(l, 1, 0, 2500), 0);
}

static void what_a_picture_costs_is_learnt(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&wide);
    struct provider_usage used = {.input = 1000, .output = 200};

    (void)state;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(take(l, 0, 0, i), 0);
        limits_give(l, &slips[0], &(struct limits_told){ANSWER_OK, -1, &used, NULL}, i);
    }
    assert_in_range((int)limits_expect(l, 0, 4).of[RATE_INPUT], 3990, 4010);
    assert_in_range((int)limits_expect(l, 0, 4).of[RATE_OUTPUT], 790, 810);
}

/* ---- several keys ---- */

/* Two providers, the first with three keys of 120 requests a minute each. */
static const struct limits_conf keyed = {
    .providers = 2,
    .keys = {3, 1},
    .requests_per_minute = {120},
    .gauge = {.slots = 8, .start = 8, .break_after = 2, .break_ms = 1000, .block_ms = 60000}};

/* The key of the first provider that takes this call; -1: none. */
static int key_of(struct limits *l, size_t i, int64_t now)
{
    return take(l, i, 2, now) == 0 ? slips[i].key : -1;
}

static void keys_take_turns_each_within_its_own_limits(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&keyed);
    int seen[3] = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {  /* half a second's worth of 120 a minute, for each */
        int key = key_of(l, i, 1000); /* buckets are empty in the beginning */

        assert_in_range(key, 0, 2);
        seen[key]++;
    }
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], 1);
    assert_int_equal(seen[2], 1);
    assert_int_equal(key_of(l, 3, 1000), -1);
    assert_in_range(key_of(l, 3, 1500), 0, 2);
}

static void together_they_bear_what_one_provider_may(void **state)
{
    static const struct limits_conf open = {
        .providers = 1,
        .keys = {3},
        .gauge = {.slots = 4, .start = 4, .break_after = 2, .break_ms = 1000, .block_ms = 60000}};
    AUTO(limits_close) struct limits *l = limits_open(&open);

    (void)state;
    assert_int_equal(limits_room(l, 0), 4);
    assert_int_equal(limits_window(l, 0), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(take(l, i, 0, 0), 0);
    assert_int_equal(take(l, 4, 0, 0), -1);
    assert_int_equal(limits_room(l, 0), 0);
    limits_cancel(l, &slips[2]);
    assert_int_equal(take(l, 2, 0, 0), 0);
}

static void a_key_that_is_refused_is_out_alone(void **state)
{
    static const enum answer_class why[] = {ANSWER_AUTH, ANSWER_QUOTA};

    (void)state;
    for (size_t w = 0; w < COUNT_OF(why); w++) {
        AUTO(limits_close) struct limits *l = limits_open(&keyed);
        int dead = key_of(l, 0, 1000);

        give(l, 0, why[w], -1, 1000);
        assert_false(limits_out(l, 0, 1001));
        assert_int_equal(limits_keys(l, 0, 1001), 2);
        for (int64_t now = 2000; now < 60000; now += 1000) { /* never again while it rests */
            int key = key_of(l, 1, now);

            assert_true(key >= 0 && key != dead);
            give(l, 1, ANSWER_OK, -1, now);
        }
        assert_int_equal(limits_keys(l, 0, 61001), 3);
    }
}

static void a_breaker_opens_for_one_key(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&keyed);
    int64_t now = 1000;

    (void)state;
    for (int failures = 0; failures < 2; now += 1000) {
        int key = key_of(l, 0, now);

        give(l, 0, key == 0 ? ANSWER_SERVER : ANSWER_OK, -1, now);
        failures += key == 0;
    }
    now -= 999;
    assert_int_equal(limits_keys(l, 0, now), 2);
    assert_int_not_equal(key_of(l, 0, now), 0);
}

static void a_model_that_is_gone_is_so_for_every_key(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&keyed);

    (void)state;
    assert_int_equal(take(l, 0, 0, 1000), 0);
    give(l, 0, ANSWER_MODEL, -1, 1000);
    assert_int_equal(limits_keys(l, 0, 1001), 0);
    assert_true(limits_out(l, 0, 1001));
    assert_int_equal(take(l, 0, 0, 1001), 1); /* the other provider */
}

static void what_a_picture_costs_is_learnt_for_all_keys(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&keyed);
    struct provider_usage used = {.input = 100000, .output = 10};
    double before = limits_expect(l, 0, 1).of[RATE_INPUT];

    (void)state;
    assert_int_equal(key_of(l, 0, 1000), 0);
    assert_int_equal(key_of(l, 1, 1000), 1);
    limits_give(l, &slips[1], &(struct limits_told){ANSWER_OK, -1, &used, NULL}, 1000);
    assert_true(limits_expect(l, 0, 1).of[RATE_INPUT] > before * 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_free_provider_is_taken_up_to_its_slots),
        cmocka_unit_test(providers_to_avoid_are_passed_over),
        cmocka_unit_test(failures_in_a_row_open_the_breaker_and_one_call_probes),
        cmocka_unit_test(a_probe_that_fails_doubles_the_pause_up_to_a_limit),
        cmocka_unit_test(calls_that_were_out_when_it_opened_say_nothing_new),
        cmocka_unit_test(half_of_the_last_calls_failing_opens_the_breaker_too),
        cmocka_unit_test(failures_of_long_ago_do_not_count),
        cmocka_unit_test(a_success_between_failures_starts_the_count_anew),
        cmocka_unit_test(retry_after_is_kept),
        cmocka_unit_test(a_refused_key_blocks_for_long_and_then_one_call_probes),
        cmocka_unit_test(quota_is_left_alone_until_the_day_that_was_named),
        cmocka_unit_test(the_window_doubles_until_the_first_sign_and_then_creeps),
        cmocka_unit_test(it_stops_at_the_setting),
        cmocka_unit_test(calls_that_were_out_together_cut_it_once),
        cmocka_unit_test(a_window_that_nobody_fills_does_not_grow),
        cmocka_unit_test(after_an_outage_the_window_opens_a_tenth_at_first),
        cmocka_unit_test(repeated_calls_that_fail_use_up_their_budget),
        cmocka_unit_test(repeated_calls_that_succeed_cost_nothing),
        cmocka_unit_test(a_minutes_limit_holds_calls_back_though_slots_are_free),
        cmocka_unit_test(what_a_picture_costs_is_learnt),
        cmocka_unit_test(keys_take_turns_each_within_its_own_limits),
        cmocka_unit_test(together_they_bear_what_one_provider_may),
        cmocka_unit_test(a_key_that_is_refused_is_out_alone),
        cmocka_unit_test(a_breaker_opens_for_one_key),
        cmocka_unit_test(a_model_that_is_gone_is_so_for_every_key),
        cmocka_unit_test(what_a_picture_costs_is_learnt_for_all_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
