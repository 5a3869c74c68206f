/* test_keyring.c - keys take turns; a refused one rests. */
#include "analysis-svc/keyring.h"

#include "tests/kit/kit.h"

static struct keyring *open_ring(const char *list)
{
    struct roster r = {.n = 1};

    r.items[0] = (struct provider){.name = "openai", .key = secret_of(list)};
    return keyring_open(&r, 1000);
}

static const char *take(struct keyring *k, int64_t now, int *key)
{
    return secret_text(keyring_take(k, 0, now, key));
}

/* How many different keys are given out in turn. */
static size_t in_turn(struct keyring *k, int64_t now)
{
    bool seen[8] = {false};
    size_t n = 0;
    int key;

    for (int i = 0; i < 8; i++) {
        take(k, now, &key);
        n += !seen[key];
        seen[key] = true;
    }
    return n;
}

static void keys_take_turns(void **state)
{
    AUTO(keyring_close) struct keyring *k = open_ring("one, two,three");
    int key;

    (void)state;
    assert_string_equal(take(k, 0, &key), "one");
    assert_string_equal(take(k, 0, &key), "two");
    assert_string_equal(take(k, 0, &key), "three");
    assert_int_equal(key, 2);
    assert_string_equal(take(k, 0, &key), "one");
}

static void a_refused_key_rests_while_the_others_go_on(void **state)
{
    AUTO(keyring_close) struct keyring *k = open_ring("one,two");
    int key;

    (void)state;
    assert_string_equal(take(k, 0, &key), "one");
    assert_true(keyring_give(k, 0, key, ANSWER_AUTH, -1, 0));
    assert_int_equal(in_turn(k, 0), 1);
    for (int i = 0; i < 3; i++)
        assert_string_equal(take(k, 999, &key), "two");
    assert_false(keyring_give(k, 0, key, ANSWER_QUOTA, 90000, 999)); /* that was the last one */
    assert_string_equal(take(k, 999, &key), "one");                  /* the first to come back */
    assert_int_equal(in_turn(k, 2000), 1);
    assert_string_equal(take(k, 80000, &key), "one");
    assert_int_equal(in_turn(k, 90999), 2);
}

static void only_key_and_quota_are_about_the_key(void **state)
{
    AUTO(keyring_close) struct keyring *k = open_ring("one,two");

    (void)state;
    for (int c = 0; c < ANSWER_COUNT_; c++)
        if (c != ANSWER_AUTH && c != ANSWER_QUOTA)
            assert_false(keyring_give(k, 0, 0, (enum answer_class)c, -1, 0));
    assert_int_equal(in_turn(k, 0), 2);
}

static void no_key_is_one_empty_key(void **state)
{
    AUTO(keyring_close) struct keyring *k = open_ring("");
    int key;

    (void)state;
    assert_string_equal(take(k, 0, &key), "");
    assert_false(keyring_give(k, 0, key, ANSWER_AUTH, -1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_take_turns),
        cmocka_unit_test(a_refused_key_rests_while_the_others_go_on),
        cmocka_unit_test(only_key_and_quota_are_about_the_key),
        cmocka_unit_test(no_key_is_one_empty_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
