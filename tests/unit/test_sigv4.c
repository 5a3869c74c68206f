/*
 * Amazon's published numbers: S3 API Reference "Signature Calculations for the Authorization
 * Header", "Using Query Parameters", "POST policy"; General Reference (derived key).
 */
#include "common/sigv4.h"

#include <pthread.h>
#include <string.h>

#include "tests/kit/kit.h"

#define HOST "examplebucket.s3.amazonaws.com"
static const int64_t MAY_24_2013 = 1369353600;

static const struct sigv4_conf doc = {
    .access_key = SV_LIT("AKIAIOSFODNN7EXAMPLE"),
    .secret_key = SV_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    .region = SV_LIT("us-east-1"),
    .service = SV_LIT("s3"),
};

struct example {
    const char *method, *path, *payload;
    struct sigv4_pair query[2], headers[5];
    const char *canonical_sha256, *signature, *signed_names;
};

static const struct example examples[] = {
    {"GET",
     "/test.txt",
     SIGV4_EMPTY,
     {{SV_LIT(""), SV_LIT("")}},
     {{SV_LIT("Host"), SV_LIT(HOST)},
      {SV_LIT("Range"), SV_LIT("bytes=0-9")},
      {SV_LIT("x-amz-content-sha256"), SV_LIT(SIGV4_EMPTY)},
      {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")}},
     "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
     "host;range;x-amz-content-sha256;x-amz-date"},
    {"PUT",
     "/test$file.text",
     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
     {{SV_LIT(""), SV_LIT("")}},
     {{SV_LIT("x-amz-storage-class"), SV_LIT("REDUCED_REDUNDANCY")},
      {SV_LIT("Date"), SV_LIT("Fri, 24 May 2013 00:00:00 GMT")},
      {SV_LIT("Host"), SV_LIT(HOST)},
      {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")},
      {SV_LIT("x-amz-content-sha256"),
       SV_LIT("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")}},
     "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class"},
    {"GET",
     "/",
     SIGV4_EMPTY,
     {{SV_LIT("lifecycle"), SV_LIT("")}},
     {{SV_LIT("Host"), SV_LIT(HOST)},
      {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")},
      {SV_LIT("x-amz-content-sha256"), SV_LIT(SIGV4_EMPTY)}},
     "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
     "host;x-amz-content-sha256;x-amz-date"},
    {"GET",
     "/",
     SIGV4_EMPTY,
     {{SV_LIT("prefix"), SV_LIT("J")}, {SV_LIT("max-keys"), SV_LIT("2")}},
     {{SV_LIT("Host"), SV_LIT(HOST)},
      {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")},
      {SV_LIT("x-amz-content-sha256"), SV_LIT(SIGV4_EMPTY)}},
     "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
     "host;x-amz-content-sha256;x-amz-date"},
};

static size_t filled(const struct sigv4_pair *pairs, size_t max)
{
    size_t n = 0;

    while (n < max && pairs[n].name.n > 0)
        n++;
    return n;
}

static void the_documented_requests_get_their_published_signatures(void **state)
{
    struct sigv4 *s = sigv4_open(&doc);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        const struct example *e = &examples[i];
        const struct sigv4_request req = {
            .method = sv_of(e->method),
            .path = sv_of(e->path),
            .query = e->query,
            .query_n = filled(e->query, COUNT_OF(e->query)),
            .headers = e->headers,
            .headers_n = filled(e->headers, COUNT_OF(e->headers)),
            .payload = sv_of(e->payload),
            .now = MAY_24_2013,
        };
        AUTO(str_free) struct str canonical = STR_INIT(4096), out = STR_INIT(4096);
        AUTO(str_free) struct str want = STR_INIT(4096);
        char sum[SHA256_HEX_SIZE], signature[SHA256_HEX_SIZE];

        assert_true(sigv4_canonical(s, &req, -1, &canonical));
        crypto_sha256_hex(str_sv(&canonical), sum);
        assert_string_equal(sum, e->canonical_sha256);
        assert_true(sigv4_authorize(s, &req, &out, signature));
        assert_string_equal(signature, e->signature);
        str_addf(&want,
                 "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                 "aws4_request, SignedHeaders=%s, Signature=%s",
                 e->signed_names, e->signature);
        assert_string_equal(out.p, want.p);
    }
    sigv4_free(&s);
    assert_null(s);
}

static const struct sigv4_pair doc_host = {SV_LIT("host"), SV_LIT(HOST)};
static const struct sigv4_request presigned = {
    .method = SV_LIT("GET"),
    .path = SV_LIT("/test.txt"),
    .headers = &doc_host,
    .headers_n = 1,
    .payload = SV_LIT(SIGV4_UNSIGNED),
    .now = 1369353600,
};
#define PRESIGNED                                                                                  \
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"  \
    "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"             \
    "&X-Amz-SignedHeaders=host"                                                                    \
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

static void the_documented_presigned_url_is_made(void **state)
{
    AUTO(str_free) struct str canonical = STR_INIT(4096);
    AUTO(str_free) struct str url = STR_INIT(4096);
    struct sigv4 *s = sigv4_open(&doc);
    char sum[SHA256_HEX_SIZE];

    (void)state;
    assert_true(sigv4_canonical(s, &presigned, 86400, &canonical));
    crypto_sha256_hex(str_sv(&canonical), sum);
    assert_string_equal(sum, "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04");
    assert_true(sigv4_presign(s, &presigned, 86400, &url));
    assert_string_equal(url.p, PRESIGNED);
    sigv4_free(&s);
}

static void other_times_of_a_day_use_its_key_and_other_days_another(void **state)
{
    struct sigv4 *s = sigv4_open(&doc);
    struct sigv4_request req = presigned;
    AUTO(str_free) struct str first = STR_INIT(4096), later = STR_INIT(4096), next = STR_INIT(4096);

    (void)state;
    req.now += 86399;
    assert_true(sigv4_presign(s, &req, 60, &later));
    assert_non_null(strstr(later.p, "X-Amz-Date=20130524T235959Z"));
    req.now += 1;
    assert_true(sigv4_presign(s, &req, 60, &next));
    assert_non_null(strstr(next.p, "X-Amz-Date=20130525T000000Z"));
    assert_non_null(strstr(next.p, "%2F20130525%2F"));
    assert_true(sigv4_presign(s, &presigned, 86400, &first)); /* and back again */
    assert_string_equal(first.p, PRESIGNED);
    sigv4_free(&s);
}

static void temporary_keys_put_their_token_into_the_url(void **state)
{
    struct sigv4_conf conf = doc;
    AUTO(str_free) struct str within = STR_INIT(4096), after = STR_INIT(4096);
    struct sigv4 *s;

    (void)state;
    conf.token = SV_LIT("AQo/+=");
    s = sigv4_open(&conf);
    assert_true(sigv4_presign(s, &presigned, 60, &within));
    assert_non_null(strstr(within.p, "&X-Amz-Security-Token=AQo%2F%2B%3D&X-Amz-SignedHeaders="));
    sigv4_free(&s);
    conf.token_after = true;
    s = sigv4_open(&conf);
    assert_true(sigv4_presign(s, &presigned, 60, &after));
    assert_non_null(strstr(after.p, "host&X-Amz-Security-Token=AQo%2F%2B%3D&X-Amz-Signature="));
    sigv4_free(&s);
}

static void derived_keys_are_the_published_ones(void **state)
{
    static const char *const days[][2] = {
        {"20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"},
        {"20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"},
    };
    struct sigv4_conf conf = {.region = SV_LIT("us-east-1"), .service = SV_LIT("iam")};
    uint8_t key[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];

    (void)state;
    conf.secret_key = SV_LIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        sigv4_derive(&conf, days[i][0], key);
        crypto_hex(key, sizeof key, hex);
        assert_string_equal(hex, days[i][1]);
    }
}

static void a_string_of_ones_own_can_be_signed(void **state)
{
    struct sigv4 *s = sigv4_open(&doc);
    char hex[SHA256_HEX_SIZE];

    (void)state;
    /* the string to sign of the documented GET with a Range */
    sigv4_signature(s, MAY_24_2013,
                    SV_LIT("AWS4-HMAC-SHA256\n20130524T000000Z\n"
                           "20130524/us-east-1/s3/aws4_request\n"
                           "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"),
                    hex);
    assert_string_equal(hex, examples[0].signature);
    sigv4_free(&s);
}

static void what_is_too_long_is_refused(void **state)
{
    AUTO(str_free) struct str path = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(str_free) struct str out = STR_INIT(4 * SIGV4_SIZE_MAX);
    struct sigv4 *s = sigv4_open(&doc);
    struct sigv4_request req = presigned;

    (void)state;
    while (str_ok(&path))
        str_addc(&path, '/');
    req.path = str_sv(&path);
    assert_false(sigv4_presign(s, &req, 60, &out));
    assert_false(sigv4_authorize(s, &req, &out, NULL));
    assert_int_equal(out.n, 0);
    sigv4_free(&s);
}

enum { THREADS = 4, ROUNDS = 500 };

static void *sign_many(void *arg)
{
    uintptr_t wrong = 0;

    for (int i = 0; i < ROUNDS; i++) {
        AUTO(str_free) struct str url = STR_INIT(4096);
        struct sigv4_request req = presigned;

        req.now += i % 7 * 86400; /* several days at once, each derived by one of the threads */
        wrong += !sigv4_presign(arg, &req, 86400, &url);
        wrong += i % 7 == 0 && strcmp(url.p, PRESIGNED) != 0;
    }
    return (void *)wrong;
}

static void threads_share_a_signer(void **state)
{
    struct sigv4 *s = sigv4_open(&doc);
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_many, s), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    sigv4_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_requests_get_their_published_signatures),
        cmocka_unit_test(the_documented_presigned_url_is_made),
        cmocka_unit_test(other_times_of_a_day_use_its_key_and_other_days_another),
        cmocka_unit_test(temporary_keys_put_their_token_into_the_url),
        cmocka_unit_test(derived_keys_are_the_published_ones),
        cmocka_unit_test(a_string_of_ones_own_can_be_signed),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(threads_share_a_signer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
