/*
 * Tests of the layout: items of a page to the rows of a leaderboard. The pages are set down by
 * hand: no pixels, no Tesseract.
 */
/* Covers: reader_lanes reader_blocks reader_areas reader_header reader_labels reader_board */
/* Covers: reader_shapes reader_join reader_top reader_lent reader_stack */
#include "local/reader/blocks.h"
#include "local/reader/board.h"
#include "local/reader/join.h"
#include "local/reader/labels.h"
#include "local/reader/top.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

#define CAP 10

static struct page page;
static struct board board;

static int set_up(void **state)
{
    (void)state;
    page = (struct page){.w = 1000, .h = 800, .cap = CAP};
    board = (struct board)BOARD_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    board_free(&board);
    page_free(&page);
    return 0;
}

/* A text with its left edge at x; letters are 7 wide. */
static struct item *put(int x, int y, const char *text)
{
    return page_add(&page, (struct box){x, y, (int)strlen(text) * 7, CAP}, text, 95);
}

/* The same, its right edge at x. */
static void put_right(int x, int y, const char *text) { put(x - (int)strlen(text) * 7, y, text); }

static void header_line(int y)
{
    put(20, y, "#");
    put(100, y, "Name");
    put_right(600, y, "Mindshare");
    put_right(750, y, "24H Change");
    put_right(900, y, "Snaps");
}

static void person(int i, int y, const char *at)
{
    static const char *const names[] = {"Mara Velt", "Orin Kask", "Tovi Lund",
                                        "Besk Arno", "Ilde Ruun", "Pell Dova"};
    static const char *const handles[] = {"maravelt", "orinkask", "tovilund",
                                          "beskarno", "ilderuun", "pelldova"};
    char text[40];

    snprintf(text, sizeof text, "%d", i + 1);
    put(20, y + 8, text);
    put(100, y, names[i]);
    snprintf(text, sizeof text, "%s%s", at, handles[i]);
    put(100, y + 18, text);
    snprintf(text, sizeof text, "%d.%02d%%", 9 - i, 10 + i);
    put_right(600, y + 8, text);
    snprintf(text, sizeof text, "%s0.%02d%%", i % 2 ? "-" : "+", 30 + i);
    put_right(750, y + 8, text);
    snprintf(text, sizeof text, "%d,%03d", 40 - i, 100 + i);
    put_right(900, y + 8, text);
}

static void table_of(size_t n, const char *at)
{
    header_line(100);
    for (size_t i = 0; i < n; i++)
        person((int)i, 150 + 50 * (int)i, at);
}

static void a_table_becomes_rows(void **state)
{
    (void)state;
    table_of(6, "@");
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 6);
    assert_string_equal(board.rows[2].cell[COL_RANK], "3");
    assert_string_equal(board.rows[2].cell[COL_NAME], "Tovi Lund");
    assert_string_equal(board.rows[2].cell[COL_HANDLE], "tovilund");
    assert_string_equal(board.rows[2].cell[COL_MINDSHARE], "7.12%");
    assert_string_equal(board.rows[3].cell[COL_CHANGE], "-0.33%");
    assert_string_equal(board.rows[5].cell[COL_SNAPS], "35,105");
    assert_string_equal(board.rows[0].cell[COL_FOLLOWERS], "");
    assert_int_equal(board.headings, 5);
    assert_string_equal(board.heading[2], "Mindshare");
}

static void who_calls_himself_like_a_handle_makes_no_row_of_another(void **state)
{
    (void)state;
    header_line(100);
    for (int i = 0; i < 6; i++)
        if (i != 3)
            person(i, 150 + 50 * i, "@");
    put(20, 308, "4");
    put(100, 300, "@maravelt"); /* the name of row 4; of row 1 it is the handle */
    put(100, 318, "@beskarno");
    put_right(900, 308, "37,103");
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 6);
    assert_string_equal(board.rows[3].cell[COL_NAME], "@maravelt");
    assert_string_equal(board.rows[3].cell[COL_HANDLE], "beskarno");
    assert_string_equal(board.rows[3].cell[COL_SNAPS], "37,103");
    assert_string_equal(board.rows[0].cell[COL_HANDLE], "maravelt");
    assert_string_equal(board.rows[0].cell[COL_SNAPS], "40,100");
}

