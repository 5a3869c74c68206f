#include <string.h>

#include "analysis-svc/extractor_own.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static void every_kind_has_a_name_that_reads_back(void **state)
{
    enum field_kind kind = FIELD_TEXT;

    (void)state;
    for (int k = FIELD_TEXT; k <= FIELD_HANDLE; k++) {
        assert_true(extractor_kind_parse(extractor_kind_name((enum field_kind)k), &kind));
        assert_int_equal(kind, k);
    }
    assert_false(extractor_kind_parse("money", &kind));
}

static void row_fields_stand_in_the_array_or_at_the_root(void **state)
{
    const struct json *rows = extractor_row_properties(board_extractor("leaderboard"));
    const struct json *root = extractor_row_properties(board_extractor("yapper_profile"));

    (void)state;
    assert_non_null(json_find(rows, "rank"));
    assert_null(json_find(rows, "platform"));
    assert_non_null(json_find(root, "platform"));
}

/* The shipped rules of a leaderboard with one member replaced. */
static void checked(const char *rules, const char *want)
{
    const struct extractor *shipped = board_extractor("leaderboard");
    AUTO(json_free) struct json *changed = NULL;
    struct extractor x = *shipped;
    struct err err = ERR_INIT;

    assert_ok(json_parse(sv_of(rules), &changed, &err), err);
    x.rules = changed;
    assert_int_equal(extractor_check(&x, &err), *want == '\0');
    if (!strstr(err.msg, want))
        fail_msg("%s: %s", rules, err.msg);
}

static void rules_that_name_nothing_are_refused(void **state)
{
    (void)state;
    checked("{\"key\":[[\"handle\"]]}", "");
    checked("{}", "key");
    checked("{\"key\":[[]]}", "key");
    checked("{\"key\":[\"handle\"]}", "key");
    checked("{\"key\":[[\"handle\"]],\"roles\":{\"totals\":[\"points\"]}}", "points");
    checked("{\"key\":[[\"handle\"]],\"roles\":{\"captain\":\"rank\"}}", "captain");
    checked("{\"key\":[[\"handle\"]],\"output\":[\"points\"]}", "points");
    checked("{\"key\":[[\"handle\"]],\"row_losses\":{\"unsre\":1}}", "unsre");
    checked("{\"key\":[[\"handle\"]],\"page\":{\"title\":\"heading\"}}", "title");
    checked("{\"key\":[[\"handle\"]],\"lists\":{\"badges\":{}}}", "badges");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_that_reads_back),
        cmocka_unit_test(row_fields_stand_in_the_array_or_at_the_root),
        cmocka_unit_test(rules_that_name_nothing_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
