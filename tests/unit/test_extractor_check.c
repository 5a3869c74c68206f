#include <stdlib.h>
#include <string.h>

#include "analysis-svc/extractor_own.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

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
#define KEY "\"key\":[[\"handle\"]]"
#define PAGE                                                                                       \
    "\"page\":{\"platform\":\"platform\",\"title\":\"title\",\"timeframe\":\"timeframe\","         \
    "\"columns\":\"columns\"}"
    checked("{" KEY "," PAGE "}", "");
    checked("{}", "key");
    checked("{\"key\":[[]]}", "key");
    checked("{\"key\":[\"handle\"]}", "key");
    checked("{" KEY ",\"roles\":{\"totals\":[\"points\"]}}", "points");
    checked("{" KEY ",\"roles\":{\"captain\":\"rank\"}}", "captain");
    checked("{" KEY ",\"output\":[\"points\"]}", "points");
    checked("{" KEY ",\"row_losses\":{\"unsre\":1}}", "unsre");
    checked("{" KEY ",\"page\":{\"title\":\"heading\"}}", "title");
    checked("{" KEY ",\"lists\":{\"badges\":{}}}", "badges");
    checked("{\"lists\":{\"badges\":{\"fields\":[{\"name\":\"title\",\"knd\":\"text\"}]}}}",
            "title: nobody knows knd");
}

static void a_word_that_nobody_knows_is_a_mistake_in_spelling(void **state)
{
    (void)state;
    checked("{" KEY ",\"chekcs\":{}}", "the rules: nobody knows chekcs");
    checked("{\"fields\":[{\"name\":\"rank\",\"maximum\":3}]}", "rank: nobody knows maximum");
    checked("{\"checks\":{\"platform\":{\"weight\":1,\"wait\":1}}}",
            "checks.platform: nobody knows wait");
}

static void weights_are_shares(void **state)
{
    (void)state;
    checked("{\"checks\":{\"platform\":{}}}", "checks.platform: weight is missing");
    checked("{\"checks\":{\"platform\":{\"weight\":2}}}", "checks.platform: must be a number of 0");
    checked("{\"checks\":{\"platform\":{\"weight\":1,\"unseen\":-1}}}", "unseen");
    checked("{\"row_losses\":{\"unsure\":\"much\"}}", "row_losses: must be a number of 0 to 1");
}

static void a_pace_is_of_a_figure_and_of_numbers(void **state)
{
    (void)state;
    checked("{\"day_before\":{\"points\":{}}}", "day_before: fields has none named points");
    checked("{\"day_before\":{\"handle\":{\"times\":2}}}", "is no figure: handle");
    checked("{\"day_before\":{\"followers\":{\"tims\":2}}}", "day_before.followers: nobody knows");
    checked("{\"day_before\":{\"followers\":{\"times\":\"2\"}}}", "must be a number, 0 or more");
    checked("{\"day_before\":{\"followers\":{\"times\":0.5}}}", "must be 1 or more: times");
    checked("{\"day_before\":{\"followers\":{\"falls\":2}}}", "must be a share, 0 to 1: falls");
}

static void platforms_and_ways_of_merging_are_those_that_are_known(void **state)
{
    (void)state;
    checked("{" KEY "," PAGE ",\"platforms\":[\"*\"],\"merge\":{\"rows_by\":[\"key\"]}}", "");
    checked("{" KEY "," PAGE ",\"platforms\":[\"cookie.fun\"]}", "");
    checked("{\"platforms\":[]}", "platforms: a list");
    checked("{\"platforms\":[\"cooky.fun\"]}", "platforms: nobody knows cooky.fun");
    checked("{\"merge\":{\"by\":[]}}", "merge: nobody knows by");
    checked("{\"merge\":{\"rows_by\":[]}}", "merge.rows_by: a list is needed");
    checked("{\"merge\":{\"rows_by\":[\"guess\"]}}", "merge.rows_by: nobody knows guess");
}

static void a_period_must_be_one(void **state)
{
    static const char *const none[] = {"soon", "24H 7D"};
    struct extractor x = *board_extractor("leaderboard");
    struct extractor_field *fields = malloc(x.field_count * sizeof *fields);

    (void)state;
    assert_non_null(fields);
    memcpy(fields, x.fields, x.field_count * sizeof *fields);
    x.fields = fields;
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        struct err err = ERR_INIT;

        fields[0].period = none[i];
        assert_fails(extractor_check(&x, &err), err, ERR_UNPROCESSABLE);
        assert_non_null(strstr(err.msg, "rank: period"));
    }
    free(fields);
}

static void what_the_model_is_asked_for_is_read(void **state)
{
    (void)state;
    checked("{" KEY ",\"page\":{\"title\":\"title\"}}",
            "page: nobody reads schema.json's platform");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_fields_stand_in_the_array_or_at_the_root),
        cmocka_unit_test(rules_that_name_nothing_are_refused),
        cmocka_unit_test(a_word_that_nobody_knows_is_a_mistake_in_spelling),
        cmocka_unit_test(weights_are_shares),
        cmocka_unit_test(a_pace_is_of_a_figure_and_of_numbers),
        cmocka_unit_test(platforms_and_ways_of_merging_are_those_that_are_known),
        cmocka_unit_test(a_period_must_be_one),
        cmocka_unit_test(what_the_model_is_asked_for_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
