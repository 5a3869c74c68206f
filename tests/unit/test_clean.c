/* test_clean.c - any bytes become valid UTF-8 that fits. */
#include "analysis-svc/clean.h"

#include <string.h>

#include "common/utf8.h"
#include "tests/kit/kit.h"

static void good_text_stays_as_it_is(void **state)
{
    char out[64];

    (void)state;
    assert_string_equal(clean_copy("plain, żółć, 日本", out, sizeof out), "plain, żółć, 日本");
}

static void bad_bytes_become_question_marks(void **state)
{
    char out[64];

    (void)state;
    assert_string_equal(clean_copy("a\xff"
                                   "b\xc3",
                                   out, sizeof out),
                        "a?b?");
}

static void a_character_is_never_cut(void **state)
{
    char out[8];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        const char *got = clean_copy("日本語", out, size);

        assert_true(utf8_ok(sv_of(got)));
        assert_true(strlen(out) < size);
        assert_int_equal(strlen(out) % 3, 0);
    }
}

static void nothing_is_null(void **state)
{
    char out[8];

    (void)state;
    assert_null(clean_copy("", out, sizeof out));
    assert_null(clean_copy(NULL, out, sizeof out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text_stays_as_it_is),
        cmocka_unit_test(bad_bytes_become_question_marks),
        cmocka_unit_test(a_character_is_never_cut),
        cmocka_unit_test(nothing_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
