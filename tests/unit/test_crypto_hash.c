/* Covers: crypto_pair. What OpenSSL says of the same bytes is the judge. */
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

/* Bytes of which none repeats soon. */
static void fill(char *text, size_t n)
{
    uint32_t x = 2463534242; /* xorshift */

    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        text[i] = (char)x;
    }
}

/* In steps, so that the sums begin and end at any place of a block. */
static void sum_both_ways(const char *text, size_t n, size_t step)
{
    struct crypto_hash *h = crypto_hash_open();
    uint8_t together[SHA256_SIZE], alone[SHA256_SIZE];
    char own[SHA256_HEX_SIZE], want[SHA256_HEX_SIZE];

    for (size_t at = 0; at < n; at += step) {
        struct sv piece = {text + at, at + step < n ? step : n - at};

        crypto_hash_add_summed(h, piece, own);
        crypto_sha256_hex(piece, want);
        assert_string_equal(own, want);
    }
    crypto_hash_end(h, together);
    crypto_sha256((struct sv){text, n}, alone);
    assert_memory_equal(together, alone, sizeof alone);
    crypto_hash_free(&h);
}

static void bytes_summed_on_their_way_have_the_same_two_sums(void **state)
{
    static char text[20000];

    (void)state;
    fill(text, sizeof text);
    for (size_t n = 1; n < 300; n++) /* also such as begin off any alignment */
        sum_both_ways(text + n, n, 64);
    for (size_t step = 1; step < 200; step++)
        sum_both_ways(text, 1000, step);
    sum_both_ways(text, sizeof text, 4096);
    sum_both_ways(text, sizeof text, sizeof text);
}

static void a_length_past_four_gigabits_is_counted_right(void **state)
{
    enum { PIECE = 1 << 20, PIECES = 513 };
    static char text[PIECE];
    struct crypto_hash *together = crypto_hash_open(), *alone = crypto_hash_open();
    uint8_t a[SHA256_SIZE], b[SHA256_SIZE];
    char own[SHA256_HEX_SIZE];

    (void)state;
    for (int i = 0; i < PIECES; i++) {
        crypto_hash_add_summed(together, (struct sv){text, PIECE}, own);
        crypto_hash_add(alone, (struct sv){text, PIECE});
    }
    assert_int_equal(crypto_hash_count(together), (uint64_t)PIECE * PIECES);
    assert_int_equal(crypto_hash_count(alone), (uint64_t)PIECE * PIECES);
    crypto_hash_end(together, a);
    crypto_hash_end(alone, b);
    assert_int_equal(crypto_hash_count(alone), 0);
    assert_memory_equal(a, b, sizeof a);
    crypto_hash_free(&together);
    crypto_hash_free(&alone);
}

static void a_sum_begun_again_forgets_what_it_took(void **state)
{
    struct crypto_hash *h = crypto_hash_open();
    uint8_t again[SHA256_SIZE], once[SHA256_SIZE];

    (void)state;
    crypto_hash_add(h, SV_LIT("of an attempt that failed"));
    crypto_hash_restart(h);
    crypto_hash_add(h, SV_LIT("abc"));
    crypto_hash_end(h, again);
    crypto_sha256(SV_LIT("abc"), once);
    assert_memory_equal(again, once, sizeof once);
    crypto_hash_free(&h);
}

static void bytes_that_only_they_themselves_are_summed_of_have_their_sum(void **state)
{
    char own[SHA256_HEX_SIZE], want[SHA256_HEX_SIZE];

    (void)state;
    crypto_hash_add_summed(NULL, SV_LIT("abc"), own);
    crypto_sha256_hex(SV_LIT("abc"), want);
    assert_string_equal(own, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(a_kept_key_signs_again_and_again_like_a_fresh_one),
        cmocka_unit_test(a_key_that_took_the_beginning_needs_only_the_rest),
        cmocka_unit_test(bytes_summed_on_their_way_have_the_same_two_sums),
        cmocka_unit_test(a_length_past_four_gigabits_is_counted_right),
        cmocka_unit_test(a_sum_begun_again_forgets_what_it_took),
        cmocka_unit_test(bytes_that_only_they_themselves_are_summed_of_have_their_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
