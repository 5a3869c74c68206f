#include "analysis-svc/handle.h"

#include <string.h>

#include "tests/kit/kit.h"

struct line {
    const char *printed;
    enum handle_read read;
    const char *handle;
};
static const struct line table[] = {
    /* clang-format off */
    {"@Foo_Bar", HANDLE_OK, "foo_bar"},
    {" @ Foo ", HANDLE_OK, "foo"},
    {"foo", HANDLE_OK, "foo"},
    {"@@x", HANDLE_OK, "x"},
    {"\u00A0@A1_\u00A0", HANDLE_OK, "a1_"},
    {"@abcdefghijklmno", HANDLE_OK, "abcdefghijklmno"},
    {"\uFF20foo", HANDLE_OK, "foo"},
    {"\u200F@Foo\u200E", HANDLE_OK, "foo"},
    {"\u2068@foo\u2069", HANDLE_OK, "foo"},
    {"@ANA", HANDLE_OK, "ana"},
    {"Ana", HANDLE_OK, "ana"},
    {"@a", HANDLE_OK, "a"},
    {"@_", HANDLE_OK, "_"},
    {"@__", HANDLE_OK, "__"},
    {"@0", HANDLE_OK, "0"},
    {"@007", HANDLE_OK, "007"},
    {"@1a", HANDLE_OK, "1a"},
    {"@a_1", HANDLE_OK, "a_1"},
    {"@A_B_C", HANDLE_OK, "a_b_c"},
    {"@99problems", HANDLE_OK, "99problems"},
    {"@x_x_x_x_x_x_x_x", HANDLE_OK, "x_x_x_x_x_x_x_x"},
    {"\011@ana\012", HANDLE_OK, "ana"},
    {"@ana\015", HANDLE_OK, "ana"},
    {"\u3000@ana", HANDLE_OK, "ana"},
    {"@\u00A0ana", HANDLE_OK, "ana"},
    {"@ @ana", HANDLE_OK, "ana"},
    {"@\u200Eana", HANDLE_OK, "ana"},
    {"\u200B@ana\u200B", HANDLE_OK, "ana"},
    {"\uFEFF@ana", HANDLE_OK, "ana"},
    {"\u202A@ana\u202C", HANDLE_OK, "ana"},
    {"\u2066@ana\u2069", HANDLE_OK, "ana"},
    {"\u061C@ana", HANDLE_OK, "ana"},
    {"\u2009@ana\u2009", HANDLE_OK, "ana"},
    {"@na", HANDLE_OK, "na"},
    {"@Null", HANDLE_OK, "null"},
    {"@undefined", HANDLE_OK, "undefined"},
    {"@true", HANDLE_OK, "true"},
    {"@snap_key", HANDLE_OK, "snap_key"},
    {"@ABCDEFGHIJKLMNO", HANDLE_OK, "abcdefghijklmno"},
    {"@l1I0Oo", HANDLE_OK, "l1i0oo"},
    {"@rnm", HANDLE_OK, "rnm"},
    {"@ZZZ", HANDLE_OK, "zzz"},
    {"@_a_", HANDLE_OK, "_a_"},
    {"@QQ", HANDLE_OK, "qq"},
    {"@iI", HANDLE_OK, "ii"},
    {"@", HANDLE_BAD, "kept"},
    {"@foo bar", HANDLE_BAD, "kept"},
    {"@foo.bar", HANDLE_BAD, "kept"},
    {"@foo\u2026", HANDLE_BAD, "kept"},
    {"@f\u00F6o", HANDLE_BAD, "kept"},
    {"a-b", HANDLE_BAD, "kept"},
    {"@abcdefghijklmnop", HANDLE_BAD, "kept"},
    {"foo@bar", HANDLE_BAD, "kept"},
    {"@foo...", HANDLE_BAD, "kept"},
    {"@foo!", HANDLE_BAD, "kept"},
    {"@foo,", HANDLE_BAD, "kept"},
    {"@foo:", HANDLE_BAD, "kept"},
    {"(@foo)", HANDLE_BAD, "kept"},
    {"@foo)", HANDLE_BAD, "kept"},
    {"#foo", HANDLE_BAD, "kept"},
    {"$foo", HANDLE_BAD, "kept"},
    {"foo/bar", HANDLE_BAD, "kept"},
    {"https://x.com/foo", HANDLE_BAD, "kept"},
    {"x.com/foo", HANDLE_BAD, "kept"},
    {"@foo's", HANDLE_BAD, "kept"},
    {"@foo\u2019s", HANDLE_BAD, "kept"},
    {"@f o", HANDLE_BAD, "kept"},
    {"@foo\u00A0bar", HANDLE_BAD, "kept"},
    {"@\u0410\u043D\u0430", HANDLE_BAD, "kept"},
    {"@an\u0430", HANDLE_BAD, "kept"},
    {"@\u5C71\u7530", HANDLE_BAD, "kept"},
    {"@foo\U0001F680", HANDLE_BAD, "kept"},
    {"\U0001F680@foo", HANDLE_BAD, "kept"},
    {"@\U0001F680", HANDLE_BAD, "kept"},
    {"@f\u200Do", HANDLE_BAD, "kept"},
    {"@f\u200Bo", HANDLE_BAD, "kept"},
    {"@lo\u0301o", HANDLE_BAD, "kept"},
    {"@\uFF46oo", HANDLE_BAD, "kept"},
    {"@foo@", HANDLE_BAD, "kept"},
    {"@ ", HANDLE_BAD, "kept"},
    {"@@", HANDLE_BAD, "kept"},
    {"\uFF20", HANDLE_BAD, "kept"},
    {"@@@@", HANDLE_BAD, "kept"},
    {"@-", HANDLE_BAD, "kept"},
    {"@foo-bar", HANDLE_BAD, "kept"},
    {"@foo+bar", HANDLE_BAD, "kept"},
    {"@foo*", HANDLE_BAD, "kept"},
    {"@<b>foo</b>", HANDLE_BAD, "kept"},
    {"@'or'1", HANDLE_BAD, "kept"},
    {"@foo;", HANDLE_BAD, "kept"},
    {"@a;DROP", HANDLE_BAD, "kept"},
    {"@foo\\", HANDLE_BAD, "kept"},
    {"@foo\"", HANDLE_BAD, "kept"},
    {"@1234567890123456", HANDLE_BAD, "kept"},
    {"@____________________", HANDLE_BAD, "kept"},
    {"@foo\007", HANDLE_BAD, "kept"},
    {"@a\011b", HANDLE_BAD, "kept"},
    {"@foo\u202Ebar", HANDLE_BAD, "kept"},
    {"foo bar baz", HANDLE_BAD, "kept"},
    {"@foo (you)", HANDLE_BAD, "kept"},
    {"@foo \u2713", HANDLE_BAD, "kept"},
    {"@foo\u2022", HANDLE_BAD, "kept"},
    {"@foo|bar", HANDLE_BAD, "kept"},
    {"@foo=1", HANDLE_BAD, "kept"},
    {"@foo&bar", HANDLE_BAD, "kept"},
    {"@foo%20", HANDLE_BAD, "kept"},
    {"@foo#1", HANDLE_BAD, "kept"},
    {"@~foo", HANDLE_BAD, "kept"},
    {"@`foo`", HANDLE_BAD, "kept"},
    {"@[foo]", HANDLE_BAD, "kept"},
    {"@{foo}", HANDLE_BAD, "kept"},
    {"@foo\?", HANDLE_BAD, "kept"},
    {"", HANDLE_NONE, "kept"},
    {" ", HANDLE_NONE, "kept"},
    {"-", HANDLE_NONE, "kept"},
    {"\u2014", HANDLE_NONE, "kept"},
    {"\u2013", HANDLE_NONE, "kept"},
    {"--", HANDLE_NONE, "kept"},
    {" \u2014 ", HANDLE_NONE, "kept"},
    {"N/A", HANDLE_NONE, "kept"},
    {"n/a", HANDLE_NONE, "kept"},
    {"NA", HANDLE_NONE, "kept"},
    {"na", HANDLE_NONE, "kept"},
    {"\u00A0", HANDLE_NONE, "kept"},
    {"\u2212", HANDLE_NONE, "kept"},
    {"\u2010", HANDLE_NONE, "kept"},
    /* clang-format on */
};

