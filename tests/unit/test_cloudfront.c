/*
 * Keys are made here and the signatures verified with their public halves, as CloudFront does.
 * Covers: crypto_sign
 */
#include "common/cloudfront.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/crypto.h"
#include "tests/kit/kit.h"

enum { RSA_PAIR, EC_PAIR, KEYS, PEM_MAX = 4096 };
#define ORIGIN "https://d111111abcdef8.cloudfront.net"

static EVP_PKEY *keys[KEYS];
static char pems[KEYS][PEM_MAX];

static int make_keys(void **state)
{
    (void)state;
    keys[RSA_PAIR] = EVP_RSA_gen(2048);
    keys[EC_PAIR] = EVP_EC_gen("P-256");
    for (int i = 0; i < KEYS; i++) {
        BIO *bio = BIO_new(BIO_s_mem());
        int n;

        PEM_write_bio_PrivateKey(bio, keys[i], NULL, NULL, 0, NULL, NULL);
        n = BIO_read(bio, pems[i], PEM_MAX - 1);
        pems[i][n > 0 ? n : 0] = '\0';
        BIO_free(bio);
    }
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    for (int i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i]);
    return 0;
}

static struct cloudfront *opened(int key, bool sha1)
{
    const struct cloudfront_conf conf = {ORIGIN, "K2JCJMDEHXQW5F", secret_of(pems[key]), sha1};
    struct cloudfront *cf = NULL;
    struct err err = ERR_INIT;

    assert_ok(cloudfront_open(&conf, &cf, &err), err);
    return cf;
}

/* The value of a parameter, made ordinary base64 again and decoded. */
static void param(const char *url, const char *name, struct str *out)
{
    AUTO(str_free) struct str text = STR_INIT(8192);
    const char *at = strstr(url, name);

    assert_non_null(at);
    at += strlen(name);
    for (size_t n = strcspn(at, "&"); n > 0; n--, at++)
        str_addc(&text, *at == '-' ? '+' : *at == '_' ? '=' : *at == '~' ? '/' : *at);
    assert_true(base64_decode(str_sv(&text), out));
}

static void assert_signed(int key, bool sha1, const char *url, const char *policy)
{
    AUTO(str_free) struct str sig = STR_INIT(8192);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    param(url, "Signature=", &sig);
    assert_int_equal(
        EVP_DigestVerifyInit(ctx, NULL, sha1 ? EVP_sha1() : EVP_sha256(), NULL, keys[key]), 1);
    assert_int_equal(EVP_DigestVerify(ctx, (const uint8_t *)sig.p, sig.n, (const uint8_t *)policy,
                                      strlen(policy)),
                     1);
    EVP_MD_CTX_free(ctx);
}

static void a_canned_policy_is_signed_with_either_key_and_hash(void **state)
{
    static const char policy[] =
        "{\"Statement\":[{\"Resource\":\"" ORIGIN "/a%20b/%C3%BC.png\",\"Condition\":{"
        "\"DateLessThan\":{\"AWS:EpochTime\":1767290400}}}]}";
    static const char begin[] = ORIGIN "/a%20b/%C3%BC.png?Expires=1767290400&Signature=";

    (void)state;
    for (int key = 0; key < KEYS; key++)
        for (int sha1 = 0; sha1 < 2; sha1++) {
            AUTO(cloudfront_free) struct cloudfront *cf = opened(key, sha1);
            AUTO(str_free) struct str url = STR_INIT(8192);
            const struct cloudfront_policy p = {.expires = 1767290400};
            struct err err = ERR_INIT;
            const char *end;

            assert_ok(cloudfront_sign(cf, SV_LIT("/a b/\xc3\xbc.png"), &p, &url, &err), err);
            assert_memory_equal(url.p, begin, sizeof begin - 1);
            end = strstr(url.p, "&Key-Pair-Id=");
            assert_string_equal(end, sha1 ? "&Key-Pair-Id=K2JCJMDEHXQW5F"
                                          : "&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256");
            assert_int_equal(strcspn(url.p, "+ \n"), url.n);
            assert_signed(key, sha1, url.p, policy);
        }
}

