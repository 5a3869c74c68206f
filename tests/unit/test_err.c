/* test_err.c - one value says why something failed. */
#include <string.h>

#include "tests/kit/kit.h"

static void an_error_gathers_context_on_its_way_up(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_false(err_set(&err, ERR_STORAGE, "503 %s", "SlowDown"));
    assert_false(err_wrap(&err, "part %d", 2));
    assert_false(err_wrap(&err, "snapshot 7"));
    assert_string_equal(err.msg, "snapshot 7: part 2: 503 SlowDown");
    assert_int_equal(err.code, ERR_STORAGE);
}

static void an_error_may_say_when_to_come_back(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_false(err_set_later(&err, ERR_RATE, 7, "%d failed logins", 9));
    assert_int_equal(err.retry_s, 7);
    assert_string_equal(err.msg, "9 failed logins");
    err_wrap(&err, "here");
    assert_int_equal(err.retry_s, 7);
    err_set(&err, ERR_BUSY, "no longer");
    assert_int_equal(err.retry_s, 0);
}

static void a_message_that_is_too_long_is_cut_and_stays_a_string(void **state)
{
    struct err err = ERR_INIT;
    char much[1000];

    (void)state;
    memset(much, 'x', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    err_set(&err, ERR_BUSY, "%s", much);
    err_wrap(&err, "%s", much);
    assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
}

static void every_code_has_a_wire_name_of_its_own_and_a_status(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT_; i++) {
        enum err_code back = ERR_COUNT_;

        assert_true(err_parse(err_wire((enum err_code)i), &back));
        assert_int_equal(back, i);
        assert_in_range(err_http((enum err_code)i), i == ERR_NONE ? 200 : 400, 599);
    }
}

static void only_what_may_pass_later_is_marked_so(void **state)
{
    (void)state;
    assert_true(err_again(ERR_BUSY) && err_again(ERR_STORAGE) && err_again(ERR_UNCERTAIN));
    assert_false(err_again(ERR_BAD_FORM) || err_again(ERR_FILE_TYPE) || err_again(ERR_FORBIDDEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_gathers_context_on_its_way_up),
        cmocka_unit_test(an_error_may_say_when_to_come_back),
        cmocka_unit_test(a_message_that_is_too_long_is_cut_and_stays_a_string),
        cmocka_unit_test(every_code_has_a_wire_name_of_its_own_and_a_status),
        cmocka_unit_test(only_what_may_pass_later_is_marked_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