static void handles_are_found_without_an_at_sign(void **state)
{
    (void)state;
    table_of(6, "");
    put(20, 20, "Great Campaign");
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 6);
    assert_string_equal(board.rows[4].cell[COL_NAME], "Ilde Ruun");
    assert_string_equal(board.rows[4].cell[COL_HANDLE], "ilderuun");
}

static void two_tables_side_by_side_are_two_lanes(void **state)
{
    (void)state;
    page.w = 2000;
    table_of(3, "@");
    put(1020, 100, "#");
    put(1100, 100, "Name");
    put_right(1600, 100, "Mindshare");
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"Ana Bolt", "Cor Dain", "Eli Furst"};
        static const char *const handles[] = {"@anabolt", "@cordain", "@elifurst"};
        char text[16];

        snprintf(text, sizeof text, "%d", i + 4);
        put(1020, 158 + 50 * i, text);
        put(1100, 150 + 50 * i, names[i]);
        put(1100, 168 + 50 * i, handles[i]);
        snprintf(text, sizeof text, "1.%d0%%", 9 - i);
        put_right(1600, 158 + 50 * i, text);
    }
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 6);
    assert_int_equal(board.lanes, 2);
    assert_string_equal(board.rows[0].cell[COL_SNAPS], "40,100");
    assert_string_equal(board.rows[3].cell[COL_RANK], "4");
    assert_string_equal(board.rows[3].cell[COL_HANDLE], "anabolt");
    assert_string_equal(board.rows[3].cell[COL_MINDSHARE], "1.90%");
    assert_string_equal(board.rows[3].cell[COL_SNAPS], "");
}

static void cards_are_read_by_their_labels(void **state)
{
    static const char *const names[] = {"Mara Velt", "Orin Kask", "Tovi Lund"};
    static const char *const handles[] = {"@maravelt", "@orinkask", "@tovilund"};
    static const char *const followers[] = {"1.2K", "980", "44.1K"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        put(100, 100 + 200 * i, names[i]);
        put(100, 118 + 200 * i, handles[i]);
        put(30, 160 + 200 * i, "Followers");
        put(200, 160 + 200 * i, "Smart Followers");
        put(30, 180 + 200 * i, followers[i]);
        put(200, 180 + 200 * i, "77");
    }
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 3);
    assert_string_equal(board.rows[2].cell[COL_FOLLOWERS], "44.1K");
    assert_string_equal(board.rows[1].cell[COL_SMART], "77");
    assert_string_equal(board.rows[1].cell[COL_FOLLOWERS], "980");
}

static void without_a_header_only_what_shapes_prove_is_filled_in(void **state)
{
    static const char *const any[] = {"310", "25", "1,204", "88", "417", "9"};

    (void)state;
    for (int i = 0; i < 6; i++) {
        person(i, 150 + 50 * i, "@");
        put_right(980, 158 + 50 * i, any[i]);
    }
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 6);
    assert_string_equal(board.rows[1].cell[COL_MINDSHARE], "8.11%");
    assert_string_equal(board.rows[1].cell[COL_CHANGE], "-0.31%");
    assert_string_equal(board.rows[1].cell[COL_SNAPS], "39,101");
    assert_true(board.rows[1].unsure & 1U << COL_SNAPS);
    assert_string_equal(board.rows[1].cell[COL_FOLLOWERS], "");
    assert_string_equal(board.rows[1].cell[COL_SMART], "");
}

static void a_lone_count_of_small_numbers_is_likely_of_smart_followers(void **state)
{
    static const char *const any[] = {"310", "25", "1,204", "88", "417", "9"};

    (void)state;
    for (int i = 0; i < 6; i++) {
        put(20, 158 + 50 * i, "1");
        put(100, 150 + 50 * i, i % 2 ? "Mara Velt" : "Orin Kask");
        put(100, 168 + 50 * i, "@maravelt");
        put_right(980, 158 + 50 * i, any[i]);
    }
    board_read(&page, NULL, &board);
    assert_string_equal(board.rows[1].cell[COL_SMART], "25");
    assert_true(board.rows[1].unsure & 1U << COL_SMART);
}

