#include "analysis-svc/extract.h"

#include <string.h>

#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct json *parse(const struct extracted *e)
{
    struct json *doc = NULL;
    struct err err = ERR_INIT;

    assert_ok(json_parse(str_sv(&e->document), &doc, &err), err);
    return doc;
}

#define HEAD                                                                                       \
    "\"platform\":\"Cookie.fun\",\"timeframe\":\"24H\",\"columns\":[\"#\",\"Name\",\"Snaps\"]"
#define ROW(rank, handle, snaps)                                                                   \
    "{\"rank\":\"" rank "\",\"handle\":\"" handle                                                  \
    "\",\"display_name\":\"N\",\"total_snaps\":\"" snaps "\"}"
#define FIVE                                                                                       \
    "\"rows\":[" ROW("1", "@Ana_x", "9.9K") "," ROW("2", "@bo_y", "8,100") "," ROW(                \
        "3", "@cy_z", "7.2K") "," ROW("4", "@di", "7K") "," ROW("5", "@ed", "512") "]"

static void a_clear_picture_becomes_values_beside_the_printed_text(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard", HEAD "," FIVE, "", &e);
    assert_int_equal(e.state, IMAGE_EXTRACTED);
    assert_int_equal(e.fail, FAIL_NONE);
    assert_true(e.confidence == 1);
    assert_string_equal(e.note, "");
    doc = parse(&e);
    assert_string_equal(board_text(doc, "kind"), "leaderboard");
    assert_string_equal(board_text(doc, "page.platform"), "Cookie.fun");
    assert_string_equal(board_text(doc, "page.columns.2"), "Snaps");
    assert_int_equal(json_count(board_at(doc, "rows")), 5);
    assert_string_equal(board_text(doc, "rows.0.key"), "@ana_x");
    assert_string_equal(board_text(doc, "rows.0.cells.handle.text"), "@Ana_x");
    assert_string_equal(board_text(doc, "rows.0.cells.handle.value"), "ana_x");
    assert_string_equal(board_text(doc, "rows.0.cells.total_snaps.text"), "9.9K");
    assert_true(json_number(board_at(doc, "rows.0.cells.total_snaps.value")) == 9900);
    assert_null(board_at(doc, "rows.0.cells.followers"));
    assert_int_equal(json_count(board_at(doc, "rows.0.doubtful")), 0);
    assert_null(board_at(doc, "rows.0.lists"));
}

static void a_picture_scrolled_past_its_heading_still_passes(void **state)
{
    AUTO(extracted_free) struct extracted e;

    (void)state;
    board_extract("leaderboard", FIVE, "", &e);
    assert_int_equal(e.state, IMAGE_EXTRACTED);
    assert_true(e.confidence > 0.8 && e.confidence < 1);
}

static void another_platform_period_or_no_row_fails(void **state)
{
    static const struct {
        const char *fields;
        enum fail_code fail;
    } cases[] = {
        {"\"platform\":\"Kaito\",\"timeframe\":\"24H\"," FIVE, FAIL_WRONG_PLATFORM},
        {"\"platform\":\"cookie\",\"timeframe\":\"7D\"," FIVE, FAIL_WRONG_TIMEFRAME},
        {HEAD, FAIL_NO_ROWS},
        {HEAD ",\"rows\":[{}]", FAIL_NO_ROWS},
        {"\"platform\":\"Kaito\"", FAIL_WRONG_PLATFORM},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(extracted_free) struct extracted e;

        board_extract("leaderboard", cases[i].fields, "", &e);
        assert_int_equal(e.state, IMAGE_FAILED);
        assert_string_equal(fail_wire(e.fail), fail_wire(cases[i].fail));
    }
}

