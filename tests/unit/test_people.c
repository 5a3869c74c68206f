/* test_people.c - people on several boards, each counted once. */
#include "upload-svc/people.h"

#include <stdlib.h>

#include "common/db_list.h"
#include "tests/kit/kit.h"

/* ---- lists as Postgres sends them ---- */

static void add_list(struct str *s, const uint64_t *values, uint32_t n)
{
    AUTO(db_list_free) struct db_list list = DB_LIST(INT);

    for (uint32_t i = 0; i < n; i++)
        db_list_int(&list, (int64_t)values[i]);
    str_addv(s, db_list_bytes(&list));
}

static int64_t count(const struct str *s)
{
    struct err err = ERR_INIT;
    int64_t n = -1;

    assert_ok(people_count(str_sv(s), &n, &err), err);
    return n;
}

/* ---- tests ---- */

static void nobody_stands_on_no_board_or_an_empty_one(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(1 << 20);

    (void)state;
    assert_int_equal(count(&s), 0);
    add_list(&s, NULL, 0);
    add_list(&s, NULL, 0);
    assert_int_equal(count(&s), 0);
}

static void who_stands_on_two_boards_counts_once(void **state)
{
    static const uint64_t first[] = {7, 0, UINT64_MAX, 1}, second[] = {UINT64_MAX, 8, 0};
    AUTO(str_free) struct str s = STR_INIT(1 << 20);

    (void)state;
    add_list(&s, first, COUNT_OF(first));
    add_list(&s, NULL, 0);
    add_list(&s, second, COUNT_OF(second));
    assert_int_equal(count(&s), 5);
}

static void hashes_that_differ_in_their_high_bits_only_are_told_apart(void **state)
{
    enum { N = 3000 };
    uint64_t values[N];
    AUTO(str_free) struct str s = STR_INIT(1 << 20);

    (void)state;
    for (size_t i = 0; i < N; i++)
        values[i] = (i + 1) << 40;
    add_list(&s, values, N);
    add_list(&s, values, N);
    assert_int_equal(count(&s), N);
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int64_t counted_slowly(uint64_t *values, size_t n)
{
    int64_t different = 0;

    qsort(values, n, sizeof *values, by_size);
    for (size_t i = 0; i < n; i++)
        different += i == 0 || values[i] != values[i - 1];
    return different;
}

static void any_lists_count_as_a_sort_of_them_says(void **state)
{
    enum { N = 4000 };
    static uint64_t values[N];
    uint64_t x = 88172645463325252U;

    (void)state;
    for (uint64_t people = 1; people < 1 << 14; people *= 3) {
        AUTO(str_free) struct str s = STR_INIT(1 << 20);

        for (size_t i = 0; i < N; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            values[i] = x % people * 0x9e3779b97f4a7c15U;
        }
        for (uint32_t at = 0; at < N; at += 250)
            add_list(&s, values + at, 250);
        assert_int_equal(count(&s), counted_slowly(values, N));
    }
}

static void a_list_that_is_cut_short_is_refused_wherever_it_is_cut(void **state)
{
    static const uint64_t values[] = {1, 2, 3};
    AUTO(str_free) struct str s = STR_INIT(1 << 20);
    struct err err = ERR_INIT;
    int64_t n;

    (void)state;
    add_list(&s, values, COUNT_OF(values));
    for (size_t cut = 1; cut < s.n; cut++) {
        AUTO(str_free) struct str own = STR_INIT(1 << 20); /* so that a read past its end is seen */

        str_add(&own, s.p, cut);
        err = (struct err)ERR_INIT;
        assert_false(people_count(str_sv(&own), &n, &err));
        assert_int_equal(err.code, ERR_INTERNAL);
    }
}

static void elements_that_are_no_hashes_are_refused(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(1 << 20);
    struct err err = ERR_INIT;
    int64_t n;

    (void)state;
    add_list(&s, &(uint64_t){5}, 1);
    s.p[s.n - 9] = 4;
    assert_false(people_count(str_sv(&s), &n, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_stands_on_no_board_or_an_empty_one),
        cmocka_unit_test(who_stands_on_two_boards_counts_once),
        cmocka_unit_test(hashes_that_differ_in_their_high_bits_only_are_told_apart),
        cmocka_unit_test(any_lists_count_as_a_sort_of_them_says),
        cmocka_unit_test(a_list_that_is_cut_short_is_refused_wherever_it_is_cut),
        cmocka_unit_test(elements_that_are_no_hashes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