static void a_header_is_lent_to_the_pages_that_continue_it(void **state)
{
    struct lent lent = {.have = false};

    (void)state;
    table_of(6, "@");
    board_read(&page, &lent, &board);
    assert_true(lent.have);
    tear_down(state);
    set_up(state);
    for (int i = 0; i < 6; i++)
        person(i, 150 + 50 * i, "@");
    board_read(&page, &lent, &board);
    assert_false(lent.missing);
    assert_string_equal(board.rows[1].cell[COL_SNAPS], "39,101");
    assert_false(board.rows[1].unsure & 1U << COL_SNAPS);
}

static void a_header_is_not_lent_to_other_columns(void **state)
{
    struct lent lent = {.have = false};

    (void)state;
    table_of(6, "@");
    board_read(&page, &lent, &board);
    tear_down(state);
    set_up(state);
    for (int i = 0; i < 6; i++) {
        person(i, 150 + 50 * i, "@");
        put_right(980, 158 + 50 * i, "12"); /* nothing stood there */
    }
    board_read(&page, &lent, &board);
    assert_true(lent.missing);
    assert_true(board.rows[1].unsure & 1U << COL_SNAPS);
}

static void a_handle_whose_name_is_lost_is_a_row_all_the_same(void **state)
{
    char text[24];

    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "@person%c", 'a' + i);
        put(300, 150 + 30 * i, text);
        snprintf(text, sizeof text, "%d,%03d", 40 - i, 100 + i);
        put_right(900, 150 + 30 * i, text);
        if (i != 3)
            put(100, 150 + 30 * i, i % 2 ? "Mara Velt" : "Orin Kask");
    }
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 6);
    assert_string_equal(board.rows[3].cell[COL_HANDLE], "persond");
    assert_string_equal(board.rows[3].cell[COL_NAME], "");
}

static void a_page_without_people_has_no_rows(void **state)
{
    (void)state;
    put(20, 20, "Terms of service");
    put(300, 90, "12");
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 0);
}

static void words_of_one_text_are_joined_and_columns_are_not(void **state)
{
    (void)state;
    put(100, 50, "Mara");
    put(100 + 4 * 7 + 12, 50, "Velt");
    put(300, 50, "Other");
    join_words(&page);
    assert_int_equal(page.n, 2);
    assert_string_equal(page.items[0].text, "Mara Velt");
}

static void a_label_takes_the_figure_under_it(void **state)
{
    const struct box all = {0, 0, 1000, 800};
    const struct item *label;

    (void)state;
    put(100, 100, "Followers");
    put(100, 122, "3.4K");
    put(400, 100, "12");
    label = &page.items[0];
    assert_string_equal(labels_value(&page, label, &all)->text, "3.4K");
}

static void the_top_tells_site_title_and_period(void **state)
{
    struct top top;

    (void)state;
    put(20, 10, "cookie.fun");
    put(20, 50, "Harvest Season 3")->cap = 20;
    put(300, 50, "24H")->patch = true;
    put(340, 50, "7D");
    put(20, 400, "Not the title")->cap = 30;
    top_read(&page, 200, &top);
    assert_string_equal(top.platform, "cookie.fun");
    assert_string_equal(top.title, "Harvest Season 3");
    assert_string_equal(top.timeframe, "24H");
    assert_true(top_is_site("Cookie.fun"));
    assert_false(top_is_site("maravelt"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_table_becomes_rows),
        TEST(who_calls_himself_like_a_handle_makes_no_row_of_another),
        TEST(handles_are_found_without_an_at_sign),
        TEST(two_tables_side_by_side_are_two_lanes),
        TEST(cards_are_read_by_their_labels),
        TEST(without_a_header_only_what_shapes_prove_is_filled_in),
        TEST(a_lone_count_of_small_numbers_is_likely_of_smart_followers),
        TEST(a_header_is_lent_to_the_pages_that_continue_it),
        TEST(a_header_is_not_lent_to_other_columns),
        TEST(a_handle_whose_name_is_lost_is_a_row_all_the_same),
        TEST(a_page_without_people_has_no_rows),
        TEST(words_of_one_text_are_joined_and_columns_are_not),
        TEST(a_label_takes_the_figure_under_it),
        TEST(the_top_tells_site_title_and_period),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
