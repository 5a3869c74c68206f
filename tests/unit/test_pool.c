#include "common/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/kit/kit.h"

static struct pool *pool_of(size_t size, size_t count)
{
    struct err err = ERR_INIT;
    struct pool *pool = NULL;

    assert_ok(pool_open(size, count, &pool, &err), err);
    return pool;
}

static void buffers_do_not_overlap_and_come_back(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(4096, 3);
    struct err err = ERR_INIT;
    char *b[3];

    (void)state;
    assert_int_equal(pool_buffer_size(pool), 4096);
    for (int round = 0; round < 3; round++) {
        assert_ok(pool_take(pool, 3, 0, b, &err), err);
        for (int i = 0; i < 3; i++)
            memset(b[i], 'a' + i, 4096);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(b[i][0], 'a' + i);
            assert_int_equal(b[i][4095], 'a' + i);
            pool_give(pool, &b[i]);
            assert_null(b[i]);
        }
    }
    pool_give(pool, &b[0]); /* NULL is fine */
}

static void an_empty_pool_is_busy_after_the_wait(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 1);
    struct err err = ERR_INIT;
    char *first, *second = NULL;
    int64_t from;

    (void)state;
    assert_ok(pool_take(pool, 1, 0, &first, &err), err);
    from = clock_mono_ms();
    assert_fails(pool_take(pool, 1, 60, &second, &err), err, ERR_BUSY);
    assert_in_range(clock_mono_ms() - from, 55, 2000);
    assert_null(second);
    pool_give(pool, &first);
}

static void all_or_none_are_taken(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 3);
    struct err err = ERR_INIT;
    char *two[2], *more[2];

    (void)state;
    assert_ok(pool_take(pool, 2, 0, two, &err), err);
    assert_fails(pool_take(pool, 2, 10, more, &err), err, ERR_BUSY);
    assert_ok(pool_take(pool, 1, 0, more, &err), err); /* the refused one kept nothing */
    pool_give(pool, &more[0]);
    pool_give(pool, &two[0]);
    pool_give(pool, &two[1]);
}

static void more_than_the_pool_has_is_refused_at_once(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 2);
    struct err err = ERR_INIT;
    char *three[3];
    int64_t from = clock_mono_ms();

    (void)state;
    assert_fails(pool_take(pool, 3, 60000, three, &err), err, ERR_BUSY);
    assert_true(clock_mono_ms() - from < 5000);
}

static void a_pool_of_nothing_is_refused(void **state)
{
    struct err err = ERR_INIT;
    struct pool *pool = NULL;

    (void)state;
    assert_fails(pool_open(0, 5, &pool, &err), err, ERR_INTERNAL);
    assert_fails(pool_open(5, 0, &pool, &err), err, ERR_INTERNAL);
    assert_fails(pool_open(SIZE_MAX, 2, &pool, &err), err, ERR_INTERNAL);
    assert_null(pool);
}

enum { WORKERS = 6, ROUNDS = 300 };

/* Takes two of three, writes into them, and finds its own marks again. */
static void *work(void *arg)
{
    struct pool *pool = arg;
    uintptr_t wrong = 0;
    struct err err = ERR_INIT;
    char *b[2];

    for (int i = 0; i < ROUNDS; i++) {
        if (!pool_take(pool, 2, 20000, b, &err)) {
            wrong++;
            continue;
        }
        memcpy(b[0], &b, sizeof b);
        memcpy(b[1], &b, sizeof b);
        wrong += memcmp(b[0], &b, sizeof b) != 0 || memcmp(b[1], &b, sizeof b) != 0;
        pool_give(pool, &b[0]);
        pool_give(pool, &b[1]);
    }
    return (void *)wrong;
}

