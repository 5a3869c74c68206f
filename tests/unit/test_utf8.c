/* test_utf8.c - the borders of RFC 3629's table. */
#include "common/utf8.h"

#include "tests/kit/kit.h"

static void characters_of_each_length_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
    } good[] = {{"a", 1},
                {"\x7f", 1},
                {"\xc2\x80", 2},
                {"\xdf\xbf", 2},
                {"\xe0\xa0\x80", 3},
                {"\xed\x9f\xbf", 3},
                {"\xee\x80\x80", 3},
                {"\xf0\x90\x80\x80", 4},
                {"\xf4\x8f\xbf\xbf", 4}};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(utf8_step(sv_of(good[i].text)), good[i].n);
        assert_true(utf8_ok(sv_of(good[i].text)));
    }
    assert_int_equal(utf8_step(SV_LIT("\0")), 1);
    assert_true(utf8_ok(SV_LIT("")));
    assert_true(utf8_ok(SV_LIT("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z")));
}

static void what_the_table_does_not_hold_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x20",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xe2\x82",
                                      "\xe2\x82\x20",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(utf8_step(sv_of(bad[i])), 0);
        assert_false(utf8_ok(sv_of(bad[i])));
    }
    assert_int_equal(utf8_step(SV_LIT("")), 0);
    assert_false(utf8_ok(SV_LIT("good\xffmore")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_each_length_are_taken),
        cmocka_unit_test(what_the_table_does_not_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