static void a_custom_policy_travels_in_the_url(void **state)
{
    static const char want[] =
        "{\"Statement\":[{\"Resource\":\"" ORIGIN "/0a1b2c3d/*\",\"Condition\":{"
        "\"DateLessThan\":{\"AWS:EpochTime\":1767290400},"
        "\"DateGreaterThan\":{\"AWS:EpochTime\":1767290000},"
        "\"IpAddress\":{\"AWS:SourceIp\":\"192.0.2.0/24\"}}}]}";
    AUTO(cloudfront_free) struct cloudfront *cf = opened(RSA_PAIR, true);
    AUTO(str_free) struct str url = STR_INIT(8192), policy = STR_INIT(8192);
    const struct cloudfront_policy p = {.expires = 1767290400,
                                        .not_before = 1767290000,
                                        .resource = SV_LIT(ORIGIN "/0a1b2c3d/*"),
                                        .source_ip = SV_LIT("192.0.2.0/24")};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(cloudfront_sign(cf, SV_LIT("/0a1b2c3d/k.png"), &p, &url, &err), err);
    assert_null(strstr(url.p, "Expires="));
    param(url.p, "?Policy=", &policy);
    assert_string_equal(policy.p, want);
    assert_signed(RSA_PAIR, true, url.p, want);
}

static void the_signature_of_a_policy_is_made_once(void **state)
{
    AUTO(cloudfront_free) struct cloudfront *cf = opened(EC_PAIR, false);
    AUTO(str_free) struct str first = STR_INIT(8192), again = first, other = first;
    struct cloudfront_policy p = {.expires = 1767290400};
    struct err err = ERR_INIT;

    (void)state; /* ECDSA draws a number for each: equal ones were kept */
    assert_ok(cloudfront_sign(cf, SV_LIT("/k"), &p, &first, &err), err);
    assert_ok(cloudfront_sign(cf, SV_LIT("/k"), &p, &again, &err), err);
    assert_string_equal(first.p, again.p);
    p.expires++;
    assert_ok(cloudfront_sign(cf, SV_LIT("/k"), &p, &other, &err), err);
    assert_string_not_equal(strstr(first.p, "Signature="), strstr(other.p, "Signature="));
}

static void more_policies_than_are_kept_are_signed_all_the_same(void **state)
{
    AUTO(cloudfront_free) struct cloudfront *cf = opened(EC_PAIR, false);

    (void)state;
    for (int i = 0; i < 600; i++) {
        AUTO(str_free) struct str url = STR_INIT(8192), policy = STR_INIT(8192);
        const struct cloudfront_policy p = {.expires = 1767290400 + i};
        struct err err = ERR_INIT;

        assert_ok(cloudfront_sign(cf, SV_LIT("/k"), &p, &url, &err), err);
        str_addf(&policy,
                 "{\"Statement\":[{\"Resource\":\"" ORIGIN "/k\",\"Condition\":{"
                 "\"DateLessThan\":{\"AWS:EpochTime\":%d}}}]}",
                 1767290400 + i);
        assert_signed(EC_PAIR, false, url.p, policy.p);
    }
}

static void *sign_many(void *arg)
{
    uintptr_t wrong = 0;

    for (int i = 0; i < 60; i++) {
        AUTO(str_free) struct str url = STR_INIT(8192);
        const struct cloudfront_policy p = {.expires = 1767290400 + i % 7};
        struct err err = ERR_INIT;

        wrong += !cloudfront_sign(arg, SV_LIT("/k"), &p, &url, &err);
    }
    return (void *)wrong;
}

