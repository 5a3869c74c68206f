/*
 * Tests of what the ink says of a text: letters matched with characters, digits among their like,
 * figures that do not add up.
 * Covers: reader_align reader_figure_ink reader_twins
 */
#include "local/reader/align.h"
#include "local/reader/figure_ink.h"
#include "local/reader/twins.h"
#include "tests/kit/ink.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

static struct letter wide(int x, int w)
{
    return (struct letter){.at = {x, 10, w, 10}, .pieces = 1, .tallest = 10};
}

static void letters_that_touch_share_a_piece_of_ink(void **state)
{
    const struct letter l[] = {wide(0, 7), wide(9, 15), wide(26, 7)};
    struct match m[16];

    (void)state;
    assert_int_equal(align_text(l, "DDD", 3, "abcd", CAP, m), 4);
    assert_int_equal(m[0].letter, 0);
    assert_int_equal(m[1].letter, 1);
    assert_int_equal(m[2].letter, 1);
    assert_int_equal(m[2].shared, 2);
    assert_int_equal(m[3].letter, 2);
}

static void a_letter_that_was_not_read_is_left_over(void **state)
{
    const struct letter l[] = {wide(0, 7), wide(9, 7), wide(18, 7)};
    struct match m[16];
    size_t n = align_text(l, "DDD", 3, "ab", CAP, m), lost = 0;

    (void)state;
    for (size_t i = 0; i < n; i++)
        lost += m[i].at < 0;
    assert_int_equal(lost, 1);
}

static void a_text_beyond_the_table_is_not_matched(void **state)
{
    const struct letter l[] = {wide(0, 7)};
    char text[80];
    struct match m[160];

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(align_text(l, "D", 1, text, CAP, m), 0);
}

static struct item figure(const char *text)
{
    struct item it = {.cap = CAP, .sure = 95, .kind = ITEM_FIGURE};

    snprintf(it.text, sizeof it.text, "%s", text);
    return it;
}

static void a_figure_with_more_ink_than_digits_is_in_doubt(void **state)
{
    struct glyph a = letter(0), b = letter(9), c = letter(18);
    const struct glyph *const g[] = {&a, &b, &c};
    struct cell cell = cell_of(g, COUNT_OF(g));
    struct item whole = figure("123"), less = figure("12");

    (void)state;
    figure_ink_check(&whole, &cell, 0);
    figure_ink_check(&less, &cell, 0);
    assert_false(whole.doubtful);
    assert_true(less.doubtful);
}

static void a_minus_in_red_ink_needs_no_doubt(void **state)
{
    struct glyph minus = ink(0, 14, 5, 2), a = letter(8), b = letter(17);
    const struct glyph *const g[] = {&minus, &a, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    struct item red = figure("42"), grey = figure("42");

    (void)state;
    red.sign = -1;
    figure_ink_check(&red, &cell, 0);
    figure_ink_check(&grey, &cell, 0);
    assert_string_equal(red.text, "-42");
    assert_false(red.doubtful);
    assert_true(grey.doubtful);
}

static void an_arrow_read_as_a_digit_goes_and_leaves_a_doubt(void **state)
{
    char arrow[24] = "4 41.43%", number[24] = "1 234", none[24] = "41.43%";

    (void)state;
    assert_true(figure_ink_blank(arrow));
    assert_string_equal(arrow, "41.43%");
    assert_true(figure_ink_blank(number));
    assert_string_equal(number, "1 234");
    assert_false(figure_ink_blank(none));
}

static void figures_that_nearly_touch_are_in_doubt(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    page_add(&page, (struct box){100, 10, 6, 10}, "1", 95);
    page_add(&page, (struct box){110, 10, 40, 10}, "57,467", 95);
    page_add(&page, (struct box){200, 10, 40, 10}, "57,467", 95);
    figure_ink_neighbours(&page);
    assert_true(page.items[0].doubtful);
    assert_true(page.items[1].doubtful);
    assert_false(page.items[2].doubtful);
    page_free(&page);
}

static struct twin sample(size_t item, char digit, int level)
{
    struct twin t = {.item = item, .digit = digit, .cap = CAP, .slim = 0.7};

    memset(t.ink, level, sizeof t.ink);
    return t;
}

static void a_seven_read_as_a_one_is_found_among_the_sevens(void **state)
{
    AUTO(twins_free) struct twins twins = TWINS_INIT;
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        struct twin t = sample(i, i < 3 ? '7' : '1', i < 3 || i == 6 ? 200 : 50);

        page_add(&page, (struct box){0, (int)i * 20, 40, 10}, "7.1%", 95);
        twins_add(&twins, &t);
    }
    twins_judge(&twins, &page);
    assert_false(page.items[0].doubtful);
    assert_false(page.items[4].doubtful);
    assert_true(page.items[6].doubtful);
    page_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_that_touch_share_a_piece_of_ink),
        cmocka_unit_test(a_letter_that_was_not_read_is_left_over),
        cmocka_unit_test(a_text_beyond_the_table_is_not_matched),
        cmocka_unit_test(a_figure_with_more_ink_than_digits_is_in_doubt),
        cmocka_unit_test(a_minus_in_red_ink_needs_no_doubt),
        cmocka_unit_test(an_arrow_read_as_a_digit_goes_and_leaves_a_doubt),
        cmocka_unit_test(figures_that_nearly_touch_are_in_doubt),
        cmocka_unit_test(a_seven_read_as_a_one_is_found_among_the_sevens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
