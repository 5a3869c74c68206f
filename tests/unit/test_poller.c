/* test_poller.c - pipes and a bell. */
#include <pthread.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/poller.h"
#include "tests/kit/kit.h"

enum { LONG_MS = 10000, PIPES = 8 };

static void a_wait_without_anything_ready_takes_its_time(void **state)
{
    struct poller_ready ready[1];
    struct poller p;
    int64_t before = clock_mono_ms();

    (void)state;
    poller_open(&p);
    assert_int_equal(poller_wait(&p, 20, ready, COUNT_OF(ready)), 0);
    assert_true(clock_mono_ms() - before >= 20);
    poller_close(&p);
}

static void each_is_told_as_long_as_it_is_ready_and_no_more_once_forgotten(void **state)
{
    struct poller_ready ready[4];
    struct poller p;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    poller_open(&p);
    poller_watch(&p, ends[0], true, false, false);
    assert_int_equal(poller_wait(&p, 0, ready, COUNT_OF(ready)), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    for (int i = 0; i < 2; i++) { /* nobody has read it */
        assert_int_equal(poller_wait(&p, LONG_MS, ready, COUNT_OF(ready)), 1);
        assert_int_equal(ready[0].fd, ends[0]);
        assert_true(ready[0].in && !ready[0].out && !ready[0].broken);
    }
    poller_watch(&p, ends[0], false, true, true); /* a pipe's reading end can never be written */
    assert_int_equal(poller_wait(&p, 0, ready, COUNT_OF(ready)), 0);
    poller_watch(&p, ends[0], true, false, true);
    assert_int_equal(poller_wait(&p, 0, ready, COUNT_OF(ready)), 1);
    poller_forget(&p, ends[0]);
    assert_int_equal(poller_wait(&p, 0, ready, COUNT_OF(ready)), 0);
    close(ends[0]);
    close(ends[1]);
    poller_close(&p);
}

static void a_broken_one_can_be_read_and_written(void **state)
{
    struct poller_ready ready[1];
    struct poller p;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    poller_open(&p);
    poller_watch(&p, ends[0], true, false, false);
    close(ends[1]);
    assert_int_equal(poller_wait(&p, LONG_MS, ready, COUNT_OF(ready)), 1);
    assert_true(ready[0].in && ready[0].out && ready[0].broken);
    poller_forget(&p, ends[0]);
    close(ends[0]);
    poller_close(&p);
}

/* Whose writing end it is, told for the first time. */
static bool new_one(int ends[PIPES][2], int fd, bool seen[PIPES])
{
    int i = 0;

    while (i < PIPES && ends[i][1] != fd)
        i++;
    if (i == PIPES || seen[i])
        return false;
    return seen[i] = true;
}

static void more_are_ready_than_there_is_room_and_none_is_lost(void **state)
{
    struct poller_ready ready[3];
    bool seen[PIPES] = {false};
    size_t told = 0;
    struct poller p;
    int ends[PIPES][2];

    (void)state;
    poller_open(&p);
    for (int i = 0; i < PIPES; i++) {
        assert_int_equal(pipe(ends[i]), 0);
        poller_watch(&p, ends[i][1], false, true, false);
    }
    while (told < PIPES) {
        size_t n = poller_wait(&p, LONG_MS, ready, COUNT_OF(ready));

        assert_in_range(n, 1, COUNT_OF(ready));
        told += n;
        for (size_t r = 0; r < n; r++) {
            assert_true(new_one(ends, ready[r].fd, seen));
            poller_forget(&p, ready[r].fd);
        }
    }
    for (int i = 0; i < PIPES; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
    poller_close(&p);
}

static void *ring_later(void *arg)
{
    clock_sleep_ms(20);
    poller_ring(arg);
    return NULL;
}

static void a_ring_ends_one_wait_also_the_next_one(void **state)
{
    struct poller_ready ready[1];
    struct poller p;
    pthread_t other;
    int64_t before = clock_mono_ms();

    (void)state;
    poller_open(&p);
    pthread_create(&other, NULL, ring_later, &p);
    assert_int_equal(poller_wait(&p, LONG_MS, ready, COUNT_OF(ready)), 0);
    pthread_join(other, NULL);
    poller_ring(&p);
    poller_ring(&p);
    assert_int_equal(poller_wait(&p, LONG_MS, ready, COUNT_OF(ready)), 0);
    assert_true(clock_mono_ms() - before < LONG_MS);
    before = clock_mono_ms();
    assert_int_equal(poller_wait(&p, 20, ready, COUNT_OF(ready)), 0); /* both were heard */
    assert_true(clock_mono_ms() - before >= 20);
    poller_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_without_anything_ready_takes_its_time),
        cmocka_unit_test(each_is_told_as_long_as_it_is_ready_and_no_more_once_forgotten),
        cmocka_unit_test(a_broken_one_can_be_read_and_written),
        cmocka_unit_test(more_are_ready_than_there_is_room_and_none_is_lost),
        cmocka_unit_test(a_ring_ends_one_wait_also_the_next_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
