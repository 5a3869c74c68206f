#include "analysis-svc/rules.h"

#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static void fields_are_found_by_name_and_by_role(void **state)
{
    const struct extractor *x = board_extractor("leaderboard");

    (void)state;
    assert_int_equal(rules_field(x, "rank"), 0);
    assert_int_equal(rules_field(x, "points"), FIELD_NONE);
    assert_int_equal(rules_field(x, NULL), FIELD_NONE);
    assert_string_equal(x->fields[rules_role(x, "name")].name, "display_name");
    assert_int_equal(rules_role(x, "captain"), FIELD_NONE);
    assert_int_equal(rules_role(board_extractor("yapper_profile"), "rank"), FIELD_NONE);
    assert_int_equal(json_count(rules_totals(x)), 2);
    assert_null(rules_totals(board_extractor("yapper_profile")));
}

static void weights_and_losses_come_from_the_rules(void **state)
{
    const struct extractor *x = board_extractor("leaderboard");
    double weight, unseen;

    (void)state;
    assert_true(rules_check(x, "platform", &weight, &unseen));
    assert_true(weight == 1 && unseen == 0.04);
    assert_false(rules_check(x, "handle", &weight, &unseen));
    assert_true(weight == 0 && unseen == 0);
    assert_true(rules_row_loss(x, "unsure") == 0.05);
    assert_true(rules_row_loss(x, "boredom") == 0);
}

static void page_members_and_periods_have_their_names(void **state)
{
    const struct extractor *x = board_extractor("leaderboard");

    (void)state;
    assert_string_equal(rules_page(x, "title"), "title");
    assert_null(rules_page(board_extractor("yapper_profile"), "title"));
    assert_string_equal(x->fields[rules_field(x, "snaps_7d")].period, "7D");
    assert_string_equal(x->fields[rules_field(x, "rank")].period, "");
}

static void a_platform_is_read_when_the_rules_name_it_or_name_none(void **state)
{
    static const char *const rules[] = {"{}", "{\"platforms\":[\"*\"]}",
                                        "{\"platforms\":[\"arbus\",\"cookie.fun\"]}",
                                        "{\"platforms\":[\"arbus\"]}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        AUTO(json_free) struct json *json = NULL;
        struct extractor x = {.name = "it"};
        struct err err = ERR_INIT;

        assert_ok(json_parse(sv_of(rules[i]), &json, &err), err);
        x.rules = json;
        assert_int_equal(rules_platform(&x, "cookie.fun"), i < 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_by_name_and_by_role),
        cmocka_unit_test(weights_and_losses_come_from_the_rules),
        cmocka_unit_test(page_members_and_periods_have_their_names),
        cmocka_unit_test(a_platform_is_read_when_the_rules_name_it_or_name_none),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
