/*
 * Tests of local/reader/glyph.c, cells.c, parts.c and spell.c: ink to cells, cells to texts, shapes
 * against letters. Covers: reader_glyph reader_cells reader_parts reader_spell
 */
#include "local/reader/cells.h"
#include "local/reader/parts.h"
#include "local/reader/spell.h"
#include "tests/kit/ink.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

static void letters_near_each_other_are_a_cell_and_columns_are_not(void **state)
{
    struct glyph g[] = {letter(0), letter(9), letter(22), letter(60), letter(69)};
    struct cells cells = CELLS_INIT;

    (void)state;
    cells_find(g, COUNT_OF(g), CAP, &cells);
    assert_int_equal(cells.n, 2);
    assert_int_equal(cells.at[0].n, 3);
    assert_int_equal(cells.at[1].at.x, 60);
    cells_free(&cells);
}

static void a_comma_bridges_the_halves_of_a_wide_figure(void **state)
{
    struct glyph g[] = {letter(0), letter(10), ink(20, 18, 2, 5), letter(27), letter(37)};
    struct cells cells = CELLS_INIT;

    (void)state;
    cells_find(g, COUNT_OF(g), CAP, &cells);
    assert_int_equal(cells.n, 1);
    assert_int_equal(cells.at[0].n, 5);
    cells_free(&cells);
}

static void the_dot_of_an_i_stays_on_its_own_line(void **state)
{
    struct glyph g[] = {letter(0),         letter(9),         letter(18),        ink(0, 28, 7, 10),
                        ink(10, 26, 2, 2), ink(10, 30, 2, 8), ink(14, 28, 7, 10)};
    struct cells cells = CELLS_INIT;
    size_t lower;

    (void)state;
    cells_find(g, COUNT_OF(g), CAP, &cells);
    assert_int_equal(cells.n, 2);
    lower = cells.at[0].at.y > cells.at[1].at.y ? 0 : 1;
    assert_int_equal(cells.at[lower].n, 4);
    cells_free(&cells);
}

static void rules_and_rims_are_no_text(void **state)
{
    struct glyph rule = ink(0, 0, 300, 1), rim = ink(0, 0, 30, 30), one = ink(0, 0, 3, 10);

    (void)state;
    rim.ink = 60;
    assert_false(glyph_is_texty(&rule, CAP));
    assert_false(glyph_is_texty(&rim, CAP));
    assert_true(glyph_is_texty(&one, CAP));
}

static void the_colour_of_ink_gives_its_sign(void **state)
{
    struct glyph green = {.r = 40, .g = 200, .b = 90}, red = {.r = 230, .g = 70, .b = 90},
                 grey = {.r = 120, .g = 120, .b = 125};

    (void)state;
    assert_int_equal(glyph_sign(&green), 1);
    assert_int_equal(glyph_sign(&red), -1);
    assert_int_equal(glyph_sign(&grey), 0);
    assert_true(glyph_light(&green) > glyph_light(&red));
}

static void a_lost_point_comes_back_from_the_ink(void **state)
{
    struct glyph a = letter(0), dot = ink(9, 18, 2, 2), b = letter(13), c = letter(22);
    const struct glyph *const g[] = {&a, &dot, &b, &c};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "189%", whole[24] = "1.89%";

    (void)state;
    assert_true(spell_figure(&cell, text, sizeof text));
    assert_string_equal(text, "1.89%");
    assert_false(spell_figure(&cell, whole, sizeof whole));
}

