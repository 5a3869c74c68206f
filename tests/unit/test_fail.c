#include "analysis-svc/fail.h"

#include <string.h>

#include "tests/kit/kit.h"

static void every_failure_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    assert_string_equal(fail_wire(FAIL_NONE), "");
    assert_string_equal(fail_wire(FAIL_NO_ROWS), "no_rows");
    for (int f = FAIL_NONE + 1; f < FAIL_COUNT_; f++) {
        assert_true(strlen(fail_wire((enum fail_code)f)) > 0);
        assert_true(strlen(fail_text((enum fail_code)f)) > 10);
        for (int other = FAIL_NONE; other < f; other++)
            assert_string_not_equal(fail_wire((enum fail_code)f), fail_wire((enum fail_code)other));
    }
}

static void guards_list_the_states_that_may_become_this_one(void **state)
{
    (void)state;
    assert_string_equal(image_state_sources(IMAGE_EXTRACTED), "{waiting,doubtful,failed}");
    assert_string_equal(image_state_sources(IMAGE_WAITING), "{extracted,doubtful,failed}");
    assert_string_equal(image_state_sources(IMAGE_FORGOTTEN),
                        "{waiting,extracted,doubtful,failed}");
    assert_string_equal(job_state_sources(JOB_LEASED), "{ready}");
    assert_string_equal(job_state_sources(JOB_READY), "{deferred,held,leased,away,dead}");
    assert_string_equal(job_state_sources(JOB_DONE), "{leased,away}");
}

static void states_have_their_wire_names(void **state)
{
    (void)state;
    assert_string_equal(image_state_wire(IMAGE_DOUBTFUL), "doubtful");
    assert_string_equal(job_state_wire(JOB_CANCELLED), "cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_has_a_name_and_a_sentence),
        cmocka_unit_test(guards_list_the_states_that_may_become_this_one),
        cmocka_unit_test(states_have_their_wire_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
