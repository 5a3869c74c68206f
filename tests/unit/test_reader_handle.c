/*
 * Tests of handles: l and I over a page, letters of another width, readings that differ, handles
 * that go on.
 * Covers: reader_handle reader_tall reader_widths reader_sizes
 */
#include "local/reader/board.h"
#include "local/reader/handle.h"
#include "local/reader/sizes.h"
#include "local/reader/tall.h"
#include "local/reader/widths.h"
#include "tests/kit/ink.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

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

static void without_capitals_other_words_of_the_page_tell_how_high_they_are(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (int i = 0; i < 5; i++) {
        put_handle(&page, "albi", i == 4 ? 14.0 : 15.05, 1);
        page.items[i].ink.stroke[2].kind = STROKE_DOTTED;
        page.items[i].ink.stroke[2].thick = page.items[i].ink.stroke[3].thick = 0.5 * i;
    }
    tall_judge(&page);
    assert_true(page.items[0].doubtful);
    page.items[0].doubtful = false;
    for (int i = 0; i < 4; i++) { /* names in a larger print */
        put_handle(&page, "Albi", 30, 2);
        page.items[5 + i].kind = ITEM_TEXT;
        page.items[5 + i].ink.stroke[1].height = 30;
        page.items[5 + i].ink.stroke[2].height = 28;
    }
    tall_judge(&page);
    assert_false(page.items[0].doubtful);
    assert_true(page.items[4].doubtful);
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

static void a_bar_lower_than_the_tall_letters_is_in_doubt_whatever_its_thickness(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (int i = 0; i < 5; i++) {
        put_handle(&page, "Albi", i == 4 ? 14.5 : 15.0, 1);
        page.items[i].ink.stroke[2].kind = STROKE_DOTTED; /* no capital tells */
    }
    tall_judge(&page);
    assert_false(page.items[0].doubtful);
    assert_true(page.items[4].doubtful);
    page_free(&page);
}

static void a_letter_of_another_width_than_its_likes_is_in_doubt(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (int i = 0; i < 4; i++) {
        put_handle(&page, "noru", 15, 1);
        for (int k = 0; k < 4; k++)
            page.items[i].ink.width[k] = (short)(i == 3 && k == 2 ? 9 : 6);
    }
    widths_judge(&page);
    assert_false(page.items[0].doubtful);
    assert_true(page.items[3].doubtful);
    page_free(&page);
}

static void two_letters_of_a_kind_tell_nothing_of_a_third(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    for (int i = 0; i < 2; i++) {
        put_handle(&page, "noru", 15, 1);
        page.items[i].ink.width[0] = (short)(6 + 6 * i);
    }
    widths_judge(&page);
    assert_false(page.items[0].doubtful);
    assert_false(page.items[1].doubtful);
    page_free(&page);
}

static void of_many_sizes_the_middle_one_counts_and_most_must_lie_near_it(void **state)
{
    struct sizes s = {.n = 0};

    (void)state;
    for (int i = 0; i < SIZES_MAX + 5; i++)
        sizes_add(&s, i % 5 == 0 ? 30 : 10);
    assert_int_equal(s.n, SIZES_MAX);
    assert_true(sizes_middle(&s) == 10);
    assert_true(sizes_are_steady(&s, 10, 1));
    assert_false(sizes_are_steady(&s, 30, 1));
}

static void a_handle_is_letters_digits_and_underscores(void **state)
{
    char out[24];

    (void)state;
    assert_true(handle_of("mi|o_7 (x", out, sizeof out));
    assert_string_equal(out, "milo_7");
    assert_false(handle_of("m", out, sizeof out));
    assert_int_equal(handle_at_sign("@mira"), 1);
    assert_int_equal(handle_at_sign("\xC2\xA9mira"), 2);
    assert_int_equal(handle_at_sign("mira"), 0);
}

/* "@noru" with its ink: the '@' is the first of five letters. */
struct written {
    struct glyph g[5];
    const struct glyph *at[5];
    struct cell cell;
    struct page page;
};

static struct item *write_handle(struct written *w, const char *text)
{
    for (int i = 0; i < 5; i++) {
        w->g[i] = i == 0 ? ink(0, 9, 12, 13) : letter(5 + 9 * i);
        w->at[i] = &w->g[i];
    }
    w->cell = cell_of(w->at, COUNT_OF(w->at));
    w->page = (struct page){.w = 500, .h = 500, .cap = CAP};
    return page_add(&w->page, w->cell.at, text, 95);
}

static void another_reading_confirms_a_handle_whatever_its_capitals(void **state)
{
    struct written w;
    struct item *it = write_handle(&w, "@noru");

    (void)state;
    handle_settle(it, &w.cell);
    assert_string_equal(it->handle, "noru");
    assert_true(handle_is_confirmed(it, &w.cell, "@Noru"));
    assert_true(handle_is_confirmed(it, &w.cell, "Gnoru"));
    assert_false(handle_is_confirmed(it, &w.cell, "@nocu"));
    assert_false(handle_is_confirmed(it, &w.cell, ""));
    page_free(&w.page);
}

static void two_readings_that_agree_outvote_the_first(void **state)
{
    struct written w;
    struct item *it = write_handle(&w, "@noru");

    (void)state;
    handle_settle(it, &w.cell);
    handle_outvote(it, &w.cell, "", "");
    handle_outvote(it, &w.cell, "@nocu", "@nosu");
    assert_string_equal(it->text, "noru");
    handle_outvote(it, &w.cell, "@nocu", "@nocu");
    assert_string_equal(it->text, "nocu");
    assert_string_equal(it->handle, "nocu");
    page_free(&w.page);
}

static void a_handle_with_text_right_behind_it_may_be_cut_off(void **state)
{
    struct page page = {.w = 500, .h = 500, .cap = CAP};

    (void)state;
    page_add(&page, (struct box){0, 10, 60, 12}, "@mira", 95);
    page_add(&page, (struct box){75, 10, 20, 12}, "O0", 95);
    page_add(&page, (struct box){0, 40, 60, 12}, "@milo", 95);
    page_add(&page, (struct box){75, 40, 60, 12}, "two words", 95);
    page_add(&page, (struct box){0, 70, 60, 12}, "@moru", 95);
    page_add(&page, (struct box){100, 70, 60, 12}, "column", 95);
    handles_cut_off(&page);
    assert_true(page.items[0].doubtful);
    assert_false(page.items[2].doubtful);
    assert_false(page.items[4].doubtful);
    page_free(&page);
}

/* One person of a leaderboard: rank, name, handle under it, a share. */
static void put_person(struct page *page, int i, const char *name, const char *handle)
{
    char text[24];
    struct item *it;

    snprintf(text, sizeof text, "%d", i + 1);
    page_add(page, (struct box){20, 60 * i + 8, 7, 10}, text, 95);
    page_add(page, (struct box){100, 60 * i, 70, 10}, name, 95);
    it = page_add(page, (struct box){100, 60 * i + 18, 70, 10}, handle, 95);
    snprintf(it->handle, sizeof it->handle, "%s", handle + handle_at_sign(handle));
    snprintf(text, sizeof text, "%d.50%%", 9 - i);
    page_add(page, (struct box){500, 60 * i + 8, 40, 10}, text, 95);
}

static void a_handle_that_lacks_its_at_among_others_that_have_one_is_in_doubt(void **state)
{
    AUTO(board_free) struct board board = BOARD_INIT;
    struct page page = {.w = 800, .h = 400, .cap = CAP};

    (void)state;
    put_person(&page, 0, "Mara Velt", "@maravelt");
    put_person(&page, 1, "Orin Kask", "Qorinkask");
    put_person(&page, 2, "Tovi Lund", "@tovilund");
    put_person(&page, 3, "Besk Arno", "@beskarno");
    board_read(&page, NULL, &board);
    assert_int_equal(board.n, 4);
    assert_false(board.rows[0].unsure & 1U << COL_HANDLE);
    assert_string_equal(board.rows[1].cell[COL_HANDLE], "Qorinkask");
    assert_true(board.rows[1].unsure & 1U << COL_HANDLE);
    page_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_l_is_as_high_as_a_b_and_an_i_as_a_capital),
        cmocka_unit_test(without_capitals_other_words_of_the_page_tell_how_high_they_are),
        cmocka_unit_test(where_heights_do_not_tell_a_thicker_bar_is_an_i_in_doubt),
        cmocka_unit_test(a_bar_without_others_to_compare_it_with_is_in_doubt),
        cmocka_unit_test(a_bar_lower_than_the_tall_letters_is_in_doubt_whatever_its_thickness),
        cmocka_unit_test(a_letter_of_another_width_than_its_likes_is_in_doubt),
        cmocka_unit_test(two_letters_of_a_kind_tell_nothing_of_a_third),
        cmocka_unit_test(of_many_sizes_the_middle_one_counts_and_most_must_lie_near_it),
        cmocka_unit_test(a_handle_is_letters_digits_and_underscores),
        cmocka_unit_test(another_reading_confirms_a_handle_whatever_its_capitals),
        cmocka_unit_test(two_readings_that_agree_outvote_the_first),
        cmocka_unit_test(a_handle_with_text_right_behind_it_may_be_cut_off),
        cmocka_unit_test(a_handle_that_lacks_its_at_among_others_that_have_one_is_in_doubt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
