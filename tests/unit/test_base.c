/* test_base.c - views of bytes. */
#include <stdlib.h>

#include "common/base.h"
#include "tests/kit/kit.h"

static void whole_numbers_are_read_to_their_very_ends(void **state)
{
    int64_t n = 0;

    (void)state;
    assert_true(sv_int(SV_LIT("9223372036854775807"), &n) && n == INT64_MAX);
    assert_true(sv_int(SV_LIT("-9223372036854775808"), &n) && n == INT64_MIN);
    assert_true(sv_int(SV_LIT("+7"), &n) && n == 7);
    assert_true(sv_int(SV_LIT("-0"), &n) && n == 0);
}

static void what_is_no_whole_number_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "1e3",
                                      "9223372036854775808",
                                      "--1",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    int64_t n = 42;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(sv_int(sv_of(bad[i]), &n));
    assert_int_equal(n, 42);
}

static void views_are_compared_by_bytes_or_without_case(void **state)
{
    (void)state;
    assert_true(sv_eqz(SV_LIT("abc"), "abc") && !sv_eqz(SV_LIT("abc"), "abcd") &&
                !sv_eqz(SV_LIT("abc"), "ab"));
    assert_true(sv_ieqz(SV_LIT("Content-Length"), "content-length"));
    assert_true(sv_starts(SV_LIT("multipart/x"), "multipart/") &&
                !sv_starts(SV_LIT("mult"), "multipart/"));
    assert_true(sv_eq(sv_of(NULL), SV_LIT("")));
}

static void views_are_spread_by_a_known_hash(void **state)
{
    (void)state;
    assert_int_equal(sv_hash(SV_LIT("")), 0x811c9dc5); /* draft-eastlake-fnv, appendix C */
    assert_int_equal(sv_hash(SV_LIT("a")), 0xe40c292c);
    assert_int_equal(sv_hash(SV_LIT("foobar")), 0xbf9cf968);
}

static void trimming_takes_blanks_and_tabs_at_both_ends_only(void **state)
{
    (void)state;
    assert_true(sv_eqz(sv_trim(SV_LIT(" \t a b\t ")), "a b"));
    assert_true(sv_eqz(sv_trim(SV_LIT(" \t ")), ""));
}

static void a_list_that_is_full_grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    size_t room = 0, first;
    int *items = list_grow(NULL, &room, sizeof *items);

    assert_true(room > 0);
    first = room;
    for (size_t i = 0; i < first; i++)
        items[i] = (int)i;
    items = list_grow(items, &room, sizeof *items);
    assert_true(room > first);
    for (size_t i = 0; i < first; i++)
        assert_int_equal(items[i], (int)i);
    free(items);
}

static void a_list_is_cut_piece_by_piece_to_its_end(void **state)
{
    struct sv rest = SV_LIT("a,,b");

    (void)state;
    assert_true(sv_eqz(sv_cut(&rest, ','), "a"));
    assert_true(sv_eqz(sv_cut(&rest, ','), ""));
    assert_int_equal(rest.n, 1);
    assert_true(sv_eqz(sv_cut(&rest, ','), "b"));
    assert_int_equal(rest.n, 0);
    assert_int_equal(sv_cut(&rest, ',').n, 0);
    rest = sv_of(NULL);
    assert_int_equal(sv_cut(&rest, ',').n, 0);
}

static void a_line_ends_with_lf_or_crlf_and_gives_a_name_and_a_value(void **state)
{
    struct sv rest = SV_LIT("A: b\r\n\nno mark\n c :\r"), name, value;

    (void)state;
    assert_true(sv_pair(sv_cut_line(&rest), ':', &name, &value));
    assert_true(sv_eqz(name, "A") && sv_eqz(value, "b"));
    assert_int_equal(sv_cut_line(&rest).n, 0);
    assert_false(sv_pair(sv_cut_line(&rest), ':', &name, &value));
    assert_true(sv_eqz(name, "A") && sv_eqz(value, "b")); /* as they were */
    assert_true(sv_pair(sv_cut_line(&rest), ':', &name, &value));
    assert_true(sv_eqz(name, "c") && value.n == 0);
    assert_int_equal(rest.n, 0);
    assert_false(sv_pair(sv_of(""), ':', &name, &value));
}

static int asked;
static int by_int(const void *a, const void *b)
{
    const int *x = a, *y = b;

    asked++;
    return (*x > *y) - (*x < *y);
}

static void a_list_is_sorted_and_one_in_order_only_looked_through(void **state)
{
    int list[] = {3, 1, 2, 1, 0}, sorted[] = {0, 1, 1, 2, 3};

    (void)state;
    list_sort(list, COUNT_OF(list), sizeof *list, by_int);
    assert_memory_equal(list, sorted, sizeof list);
    asked = 0;
    list_sort(list, COUNT_OF(list), sizeof *list, by_int);
    assert_int_equal(asked, COUNT_OF(list) - 1);
    list_sort(list, 0, sizeof *list, by_int);
    assert_memory_equal(list, sorted, sizeof list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_cut_piece_by_piece_to_its_end),
        cmocka_unit_test(a_line_ends_with_lf_or_crlf_and_gives_a_name_and_a_value),
        cmocka_unit_test(whole_numbers_are_read_to_their_very_ends),
        cmocka_unit_test(what_is_no_whole_number_is_refused),
        cmocka_unit_test(views_are_compared_by_bytes_or_without_case),
        cmocka_unit_test(views_are_spread_by_a_known_hash),
        cmocka_unit_test(trimming_takes_blanks_and_tabs_at_both_ends_only),
        cmocka_unit_test(a_list_that_is_full_grows_and_keeps_what_it_has),
        cmocka_unit_test(a_list_is_sorted_and_one_in_order_only_looked_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
