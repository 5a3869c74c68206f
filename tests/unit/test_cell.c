#include "analysis-svc/cell.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    (void)state;
    arena_free(&mem);
    return 0;
}

static struct value cell(enum field_kind kind, size_t max, const char *text, const char **note)
{
    const struct extractor_field rule = {.name = "it", .kind = kind, .max_chars = max};

    return cell_read(&rule, "2026-11-20", text, &mem, note);
}

static void each_kind_reads_its_own(void **state)
{
    const char *note;

    (void)state;
    assert_string_equal(cell(FIELD_TEXT, 20, " Ana B ", &note).word, "Ana B");
    assert_true(cell(FIELD_NUMBER, 20, "1.2K", &note).number == 1200);
    assert_true(cell(FIELD_PERCENT, 20, "0.022%", &note).number == 0.022);
    assert_true(cell(FIELD_INTEGER, 20, "#3", &note).number == 3);
    assert_string_equal(cell(FIELD_HANDLE, 20, "@Ana", &note).word, "ana");
    assert_string_equal(cell(FIELD_DATE, 20, "Dec 31", &note).word, "2025-12-31");
    assert_null(note);
}

static void nothing_visible_is_absent_and_a_dash_is_null_without_a_note(void **state)
{
    const char *note;
    struct value v;

    (void)state;
    for (int k = FIELD_TEXT; k <= FIELD_DATE; k++)
        assert_int_equal(cell((enum field_kind)k, 20, " \u00A0", &note).type, CELL_ABSENT);
    v = cell(FIELD_NUMBER, 20, "\u2014", &note);
    assert_int_equal(v.type, CELL_NULL);
    assert_string_equal(v.text, "\u2014");
    assert_null(note);
    assert_int_equal(cell(FIELD_HANDLE, 20, "-", &note).type, CELL_NULL);
    assert_null(note);
    assert_string_equal(cell(FIELD_TEXT, 20, "-", &note).word, "-");
}

static void what_does_not_parse_is_null_with_a_note(void **state)
{
    const char *note;

    (void)state;
    assert_int_equal(cell(FIELD_NUMBER, 20, "l2K", &note).type, CELL_NULL);
    assert_string_equal(note, "it: \"l2K\" is no number");
    assert_int_equal(cell(FIELD_INTEGER, 20, "1.5", &note).type, CELL_NULL);
    assert_string_equal(note, "it: \"1.5\" is no whole number");
    assert_int_equal(cell(FIELD_HANDLE, 20, "@a b", &note).type, CELL_NULL);
    assert_string_equal(note, "it: \"@a b\" is no handle");
    assert_int_equal(cell(FIELD_DATE, 20, "soon", &note).type, CELL_NULL);
    assert_string_equal(note, "it: \"soon\" is no date");
}

static void a_date_that_may_be_read_in_two_ways_is_null_and_a_risky_one_has_a_note(void **state)
{
    struct extractor_field rule = {.name = "it", .kind = FIELD_DATE, .max_chars = 20};
    const char *note;
    struct value v;

    (void)state;
    assert_int_equal(cell_read(&rule, "2026-11-20", "03/04", &mem, &note).type, CELL_NULL);
    assert_non_null(strstr(note, "it: \"03/04\" may be read in two ways"));
    rule.order = DAY_ORDER_DAY_FIRST;
    assert_string_equal(cell_read(&rule, "2026-11-20", "03/04", &mem, &note).word, "2026-04-03");
    assert_null(note);
    v = cell_read(&rule, "2026-11-20", "Nov 21", &mem, &note);
    assert_string_equal(v.word, "2025-11-21");
    assert_string_equal(v.text, "Nov 21");
    assert_non_null(strstr(note, "the day after"));
}

static void a_text_over_its_bound_is_cut_and_a_number_is_not_guessed(void **state)
{
    const char *note;
    struct value v = cell(FIELD_TEXT, 2, "\u00E9\u00E9\u00E9", &note);

    (void)state;
    assert_string_equal(v.word, "\u00E9\u00E9");
    assert_string_equal(note, "it: longer than 2 characters, cut");
    v = cell(FIELD_NUMBER, 2, "123", &note);
    assert_int_equal(v.type, CELL_NULL);
    assert_string_equal(v.text, "12");
    assert_non_null(note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_reads_its_own),
        cmocka_unit_test(nothing_visible_is_absent_and_a_dash_is_null_without_a_note),
        cmocka_unit_test(what_does_not_parse_is_null_with_a_note),
        cmocka_unit_test(a_date_that_may_be_read_in_two_ways_is_null_and_a_risky_one_has_a_note),
        cmocka_unit_test(a_text_over_its_bound_is_cut_and_a_number_is_not_guessed),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
