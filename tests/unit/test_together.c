/* test_together.c - jobs that come while others are done are done together, each once, in order. */
#include <stdatomic.h>

#include "common/clock.h"
#include "common/together.h"
#include "tests/kit/kit.h"

enum { MANY = TOGETHER_MAX + 6, THREADS = 8, EACH = 200, PATIENCE_MS = 10000 };

struct job {
    struct together_job own;
    int number, times;
};

struct log {
    struct together *together;
    atomic_bool held;
    atomic_int rounds;
    size_t sizes[MANY * 2];
    int order[MANY * 2], done;
};

static void work(void *arg, struct together_job **jobs, size_t n)
{
    struct log *log = arg;

    log->sizes[(size_t)log->rounds % COUNT_OF(log->sizes)] = n;
    log->rounds++;
    while (log->held)
        clock_sleep_ms(1);
    for (size_t i = 0; i < n; i++) {
        struct job *job = (struct job *)(void *)jobs[i];

        job->times++;
        log->order[log->done++ % (int)COUNT_OF(log->order)] = job->number;
    }
}

static void begin(struct log *log)
{
    struct err err = ERR_INIT;

    assert_ok(together_open(work, log, &log->together, &err), err);
}

static void what_comes_during_a_round_is_the_next_one_in_its_order(void **state)
{
    struct log log = {.held = true};
    struct job jobs[MANY + 1] = {{.number = 0}};
    int64_t until = clock_mono_ms() + PATIENCE_MS;

    (void)state;
    begin(&log);
    together_put(log.together, &jobs[0].own);
    while (log.rounds < 1 && clock_mono_ms() < until)
        clock_sleep_ms(1);
    for (int i = 1; i <= MANY; i++) {
        jobs[i].number = i;
        together_put(log.together, &jobs[i].own);
    }
    log.held = false;
    for (int i = 0; i <= MANY; i++)
        together_wait(log.together, &jobs[i].own);
    together_close(&log.together);
    assert_null(log.together);
    assert_int_equal(log.rounds, 3);
    assert_int_equal(log.sizes[0], 1);
    assert_int_equal(log.sizes[1], TOGETHER_MAX);
    assert_int_equal(log.sizes[2], MANY - TOGETHER_MAX);
    for (int i = 0; i <= MANY; i++)
        assert_int_equal(log.order[i], i);
}

static void what_was_never_put_is_not_waited_for(void **state)
{
    struct log log = {.held = false};
    struct job job = {.number = 1};

    (void)state;
    begin(&log);
    together_wait(log.together, &job.own);
    together_put(log.together, &job.own);
    together_wait(log.together, &job.own);
    together_wait(log.together, &job.own); /* it is over */
    together_close(&log.together);
    assert_int_equal(job.times, 1);
}

static void *bring(void *arg)
{
    struct log *log = arg;

    for (int i = 0; i < EACH; i++) {
        struct job job = {.number = i};

        together_put(log->together, &job.own);
        together_wait(log->together, &job.own);
        assert_int_equal(job.times, 1);
    }
    return NULL;
}

static void jobs_of_many_threads_are_done_once_each(void **state)
{
    struct log log = {.held = false};
    pthread_t threads[THREADS];

    (void)state;
    begin(&log);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, bring, &log), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    together_close(&log.together);
    assert_int_equal(log.done, THREADS * EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_during_a_round_is_the_next_one_in_its_order),
        cmocka_unit_test(what_was_never_put_is_not_waited_for),
        cmocka_unit_test(jobs_of_many_threads_are_done_once_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
