#include "analysis-svc/merge_row.h"

#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

enum { RANK = 0, HANDLE = 2, TOTAL = 3 };

/* A row of that picture for @ana with this total. */
static struct row *part(int64_t snapshot, double confidence, struct value total, bool doubtful)
{
    struct row *row = arena_take(&mem, sizeof(*row));

    row->key = "@ana";
    row->snapshot = snapshot;
    row->confidence = confidence;
    row->cells =
        arena_take(&mem, board_extractor("leaderboard")->field_count * sizeof(struct cell));
    row->cells[HANDLE].value = (struct value){CELL_WORD, "@Ana", 0, "ana"};
    row->cells[TOTAL] = (struct cell){.value = total, .doubtful = doubtful};
    return row;
}

static struct value number(double n) { return (struct value){CELL_NUMBER, "n", n, NULL}; }

static struct row merged(const struct row *a, const struct row *b, const struct row *c)
{
    const struct row *parts[] = {a, b, c};
    struct row out;

    merge_row(board_extractor("leaderboard"), parts, c ? 3 : b ? 2 : 1, &mem, &out);
    return out;
}

static void one_picture_alone_keeps_its_doubt_and_confidence(void **state)
{
    struct row r = merged(part(1, 0.7, number(5), true), NULL, NULL);

    (void)state;
    assert_true(r.cells[TOTAL].value.number == 5 && r.cells[TOTAL].doubtful);
    assert_true(r.confidence == 0.7);
    assert_int_equal(r.cells[TOTAL].from.n, 1);
    assert_int_equal(cell_readings(&r.cells[TOTAL]), 0);
    assert_int_equal(r.cells[RANK].value.type, CELL_ABSENT);
    assert_string_equal(r.key, "@ana");
}

static void the_better_reading_wins_by_the_rules_in_their_order(void **state)
{
    struct value mess = {CELL_NULL, "x", 0, NULL};
    struct row r = merged(part(1, 1, mess, false), part(2, 0.2, number(5), true), NULL);

    (void)state;
    assert_true(r.cells[TOTAL].value.number == 5); /* a value before none */
    assert_int_equal(cell_readings(&r.cells[TOTAL]), 0);
    r = merged(part(1, 1, number(4), true), part(2, 0.2, number(5), false), NULL);
    assert_true(r.cells[TOTAL].value.number == 5); /* no doubt before the better row */
    r = merged(part(1, 0.8, number(4), false), part(2, 0.8, number(4), false),
               part(3, 0.9, number(5), false));
    assert_true(r.cells[TOTAL].value.number == 5); /* the better row before the majority */
    r = merged(part(1, 0.9, number(4), false), part(2, 0.9, number(5), false),
               part(3, 0.9, number(5), false));
    assert_true(r.cells[TOTAL].value.number == 5); /* the majority before the first */
    r = merged(part(1, 0.9, number(4), false), part(2, 0.9, number(5), false), NULL);
    assert_true(r.cells[TOTAL].value.number == 4);
}

static void a_conflict_keeps_all_readings_and_costs_confidence(void **state)
{
    struct row r = merged(part(1, 1, number(4), false), part(2, 1, number(5), false),
                          part(3, 1, number(4), false));
    const struct cell *c = &r.cells[TOTAL];

    (void)state;
    assert_true(c->doubtful);
    assert_int_equal(cell_readings(c), 2);
    assert_true(c->dispute->readings[0].value.number == 4 &&
                c->dispute->readings[1].value.number == 5);
    assert_int_equal(c->dispute->readings[0].from.n, 2);
    assert_int_equal(c->dispute->readings[0].from.items[1], 3);
    assert_int_equal(c->from.n, 2);
    assert_true(r.confidence == 0.95);
}

static void a_doubt_that_another_picture_clears_is_gone(void **state)
{
    struct row r = merged(part(1, 0.9, number(4), true), part(2, 0.8, number(4), false), NULL);

    (void)state;
    assert_false(r.cells[TOTAL].doubtful);
    assert_true(r.confidence == 0.9);
    assert_int_equal(r.cells[TOTAL].from.n, 2);
}

static void two_rows_of_one_picture_count_as_one_source(void **state)
{
    struct row r = merged(part(1, 1, number(4), false), part(1, 1, number(4), false), NULL);

    (void)state;
    assert_int_equal(r.cells[TOTAL].from.n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_picture_alone_keeps_its_doubt_and_confidence),
        cmocka_unit_test(the_better_reading_wins_by_the_rules_in_their_order),
        cmocka_unit_test(a_conflict_keeps_all_readings_and_costs_confidence),
        cmocka_unit_test(a_doubt_that_another_picture_clears_is_gone),
        cmocka_unit_test(two_rows_of_one_picture_count_as_one_source),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
