#include "common/retry.h"

#include "tests/kit/kit.h"

static const struct retry_plan plan = {.base_ms = 100, .cap_ms = 5000};

static void the_ceiling_doubles_up_to_the_cap(void **state)
{
    (void)state;
    assert_int_equal(retry_wait_ms(&plan, 0, 0, 0.5), 50);
    assert_int_equal(retry_wait_ms(&plan, 1, 0, 0.5), 100);
    assert_int_equal(retry_wait_ms(&plan, 5, 0, 0.5), 1600);
    assert_int_equal(retry_wait_ms(&plan, 6, 0, 0.5), 2500);
    assert_int_equal(retry_wait_ms(&plan, 4000000000U, 0, 0.999999), 4999);
}

static void the_wait_is_never_under_its_floor(void **state)
{
    (void)state;
    assert_int_equal(retry_wait_ms(&plan, 0, 700, 0.0), 700);
    assert_int_equal(retry_wait_ms(&plan, 6, 700, 0.9), 4500);
    assert_int_equal(retry_wait_ms(&plan, 0, 0, 0.0), 0);
}

static int64_t after(const char *ms, const char *s)
{
    return retry_after_ms(sv_of(ms), sv_of(s), 784111777 - 30);
}

static void retry_after_is_read_in_all_its_forms(void **state)
{
    (void)state;
    assert_int_equal(after("", "7"), 7000);
    assert_int_equal(after("", " 0.5 "), 500);
    assert_int_equal(after("", "0"), 0);
    assert_int_equal(after("1500", ""), 1500);
    assert_int_equal(after("20.5", "9"), 21);
    assert_int_equal(after("", "Sun, 06 Nov 1994 08:49:37 GMT"), 30000);
    assert_int_equal(after("", "Sun, 06 Nov 1994 08:00:00 GMT"), 0); /* past already */
}

static void nonsense_is_no_header(void **state)
{
    static const char *const wrong[] = {"",      " ",   "soon", "-5",
                                        "1e9",   "inf", "nan",  "0x10",
                                        "1.2.3", ".",   "5 s",  "Sun, 99 Nov 1994 08:49:37 GMT"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(after("", wrong[i]), -1);
    assert_int_equal(retry_after_ms((struct sv){NULL, 0}, (struct sv){NULL, 0}, 0), -1);
}

static void an_absurd_wait_is_bounded_to_a_week(void **state)
{
    (void)state;
    assert_int_equal(after("", "99999999999999999999"), INT64_C(7) * 24 * 3600 * 1000);
}

static void a_budget_is_spent_and_filled_up_to_its_brim(void **state)
{
    struct retry_budget b;

    (void)state;
    retry_budget_init(&b);
    assert_true(retry_budget_take(&b, RETRY_BUDGET_FULL - 7));
    assert_false(retry_budget_take(&b, 8));
    assert_true(retry_budget_take(&b, 7));
    assert_false(retry_budget_take(&b, 1));
    retry_budget_give(&b, 3);
    assert_true(retry_budget_take(&b, 3));
    retry_budget_give(&b, RETRY_BUDGET_FULL + 100);
    assert_false(retry_budget_take(&b, RETRY_BUDGET_FULL + 1));
    assert_true(retry_budget_take(&b, RETRY_BUDGET_FULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ceiling_doubles_up_to_the_cap),
        cmocka_unit_test(the_wait_is_never_under_its_floor),
        cmocka_unit_test(retry_after_is_read_in_all_its_forms),
        cmocka_unit_test(nonsense_is_no_header),
        cmocka_unit_test(an_absurd_wait_is_bounded_to_a_week),
        cmocka_unit_test(a_budget_is_spent_and_filled_up_to_its_brim),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