static void every_line_reads_as_it_says_and_what_is_no_handle_leaves_the_output_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char out[HANDLE_SIZE] = "kept";
        enum handle_read read = handle_parse(sv_of(table[i].printed), out);

        if (read != table[i].read || strcmp(out, table[i].handle) != 0)
            fail_msg("\"%s\": %d %s, not %d %s", table[i].printed, (int)read, out,
                     (int)table[i].read, table[i].handle);
    }
}

static void look_alikes_are_counted_and_others_differ(void **state)
{
    static const struct {
        const char *a, *b;
        int edits;
    } pairs[] = {{"ana", "ana", 0}, {"billo", "bill0", 1},  {"bill0", "b1ilo", 3},
                 {"ooo", "000", 3}, {"corn_r", "com_r", 1}, {"rnrn", "mm", 2},
                 {"rnm", "mrn", 2}, {"al", "a1", 1},        {"al", "ai", 1},
                 {"ai", "a1", 1},   {"rm", "mn", -1},       {"ana", "anna", -1},
                 {"s5", "55", -1},  {"a_b", "ab", -1},      {"", "a", -1},
                 {"r", "rn", -1},   {"m", "r", -1},         {"rn", "m", 1}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (handle_edits(pairs[i].a, pairs[i].b) != pairs[i].edits ||
            handle_edits(pairs[i].b, pairs[i].a) != pairs[i].edits)
            fail_msg("%s, %s: %d", pairs[i].a, pairs[i].b, handle_edits(pairs[i].a, pairs[i].b));
        assert_int_equal(handle_alike(pairs[i].a, pairs[i].b), pairs[i].edits >= 0);
    }
}

static void what_folds_together_differs_in_look_alikes_only(void **state)
{
    static const char letters[] = "0ol1irnmn";
    uint32_t seed = 3;
    size_t alike = 0;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        char word[2][5] = {"", ""}, folded[2][HANDLE_SIZE];
        int edits;

        for (size_t w = 0; w < 2; w++) {
            size_t n = 1 + (seed >> 20) % 4;

            for (size_t i = 0; i < n; i++) {
                seed = seed * 1664525U + 1013904223U;
                word[w][i] = letters[(seed >> 12) % (sizeof letters - 1)];
            }
            handle_fold(word[w], folded[w]);
        }
        edits = handle_edits(word[0], word[1]);
        alike += edits > 0 ? 1 : 0;
        assert_int_equal(edits >= 0, strcmp(folded[0], folded[1]) == 0);
        assert_int_equal(edits == 0, strcmp(word[0], word[1]) == 0);
        assert_int_equal(edits, handle_edits(word[1], word[0]));
    }
    assert_true(alike > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_reads_as_it_says_and_what_is_no_handle_leaves_the_output_alone),
        cmocka_unit_test(look_alikes_are_counted_and_others_differ),
        cmocka_unit_test(what_folds_together_differs_in_look_alikes_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
