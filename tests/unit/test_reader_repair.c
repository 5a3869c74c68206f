/*
 * Tests of local/reader/repair.c: what the cells of a column say of one another. The rows are set
 * down by hand.
 */
#include "local/reader/repair.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

#define ROWS 6

static struct row rows[ROWS];
static struct board board;

static void write_cell(char cell[CELL_TEXT_MAX], const char *text)
{
    memcpy(cell, text, strlen(text) + 1);
}

/* Ranks 1 to 6; shares and snaps fall, changes are signed. */
static int set_up(void **state)
{
    (void)state;
    memset(rows, 0, sizeof rows);
    board = (struct board){.rows = rows, .n = ROWS, .lanes = 1};
    for (int i = 0; i < ROWS; i++) {
        rows[i].y = 50 * i;
        snprintf(rows[i].cell[COL_RANK], CELL_TEXT_MAX, "%d", i + 1);
        snprintf(rows[i].cell[COL_MINDSHARE], CELL_TEXT_MAX, "%d.%02d%%", 9 - i, 10 + i);
        snprintf(rows[i].cell[COL_CHANGE], CELL_TEXT_MAX, "%s0.%02d%%", i % 2 ? "-" : "+", 30 + i);
        snprintf(rows[i].cell[COL_SNAPS], CELL_TEXT_MAX, "%d,%03d", 40 - i, 100 + i);
    }
    return 0;
}

static void a_change_without_its_sign_among_signed_ones_is_marked(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) /* one sign is enough */
        write_cell(rows[i].cell[COL_CHANGE], i == 1 ? "-0.31%" : i == 2 ? "0.00%" : "0.32%");
    repair_board(&board);
    assert_true(board.rows[3].unsure & 1U << COL_CHANGE);
    assert_false(board.rows[2].unsure & 1U << COL_CHANGE);
    assert_false(board.rows[1].unsure & 1U << COL_CHANGE);
}

static void ranks_are_filled_in_from_their_neighbours_and_marked(void **state)
{
    (void)state;
    board.rows[1].cell[COL_RANK][0] = '\0';
    write_cell(board.rows[4].cell[COL_RANK], "8");
    repair_board(&board);
    assert_string_equal(board.rows[1].cell[COL_RANK], "2");
    assert_string_equal(board.rows[4].cell[COL_RANK], "5");
    assert_true(board.rows[1].unsure & 1U << COL_RANK);
    assert_false(board.rows[0].unsure & 1U << COL_RANK);
}

static void a_lost_point_is_put_back_by_the_column_and_marked(void **state)
{
    (void)state;
    write_cell(board.rows[3].cell[COL_MINDSHARE], "613%");
    repair_board(&board);
    assert_string_equal(board.rows[3].cell[COL_MINDSHARE], "6.13%");
    assert_true(board.rows[3].unsure & 1U << COL_MINDSHARE);
    assert_false(board.rows[2].unsure & 1U << COL_MINDSHARE);
}

static void a_figure_that_breaks_the_order_is_marked(void **state)
{
    (void)state;
    write_cell(board.rows[3].cell[COL_SNAPS], "97,103");
    repair_board(&board);
    assert_string_equal(board.rows[3].cell[COL_SNAPS], "97,103");
    assert_true(board.rows[3].unsure & 1U << COL_SNAPS);
    assert_false(board.rows[5].unsure & 1U << COL_SNAPS);
}

static void a_zero_read_as_eight_is_seen_by_the_order(void **state)
{
    (void)state;
    write_cell(board.rows[5].cell[COL_MINDSHARE], "8.95%");
    repair_board(&board);
    assert_string_equal(board.rows[5].cell[COL_MINDSHARE], "0.95%");
    assert_true(board.rows[5].unsure & 1U << COL_MINDSHARE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_change_without_its_sign_among_signed_ones_is_marked, set_up),
        cmocka_unit_test_setup(ranks_are_filled_in_from_their_neighbours_and_marked, set_up),
        cmocka_unit_test_setup(a_lost_point_is_put_back_by_the_column_and_marked, set_up),
        cmocka_unit_test_setup(a_figure_that_breaks_the_order_is_marked, set_up),
        cmocka_unit_test_setup(a_zero_read_as_eight_is_seen_by_the_order, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
