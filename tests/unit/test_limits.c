/* test_limits.c - slots, breaker, blocks and the memory of URLs, with a clock of the test's own. */
#include "analysis-svc/limits.h"

#include "tests/kit/kit.h"

static const struct limits_conf conf = {
    .providers = 2, .slots = 3, .break_after = 2, .break_ms = 1000, .block_ms = 60000};

static void the_first_free_provider_is_taken_up_to_its_slots(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(limits_room(l, 0), 6);
    for (int i = 0; i < 3; i++)
        assert_int_equal(limits_take(l, 0, 0), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(limits_take(l, 0, 0), 1);
    assert_int_equal(limits_take(l, 0, 0), -1);
    assert_int_equal(limits_room(l, 0), 0);
    limits_give(l, 0, ANSWER_OK, -1, 0);
    assert_int_equal(limits_take(l, 0, 0), 0);
    limits_cancel(l, 1);
    assert_int_equal(limits_room(l, 0), 1);
}

static void providers_to_avoid_are_passed_over(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(limits_take(l, 1, 0), 1);
    assert_int_equal(limits_take(l, 3, 0), -1);
}

static void breaks(struct limits *l, int64_t now)
{
    assert_int_equal(limits_take(l, 2, now), 0);
    limits_give(l, 0, ANSWER_SERVER, -1, now);
}

static void failures_in_a_row_open_the_breaker_and_one_call_probes(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    breaks(l, 0);
    breaks(l, 0);
    assert_true(limits_out(l, 0, 999));
    assert_int_equal(limits_take(l, 2, 999), -1);
    assert_int_equal(limits_take(l, 2, 1000), 0);
    assert_int_equal(limits_take(l, 2, 1000), -1); /* one probe at a time */
    limits_give(l, 0, ANSWER_OK, -1, 1100);
    assert_int_equal(limits_room(l, 1100), 6);
}

static void a_probe_that_fails_doubles_the_pause_up_to_a_limit(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);
    int64_t now = 0, pause = 1000;

    (void)state;
    breaks(l, now);
    breaks(l, now);
    for (int i = 0; i < 6; i++) {
        now += pause;
        breaks(l, now);
        pause = pause * 2 > 12000 ? 12000 : pause * 2;
        assert_true(limits_out(l, 0, now + pause - 1));
        assert_false(limits_out(l, 0, now + pause));
    }
}

static void calls_that_were_out_when_it_opened_do_not_lengthen_the_pause(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(limits_take(l, 2, 0), 0);
    for (int i = 0; i < 3; i++)
        limits_give(l, 0, ANSWER_NETWORK, -1, i);
    assert_false(limits_out(l, 0, 1001));
}

static void a_success_between_failures_starts_the_count_anew(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    breaks(l, 0);
    assert_int_equal(limits_take(l, 2, 0), 0);
    limits_give(l, 0, ANSWER_TRUNCATED, -1, 0);
    breaks(l, 0);
    assert_false(limits_out(l, 0, 0));
}

static void retry_after_is_kept(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(limits_take(l, 2, 0), 0);
    limits_give(l, 0, ANSWER_RATE, 5000, 0);
    assert_true(limits_out(l, 0, 4999));
    assert_false(limits_out(l, 0, 5000));
}

static void a_refused_key_blocks_for_long_and_then_one_call_probes(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_int_equal(limits_take(l, 2, 0), 0);
    limits_give(l, 0, ANSWER_AUTH, -1, 0);
    assert_int_equal(limits_take(l, 2, 59999), -1);
    assert_int_equal(limits_take(l, 2, 60000), 0);
    assert_int_equal(limits_take(l, 2, 60000), -1);
}

static void an_unreachable_store_is_remembered_for_ten_minutes(void **state)
{
    AUTO(limits_close) struct limits *l = limits_open(&conf);

    (void)state;
    assert_true(limits_url_works(l, 0, 0));
    limits_url_failed(l, 0, 0);
    assert_false(limits_url_works(l, 0, 599999));
    assert_true(limits_url_works(l, 1, 0));
    assert_true(limits_url_works(l, 0, 600000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_free_provider_is_taken_up_to_its_slots),
        cmocka_unit_test(providers_to_avoid_are_passed_over),
        cmocka_unit_test(failures_in_a_row_open_the_breaker_and_one_call_probes),
        cmocka_unit_test(a_probe_that_fails_doubles_the_pause_up_to_a_limit),
        cmocka_unit_test(calls_that_were_out_when_it_opened_do_not_lengthen_the_pause),
        cmocka_unit_test(a_success_between_failures_starts_the_count_anew),
        cmocka_unit_test(retry_after_is_kept),
        cmocka_unit_test(a_refused_key_blocks_for_long_and_then_one_call_probes),
        cmocka_unit_test(an_unreachable_store_is_remembered_for_ten_minutes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
