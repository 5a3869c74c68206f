/* test_arena.c - many small allocations, one release. */
#include "common/arena.h"
#include "tests/kit/kit.h"

static void memory_is_zeroed_aligned_and_does_not_move(void **state)
{
    AUTO(arena_free) struct arena a = ARENA_INIT;
    char *first = arena_take(&a, 3), *p;

    (void)state;
    first[0] = 'x';
    for (size_t n = 1; n < 3000; n += 7) {
        p = arena_take(&a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        p[n - 1] = 'y';
    }
    assert_int_equal(first[0], 'x');
}

static void a_piece_larger_than_a_block_is_given(void **state)
{
    AUTO(arena_free) struct arena a = ARENA_INIT;
    char *p = arena_take(&a, 1 << 20);

    (void)state;
    p[(1 << 20) - 1] = 1;
    assert_true(a.used >= 1 << 20);
}

static void texts_are_copied_and_terminated(void **state)
{
    AUTO(arena_free) struct arena a = ARENA_INIT;

    (void)state;
    assert_string_equal(arena_copy(&a, (struct sv){"abcdef", 3}), "abc");
    assert_string_equal(arena_copy(&a, (struct sv){NULL, 0}), "");
    assert_string_equal(arena_printf(&a, "%s-%d", "k", 5), "k-5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_does_not_move),
        cmocka_unit_test(a_piece_larger_than_a_block_is_given),
        cmocka_unit_test(texts_are_copied_and_terminated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
