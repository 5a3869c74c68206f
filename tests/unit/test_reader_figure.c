/*
 * Tests of local/reader/figure.c and heading.c: what a printed figure is, and what a heading means.
 * Covers: reader_figure reader_heading
 */
#include "local/reader/figure.h"
#include "local/reader/heading.h"
#include "tests/kit/kit.h"

static void misread_letters_among_digits_are_undone(void **state)
{
    static const struct {
        const char *read, *clean;
    } table[] = {
        {"1,234", "1,234"},      {"10.29k", "10.29K"},    {"O.45%", "0.45%"}, {"l2.5%", "12.5%"},
        {"\u22123.1%", "-3.1%"}, {"\u20143.1%", "-3.1%"}, {"#12", "12"},      {"7.", "7"},
        {"12,5%", "12.5%"},      {"+0.05%", "+0.05%"},    {"1.2M", "1.2M"},   {"$1,000", "$1,000"}};
    char out[FIGURE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_true(figure_clean(table[i].read, out));
        assert_string_equal(out, table[i].clean);
    }
}

static void words_and_broken_figures_are_no_figures(void **state)
{
    static const char *const table[] = {"",      "-",       "%",   "Name", "1.2.3",
                                        "12abc", "1,23,4.", "@12", "K",    "1.%"};
    char out[FIGURE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_false(figure_clean(table[i], out));
}

static void a_figure_knows_value_decimals_and_unit(void **state)
{
    struct figure f;

    (void)state;
    assert_true(figure_parse("-12.34%", &f));
    assert_true(f.value < -12.33 && f.value > -12.35);
    assert_int_equal(f.decimals, 2);
    assert_true(f.percent);
    assert_int_equal(f.sign, '-');
    assert_true(figure_parse("1,234.5K", &f));
    assert_int_equal((int)f.value, 1234500);
    assert_true(f.comma);
    assert_int_equal(f.suffix, 'K');
}

static void a_rank_is_a_small_whole_number(void **state)
{
    int rank = 0;

    (void)state;
    assert_true(figure_is_rank("107", &rank));
    assert_int_equal(rank, 107);
    assert_false(figure_is_rank("0", &rank));
    assert_false(figure_is_rank("1.5", &rank));
    assert_false(figure_is_rank("12345", &rank));
}

static void headings_are_understood_in_any_order_and_with_a_misread_letter(void **state)
{
    static const struct {
        const char *text;
        enum column column;
    } table[] = {{"SNAPS", COL_SNAPS},
                 {"Total Snaps", COL_SNAPS},
                 {"24H SNAPS", COL_SNAPS_24H},
                 {"Snaps (7d)", COL_SNAPS_7D},
                 {"30D SNAPS", COL_SNAPS_30D},
                 {"Mindshare %", COL_MINDSHARE},
                 {"24H", COL_CHANGE},
                 {"24h Change", COL_CHANGE},
                 {"\u0394 24h", COL_CHANGE},
                 {"Foilowers", COL_FOLLOWERS},
                 {"SMART FOLLOWERS", COL_SMART},
                 {"Smart engagement", COL_ENGAGEMENT},
                 {"#", COL_RANK},
                 {"Rank", COL_RANK},
                 {"Yapper", COL_NAME},
                 {"Handle", COL_HANDLE},
                 {"Points", COL_OTHER}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_int_equal(heading_column(table[i].text), table[i].column);
}

static void names_of_people_are_no_headings(void **state)
{
    static const char *const table[] = {"Snap Queen", "Mara", "Smart Money Max", "7D", "", "12"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_int_equal(heading_column(table[i]), COL_NONE);
    assert_true(heading_is_period("7D"));
    assert_true(heading_is_period("24H"));
    assert_false(heading_is_period("24H Change"));
}

static void fields_and_columns_are_one_table(void **state)
{
    (void)state;
    assert_int_equal(column_of_row_field("total_snaps"), COL_SNAPS);
    assert_int_equal(column_of_row_field("nothing"), COL_NONE);
    assert_string_equal(column_row_field(COL_CHANGE), "mindshare_change");
    assert_string_equal(column_profile_field(COL_SMART), "smart_followers_7d");
    assert_true(column_is_figure(COL_FOLLOWERS));
    assert_false(column_is_figure(COL_NAME));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misread_letters_among_digits_are_undone),
        cmocka_unit_test(words_and_broken_figures_are_no_figures),
        cmocka_unit_test(a_figure_knows_value_decimals_and_unit),
        cmocka_unit_test(a_rank_is_a_small_whole_number),
        cmocka_unit_test(headings_are_understood_in_any_order_and_with_a_misread_letter),
        cmocka_unit_test(names_of_people_are_no_headings),
        cmocka_unit_test(fields_and_columns_are_one_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
