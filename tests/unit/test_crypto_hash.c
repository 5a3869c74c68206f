#include <string.h>

#include "common/crypto.h"
#include "tests/kit/kit.h"

static void pieces_hash_like_the_whole(void **state)
{
    struct crypto_hash *h = crypto_hash_open();
    uint8_t piecewise[SHA256_SIZE], whole[SHA256_SIZE];
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t step = 1; step < 130; step += 7) {
        for (size_t at = 0; at < sizeof text; at += step)
            crypto_hash_add(
                h, (struct sv){text + at, at + step < sizeof text ? step : sizeof text - at});
        crypto_hash_end(h, piecewise); /* which also starts anew for the next round */
        crypto_sha256((struct sv){text, sizeof text}, whole);
        assert_memory_equal(piecewise, whole, sizeof whole);
    }
    crypto_hash_free(&h);
    assert_null(h);
}

static void a_kept_key_signs_again_and_again_like_a_fresh_one(void **state)
{
    struct crypto_key key;
    uint8_t kept[SHA256_SIZE], fresh[SHA256_SIZE];

    (void)state;
    crypto_key_set(&key, SV_LIT("the key of a day"));
    for (int i = 0; i < 3; i++) {
        struct sv text = {"a message of some length", (size_t)(8 * i)};

        crypto_key_hmac(&key, text, kept);
        crypto_hmac(SV_LIT("the key of a day"), text, fresh);
        assert_memory_equal(kept, fresh, sizeof kept);
    }
}

static void a_key_that_took_the_beginning_needs_only_the_rest(void **state)
{
    static const char text[] = "a message of more than one block of sixty-four bytes, so that cuts "
                               "fall before, at and behind the end of one";
    struct crypto_key key, begun;
    uint8_t rest[SHA256_SIZE], whole[SHA256_SIZE];

    (void)state;
    crypto_key_set(&key, SV_LIT("the key of a day"));
    crypto_key_hmac(&key, SV_LIT(text), whole);
    for (size_t cut = 0; cut < sizeof text; cut++) {
        crypto_key_begin(&key, (struct sv){text, cut}, &begun);
        crypto_key_hmac(&begun, (struct sv){text + cut, sizeof text - 1 - cut}, rest);
        assert_memory_equal(rest, whole, sizeof rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(a_kept_key_signs_again_and_again_like_a_fresh_one),
        cmocka_unit_test(a_key_that_took_the_beginning_needs_only_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
