/* test_nfc.c - one text, one spelling. Cases after UAX #15 and its conformance rules. */
#include <string.h>

#include "common/nfc.h"
#include "tests/kit/kit.h"

static const char *nfc(const char *text)
{
    static char out[4096];
    AUTO(str_free) struct str s = STR_INIT(sizeof out - 1);

    assert_true(nfc_add(sv_of(text), &s));
    assert_true(str_ok(&s));
    memcpy(out, s.p, s.n + 1);
    return out;
}

static void plain_text_stays_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(nfc(""), "");
    assert_string_equal(nfc("board 1.png"), "board 1.png");
    assert_string_equal(nfc("\xf0\x9f\x9a\x80 \xe6\x9d\xb1"), "\xf0\x9f\x9a\x80 \xe6\x9d\xb1");
}

static void a_letter_and_its_mark_become_one(void **state)
{
    (void)state;
    assert_string_equal(nfc("u\xcc\x88"), "\xc3\xbc");             /* u + U+0308 */
    assert_string_equal(nfc("\xc3\xbc"), "\xc3\xbc");              /* already one */
    assert_string_equal(nfc("e\xcc\x82\xcc\x81"), "\xe1\xba\xbf"); /* two marks */
    assert_string_equal(nfc("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), "\xed\x95\x9c"); /* Hangul */
    assert_string_equal(nfc("\xe2\x84\xab"), "\xc3\x85"); /* the angstrom sign is a letter */
}

static void marks_come_in_one_order(void **state)
{
    (void)state;
    /* s with a dot above and one below, in both orders: U+1E69 */
    assert_string_equal(nfc("s\xcc\x87\xcc\xa3"), "\xe1\xb9\xa9");
    assert_string_equal(nfc("s\xcc\xa3\xcc\x87"), "\xe1\xb9\xa9");
}

static void what_only_looks_alike_is_left_alone(void **state)
{
    (void)state;
    assert_string_equal(nfc("\xef\xac\x81"), "\xef\xac\x81"); /* the ligature fi: that is NFKC's */
    assert_string_equal(nfc("\xc2\xb2"), "\xc2\xb2");         /* superscript two */
}

static void some_characters_are_excluded_and_grow(void **state)
{
    (void)state;
    assert_string_equal(nfc("\xf0\x9d\x85\xa0"), /* U+1D160, the longest growth: 3 times */
                        "\xf0\x9d\x85\x98\xf0\x9d\x85\xa5\xf0\x9d\x85\xae");
}

static void what_is_not_utf8_is_refused(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(64);

    (void)state;
    assert_false(nfc_add(SV_LIT("a\xff"), &out));
    assert_false(nfc_add(SV_LIT("\xed\xa0\x80"), &out));
    assert_int_equal(out.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays_as_it_is),
        cmocka_unit_test(a_letter_and_its_mark_become_one),
        cmocka_unit_test(marks_come_in_one_order),
        cmocka_unit_test(what_only_looks_alike_is_left_alone),
        cmocka_unit_test(some_characters_are_excluded_and_grow),
        cmocka_unit_test(what_is_not_utf8_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
