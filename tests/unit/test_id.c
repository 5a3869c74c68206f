/* test_id.c - identifiers and random numbers. */
#include <string.h>

#include "common/id.h"
#include "tests/kit/kit.h"

static void a_new_id_is_a_random_uuid_in_lower_case(void **state)
{
    struct id a = id_new(), b = id_new();

    (void)state;
    assert_int_equal(strlen(a.text), 36);
    assert_int_equal(a.text[14], '4'); /* version 4, RFC 9562 section 5.4 */
    assert_non_null(strchr("89ab", a.text[19]));
    assert_string_not_equal(a.text, b.text);
}

static void an_id_is_read_in_any_case_and_nothing_else_is(void **state)
{
    struct id id;

    (void)state;
    assert_true(id_parse(SV_LIT("6F1F7A52-2f3c-4b53-9a86-8f6f3f0e7c11"), &id));
    assert_string_equal(id.text, "6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c11");
    assert_false(id_parse(SV_LIT("6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c1"), &id));
    assert_false(id_parse(SV_LIT("6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c1g"), &id));
    assert_false(id_parse(SV_LIT("{f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c1}"), &id));
    assert_false(id_parse(SV_LIT(""), &id));
}

static void random_numbers_lie_in_their_range_and_spread(void **state)
{
    int low = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        double u = rnd_unit();

        assert_true(u >= 0 && u < 1);
        low += u < 0.5;
    }
    assert_in_range(low, 4500, 5500);
}

static void a_short_id_has_twelve_plain_characters(void **state)
{
    char a[ID_SHORT_SIZE], b[ID_SHORT_SIZE];

    (void)state;
    id_short(a);
    id_short(b);
    assert_int_equal(strspn(a, "0123456789abcdefghjkmnpqrstvwxyz"), 12);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_id_is_a_random_uuid_in_lower_case),
        cmocka_unit_test(an_id_is_read_in_any_case_and_nothing_else_is),
        cmocka_unit_test(random_numbers_lie_in_their_range_and_spread),
        cmocka_unit_test(a_short_id_has_twelve_plain_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
