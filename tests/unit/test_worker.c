/* test_worker.c - turns of a thread: at once, by time, when woken, and never after the end. */
#include <stdatomic.h>

#include "common/clock.h"
#include "common/worker.h"
#include "tests/kit/kit.h"

enum { SOON_MS = 5, NEVER_MS = 3600 * 1000, PATIENCE_MS = 10000 };

struct log {
    struct worker *worker;
    atomic_int turns;
    atomic_bool held; /* the turn lasts until it is let go, or the worker is to end */
    atomic_bool saw_end;
    int64_t wait_ms;
};

static int64_t turn(void *arg)
{
    struct log *log = arg;

    log->turns++;
    while (log->held && !worker_ending(log->worker))
        clock_sleep_ms(1);
    log->saw_end = worker_ending(log->worker);
    return log->wait_ms;
}

static void begin(struct log *log)
{
    struct err err = ERR_INIT;

    assert_ok(worker_open(turn, log, &log->worker, &err), err);
}

static bool turns_reach(struct log *log, int n)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;

    while (log->turns < n && clock_mono_ms() < until)
        clock_sleep_ms(1);
    return log->turns >= n;
}

static void the_first_turn_comes_at_once_and_others_by_time(void **state)
{
    struct log log = {.wait_ms = SOON_MS};

    (void)state;
    begin(&log);
    assert_true(turns_reach(&log, 4));
    worker_close(&log.worker);
    assert_null(log.worker);
}

static void no_wait_means_another_turn_at_once(void **state)
{
    struct log log = {.wait_ms = 0};

    (void)state;
    begin(&log);
    assert_true(turns_reach(&log, 100));
    worker_close(&log.worker);
}

static void a_wake_ends_the_wait(void **state)
{
    struct log log = {.wait_ms = NEVER_MS};

    (void)state;
    begin(&log);
    assert_true(turns_reach(&log, 1));
    worker_wake(log.worker);
    assert_true(turns_reach(&log, 2));
    worker_close(&log.worker);
    assert_int_equal(log.turns, 2);
}

static void a_wake_during_a_turn_is_not_lost(void **state)
{
    struct log log = {.held = true, .wait_ms = NEVER_MS};

    (void)state;
    begin(&log);
    assert_true(turns_reach(&log, 1));
    worker_wake(log.worker);
    worker_wake(log.worker); /* two are one: both were before the turn that follows */
    log.held = false;
    assert_true(turns_reach(&log, 2));
    worker_close(&log.worker);
    assert_int_equal(log.turns, 2);
}

static void a_long_turn_learns_that_the_end_has_come(void **state)
{
    struct log log = {.held = true, .wait_ms = 0};

    (void)state;
    begin(&log);
    assert_true(turns_reach(&log, 1));
    worker_close(&log.worker);
    assert_true(log.saw_end);
    assert_int_equal(log.turns, 1);
}

static void after_the_end_a_wake_is_idle(void **state)
{
    struct log log = {.wait_ms = NEVER_MS};

    (void)state;
    begin(&log);
    assert_true(turns_reach(&log, 1));
    worker_end(log.worker);
    assert_true(worker_ending(log.worker));
    worker_wake(log.worker);
    worker_end(log.worker);
    worker_close(&log.worker);
    assert_int_equal(log.turns, 1);
}

static void nobody_is_woken_and_closed_without_harm(void **state)
{
    struct worker *none = NULL;

    (void)state;
    worker_wake(none);
    worker_end(none);
    worker_close(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_turn_comes_at_once_and_others_by_time),
        cmocka_unit_test(no_wait_means_another_turn_at_once),
        cmocka_unit_test(a_wake_ends_the_wait),
        cmocka_unit_test(a_wake_during_a_turn_is_not_lost),
        cmocka_unit_test(a_long_turn_learns_that_the_end_has_come),
        cmocka_unit_test(after_the_end_a_wake_is_idle),
        cmocka_unit_test(nobody_is_woken_and_closed_without_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