static void many_threads_share_few_buffers(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 3);
    pthread_t threads[WORKERS];

    (void)state;
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, pool), 0);
    for (int i = 0; i < WORKERS; i++) {
        void *wrong; /* a count, see work() */

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

static void who_can_do_without_takes_only_what_is_to_spare(void **state)
{
    AUTO(pool_close) struct pool *pool = NULL;
    char *some[3];
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(pool_open(4096, 4, &pool, &err), err);
    assert_false(pool_spare(pool, 3, 2, 60000, some));
    assert_true(pool_spare(pool, 2, 2, 0, some));
    assert_false(pool_spare(pool, 1, 2, 0, some + 2));
    pool_give(pool, &some[0]);
    assert_true(pool_spare(pool, 1, 2, 0, some));
    pool_give(pool, &some[0]);
    pool_give(pool, &some[1]);
}

/* ---- who waits ---- */

enum { NOBODY = 0, LONG_MS = 20000 };

/* One who waits on a thread of its own, and the place in which it was served. */
struct guest {
    struct pool *pool;
    size_t count, leave; /* leave 0: it cannot do without */
    int64_t wait_ms;
    atomic_int *served; /* so many were before */
    char *got[2];
    int place; /* NOBODY: it was not served */
    atomic_int tid;
    pthread_t thread;
};

static void *wait_in_line(void *arg)
{
    struct guest *g = arg;
    struct err err = ERR_INIT;

    atomic_store(&g->tid, (int)syscall(SYS_gettid));
    if (g->leave > 0 ? pool_spare(g->pool, g->count, g->leave, g->wait_ms, g->got)
                     : pool_take(g->pool, g->count, g->wait_ms, g->got, &err))
        g->place = atomic_fetch_add(g->served, 1) + 1;
    for (size_t i = 0; g->place != NOBODY && i < g->count; i++)
        pool_give(g->pool, &g->got[i]);
    return NULL;
}

static void join_line(struct guest *g)
{
    assert_int_equal(pthread_create(&g->thread, NULL, wait_in_line, g), 0);
}

/* 'S': it sleeps; 'x': it has ended. */
static char state_of(int tid)
{
    char path[64], line[256], *end;
    FILE *f;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    f = fopen(path, "r");
    end = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (f)
        fclose(f);
    return end ? end[2] : 'x';
}

/* It stands there, behind those who came before: the lock is nobody's for long, so who sleeps is
 * in the line. */
static void stand_in_line(struct guest *g)
{
    join_line(g);
    while (atomic_load(&g->tid) == 0 || state_of(atomic_load(&g->tid)) == 'R')
        clock_sleep_ms(1);
}

/* Who can do without gives up where nothing moves, so on a slow machine it may have left. */
enum { TRIES = 50 };

/* The one who can do without stands first. */
static void let_both_wait(struct guest *modest, struct guest *needy)
{
    struct err err = ERR_INIT;
    char *held[2];

    assert_ok(pool_take(modest->pool, 2, 0, held, &err), err);
    stand_in_line(modest);
    stand_in_line(needy);
    pool_give(modest->pool, &held[0]);
    pool_give(modest->pool, &held[1]);
    pthread_join(needy->thread, NULL);
    pthread_join(modest->thread, NULL);
}

static void who_cannot_do_without_is_served_before_who_can(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 2);
    struct guest modest = {.place = NOBODY}, needy;

    (void)state;
    for (int i = 0; i < TRIES && modest.place == NOBODY; i++) {
        atomic_int served = 0;

        modest = (struct guest){pool, 1, 1, LONG_MS, &served, {0}, NOBODY, 0, 0};
        needy = (struct guest){pool, 2, 0, LONG_MS, &served, {0}, NOBODY, 0, 0};
        let_both_wait(&modest, &needy);
        assert_int_equal(needy.place, 1);
    }
    assert_int_equal(modest.place, 2);
}

