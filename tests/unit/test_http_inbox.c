/* test_http_inbox.c - what is put in comes out, until it has ended. */
#include "common/clock.h"
#include "common/http_inbox.h"
#include "tests/kit/kit.h"

static void mail_comes_behind_what_is_held_in_its_order(void **state)
{
    struct inbox_mail sent[4], *held = NULL, **end = &held;
    struct inbox_cancel *cancels = NULL;
    struct http_inbox box;
    int64_t before = clock_mono_ms();
    bool first;

    (void)state;
    inbox_open(&box);
    for (size_t i = 0; i < COUNT_OF(sent); i++) {
        assert_true(inbox_put(&box, &sent[i], &first));
        assert_int_equal(first, i % 2 == 0); /* each second one is taken, with the one before */
        assert_in_range(sent[i].came_ms, before, clock_mono_ms());
        if (i % 2 == 1)
            assert_true(inbox_take(&box, &end, &cancels));
        assert_true(i % 2 == 0 || !cancels);
    }
    assert_true(inbox_take(&box, &end, &cancels)); /* nothing came: what is held stays */
    for (size_t i = 0; i < COUNT_OF(sent); i++, held = held->next)
        assert_ptr_equal(held, &sent[i]);
    assert_null(held);
    inbox_free(&box);
}

static void who_is_to_end_is_told_once(void **state)
{
    struct inbox_mail *held = NULL, **end = &held;
    struct inbox_cancel *cancels = NULL;
    struct http_inbox box;
    int one, two;

    (void)state;
    inbox_open(&box);
    inbox_cancel(&box, &one);
    inbox_cancel(&box, &two);
    assert_true(inbox_take(&box, &end, &cancels));
    assert_ptr_equal(cancels->arg, &two);
    assert_ptr_equal(cancels->next->arg, &one);
    assert_null(cancels->next->next);
    inbox_cancels_free(&cancels);
    assert_true(inbox_take(&box, &end, &cancels));
    assert_null(cancels);
    inbox_cancel(&box, &one); /* nobody takes it: it is freed with the inbox */
    inbox_free(&box);
}

static void once_the_taker_knows_of_the_end_nothing_is_put_in(void **state)
{
    struct inbox_mail early, late, *held = NULL, **end = &held;
    struct inbox_cancel *cancels = NULL;
    struct http_inbox box;
    bool first;

    (void)state;
    inbox_open(&box);
    inbox_close(&box);
    assert_true(inbox_put(&box, &early, &first));
    assert_false(inbox_take(&box, &end, &cancels));
    assert_ptr_equal(held, &early);
    assert_false(inbox_put(&box, &late, &first));
    assert_null(early.next);
    inbox_free(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_comes_behind_what_is_held_in_its_order),
        cmocka_unit_test(who_is_to_end_is_told_once),
        cmocka_unit_test(once_the_taker_knows_of_the_end_nothing_is_put_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
