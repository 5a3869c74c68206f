/* test_plan.c - groups are even and stay under their limits. */
#include "analysis-svc/plan.h"

#include <string.h>

#include "common/str.h"
#include "tests/kit/kit.h"

static const struct picture_size usual = {1280, 900};

/* Sizes of the groups that n pictures make, as "3,2". */
static void check_size(size_t n, struct plan_image like, struct plan_limits limits,
                       const char *want)
{
    struct plan_image images[64];
    AUTO(str_free) struct str got = STR_INIT(1024);
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        images[i] = like;
        images[i].snapshot_id = (int64_t)i;
    }
    while (at < n) {
        size_t take = plan_take(images + at, n - at, &limits);

        assert_in_range(take, 1, n - at);
        str_addf(&got, "%s%zu", at ? "," : "", take);
        at += take;
    }
    assert_string_equal(got.p, want);
}

static void check(size_t n, int64_t bytes, struct plan_limits limits, const char *want)
{
    check_size(n, (struct plan_image){0, bytes, usual}, limits, want);
}

static struct provider with(struct model_caps caps)
{
    return (struct provider){.images_max = 60, .caps = caps};
}

static void groups_are_as_even_as_can_be(void **state)
{
    struct plan_limits limits = {.images = 4};

    (void)state;
    check(1, 1, limits, "1");
    check(4, 1, limits, "4");
    check(5, 1, limits, "3,2");
    check(9, 1, limits, "3,3,3");
    check(10, 1, limits, "4,3,3");
}

static void heavy_pictures_make_smaller_groups(void **state)
{
    struct provider p = with((struct model_caps){.call_bytes = 1000});
    struct plan_limits limits = {.images = 4, .providers = &p, .n = 1};

    (void)state;
    check(4, 400, limits, "2,2");
    check(2, 5000, limits, "1,1");
    p.caps.image_bytes = 250; /* each of them is scaled down to that */
    check(4, 400, limits, "4");
}

static void the_strictest_provider_counts(void **state)
{
    struct provider two[] = {with((struct model_caps){.images = 10}),
                             with((struct model_caps){.images = 10})};
    struct plan_limits limits = {.images = 6, .providers = two, .n = 2};

    (void)state;
    check(6, 1, limits, "6");
    two[1].images_max = 2;
    check(6, 1, limits, "2,2,2");
}

static void more_than_twenty_pictures_must_all_be_small(void **state)
{
    struct provider p = with((struct model_caps){.many = 20, .many_side = 2000, .side = 8000});
    struct plan_limits limits = {.images = 60, .providers = &p, .n = 1};

    (void)state;
    check_size(40, (struct plan_image){0, 1, {1600, 2000}}, limits, "40");
    check_size(40, (struct plan_image){0, 1, {1600, 2001}}, limits, "20,20");
}

static void tokens_stay_below_context_and_price_cliff(void **state)
{
    /* 40 x 29 patches each; the cliff at 10000 is kept away from: 8000 */
    struct provider p = with((struct model_caps){
        .patch = 32, .image_tokens = 9999, .image_percent = 100, .cliff_tokens = 10000});
    struct plan_limits limits = {.images = 12, .text_tokens = 1000, .providers = &p, .n = 1};

    (void)state;
    check(12, 1, limits, "6,6");
    limits.text_tokens = 3000;
    check(12, 1, limits, "4,4,4");
    p.caps.cliff_tokens = 0;
    p.caps.context = 20000; /* 3660 of each, answer included: 22 rows */
    check(12, 1, limits, "4,4,4");
}

static void the_answer_must_fit_too(void **state)
{
    struct provider p = with((struct model_caps){.images = 60});
    struct plan_limits limits = {.images = 12, .providers = &p, .n = 1};

    (void)state;
    p.max_output_tokens = 10000; /* 22 rows of 100 tokens and 300 around them: 2500 each */
    check(12, 1, limits, "4,4,4");
    check_size(3, (struct plan_image){0, 1, {1200, 12000}}, limits, "1,1,1");
    check_size(6, (struct plan_image){0, 1, {0, 0}}, limits, "3,3"); /* not known */
}

static void nothing_makes_no_group(void **state)
{
    struct plan_limits limits = {.images = 4};

    (void)state;
    assert_int_equal(plan_take(NULL, 0, &limits), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_as_even_as_can_be),
        cmocka_unit_test(heavy_pictures_make_smaller_groups),
        cmocka_unit_test(the_strictest_provider_counts),
        cmocka_unit_test(more_than_twenty_pictures_must_all_be_small),
        cmocka_unit_test(tokens_stay_below_context_and_price_cliff),
        cmocka_unit_test(the_answer_must_fit_too),
        cmocka_unit_test(nothing_makes_no_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
