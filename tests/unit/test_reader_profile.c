/*
 * Tests of local/reader/profile.c and answer.c: a profile page set down by hand, and answers in the
 * schema's shape. Covers: reader_profile reader_answer
 */
#include "local/reader/answer.h"
#include "local/reader/profile.h"
#include "tests/kit/kit.h"

#include <string.h>

static struct page page;

static int set_up(void **state)
{
    (void)state;
    page = (struct page){.w = 1000, .h = 800, .cap = 10};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    page_free(&page);
    return 0;
}

static struct item *put(int x, int y, int cap, const char *text)
{
    struct item *it =
        page_add(&page, (struct box){x, y, (int)strlen(text) * cap * 7 / 10, cap}, text, 95);

    it->cap = cap;
    return it;
}

static void draw(void)
{
    put(30, 10, 14, "cookie.fun");
    put(900, 60, 10, "7D");
    put(150, 100, 18, "Mara Velt");
    put(150, 126, 11, "@maravelt");
    put(700, 110, 9, "#3 SNAPPER");
    put(50, 200, 9, "7D SNAPS");
    put(50, 222, 20, "11.06K");
    put(400, 200, 9, "SMART FOLLOWERS");
    put(400, 222, 20, "155");
    put(60, 400, 10, "$ABC");
    put(105, 400, 10, "Bullish");
    put(400, 400, 10, "SXYZ Bearish");
}

static void a_profile_is_found_by_handle_labels_and_words(void **state)
{
    struct profile p;

    (void)state;
    draw();
    profile_read(&page, &p);
    assert_true(profile_is_readable(&p));
    assert_string_equal(p.row.cell[COL_HANDLE], "maravelt");
    assert_string_equal(p.row.cell[COL_NAME], "Mara Velt");
    assert_string_equal(p.row.cell[COL_SNAPS_7D], "11.06K");
    assert_string_equal(p.row.cell[COL_SMART], "155");
    assert_string_equal(p.row.cell[COL_MINDSHARE], "");
    assert_int_equal(p.tokens, 2);
    assert_string_equal(p.token[0].token, "$ABC");
    assert_string_equal(p.token[0].sentiment, "Bullish");
    assert_string_equal(p.token[1].token, "$XYZ");
    assert_string_equal(p.token[1].sentiment, "Bearish");
    assert_int_equal(p.badges, 1);
    assert_string_equal(p.badge[0].title, "#3 SNAPPER");
    assert_string_equal(p.badge[0].rank, "#3");
}

static void tokens_are_capitals_and_a_bar_in_one_is_an_i(void **state)
{
    struct profile p;

    (void)state;
    put(30, 10, 14, "@maravelt");
    put(30, 60, 10, "$KAPlM Bullish");
    profile_read(&page, &p);
    assert_int_equal(p.tokens, 1);
    assert_string_equal(p.token[0].token, "$KAPIM");
}

static void a_page_of_prose_is_no_profile(void **state)
{
    struct profile p;

    (void)state;
    put(30, 10, 14, "Terms of service");
    put(30, 40, 10, "We keep your data for thirty days");
    profile_read(&page, &p);
    assert_false(profile_is_readable(&p));
}

static void snaps_without_a_period_are_those_of_the_page_and_unsure(void **state)
{
    struct profile p;

    (void)state;
    put(900, 60, 10, "7D");
    put(50, 200, 9, "SNAPS");
    put(50, 222, 20, "400");
    profile_read(&page, &p);
    assert_string_equal(p.row.cell[COL_SNAPS_7D], "400");
    assert_true(p.row.unsure & 1U << COL_SNAPS_7D);
}

static void write_with(const struct reading *r, const char *schema, struct str *out)
{
    AUTO(json_free) struct json *tree = NULL;
    struct err err = ERR_INIT;
    struct jw w = jw_on(out);

    assert_ok(json_parse(sv_of(schema), &tree, &err), err);
    answer_write(r, tree, &w);
}

static void answers_hold_exactly_what_the_schema_names(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 12);
    struct row row = {.unsure = 1U << COL_HANDLE | 1U << COL_SNAPS};
    struct board board = {.rows = &row, .n = 1};
    struct reading r = {.id = "a1", .board = &board};

    (void)state;
    memcpy(row.cell[COL_HANDLE], "maravelt", 9);
    memcpy(row.cell[COL_RANK], "1", 2);
    write_with(&r,
               "{\"properties\":{\"id\":{\"type\":\"string\"},\"mood\":{\"type\":\"string\"},"
               "\"rows\":{\"type\":"
               "\"array\",\"items\":{\"properties\":{\"handle\":{\"type\":\"string\"},\"rank\":{"
               "\"type\":\"string\"},"
               "\"likes\":{\"type\":\"string\"},\"unsure\":{\"type\":\"array\"}}}},\"links\":{"
               "\"type\":\"array\"}}}",
               &out);
    assert_string_equal(
        out.p, "{\"id\":\"a1\",\"mood\":\"\",\"rows\":[{\"handle\":\"maravelt\",\"rank\":\"1\","
               "\"likes\":\"\",\"unsure\":[\"handle\"]}],\"links\":[]}");
}

static void a_profile_answer_names_its_unsure_fields_as_the_schema_does(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 12);
    struct profile p = {.row.unsure = 1U << COL_HANDLE | 1U << COL_SNAPS_7D, .tokens = 1};
    struct reading r = {.profile = &p};

    (void)state;
    memcpy(p.token[0].token, "$ABC", 5);
    memcpy(p.token[0].sentiment, "Bullish", 8);
    write_with(&r,
               "{\"properties\":{\"twitter_handle\":{\"type\":\"string\"},\"total_snaps_7d\":{"
               "\"type\":\"string\"},"
               "\"token_sentiments\":{\"type\":\"array\",\"items\":{\"properties\":{\"token\":{"
               "\"type\":\"string\"},"
               "\"sentiment\":{\"type\":\"string\"}}}},\"unsure\":{\"type\":\"array\"}}}",
               &out);
    assert_string_equal(
        out.p, "{\"twitter_handle\":\"\",\"total_snaps_7d\":\"\",\"token_sentiments\":[{\"token\":"
               "\"$ABC\",\"sentiment\":\"Bullish\"}],\"unsure\":[\"twitter_handle\","
               "\"total_snaps_7d\"]}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_profile_is_found_by_handle_labels_and_words),
        TEST(tokens_are_capitals_and_a_bar_in_one_is_an_i),
        TEST(a_page_of_prose_is_no_profile),
        TEST(snaps_without_a_period_are_those_of_the_page_and_unsure),
        TEST(answers_hold_exactly_what_the_schema_names),
        TEST(a_profile_answer_names_its_unsure_fields_as_the_schema_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
