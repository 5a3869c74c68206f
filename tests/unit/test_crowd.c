/* test_crowd.c - each address may have so many, and what leaves makes room. */
#include "common/crowd.h"

#include "tests/kit/kit.h"

static struct addr nth(int i)
{
    struct addr a = {{[10] = 0xff, [11] = 0xff, [12] = 127}};
    a.b[13] = (unsigned char)(i >> 16);
    a.b[14] = (unsigned char)(i >> 8);
    a.b[15] = (unsigned char)i;
    return a;
}

static void an_address_over_its_number_is_refused_until_one_leaves(void **state)
{
    (void)state;
    AUTO(crowd_close) struct crowd *crowd = crowd_open();
    struct addr a = nth(1), b = nth(2);
    assert_true(crowd_enter(crowd, &a, 2));
    assert_true(crowd_enter(crowd, &a, 2));
    assert_false(crowd_enter(crowd, &a, 2));
    assert_true(crowd_enter(crowd, &b, 2));
    crowd_leave(crowd, &a);
    assert_true(crowd_enter(crowd, &a, 2));
    assert_false(crowd_enter(crowd, &a, 2));
    for (int i = 0; i < 100; i++)
        assert_true(crowd_enter(crowd, &b, 0)); /* no limit */
}

static void thousands_of_addresses_are_kept_apart_and_forgotten(void **state)
{
    (void)state;
    AUTO(crowd_close) struct crowd *crowd = crowd_open();
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            struct addr a = nth(i);
            assert_true(crowd_enter(crowd, &a, 1));
            assert_false(crowd_enter(crowd, &a, 1));
        }
        for (int i = 4999; i >= 0; i--) {
            struct addr a = nth(i);
            crowd_leave(crowd, &a);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_over_its_number_is_refused_until_one_leaves),
        cmocka_unit_test(thousands_of_addresses_are_kept_apart_and_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
