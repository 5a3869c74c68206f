/* test_url.c - percent-encoding, both ways, and pairs. */
#include "common/url.h"

#include <string.h>

#include "tests/kit/kit.h"

static void escapes_are_decoded_and_plus_only_in_forms(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena a = ARENA_INIT;
    assert_string_equal(url_decode(&a, SV_LIT("a%20b+c%2F%e2%82%AC"), false), "a b+c/\xe2\x82\xac");
    assert_string_equal(url_decode(&a, SV_LIT("a%20b+c"), true), "a b c");
    assert_string_equal(url_decode(&a, SV_LIT(""), false), "");
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena a = ARENA_INIT;
    static const char *const bad[] = {"%", "a%2", "%zz", "%-1", "%00", "%ff", "%c0%80", "x%e2%82"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_null(url_decode(&a, sv_of(bad[i]), false));
    assert_null(url_decode(&a, SV_LIT("a\0b"), false));
}

static void encoding_leaves_only_unreserved_characters(void **state)
{
    (void)state;
    AUTO(str_free) struct str out = STR_INIT(100);
    url_encode(&out, SV_LIT("aZ09-._~ /+%&\xe2\x82\xac"));
    assert_string_equal(out.p, "aZ09-._~%20%2F%2B%25%26%E2%82%AC");
}

static void pairs_are_taken_one_by_one(void **state)
{
    (void)state;
    struct sv rest = SV_LIT("&a=1&&b=&c&=d&e=f=g"), name, value;
    static const char *const want[][2] = {
        {"a", "1"}, {"b", ""}, {"c", ""}, {"", "d"}, {"e", "f=g"}};
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(url_next_pair(&rest, &name, &value));
        assert_true(sv_eqz(name, want[i][0]));
        assert_true(sv_eqz(value, want[i][1]));
    }
    assert_false(url_next_pair(&rest, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_decoded_and_plus_only_in_forms),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(encoding_leaves_only_unreserved_characters),
        cmocka_unit_test(pairs_are_taken_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
