#include "analysis-svc/glyph.h"

#include <string.h>

#include "tests/kit/kit.h"

static void blanks_of_all_kinds_are_trimmed(void **state)
{
    struct sv v = glyph_trim(sv_of("\u00A0 \t\u200Ba b\u200F\u2009\n"));

    (void)state;
    assert_true(sv_eqz(v, "a b"));
    assert_int_equal(glyph_trim(sv_of(" \u00A0")).n, 0);
}

static void a_sign_is_taken_off_either_end(void **state)
{
    struct sv v = sv_of("#12%");

    (void)state;
    assert_true(glyph_skip(&v, "#"));
    assert_false(glyph_skip(&v, "#"));
    assert_true(glyph_skip_end(&v, "%"));
    assert_false(glyph_skip_end(&v, "12%"));
    assert_true(sv_eqz(v, "12"));
}

static void dashes_and_not_available_mean_nothing(void **state)
{
    (void)state;
    assert_true(glyph_is_none(sv_of("")));
    assert_true(glyph_is_none(sv_of(" \u2013\u2013 ")));
    assert_true(glyph_is_none(sv_of("n/A")));
    assert_false(glyph_is_none(sv_of("-1")));
    assert_false(glyph_is_none(sv_of("none")));
}

static void a_text_is_cut_at_whole_characters(void **state)
{
    (void)state;
    assert_true(sv_eqz(glyph_cut(sv_of("a\u00E9\U0001F947z"), 3), "a\u00E9\U0001F947"));
    assert_true(sv_eqz(glyph_cut(sv_of("ab"), 5), "ab"));
    assert_int_equal(glyph_cut(sv_of("ab"), 0).n, 0);
}

static void bad_bytes_are_mended_and_a_cut_end_goes(void **state)
{
    char cut[] = "ab\xF0\x9F\xA5",
         bad[] = "a\x80"
                 "b\xFF"
                 "c",
         good[] = "\u00E9";

    (void)state;
    glyph_mend(cut);
    assert_string_equal(cut, "ab");
    glyph_mend(bad);
    assert_string_equal(bad, "a?b?c");
    glyph_mend(good);
    assert_string_equal(good, "\u00E9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_of_all_kinds_are_trimmed),
        cmocka_unit_test(a_sign_is_taken_off_either_end),
        cmocka_unit_test(dashes_and_not_available_mean_nothing),
        cmocka_unit_test(a_text_is_cut_at_whole_characters),
        cmocka_unit_test(bad_bytes_are_mended_and_a_cut_end_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
