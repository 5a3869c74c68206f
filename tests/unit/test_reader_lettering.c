/*
 * Tests of local/reader/lettering.c: the look-alikes of a handle, settled by their ink or in doubt.
 */
#include "local/reader/lettering.h"
#include "tests/kit/ink.h"
#include "tests/kit/kit.h"

static struct glyph bar(int x) { return ink(x, 10, 2, 10); }

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

static void a_bar_as_low_as_an_x_is_an_i_in_doubt(void **state)
{
    struct glyph a = letter(0), low = ink(9, 13, 2, 7), b = letter(13);
    const struct glyph *const g[] = {&a, &low, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "alb";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_string_equal(text, "aib");
    assert_false(out.sure);
}

static void two_letters_for_the_ink_of_one_are_a_doubt(void **state)
{
    struct glyph a = letter(0), touching = ink(9, 10, 15, 10), c = letter(26), d = letter(35);
    const struct glyph *const g[] = {&a, &touching, &c, &d};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char more[24] = "abxncd", both[24] = "abxcd";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, both, sizeof both, &out);
    assert_true(out.sure);
    lettering_settle(&cell, 0, more, sizeof more, &out);
    assert_false(out.sure);
}

static void a_capital_o_beside_a_digit_is_in_doubt_and_a_zero_is_not(void **state)
{
    struct glyph a = letter(0), o = ink(9, 10, 10, 10), b = letter(21);
    const struct glyph *const g[] = {&a, &o, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char letters[24] = "aOb", digits[24] = "5O4", zero[24] = "504";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, letters, sizeof letters, &out);
    assert_true(out.sure);
    lettering_settle(&cell, 0, digits, sizeof digits, &out);
    assert_false(out.sure);
    lettering_settle(&cell, 0, zero, sizeof zero, &out);
    assert_string_equal(zero, "504");
    assert_true(out.sure);
}

static void in_a_typewriters_font_o_and_zero_are_in_doubt(void **state)
{
    struct glyph g[6];
    const struct glyph *at[6];
    struct cell cell;
    char text[24] = "abcdOf";
    struct lettering out;

    (void)state;
    for (int i = 0; i < 6; i++) {
        g[i] = letter(9 * i);
        at[i] = &g[i];
    }
    cell = cell_of(at, COUNT_OF(at));
    lettering_settle(&cell, 0, text, sizeof text, &out);
    assert_false(out.sure);
}

static void an_underscore_as_long_as_two_is_in_doubt(void **state)
{
    struct glyph a = letter(0), line = ink(8, 21, 15, 1), b = letter(25);
    const struct glyph *const g[] = {&a, &line, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char one[24] = "a_b", two[24] = "a__b";
    struct lettering out;

    (void)state;
    lettering_settle(&cell, 0, one, sizeof one, &out);
    assert_false(out.sure);
    lettering_settle(&cell, 0, two, sizeof two, &out);
    assert_string_equal(two, "a__b");
    assert_true(out.sure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_letters_are_told_apart_by_their_width),
        cmocka_unit_test(a_doubled_reading_of_one_letter_is_undone),
        cmocka_unit_test(a_lost_underscore_comes_back_and_a_touching_one_stays),
        cmocka_unit_test(a_handle_with_a_letter_too_few_is_in_doubt),
        cmocka_unit_test(an_l_as_wide_as_a_one_is_a_one),
        cmocka_unit_test(a_bar_is_noted_with_its_size),
        cmocka_unit_test(a_bar_alone_is_an_l_but_an_i_before_a_consonant_and_among_capitals),
        cmocka_unit_test(a_bar_as_low_as_an_x_is_an_i_in_doubt),
        cmocka_unit_test(two_letters_for_the_ink_of_one_are_a_doubt),
        cmocka_unit_test(a_capital_o_beside_a_digit_is_in_doubt_and_a_zero_is_not),
        cmocka_unit_test(in_a_typewriters_font_o_and_zero_are_in_doubt),
        cmocka_unit_test(an_underscore_as_long_as_two_is_in_doubt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