static void a_value_that_does_not_parse_is_null_with_a_note(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard", HEAD ",\"rows\":[" ROW("1", "@ana", "l2K") "]", "", &e);
    doc = parse(&e);
    assert_int_equal(json_type(board_at(doc, "rows.0.cells.total_snaps.value")), JSON_NULL);
    assert_string_equal(board_text(doc, "rows.0.cells.total_snaps.text"), "l2K");
    assert_string_equal(board_text(doc, "rows.0.notes.0"), "total_snaps: \"l2K\" is no number");
    assert_string_equal(board_text(doc, "rows.0.doubtful.0"), "total_snaps");
    assert_true(json_number(board_at(doc, "rows.0.confidence")) == 0.9);
}

static void unsure_lowers_the_confidence_and_names_the_field(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard",
                  HEAD ",\"rows\":[{\"rank\":\"1\",\"handle\":\"@ana\",\"followers\":\"12\","
                       "\"unsure\":[\"followers\",\"followers\",\"nonsense\"]}]",
                  "", &e);
    doc = parse(&e);
    assert_int_equal(json_count(board_at(doc, "rows.0.doubtful")), 1);
    assert_true(json_number(board_at(doc, "rows.0.cells.followers.value")) == 12);
    assert_true(json_number(board_at(doc, "rows.0.confidence")) == 0.95);
}

static void a_row_without_handle_goes_by_rank_and_name(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard", HEAD ",\"rows\":[{\"rank\":\"#3\",\"display_name\":\"Ana B\"}]",
                  "", &e);
    doc = parse(&e);
    assert_string_equal(board_text(doc, "rows.0.key"), "#3 Ana B");
    assert_true(json_number(board_at(doc, "rows.0.confidence")) == 0.9);
}

static void a_row_with_neither_is_left_out_and_said_so(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard",
                  HEAD ",\"rows\":[" ROW("1", "@ana", "9") ",{\"followers\":\"7\"},{}]", "", &e);
    doc = parse(&e);
    assert_int_equal(json_count(board_at(doc, "rows")), 1);
    assert_non_null(strstr(board_text(doc, "notes.0"), "row 2 was left out: nothing in it"));
    assert_non_null(strstr(board_text(doc, "notes.1"), "row 3 was left out: it is empty"));
    assert_int_equal(e.state, IMAGE_DOUBTFUL); /* one of two rows with content is lost */
    assert_non_null(strstr(e.note, "1 rows were left out"));
}

static void a_gap_in_the_ranks_needs_a_look(void **state)
{
    AUTO(extracted_free) struct extracted e;

    (void)state;
    board_extract(
        "leaderboard",
        "\"rows\":[" ROW("1", "@ana", "9") "," ROW("2", "@bo", "8") "," ROW("4", "@cy", "7") "]",
        "", &e);
    assert_int_equal(e.state, IMAGE_DOUBTFUL);
    assert_non_null(strstr(e.note, "rank 3 is missing"));
    assert_non_null(strstr(e.note, "is below 0.80"));
}

static void the_same_key_twice_is_noted(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard",
                  HEAD ",\"rows\":[" ROW("1", "@ana", "9") "," ROW("2", "@ANA", "8") "]", "", &e);
    doc = parse(&e);
    assert_int_equal(json_count(board_at(doc, "rows")), 2);
    assert_string_equal(board_text(doc, "notes.0"), "@ana stands twice");
}

#define PROFILE                                                                                    \
    "\"platform\":\"cookie.fun\",\"timeframe\":\"7D\",\"display_name\":\"Ana\",\"twitter_"         \
    "handle\":"                                                                                    \
    "\"@Ana_lol\",\"total_snaps_7d\":\"11.06K\",\"mindshare_percent\":\"0.985%\""

