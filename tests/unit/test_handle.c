#include "analysis-svc/handle.h"

#include "tests/kit/kit.h"

static void a_handle_loses_at_blanks_and_case(void **state)
{
    static const char *const samples[][2] = {{"@Foo_Bar", "foo_bar"},
                                             {" @ Foo ", "foo"},
                                             {"foo", "foo"},
                                             {"@@x", "x"},
                                             {"\u00A0@A1_\u00A0", "a1_"},
                                             {"@abcdefghijklmno", "abcdefghijklmno"},
                                             {"\uFF20foo", "foo"},
                                             {"\u200F@Foo\u200E", "foo"},
                                             {"\u2068@foo\u2069", "foo"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        char out[HANDLE_SIZE] = "";

        assert_int_equal(handle_parse(sv_of(samples[i][0]), out), HANDLE_OK);
        assert_string_equal(out, samples[i][1]);
    }
}

static void what_is_no_handle_is_bad_and_leaves_the_output_alone(void **state)
{
    static const char *const bad[] = {"@",         "@foo bar", "@foo.bar",          "@foo\u2026",
                                      "@f\u00F6o", "a-b",      "@abcdefghijklmnop", "foo@bar"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char out[HANDLE_SIZE] = "kept";

        assert_int_equal(handle_parse(sv_of(bad[i]), out), HANDLE_BAD);
        assert_string_equal(out, "kept");
    }
}

static void nothing_printed_is_none(void **state)
{
    char out[HANDLE_SIZE];

    (void)state;
    assert_int_equal(handle_parse(SV_LIT(""), out), HANDLE_NONE);
    assert_int_equal(handle_parse(SV_LIT(" \u2014 "), out), HANDLE_NONE);
}

static void look_alikes_fold_together_and_others_do_not(void **state)
{
    (void)state;
    assert_true(handle_alike("bill0", "b1Ilo"));
    assert_true(handle_alike("OoO", "000"));
    assert_true(handle_alike("corn_r", "com_r"));
    assert_true(handle_alike("rnrn", "mm"));
    assert_false(handle_alike("rm", "mn"));
    assert_false(handle_alike("ana", "anna"));
    assert_false(handle_alike("s5", "55"));
    assert_false(handle_alike("a_b", "ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_loses_at_blanks_and_case),
        cmocka_unit_test(what_is_no_handle_is_bad_and_leaves_the_output_alone),
        cmocka_unit_test(nothing_printed_is_none),
        cmocka_unit_test(look_alikes_fold_together_and_others_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
