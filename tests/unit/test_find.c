/* test_find.c - bytes in bytes. What memmem says is the judge. */
#include "common/find.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static const char delim[] = "\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW";

/* In memory of exactly that size, so that a read past its end is seen. */
static void agrees(const char *hay, size_t n, const char *needle, size_t m)
{
    char *own = malloc(n + 1), *want;

    assert_non_null(own);
    memcpy(own, hay, n);
    own = realloc(own, n ? n : 1);
    want = memmem(own, n, needle, m);
    assert_ptr_equal(find_in((struct sv){own, n}, (struct sv){needle, m}), want);
    free(own);
}

static void a_boundary_is_found_wherever_it_stands(void **state)
{
    enum { N = 300, M = sizeof delim - 1 };
    char hay[N];

    (void)state;
    for (size_t at = 0; at + M <= N; at++) {
        memset(hay, 'x', N);
        memcpy(hay + at, delim, M);
        for (size_t n = 0; n <= N; n += 1 + n / 7)
            agrees(hay, n, delim, M);
        agrees(hay, N, delim, M);
    }
}

static void the_first_of_several_is_told(void **state)
{
    char hay[200];

    (void)state;
    memset(hay, '-', sizeof hay);
    memcpy(hay + 40, "\r\n--ab", 6);
    memcpy(hay + 90, "\r\n--ab", 6);
    agrees(hay, sizeof hay, "\r\n--ab", 6);
}

static void what_only_begins_and_ends_like_it_is_passed_over(void **state)
{
    char hay[4096];

    (void)state;
    for (size_t i = 0; i < sizeof hay; i++)
        hay[i] = "\r\n-b"[i % 4];
    memcpy(hay + 3001, "\r\n--b", 5);
    agrees(hay, sizeof hay, "\r\n--b", 5);
    agrees(hay, 3004, "\r\n--b", 5);
}

static void needles_of_any_length_and_bytes_of_few_kinds_agree_with_memmem(void **state)
{
    char hay[512];

    (void)state;
    srand(7);
    for (int round = 0; round < 3000; round++) {
        size_t n = (size_t)rand() % sizeof hay, m = (size_t)rand() % 12;
        size_t from = n > 0 ? (size_t)rand() % n : 0;

        for (size_t i = 0; i < sizeof hay; i++)
            hay[i] = (char)(rand() % 3);
        m = from + m <= n ? m : n - from;
        agrees(hay, n, hay + from, m);
        agrees(hay, n, "\1\1\2\1\2", 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_boundary_is_found_wherever_it_stands),
        cmocka_unit_test(the_first_of_several_is_told),
        cmocka_unit_test(what_only_begins_and_ends_like_it_is_passed_over),
        cmocka_unit_test(needles_of_any_length_and_bytes_of_few_kinds_agree_with_memmem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
