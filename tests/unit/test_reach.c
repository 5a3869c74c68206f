/* test_reach.c - ten minutes of bytes, then one probe. */
#include "analysis-svc/reach.h"

#include "tests/kit/kit.h"

static void a_host_out_of_reach_gets_bytes_for_ten_minutes(void **state)
{
    AUTO(reach_close) struct reach *r = reach_open(2);

    (void)state;
    assert_true(reach_by_url(r, 0, 0));
    reach_failed(r, 0, 0);
    assert_false(reach_by_url(r, 0, 599999));
    assert_true(reach_by_url(r, 1, 0));
}

static void then_one_call_probes(void **state)
{
    AUTO(reach_close) struct reach *r = reach_open(1);

    (void)state;
    reach_failed(r, 0, 0);
    assert_true(reach_by_url(r, 0, 600000));
    assert_false(reach_by_url(r, 0, 600001)); /* the others wait for what it says */
    reach_doubted(r, 0, 601000);
    assert_false(reach_by_url(r, 0, 1200999));
    assert_true(reach_by_url(r, 0, 1201000));
    assert_false(reach_by_url(r, 0, 1260999));
    assert_true(reach_by_url(r, 0, 1261000)); /* nothing was heard of that probe */
    reach_worked(r, 0);
    assert_true(reach_by_url(r, 0, 1261001));
    assert_true(reach_by_url(r, 0, 1261001));
}

static void a_doubt_alone_changes_nothing(void **state)
{
    AUTO(reach_close) struct reach *r = reach_open(1);

    (void)state;
    reach_doubted(r, 0, 0); /* the picture may have been at fault */
    assert_true(reach_by_url(r, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_out_of_reach_gets_bytes_for_ten_minutes),
        cmocka_unit_test(then_one_call_probes),
        cmocka_unit_test(a_doubt_alone_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
