/* test_linger.c - how long what has come waits for what comes next. */
#include "analysis-svc/linger.h"

#include "common/clock.h"
#include "tests/kit/kit.h"

static int64_t after(int64_t call_us)
{
    struct linger l = LINGER_INIT;

    linger_heard(&l, call_us);
    return linger_ms(&l);
}

static void nobody_waits_before_a_call_came_back(void **state)
{
    struct linger l = LINGER_INIT;

    (void)state;
    assert_int_equal(linger_ms(&l), 0);
    linger(&l);
}

static void it_is_a_sixteenth_of_what_a_call_takes(void **state)
{
    (void)state;
    assert_int_equal(after(9000), 0); /* a provider next door: not worth a millisecond */
    assert_int_equal(after(16000), 1);
    assert_int_equal(after(50000), 3);
}

static void a_slow_provider_makes_nobody_wait_long(void **state)
{
    (void)state;
    assert_int_equal(after(128000), LINGER_MAX_MS);
    assert_int_equal(after(INT64_C(600) * 1000 * 1000), LINGER_MAX_MS);
}

static void the_last_call_counts(void **state)
{
    struct linger l = LINGER_INIT;
    int64_t began;

    (void)state;
    linger_heard(&l, 128000);
    linger_heard(&l, 80000);
    assert_int_equal(linger_ms(&l), 5);
    began = clock_mono_us();
    linger(&l);
    assert_true(clock_mono_us() - began >= 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_before_a_call_came_back),
        cmocka_unit_test(it_is_a_sixteenth_of_what_a_call_takes),
        cmocka_unit_test(a_slow_provider_makes_nobody_wait_long),
        cmocka_unit_test(the_last_call_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