static void a_lost_minus_comes_back_from_the_ink(void **state)
{
    struct glyph minus = ink(0, 14, 5, 2), a = letter(8), b = letter(17);
    const struct glyph *const g[] = {&minus, &a, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    char text[24] = "42";

    (void)state;
    assert_true(spell_figure(&cell, text, sizeof text));
    assert_string_equal(text, "-42");
}

static void zero_x_is_written_with_a_zero(void **state)
{
    char name[24] = "OxVara", word[24] = "Oxford", handle[24] = "O0xmira", small[24] = "Oxana";

    (void)state;
    spell_zero_x(name, false);
    assert_string_equal(name, "0xVara");
    spell_zero_x(word, true);
    assert_string_equal(word, "Oxford");
    spell_zero_x(handle, true);
    assert_string_equal(handle, "0xmira");
    spell_zero_x(small, false);
    assert_string_equal(small, "Oxana");
}

static void an_l_before_a_consonant_opens_no_word(void **state)
{
    char text[24] = "lron lady Hod!er";

    (void)state;
    spell_name(text);
    assert_string_equal(text, "Iron lady Hodler");
}

static void ink_of_another_tone_begins_another_text(void **state)
{
    struct glyph a = letter(0), b = letter(9), c = letter(21), d = letter(30);
    const struct glyph *const g[] = {&a, &b, &c, &d};
    struct cell cell = cell_of(g, COUNT_OF(g));

    (void)state;
    c.r = c.g = c.b = d.r = d.g = d.b = 150;
    assert_int_equal(parts_next(&cell, 0), 2);
    assert_int_equal(parts_next(&cell, 2), 4);
}

static void emoji_and_arrows_are_taken_out(void **state)
{
    struct glyph up = ink(0, 12, 7, 6), a = letter(12), b = letter(21), emoji = ink(34, 9, 12, 12);
    const struct glyph *const g[] = {&up, &a, &b, &emoji};
    struct cell cell = cell_of(g, COUNT_OF(g));
    struct part part;

    (void)state;
    up.arrow = 1;
    emoji.loud = 100;
    parts_clean(&cell, 0, 4, &part);
    assert_int_equal(part.arrow, 1);
    assert_int_equal(part.cell.n, 2);
    assert_int_equal(part.cell.at.x, 12);
}

static void a_disc_before_a_text_is_the_dot_of_a_list(void **state)
{
    struct glyph dot = ink(0, 12, 7, 7), a = letter(13), b = letter(22);
    const struct glyph *const g[] = {&dot, &a, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    struct part part;

    (void)state;
    parts_clean(&cell, 0, 3, &part);
    assert_int_equal(part.cell.n, 3); /* half full: an o */
    dot.ink = 39;
    parts_clean(&cell, 0, 3, &part);
    assert_int_equal(part.cell.n, 2);
    assert_int_equal(part.cell.at.x, 13);
}

static void letters_that_touch_are_no_second_at_in_a_handle(void **state)
{
    struct glyph at = ink(0, 9, 12, 13), a = letter(14), k = ink(24, 9, 13, 13), b = letter(39),
                 c = letter(48), d = letter(57);
    const struct glyph *const g[] = {&at, &a, &k, &b, &c, &d};
    struct cell cell = cell_of(g, COUNT_OF(g));

    (void)state;
    assert_int_equal(parts_next(&cell, 0), 6);
    k.at.x = 26; /* a word gap before it */
    assert_int_equal(parts_next(&cell, 0), 2);
}

static void a_long_underscore_joins_what_it_stands_between(void **state)
{
    struct glyph g[] = {letter(0), letter(9), ink(17, 21, 16, 1), letter(34), letter(43)},
                 under[] = {letter(0), letter(9), ink(0, 22, 16, 1)};
    struct cells cells = CELLS_INIT;

    (void)state;
    cells_find(g, COUNT_OF(g), CAP, &cells);
    assert_int_equal(cells.n, 1);
    assert_int_equal(cells.at[0].n, 5);
    cells_free(&cells);
    cells_find(under, COUNT_OF(under), CAP, &cells);
    assert_int_equal(cells.n, 1);
    assert_int_equal(cells.at[0].n, 2);
    cells_free(&cells);
}

static void an_underscore_that_touches_its_letter_is_cut_off(void **state)
{
    struct glyph a = letter(0), k = ink(9, 10, 14, 13), b = letter(25);
    const struct glyph *const g[] = {&a, &k, &b};
    struct cell cell = cell_of(g, COUNT_OF(g));
    struct part part;

    (void)state;
    k.foot = (struct box){16, 21, 7, 2};
    parts_clean(&cell, 0, 3, &part);
    assert_int_equal(part.cell.n, 4);
    assert_true(spell_is_underscore(&part.cell, 2));
    assert_false(spell_is_underscore(&part.cell, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_near_each_other_are_a_cell_and_columns_are_not),
        cmocka_unit_test(a_comma_bridges_the_halves_of_a_wide_figure),
        cmocka_unit_test(the_dot_of_an_i_stays_on_its_own_line),
        cmocka_unit_test(rules_and_rims_are_no_text),
        cmocka_unit_test(the_colour_of_ink_gives_its_sign),
        cmocka_unit_test(a_lost_point_comes_back_from_the_ink),
        cmocka_unit_test(a_lost_minus_comes_back_from_the_ink),
        cmocka_unit_test(zero_x_is_written_with_a_zero),
        cmocka_unit_test(an_l_before_a_consonant_opens_no_word),
        cmocka_unit_test(ink_of_another_tone_begins_another_text),
        cmocka_unit_test(emoji_and_arrows_are_taken_out),
        cmocka_unit_test(a_disc_before_a_text_is_the_dot_of_a_list),
        cmocka_unit_test(letters_that_touch_are_no_second_at_in_a_handle),
        cmocka_unit_test(a_long_underscore_joins_what_it_stands_between),
        cmocka_unit_test(an_underscore_that_touches_its_letter_is_cut_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
