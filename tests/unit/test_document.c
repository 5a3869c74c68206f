#include "analysis-svc/document.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    (void)state;
    arena_free(&mem);
    return 0;
}

static void values_are_the_same_whatever_the_print(void **state)
{
    struct value k = {CELL_NUMBER, "1.2K", 1200, NULL}, plain = {CELL_NUMBER, "1,200", 1200, NULL};
    struct value ana = {CELL_WORD, "@Ana", 0, "ana"}, bob = {CELL_WORD, "@Bob", 0, "bob"};
    struct value dash = {CELL_NULL, "-", 0, NULL}, mess = {CELL_NULL, "x", 0, NULL};

    (void)state;
    assert_true(value_same(&k, &plain));
    assert_false(value_same(&ana, &bob));
    assert_false(value_same(&k, &ana));
    assert_true(value_same(&dash, &mess));
}

static void notes_and_ids_grow_and_once_means_once(void **state)
{
    struct notes notes = {NULL, 0, 0};
    struct ids ids = {NULL, 0, 0};

    (void)state;
    for (int i = 0; i < 100; i++) {
        notes_add(&mem, &notes, i % 2 ? "a" : "b");
        ids_add(&mem, &ids, i);
    }
    notes_add_once(&mem, &notes, "a");
    notes_add_once(&mem, &notes, "c");
    assert_int_equal(notes.n, 101);
    assert_string_equal(notes.items[0], "b");
    assert_int_equal(ids.n, 100);
    assert_int_equal(ids.items[99], 99);
}

static void confidence_is_the_rows_mean_less_what_checks_cost(void **state)
{
    struct row rows[] = {{.confidence = 1}, {.confidence = 0.8}};
    struct document d = {.mem = &mem, .rows = rows, .row_count = 2};

    (void)state;
    assert_true(document_confidence(&d) == 0.9);
    document_check(&d, "a", 0.5)->loss = 0.1;
    assert_true(document_confidence(&d) == 0.81);
    d.dropped = 2;
    assert_true(document_confidence(&d) == 0.405);
    document_check(&d, "b", 1)->loss = 1;
    assert_true(document_confidence(&d) == 0);
    d.row_count = d.dropped = 0;
    assert_true(document_confidence(&d) == 0);
}

static void confidence_is_rounded_into_its_range(void **state)
{
    (void)state;
    assert_true(document_round(-0.2) == 0);
    assert_true(document_round(1.7) == 1);
    assert_true(document_round(0.123449) == 0.1234);
}

static void checks_beyond_the_room_take_the_last_place(void **state)
{
    struct document d = {.mem = &mem};

    (void)state;
    for (int i = 0; i < CHECKS_MAX + 3; i++)
        document_check(&d, "x", i);
    assert_int_equal(d.check_count, CHECKS_MAX);
    assert_true(d.checks[CHECKS_MAX - 1].weight == CHECKS_MAX + 2);
    assert_string_equal(page_text_name(PAGE_TIMEFRAME), "timeframe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_same_whatever_the_print),
        cmocka_unit_test(notes_and_ids_grow_and_once_means_once),
        cmocka_unit_test(confidence_is_the_rows_mean_less_what_checks_cost),
        cmocka_unit_test(confidence_is_rounded_into_its_range),
        cmocka_unit_test(checks_beyond_the_room_take_the_last_place),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