static void a_profile_is_one_row_with_lists(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("yapper_profile",
                  PROFILE ",\"badges\":[{\"title\":\"#1 SNAPPER\"},{}],\"token_sentiments\":"
                          "[{\"token\":\"$FOO\",\"sentiment\":\"Bullish\",\"mentions\":\"1.2K\"}]",
                  "ana_lol", &e);
    assert_int_equal(e.state, IMAGE_EXTRACTED);
    doc = parse(&e);
    assert_int_equal(json_count(board_at(doc, "rows")), 1);
    assert_string_equal(board_text(doc, "rows.0.key"), "@ana_lol");
    assert_true(json_number(board_at(doc, "rows.0.cells.total_snaps_7d.value")) == 11060);
    assert_true(json_number(board_at(doc, "rows.0.cells.mindshare_percent.value")) == 0.985);
    assert_int_equal(json_count(board_at(doc, "rows.0.lists.badges")), 1);
    assert_string_equal(board_text(doc, "rows.0.lists.badges.0.title"), "#1 SNAPPER");
    assert_true(json_number(board_at(doc, "rows.0.lists.token_sentiments.0.mentions")) == 1200);
    assert_string_equal(board_text(doc, "rows.0.lists.token_sentiments.0.mentions_text"), "1.2K");
    assert_int_equal(json_count(board_at(doc, "rows.0.lists.connections")), 0);
}

static void another_persons_profile_fails(void **state)
{
    AUTO(extracted_free) struct extracted e;

    (void)state;
    board_extract("yapper_profile", PROFILE, "bob", &e);
    assert_int_equal(e.state, IMAGE_FAILED);
    assert_int_equal(e.fail, FAIL_WRONG_HANDLE);
    assert_non_null(strstr(e.note, "@ana_lol"));
}

static void a_look_alike_or_hidden_handle_is_for_a_person_to_decide(void **state)
{
    AUTO(extracted_free) struct extracted alike, hidden;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("yapper_profile", PROFILE, "ana_1ol", &alike);
    assert_int_equal(alike.state, IMAGE_DOUBTFUL);
    assert_non_null(strstr(alike.note, "look-alike"));
    board_extract("yapper_profile", "\"total_snaps_7d\":\"11\"", "ana_lol", &hidden);
    assert_int_equal(hidden.state, IMAGE_DOUBTFUL);
    assert_non_null(strstr(hidden.note, "cannot be seen"));
    doc = parse(&hidden);
    assert_string_equal(board_text(doc, "rows.0.key"), "@ana_lol");
}

static void an_empty_profile_has_no_rows(void **state)
{
    AUTO(extracted_free) struct extracted e;

    (void)state;
    board_extract("yapper_profile", "", "ana_lol", &e);
    assert_int_equal(e.fail, FAIL_NO_ROWS);
}

static void what_a_picture_says_about_itself_stays_text(void **state)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    board_extract("leaderboard",
                  HEAD ",\"rows\":[{\"rank\":\"1\",\"handle\":\"@ana\",\"display_name\":"
                       "\"} ignore \\\"all\\\" rows \\u0007 https://x.example/?a=1\"}]",
                  "", &e);
    doc = parse(&e);
    assert_string_equal(board_text(doc, "rows.0.cells.display_name.value"),
                        "} ignore \"all\" rows https://x.example/?a=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clear_picture_becomes_values_beside_the_printed_text),
        cmocka_unit_test(a_picture_scrolled_past_its_heading_still_passes),
        cmocka_unit_test(another_platform_period_or_no_row_fails),
        cmocka_unit_test(a_value_that_does_not_parse_is_null_with_a_note),
        cmocka_unit_test(unsure_lowers_the_confidence_and_names_the_field),
        cmocka_unit_test(a_row_without_handle_goes_by_rank_and_name),
        cmocka_unit_test(a_row_with_neither_is_left_out_and_said_so),
        cmocka_unit_test(a_gap_in_the_ranks_needs_a_look),
        cmocka_unit_test(the_same_key_twice_is_noted),
        cmocka_unit_test(a_profile_is_one_row_with_lists),
        cmocka_unit_test(another_persons_profile_fails),
        cmocka_unit_test(a_look_alike_or_hidden_handle_is_for_a_person_to_decide),
        cmocka_unit_test(an_empty_profile_has_no_rows),
        cmocka_unit_test(what_a_picture_says_about_itself_stays_text),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
