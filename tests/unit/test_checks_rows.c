#include <string.h>

#include "analysis-svc/checks.h"
#include "analysis-svc/rules.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

enum { HIDDEN = -1000 };

/* A leaderboard with these ranks and totals; HIDDEN: not visible. */
static struct document board(const double *ranks, const double *totals, size_t n)
{
    struct document d = {.mem = &mem, .x = board_extractor("leaderboard"), .row_count = n};
    int rank = rules_role(d.x, "rank"), total = rules_field(d.x, "total_snaps");

    d.rows = arena_take(&mem, n * sizeof(*d.rows));
    for (size_t i = 0; i < n; i++) {
        struct cell *cells = arena_take(&mem, d.x->field_count * sizeof(*cells));

        d.rows[i].cells = cells;
        d.rows[i].confidence = 1;
        if (ranks[i] != HIDDEN)
            cells[rank].value = (struct value){CELL_NUMBER, "", ranks[i], NULL};
        if (totals && totals[i] != HIDDEN)
            cells[total].value = (struct value){CELL_NUMBER, "", totals[i], NULL};
    }
    return d;
}

static bool is_doubtful(const struct document *d, size_t row, const char *field)
{
    return d->rows[row].cells[rules_field(d->x, field)].doubtful;
}

static void ranks_in_sequence_pass_wherever_they_begin(void **state)
{
    static const double ranks[] = {7, 5, 6, 8, HIDDEN};
    struct document d = board(ranks, NULL, COUNT_OF(ranks));

    (void)state;
    checks_rows(&d, true);
    assert_string_equal(d.checks[0].name, "rank_sequence");
    assert_true(d.checks[0].ok && d.checks[0].loss == 0);
}

static void gaps_and_doubles_are_found(void **state)
{
    static const double gap[] = {1, 2, 4}, wide[] = {1, 9}, twice[] = {1, 2, 2}, none[] = {0, 1};
    struct document d = board(gap, NULL, 3);

    (void)state;
    checks_rows(&d, true);
    assert_false(d.checks[0].ok);
    assert_true(d.checks[0].loss == d.checks[0].weight && d.checks[0].loss > 0);
    assert_string_equal(d.checks[0].note, "rank 3 is missing");
    assert_false(is_doubtful(&d, 2, "rank")); /* nobody can say which of them is wrong */
    d = board(wide, NULL, 2);
    checks_rows(&d, true);
    assert_string_equal(d.checks[0].note, "ranks 2 to 8 are missing");
    d = board(twice, NULL, 3);
    checks_rows(&d, true);
    assert_string_equal(d.checks[0].note, "rank 2 stands twice");
    assert_true(is_doubtful(&d, 1, "rank") && is_doubtful(&d, 2, "rank"));
    assert_false(is_doubtful(&d, 0, "rank"));
    assert_true(d.rows[2].confidence == 0.9 && d.rows[0].confidence == 1);
    d = board(none, NULL, 2);
    checks_rows(&d, true);
    assert_string_equal(d.checks[0].note, "a rank is below 1");
}

static void a_board_without_ranks_loses_a_little(void **state)
{
    static const double ranks[] = {HIDDEN, HIDDEN};
    struct document d = board(ranks, NULL, 2);

    (void)state;
    checks_rows(&d, true);
    assert_true(d.checks[0].ok && d.checks[0].loss == 0.1);
}

static void the_total_that_breaks_the_order_is_doubtful(void **state)
{
    static const double ranks[] = {1, 2, 3, 4, 5, 6}, totals[] = {90, 80, 7000, 60, 60, HIDDEN};
    struct document d = board(ranks, totals, 6);

    (void)state;
    checks_rows(&d, true);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(is_doubtful(&d, i, "total_snaps"), i == 2);
    assert_true(d.rows[2].confidence == 0.9);
    assert_string_equal(d.checks[1].name, "totals_fall");
    assert_string_equal(d.checks[1].note, "total_snaps does not fall with the rank in 1 of 5 rows");
    d = board(ranks, totals, 6);
    checks_rows(&d, false);
    assert_true(is_doubtful(&d, 2, "total_snaps") && d.rows[2].confidence == 1);
}

static void a_column_that_the_page_is_not_ordered_by_says_nothing(void **state)
{
    static const double ranks[] = {1, 2, 3, 4, 5, 6}, totals[] = {5, 90, 3, 60, 1, 70};
    static const double few[] = {1, 2, 3};
    struct document d = board(ranks, totals, 6), e = board(ranks, few, 3);

    (void)state;
    checks_rows(&d, true);
    assert_true(d.checks[1].ok);
    checks_rows(&e, true);
    assert_true(e.checks[1].ok);
}

static void a_kind_without_ranks_is_not_checked_for_them(void **state)
{
    struct document d = {.mem = &mem, .x = board_extractor("yapper_profile")};

    (void)state;
    checks_rows(&d, true);
    assert_int_equal(d.check_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_in_sequence_pass_wherever_they_begin),
        cmocka_unit_test(gaps_and_doubles_are_found),
        cmocka_unit_test(a_board_without_ranks_loses_a_little),
        cmocka_unit_test(the_total_that_breaks_the_order_is_doubtful),
        cmocka_unit_test(a_column_that_the_page_is_not_ordered_by_says_nothing),
        cmocka_unit_test(a_kind_without_ranks_is_not_checked_for_them),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
