/* test_str.c - strings with a wall. */
#include "common/str.h"
#include "tests/kit/kit.h"

static void an_append_that_would_pass_the_wall_is_refused_and_remembered(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(8);

    (void)state;
    str_addz(&s, "12345");
    str_addz(&s, "6789");
    assert_false(str_ok(&s));
    assert_string_equal(s.p, "12345");
    str_addz(&s, "6"); /* it would fit, but what came before is lost: the whole is spoiled */
    assert_string_equal(s.p, "12345");
    str_reset(&s);
    str_addz(&s, "12345678");
    assert_true(str_ok(&s));
}

static void formats_bytes_and_views_land_one_after_another(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(100);

    (void)state;
    str_addf(&s, "%d-%s", 7, "a");
    str_addc(&s, '|');
    str_addv(&s, SV_LIT("x\0y"));
    assert_int_equal(s.n, 7);
    assert_memory_equal(s.p, "7-a|x\0y", 8);
}

static void an_unused_string_is_empty_and_terminated(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(0);

    (void)state;
    assert_string_equal(s.p, "");
    str_add(&s, "", 0);
    assert_true(str_ok(&s));
    str_reset(&s);
    str_free(&s);
    assert_string_equal(s.p, "");
}

static void growing_keeps_what_is_there(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(1 << 20);

    (void)state;
    for (int i = 0; i < 10000; i++)
        str_addf(&s, "%04d", i);
    assert_int_equal(s.n, 40000);
    assert_memory_equal(s.p + 4 * 9999, "9999", 5);
}

static void what_is_written_where_room_was_made_is_in_use_once_it_is_said(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(100);
    char *to;

    (void)state;
    str_addz(&s, "ab");
    to = str_ready(&s, 98);
    assert_non_null(to);
    memcpy(to, "cde", 3);
    assert_int_equal(s.n, 2);
    str_took(&s, to + 3);
    assert_string_equal(s.p, "abcde");
    assert_null(str_ready(&s, 96)); /* the wall; nothing was lost */
    assert_true(str_ok(&s));
    assert_string_equal(s.p, "abcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_append_that_would_pass_the_wall_is_refused_and_remembered),
        cmocka_unit_test(formats_bytes_and_views_land_one_after_another),
        cmocka_unit_test(an_unused_string_is_empty_and_terminated),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(what_is_written_where_room_was_made_is_in_use_once_it_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
