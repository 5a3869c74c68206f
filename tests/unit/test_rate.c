/* test_rate.c - buckets and headers, with a clock of the test's own. */
#include "analysis-svc/rate.h"

#include <math.h>

#include "tests/kit/kit.h"

static const struct rate_cost small = {.of = {1, 100, 80, 20}};
static const struct rate_cost none;

static struct rate_said said_of(const char *headers)
{
    struct rate_said said;

    rate_read(sv_of(headers), &said);
    return said;
}

static void openais_headers_are_read(void **state)
{
    struct rate_said s = said_of("content-type: x\r\nx-ratelimit-limit-requests: 5000\r\n"
                                 "X-RateLimit-Remaining-Requests: 4999\r\n"
                                 "x-ratelimit-reset-requests: 12ms\r\n"
                                 "x-ratelimit-limit-tokens: 2000000\r\n"
                                 "x-ratelimit-remaining-tokens: 1998800\r\n"
                                 "x-ratelimit-reset-tokens: 6m0.5s\r\n");

    (void)state;
    assert_float_equal(s.of[RATE_REQUESTS].limit, 5000, 0);
    assert_float_equal(s.of[RATE_REQUESTS].remaining, 4999, 0);
    assert_int_equal(s.of[RATE_REQUESTS].reset_ms, 12);
    assert_float_equal(s.of[RATE_TOKENS].remaining, 1998800, 0);
    assert_int_equal(s.of[RATE_TOKENS].reset_ms, 360500);
    assert_true(s.of[RATE_INPUT].limit < 0);
}

static void anthropics_headers_are_read(void **state)
{
    struct rate_said s = said_of("anthropic-ratelimit-requests-limit: 1000\n"
                                 "anthropic-ratelimit-requests-remaining: 998\n"
                                 "anthropic-ratelimit-input-tokens-limit: 80000\n"
                                 "anthropic-ratelimit-input-tokens-remaining: 79000\n"
                                 "anthropic-ratelimit-output-tokens-limit: 16000\n"
                                 "anthropic-ratelimit-output-tokens-remaining: 15000\n");

    (void)state;
    assert_float_equal(s.of[RATE_REQUESTS].remaining, 998, 0);
    assert_float_equal(s.of[RATE_INPUT].limit, 80000, 0);
    assert_float_equal(s.of[RATE_OUTPUT].remaining, 15000, 0);
    assert_true(s.of[RATE_TOKENS].limit < 0);
}

static void what_is_no_number_is_not_said(void **state)
{
    static const char *const bad[] = {"x-ratelimit-reset-requests: soon\n",
                                      "x-ratelimit-reset-requests: 5\n",
                                      "x-ratelimit-reset-requests: \n",
                                      "x-ratelimit-limit-requests: -4\n",
                                      "x-ratelimit-limit-requests: 1e9x\n",
                                      "x-ratelimit-limit-requests",
                                      ":\n\n:",
                                      ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct rate_said s = said_of(bad[i]);

        assert_true(s.of[RATE_REQUESTS].limit < 0);
        assert_int_equal(s.of[RATE_REQUESTS].reset_ms, -1);
    }
}

static void without_a_limit_everything_may_leave(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 0, 0);
    assert_int_equal(rate_fit(&r, &small, 64, 0), 64);
    assert_int_equal(rate_wait_ms(&r, &small, 0), 0);
}

/* How many calls leave in so many ms when each leaves as soon as it may. */
static int leave(struct rate *r, const struct rate_cost *call, int64_t from, int64_t to)
{
    int n = 0;

    for (int64_t now = from; now < to;) {
        int64_t wait = rate_wait_ms(r, call, now);

        if (wait == 0) {
            assert_int_equal(rate_fit(r, call, 1, now), 1);
            rate_take(r, call, now);
            n++;
        }
        now += wait;
    }
    return n;
}

static void calls_are_paced_and_never_in_a_burst_of_more_than_half_a_second(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 600, 0); /* ten a second */
    assert_in_range(leave(&r, &small, 0, 60000), 595, 605);
    assert_in_range(rate_fit(&r, &small, 100, 120000), 4, 5);
}

static void one_a_second_means_one_a_second(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 60, 0);
    assert_in_range(leave(&r, &small, 0, 10000), 9, 10);
    assert_int_equal(rate_fit(&r, &small, 100, 60000), 1);
}

static void tokens_are_paced_even_where_a_call_is_larger_than_the_bucket(void **state)
{
    struct rate r;
    struct rate_cost large = rate_call(9000, 1000);

    (void)state;
    rate_init(&r, 0, 60000); /* 1000 a second: a call of 10000 every ten seconds */
    assert_in_range(leave(&r, &large, 0, 100000), 9, 11);
}

static void replicas_divide_the_account(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 600, 0);
    rate_share(&r, 4, 0);
    assert_in_range(leave(&r, &small, 0, 60000), 145, 155);
    rate_share(&r, 1, 60000);
    assert_in_range(leave(&r, &small, 60000, 120000), 595, 605);
}