static void threads_share_it(void **state)
{
    AUTO(cloudfront_free) struct cloudfront *cf = opened(EC_PAIR, false);
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_many, cf), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

static void a_key_on_one_line_is_understood(void **state)
{
    AUTO(cloudfront_free) struct cloudfront *cf = NULL;
    AUTO(str_free) struct str line = STR_INIT(2 * PEM_MAX);
    struct cloudfront_conf conf = {ORIGIN, "K2JCJMDEHXQW5F", {NULL}, false};
    struct err err = ERR_INIT;

    (void)state;
    for (const char *at = pems[EC_PAIR]; *at; at++)
        str_addz(&line, *at == '\n' ? "\\n" : (char[]){*at, '\0'});
    conf.private_key = secret_of(line.p);
    assert_ok(cloudfront_open(&conf, &cf, &err), err);
}

static void wrong_settings_are_refused_without_quoting_the_key(void **state)
{
    const struct cloudfront_conf wrong[] = {
        {"d111111abcdef8.cloudfront.net", "K2", secret_of(pems[0]), false},
        {"https://", "K2", secret_of(pems[0]), false},
        {"https://host/path", "K2", secret_of(pems[0]), false},
        {ORIGIN, "", secret_of(pems[0]), false},
        {ORIGIN, "K2&x", secret_of(pems[0]), false},
        {ORIGIN, "K2", secret_of(""), false},
        {ORIGIN, "K2",
         secret_of("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"), false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct cloudfront *cf = NULL;
        struct err err = ERR_INIT;

        assert_fails(cloudfront_open(&wrong[i], &cf, &err), err, ERR_BAD_REQUEST);
        assert_null(cf);
        assert_null(strstr(err.msg, "c2VjcmV0"));
    }
}

static void a_key_with_a_password_or_of_another_kind_is_refused(void **state)
{
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    (void)state;
    for (int locked = 0; locked < 2; locked++) {
        struct crypto_signer *s = NULL;
        struct err err = ERR_INIT;
        BIO *bio = BIO_new(BIO_s_mem());
        char pem[PEM_MAX];
        int n;

        PEM_write_bio_PrivateKey(bio, locked ? keys[EC_PAIR] : other,
                                 locked ? EVP_aes_128_cbc() : NULL, (const uint8_t *)"word", 4,
                                 NULL, NULL);
        n = BIO_read(bio, pem, sizeof pem);
        BIO_free(bio);
        assert_true(n > 0);
        assert_fails(crypto_signer_open((struct sv){pem, (size_t)n}, &s, &err), err,
                     ERR_BAD_REQUEST);
    }
    EVP_PKEY_free(other);
}

static void a_url_without_room_is_refused(void **state)
{
    static char path[4000];
    AUTO(cloudfront_free) struct cloudfront *cf = opened(EC_PAIR, false);
    AUTO(str_free) struct str narrow = STR_INIT(100), wide = STR_INIT(1 << 20);
    const struct cloudfront_policy p = {.expires = 1};
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(cloudfront_sign(cf, SV_LIT("/k"), &p, &narrow, &err), err, ERR_INTERNAL);
    memset(path, ' ', sizeof path);
    assert_fails(cloudfront_sign(cf, (struct sv){path, sizeof path}, &p, &wide, &err), err,
                 ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_canned_policy_is_signed_with_either_key_and_hash),
        cmocka_unit_test(a_custom_policy_travels_in_the_url),
        cmocka_unit_test(the_signature_of_a_policy_is_made_once),
        cmocka_unit_test(more_policies_than_are_kept_are_signed_all_the_same),
        cmocka_unit_test(threads_share_it),
        cmocka_unit_test(a_key_on_one_line_is_understood),
        cmocka_unit_test(wrong_settings_are_refused_without_quoting_the_key),
        cmocka_unit_test(a_key_with_a_password_or_of_another_kind_is_refused),
        cmocka_unit_test(a_url_without_room_is_refused),
    };

    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
