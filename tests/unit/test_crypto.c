/* Vectors: FIPS 180-4 examples, RFC 4231 (HMAC-SHA-256), RFC 1321 (MD5). */
#include "common/crypto.h"

#include <string.h>

#include "tests/kit/kit.h"

static void sha256_gives_the_published_digests(void **state)
{
    char hex[SHA256_HEX_SIZE];

    (void)state;
    crypto_sha256_hex(SV_LIT(""), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256_hex((struct sv){NULL, 0}, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256_hex(SV_LIT("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_gives_the_published_codes(void **state)
{
    char key[131], hex[SHA256_HEX_SIZE];
    uint8_t mac[SHA256_SIZE];

    (void)state;
    memset(key, 0xaa, sizeof key);
    crypto_hmac(SV_LIT("Jefe"), SV_LIT("what do ya want for nothing?"), mac);
    crypto_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    /* a key longer than a block is hashed first */
    crypto_hmac((struct sv){key, sizeof key},
                SV_LIT("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
    crypto_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void md5_gives_the_published_digest(void **state)
{
    uint8_t sum[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];

    (void)state;
    crypto_md5(SV_LIT("message digest"), sum);
    crypto_hex(sum, sizeof sum, hex);
    assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
}

static void only_the_same_bytes_are_equal(void **state)
{
    (void)state;
    assert_true(crypto_equal(SV_LIT("token"), SV_LIT("token")));
    assert_true(crypto_equal(SV_LIT(""), (struct sv){NULL, 0}));
    assert_false(crypto_equal(SV_LIT("token"), SV_LIT("tokeN")));
    assert_false(crypto_equal(SV_LIT("token"), SV_LIT("tok")));
    assert_false(crypto_equal(SV_LIT("a\0b"), SV_LIT("a\0c")));
}

static void random_bytes_fill_all_of_the_buffer_and_differ(void **state)
{
    uint8_t a[1000] = {0}, b[1000] = {0};
    unsigned seen = 0;

    (void)state;
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = sizeof a - 64; i < sizeof a; i++)
        seen |= a[i];
    assert_int_not_equal(seen, 0);
}

static void wiping_leaves_zeroes(void **state)
{
    char secret[16] = "a secret", none[16] = {0};

    (void)state;
    crypto_wipe(secret, sizeof secret);
    assert_memory_equal(secret, none, sizeof none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(hmac_gives_the_published_codes),
        cmocka_unit_test(md5_gives_the_published_digest),
        cmocka_unit_test(only_the_same_bytes_are_equal),
        cmocka_unit_test(random_bytes_fill_all_of_the_buffer_and_differ),
        cmocka_unit_test(wiping_leaves_zeroes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