static void headers_bring_the_limit_and_what_is_left_of_it(void **state)
{
    struct rate r;
    struct rate_said s = said_of("x-ratelimit-limit-requests: 6000\n"
                                 "x-ratelimit-remaining-requests: 3\n");

    (void)state;
    rate_init(&r, 0, 0);
    rate_hear(&r, &s, &none, 0);
    assert_int_equal(rate_fit(&r, &small, 100, 40), 4); /* 100 a second come in beside the three */
    assert_in_range(leave(&r, &small, 40, 1040), 98, 106);
}

static void calls_sent_after_the_answered_one_are_not_counted_twice(void **state)
{
    struct rate r;
    struct rate_said s = said_of("x-ratelimit-limit-requests: 6000\n"
                                 "x-ratelimit-remaining-requests: 10\n");
    struct rate_cost later = {.of = {9, 0, 0, 0}};

    (void)state;
    rate_init(&r, 6000, 0);
    assert_int_equal(rate_fit(&r, &small, 100, 1000), 50);
    rate_hear(&r, &s, &later, 1000);
    assert_int_equal(rate_fit(&r, &small, 100, 1000), 1);
}

static void a_setting_below_the_providers_limit_wins(void **state)
{
    struct rate r;
    struct rate_said s = said_of("x-ratelimit-limit-requests: 6000\n");

    (void)state;
    rate_init(&r, 60, 0);
    rate_hear(&r, &s, &none, 0);
    assert_in_range(leave(&r, &small, 0, 10000), 9, 10);
}

static void a_limit_that_comes_back_sooner_than_in_a_minute_is_used(void **state)
{
    struct rate r;
    struct rate_said s = said_of("x-ratelimit-limit-requests: 20\n"
                                 "x-ratelimit-remaining-requests: 10\n"
                                 "x-ratelimit-reset-requests: 500ms\n"); /* 20 a second */

    (void)state;
    rate_init(&r, 0, 0);
    rate_hear(&r, &s, &none, 0);
    assert_in_range(leave(&r, &small, 0, 10000), 195, 215);
}

static void the_reset_of_a_smaller_bucket_is_not_taken_for_the_limits(void **state)
{
    struct rate r;
    struct rate_said s = said_of("x-ratelimit-limit-requests: 3000\n"
                                 "x-ratelimit-remaining-requests: 6\n"
                                 "x-ratelimit-reset-requests: 100ms\n"); /* not 30,000 a second */

    (void)state;
    rate_init(&r, 0, 0);
    rate_hear(&r, &s, &none, 0);
    assert_in_range(leave(&r, &small, 0, 10000), 480, 530);
}

static void a_pause_fills_no_more_than_was_ever_said_to_be_there(void **state)
{
    struct rate r;
    struct rate_said s = said_of("x-ratelimit-limit-requests: 6000\n"
                                 "x-ratelimit-remaining-requests: 10\n");
    struct rate_said more = said_of("x-ratelimit-limit-requests: 6000\n"
                                    "x-ratelimit-remaining-requests: 30\n");

    (void)state;
    rate_init(&r, 0, 0);
    rate_hear(&r, &s, &none, 0);
    assert_int_equal(rate_fit(&r, &small, 99, 5000), 11);
    rate_hear(&r, &more, &none, 5000);
    assert_int_equal(rate_fit(&r, &small, 99, 10000), 31);
}

static void what_was_thought_too_much_is_given_back(void **state)
{
    struct rate r;
    struct rate_cost thought = rate_call(500, 0), was = rate_call(100, 0);

    (void)state;
    rate_init(&r, 0, 60000);
    assert_int_equal(rate_fit(&r, &thought, 9, 1000), 1);
    rate_take(&r, &thought, 1000);
    assert_int_equal(rate_fit(&r, &was, 9, 1000), 0);
    rate_settle(&r, &thought, &was);
    assert_int_equal(rate_fit(&r, &was, 9, 1000), 4);
}

static void too_many_slows_down_for_a_while(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 600, 0);
    leave(&r, &small, 0, 10000);
    rate_too_many(&r, 10000);
    assert_in_range(leave(&r, &small, 10000, 20000), 78, 82);
    for (int i = 0; i < 50; i++)
        rate_went_well(&r);
    assert_in_range(leave(&r, &small, 20000, 30000), 98, 102);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openais_headers_are_read),
        cmocka_unit_test(anthropics_headers_are_read),
        cmocka_unit_test(what_is_no_number_is_not_said),
        cmocka_unit_test(without_a_limit_everything_may_leave),
        cmocka_unit_test(calls_are_paced_and_never_in_a_burst_of_more_than_half_a_second),
        cmocka_unit_test(one_a_second_means_one_a_second),
        cmocka_unit_test(tokens_are_paced_even_where_a_call_is_larger_than_the_bucket),
        cmocka_unit_test(replicas_divide_the_account),
        cmocka_unit_test(headers_bring_the_limit_and_what_is_left_of_it),
        cmocka_unit_test(calls_sent_after_the_answered_one_are_not_counted_twice),
        cmocka_unit_test(a_setting_below_the_providers_limit_wins),
        cmocka_unit_test(a_limit_that_comes_back_sooner_than_in_a_minute_is_used),
        cmocka_unit_test(the_reset_of_a_smaller_bucket_is_not_taken_for_the_limits),
        cmocka_unit_test(a_pause_fills_no_more_than_was_ever_said_to_be_there),
        cmocka_unit_test(what_was_thought_too_much_is_given_back),
        cmocka_unit_test(too_many_slows_down_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
