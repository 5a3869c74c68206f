/*
 * Tests of what the ink says of a text: letters matched with characters, look-alikes in handles,
 * l and I over a page, digits among their like, figures that do not add up.
 * Covers: reader_align reader_lettering reader_tall reader_figure_ink reader_twins
 */
#include "local/reader/align.h"
#include "local/reader/figure_ink.h"
#include "local/reader/lettering.h"
#include "local/reader/tall.h"
#include "local/reader/twins.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

#define CAP 10.0

static struct glyph ink(int x, int y, int w, int h)
{
    return (struct glyph){.at = {x, y, w, h}, .ink = w * h / 2 + 1, .cell = -1, .stem = h};
}

/* Letters of the line that stands at y = 10..20. */
static struct glyph letter(int x) { return ink(x, 10, 7, 10); }
static struct glyph bar(int x) { return ink(x, 10, 2, 10); }

static struct cell cell_of(const struct glyph *const *g, size_t n)
{
    struct cell c = {.at = g[0]->at, .glyphs = g, .n = n, .cap = CAP};

    for (size_t i = 1; i < n; i++)
        c.at = box_join(c.at, g[i]->at);
    return c;
}

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

static void round_letters_are_told_apart_by_their_width(void **state)
{
    struct glyph zero = ink(0, 10, 6, 10), x = letter(8), big = ink(17, 10, 10, 10), k = letter(29);
    const struct glyph *const g[] = {&zero, &x, &big, &k};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "Ox0k";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_string_equal(text, "0xOk");
    assert_true(out.sure);
}

static void a_doubled_reading_of_one_letter_is_undone(void **state)
{
    struct glyph zero = ink(0, 10, 6, 10), x = letter(8), n = letter(17);
    const struct glyph *const g[] = {&zero, &x, &n};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "O0xn";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_string_equal(text, "0xn");
}

static void a_lost_underscore_comes_back_and_a_touching_one_stays(void **state)
{
    struct glyph a = letter(0), line = ink(9, 21, 7, 1), b = letter(18), c = ink(27, 10, 15, 12);
    const struct glyph *const g[] = {&a, &line, &b}, *const touching[] = {&a, &c};
    struct cell cell = cell_of(g, COUNT_OF(g)), other = cell_of(touching, COUNT_OF(touching));
    char text[24] = "ab", whole[24] = "ac_";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_string_equal(text, "a_b");
    lettering_settle(&other, 0, whole, sizeof whole, &out);
    assert_string_equal(whole, "ac_");
    assert_true(out.sure);
}

static void a_handle_with_a_letter_too_few_is_in_doubt(void **state)
{
    struct glyph a = letter(0), b = letter(9), c = letter(18), d = letter(27);
    const struct glyph *const g[] = {&a, &b, &c, &d};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "abc";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_false(out.sure);
}

static void an_l_as_wide_as_a_one_is_a_one(void **state)
{
    struct glyph a = letter(0), one = ink(9, 10, 4, 10), b = letter(16);
    const struct glyph *const g[] = {&a, &one, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "alb";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_string_equal(text, "a1b");
}

static void a_bar_is_noted_with_its_size(void **state)
{
    struct glyph a = letter(0), l = bar(9), b = letter(13);
    const struct glyph *const g[] = {&a, &l, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "aIb";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_string_equal(text, "alb");
    assert_int_equal(out.n, 2); /* and the b */
    assert_int_equal(out.stroke[0].kind, STROKE_BAR);
    assert_int_equal(out.stroke[0].at, 1);
}

static void a_bar_alone_is_an_l_but_an_i_before_a_consonant_and_among_capitals(void **state)
{
    (void)state;
    assert_int_equal(lettering_bar("alb", 1), 'l');
    assert_int_equal(lettering_bar("lron", 0), 'I');
    assert_int_equal(lettering_bar("DlP", 1), 'I');
}

/* A handle whose strokes have these heights and this thickness; its second letter is a bar. */
static void put_handle(struct page *page, const char *text, double height, double thick)
{
    char at[32];
    struct item *it;

    snprintf(at, sizeof at, "@%s", text);
    it = page_add(page, (struct box){0, (int)page->n * 20, 90, 12}, at, 95);
    snprintf(it->handle, sizeof it->handle, "%.20s", text);
    it->cap = CAP;
    it->ink = (struct lettering){.n = 4, .sure = true};
    it->ink.stroke[0] = (struct stroke){STROKE_BAR, 1, 2, height, thick};
    it->ink.stroke[1] = (struct stroke){STROKE_ASCENDING, 2, 2, 15.0, 1};
    it->ink.stroke[2] = (struct stroke){STROKE_CAPITAL, 0, 2, 14.0, 1};
    it->ink.stroke[3] = (struct stroke){STROKE_DOTTED, 3, 2, 11.0, 1};
}

static void an_l_is_as_high_as_a_b_and_an_i_as_a_capital(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (int i = 0; i < 4; i++)
        put_handle(&page, "Albi", 15.05, 1);
    put_handle(&page, "Albi", 14.0, 1);
    tall_judge(&page);
    assert_string_equal(page.items[0].handle, "Albi");
    assert_false(page.items[0].doubtful);
    assert_string_equal(page.items[4].handle, "AIbi");
    assert_false(page.items[4].doubtful);
    page_free(&page);
}

static void where_heights_do_not_tell_a_thicker_bar_is_an_i_in_doubt(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (int i = 0; i < 5; i++) {
        put_handle(&page, "Albi", 14.0, i == 4 ? 1.07 : 1.0);
        page.items[i].ink.stroke[1].height = 14.0;
    }
    tall_judge(&page);
    assert_false(page.items[0].doubtful);
    assert_string_equal(page.items[4].text, "AIbi");
    assert_true(page.items[4].doubtful);
    page_free(&page);
}

static void a_bar_without_others_to_compare_it_with_is_in_doubt(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    put_handle(&page, "Albi", 15.0, 1);
    tall_judge(&page);
    assert_true(page.items[0].doubtful);
    page_free(&page);
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
        cmocka_unit_test(round_letters_are_told_apart_by_their_width),
        cmocka_unit_test(a_doubled_reading_of_one_letter_is_undone),
        cmocka_unit_test(a_lost_underscore_comes_back_and_a_touching_one_stays),
        cmocka_unit_test(a_handle_with_a_letter_too_few_is_in_doubt),
        cmocka_unit_test(an_l_as_wide_as_a_one_is_a_one),
        cmocka_unit_test(a_bar_is_noted_with_its_size),
        cmocka_unit_test(a_bar_alone_is_an_l_but_an_i_before_a_consonant_and_among_capitals),
        cmocka_unit_test(an_l_is_as_high_as_a_b_and_an_i_as_a_capital),
        cmocka_unit_test(where_heights_do_not_tell_a_thicker_bar_is_an_i_in_doubt),
        cmocka_unit_test(a_bar_without_others_to_compare_it_with_is_in_doubt),
        cmocka_unit_test(a_figure_with_more_ink_than_digits_is_in_doubt),
        cmocka_unit_test(a_minus_in_red_ink_needs_no_doubt),
        cmocka_unit_test(an_arrow_read_as_a_digit_goes_and_leaves_a_doubt),
        cmocka_unit_test(figures_that_nearly_touch_are_in_doubt),
        cmocka_unit_test(a_seven_read_as_a_one_is_found_among_the_sevens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
