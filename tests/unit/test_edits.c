/* test_edits.c - a person's text becomes a cell by the field's own rule; and a row is found by the
 * keys that it had before it was merged. */
#include "analysis-svc/edits.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct extractors extractors;
static const struct extractor *board;

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    if (!extractors_load("analysis-svc/extractors", &extractors, &err))
        return -1;
    board = extractors_find(&extractors, "leaderboard");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    extractors_free(&extractors);
    return 0;
}

static void what_may_be_typed_goes_by_the_field(void **state)
{
    static const struct {
        const char *field, *text;
        bool ok;
    } table[] = {{"followers", "1.2K", true},
                 {"followers", "  10,290 ", true},
                 {"followers", "", true},
                 {"followers", NULL, true},
                 {"followers", "many", false},
                 {"followers", "12 or 13", false},
                 {"mindshare_percent", "0.02%", true},
                 {"mindshare_percent", "x%", false},
                 {"handle", "@Nora_K", true},
                 {"handle", "not a handle!", false},
                 {"display_name", "Nora \xe2\x9a\x93", true},
                 {"shoe_size", "44", false},
                 {"shoe_size", NULL, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct err err = ERR_INIT;

        if (edits_check(board, "2026-11-20", table[i].field, table[i].text, &err) != table[i].ok)
            fail_msg("%s = %s: %s", table[i].field, table[i].text, err.msg);
    }
}

static void the_later_edit_holds_and_the_first_reading_is_kept(void **state)
{
    AUTO(arena_free) struct arena mem = ARENA_INIT;
    const struct edit items[] = {{"@nora", "handle", "@Nora_K", "anna", "2026-11-20T10:00:00.000Z"},
                                 {"@nora", "handle", "nora_kk", "ben", "2026-11-21T10:00:00.000Z"},
                                 {"@else", "rank", "9", "ben", "2026-11-21T10:00:00.000Z"},
                                 {"@nora", "gone_field", "9", "ben", "2026-11-21T10:00:00.000Z"}};
    const struct edits edits = {items, COUNT_OF(items), "2026-11-20"};
    struct row row = {.key = "@nora"};

    (void)state;
    row.cells = arena_take(&mem, board->field_count * sizeof(*row.cells));
    row.cells[2].value = (struct value){CELL_WORD, "@nora", 0, "nora"};
    row.cells[2].doubtful = true;
    edits_apply(board, &edits, "@nora", &row, &mem);
    edits_apply(board, &edits, "@nora", &row, &mem); /* twice changes nothing */
    assert_string_equal(row.cells[2].value.word, "nora_kk");
    assert_string_equal(row.cells[2].dispute->was.word, "nora");
    assert_string_equal(row.cells[2].dispute->edit->by, "ben");
    assert_false(row.cells[2].doubtful);
    assert_null(cell_edit(&row.cells[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_typed_goes_by_the_field),
        cmocka_unit_test(the_later_edit_holds_and_the_first_reading_is_kept),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
