/* test_queue.c - pointers between threads. */
#include <pthread.h>

#include "common/clock.h"
#include "common/queue.h"
#include "tests/kit/kit.h"

enum { ITEMS = 20000, WRITERS = 4, READERS = 4 };
static struct queue *q;
static int items[WRITERS][ITEMS];

static void *writer(void *arg)
{
    int *mine = arg;

    for (int i = 0; i < ITEMS; i++)
        if (!queue_push(q, &mine[i]))
            return NULL;
    return NULL;
}

static void *reader(void *arg)
{
    int64_t *count = arg;
    int *item;

    while ((item = queue_pop(q, 5000))) {
        (*item)++;
        (*count)++;
    }
    return NULL;
}

static void every_item_arrives_exactly_once(void **state)
{
    pthread_t writers[WRITERS], readers[READERS];
    int64_t counts[READERS] = {0}, sum = 0;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(queue_open(16, &q, &err), err);
    for (int i = 0; i < READERS; i++)
        pthread_create(&readers[i], NULL, reader, &counts[i]);
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&writers[i], NULL, writer, items[i]);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    queue_end(q);
    for (int i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
        sum += counts[i];
    }
    assert_int_equal(sum, WRITERS * ITEMS);
    for (int w = 0; w < WRITERS; w++)
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(items[w][i], 1);
    queue_close(&q);
    assert_null(q);
}

static void a_full_queue_refuses_and_an_ended_one_gives_what_it_holds(void **state)
{
    struct err err = ERR_INIT;
    int a, b;

    (void)state;
    assert_ok(queue_open(1, &q, &err), err);
    assert_true(queue_try_push(q, &a));
    assert_false(queue_try_push(q, &b));
    assert_int_equal(queue_count(q), 1);
    queue_end(q);
    assert_false(queue_push(q, &b));
    assert_ptr_equal(queue_pop(q, 0), &a);
    assert_null(queue_pop(q, 1000));
    queue_close(&q);
}

static void waiting_for_nothing_ends_in_time(void **state)
{
    struct err err = ERR_INIT;
    int64_t from = clock_mono_ms();

    (void)state;
    assert_ok(queue_open(1, &q, &err), err);
    assert_null(queue_pop(q, 50));
    assert_in_range(clock_mono_ms() - from, 49, 5000);
    queue_close(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_arrives_exactly_once),
        cmocka_unit_test(a_full_queue_refuses_and_an_ended_one_gives_what_it_holds),
        cmocka_unit_test(waiting_for_nothing_ends_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