static void who_asks_for_little_does_not_overtake(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 2);
    struct err err = ERR_INIT;
    atomic_int served = 0;
    struct guest big = {pool, 2, 0, LONG_MS, &served, {0}, NOBODY, 0, 0};
    struct guest small = {pool, 1, 0, LONG_MS, &served, {0}, NOBODY, 0, 0};
    char *held[2];

    (void)state;
    assert_ok(pool_take(pool, 2, 0, held, &err), err);
    stand_in_line(&big);
    stand_in_line(&small);
    pool_give(pool, &held[0]);
    clock_sleep_ms(20);
    assert_int_equal(atomic_load(&served), 0);
    pool_give(pool, &held[1]);
    pthread_join(big.thread, NULL);
    pthread_join(small.thread, NULL);
    assert_int_equal(big.place, 1);
    assert_int_equal(small.place, 2);
}

static void who_gives_up_lets_those_behind_pass(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 2);
    struct err err = ERR_INIT;
    atomic_int served = 0;
    struct guest big = {pool, 2, 0, 60, &served, {0}, NOBODY, 0, 0};
    struct guest small = {pool, 1, 0, LONG_MS, &served, {0}, NOBODY, 0, 0};
    char *held;

    (void)state;
    assert_ok(pool_take(pool, 1, 0, &held, &err), err);
    stand_in_line(&big);
    stand_in_line(&small);
    pthread_join(big.thread, NULL);
    pthread_join(small.thread, NULL);
    assert_int_equal(big.place, NOBODY);
    assert_int_equal(small.place, 1);
    pool_give(pool, &held);
}

/* A pool whose buffers others keep, as clients do that drip. */
static void a_pool_that_stands_still_is_not_waited_for(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 3);
    struct err err = ERR_INIT;
    char *held, *more = NULL;
    int64_t from = clock_mono_ms();

    (void)state;
    assert_ok(pool_take(pool, 1, 0, &held, &err), err);
    assert_false(pool_spare(pool, 1, 2, LONG_MS, &more));
    assert_in_range(clock_mono_ms() - from, POOL_STILL_MS - 1, LONG_MS / 2);
    from = clock_mono_ms();
    assert_false(pool_spare(pool, 1, 2, LONG_MS, &more));
    assert_in_range(clock_mono_ms() - from, 0, LONG_MS / 2);
    assert_null(more);
    pool_give(pool, &held);
}

static void a_pool_that_moves_is_waited_for(void **state)
{
    AUTO(pool_close) struct pool *pool = pool_of(64, 3);
    struct err err = ERR_INIT;
    struct guest modest = {.place = NOBODY};

    (void)state;
    for (int i = 0; i < TRIES && modest.place == NOBODY; i++) {
        atomic_int served = 0;
        char *held, *moved;

        modest = (struct guest){pool, 2, 1, LONG_MS, &served, {0}, NOBODY, 0, 0};
        assert_ok(pool_take(pool, 1, 0, &held, &err), err);
        join_line(&modest);
        for (int64_t until = clock_mono_ms() + 2 * POOL_STILL_MS; clock_mono_ms() < until;) {
            assert_ok(pool_take(pool, 1, 0, &moved, &err), err);
            pool_give(pool, &moved);
            clock_sleep_ms(5);
        }
        pool_give(pool, &held);
        pthread_join(modest.thread, NULL);
    }
    assert_int_equal(modest.place, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_do_not_overlap_and_come_back),
        cmocka_unit_test(an_empty_pool_is_busy_after_the_wait),
        cmocka_unit_test(all_or_none_are_taken),
        cmocka_unit_test(more_than_the_pool_has_is_refused_at_once),
        cmocka_unit_test(a_pool_of_nothing_is_refused),
        cmocka_unit_test(many_threads_share_few_buffers),
        cmocka_unit_test(who_cannot_do_without_is_served_before_who_can),
        cmocka_unit_test(who_asks_for_little_does_not_overtake),
        cmocka_unit_test(who_gives_up_lets_those_behind_pass),
        cmocka_unit_test(a_pool_that_stands_still_is_not_waited_for),
        cmocka_unit_test(a_pool_that_moves_is_waited_for),
        cmocka_unit_test(who_can_do_without_takes_only_what_is_to_spare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
