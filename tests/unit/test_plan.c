/* test_plan.c - groups are even and stay under their limits. */
#include "analysis-svc/plan.h"

#include <string.h>

#include "common/str.h"
#include "tests/kit/kit.h"

/* Sizes of the groups that n pictures of so many bytes make, as "3,2". */
static void check(size_t n, int64_t bytes, struct plan_limits limits, const char *want)
{
    struct plan_image images[64];
    AUTO(str_free) struct str got = STR_INIT(1024);
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        images[i] = (struct plan_image){(int64_t)i, bytes};
    while (at < n) {
        size_t take = plan_take(images + at, n - at, &limits);

        assert_in_range(take, 1, n - at);
        str_addf(&got, "%s%zu", at ? "," : "", take);
        at += take;
    }
    assert_string_equal(got.p, want);
}

static void groups_are_as_even_as_can_be(void **state)
{
    struct plan_limits limits = {.images = 4, .bytes = 1000};

    (void)state;
    check(1, 1, limits, "1");
    check(4, 1, limits, "4");
    check(5, 1, limits, "3,2");
    check(9, 1, limits, "3,3,3");
    check(10, 1, limits, "4,3,3");
}

static void heavy_pictures_make_smaller_groups(void **state)
{
    struct plan_limits limits = {.images = 4, .bytes = 1000};

    (void)state;
    check(4, 400, limits, "2,2");
}

static void a_picture_over_the_limit_goes_alone(void **state)
{
    struct plan_limits limits = {.images = 4, .bytes = 1000};

    (void)state;
    check(2, 5000, limits, "1,1");
}

static void nothing_makes_no_group(void **state)
{
    struct plan_limits limits = {.images = 4, .bytes = 1000};

    (void)state;
    assert_int_equal(plan_take(NULL, 0, &limits), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_as_even_as_can_be),
        cmocka_unit_test(heavy_pictures_make_smaller_groups),
        cmocka_unit_test(a_picture_over_the_limit_goes_alone),
        cmocka_unit_test(nothing_makes_no_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
