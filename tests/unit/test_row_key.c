#include "analysis-svc/row_key.h"

#include "analysis-svc/rules.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

static const char *key(const char *kind, const char *handle, double rank, const char *name)
{
    const struct extractor *x = board_extractor(kind);
    struct row row = {.cells = arena_take(&mem, x->field_count * sizeof(struct cell))};
    int field = rules_role(x, "rank");

    if (handle)
        row.cells[rules_role(x, "handle")].value = (struct value){CELL_WORD, "", 0, handle};
    if (rank > 0 && field != FIELD_NONE)
        row.cells[field].value = (struct value){CELL_NUMBER, "", rank, NULL};
    if (name)
        row.cells[rules_role(x, "name")].value = (struct value){CELL_WORD, "", 0, name};
    return row_key(x, &row, &mem);
}

static void the_handle_comes_first_then_rank_and_name(void **state)
{
    (void)state;
    assert_string_equal(key("leaderboard", "ana", 3, "Ana B"), "@ana");
    assert_string_equal(key("leaderboard", NULL, 3, "Ana B"), "#3 Ana B");
    assert_string_equal(key("yapper_profile", "ana", 0, NULL), "@ana");
}

static void a_part_alone_is_no_key(void **state)
{
    (void)state;
    assert_null(key("leaderboard", NULL, 3, NULL));
    assert_null(key("leaderboard", NULL, 0, "Ana B"));
    assert_null(key("yapper_profile", NULL, 0, "Ana B"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_handle_comes_first_then_rank_and_name),
        cmocka_unit_test(a_part_alone_is_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
