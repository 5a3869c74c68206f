/* Amazon's published chunk chains: S3 API Reference, "Signature Calculations ... Multiple Chunks"
 * and "... Including Trailing Headers". */
#include "common/sigv4_chunk.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static const struct sigv4_conf doc = {
    .access_key = SV_LIT("AKIAIOSFODNN7EXAMPLE"),
    .secret_key = SV_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    .region = SV_LIT("us-east-1"),
    .service = SV_LIT("s3"),
};
static const int64_t MAY_24_2013 = 1369353600;
enum { DECODED = 66560, WIRE_MAX = 70000 };
static char letters[DECODED];

static const struct sigv4_pair headers[] = {
    {SV_LIT("Host"), SV_LIT("s3.amazonaws.com")},
    {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")},
    {SV_LIT("x-amz-storage-class"), SV_LIT("REDUCED_REDUNDANCY")},
    {SV_LIT("x-amz-content-sha256"), SV_LIT("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")},
    {SV_LIT("Content-Encoding"), SV_LIT("aws-chunked")},
    {SV_LIT("x-amz-decoded-content-length"), SV_LIT("66560")},
    {SV_LIT("Content-Length"), SV_LIT("66824")},
};

#define TRAILER_SEED "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
#define PLAIN_TAIL                                                                                 \
    "\r\n0;chunk-signature="                                                                       \
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
#define TRAILER_TAIL                                                                               \
    "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"   \
    "x-amz-checksum-crc32c:sOO8/Q==\r\n"                                                           \
    "x-amz-trailer-signature:"                                                                     \
    "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"

static const char *const plain_chain[] = {
    "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
    "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
    PLAIN_TAIL};
static const char *const trailer_chain[] = {
    "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
    "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
    TRAILER_TAIL};
static const char *const unsigned_chain[] = {"10000\r\n", "\r\n400\r\n",
                                             "\r\n0\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n\r\n"};

static void check_chain(struct sigv4_body *b, const char *const want[3])
{
    AUTO(str_free) struct str first = STR_INIT(SIGV4_LINES_SIZE), second = first, last = first;

    sigv4_body_chunk(b, (struct sv){letters, SIGV4_CHUNK}, &first);
    assert_string_equal(first.p, want[0]);
    sigv4_body_chunk(b, (struct sv){letters, DECODED - SIGV4_CHUNK}, &second);
    assert_string_equal(second.p, want[1]);
    sigv4_body_end(b, &last);
    assert_string_equal(last.p, want[2]);
    assert_true(str_ok(&first) && str_ok(&second) && str_ok(&last));
}

static void the_documented_chain_holds_to_its_empty_end(void **state)
{
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    AUTO(str_free) struct str out = STR_INIT(1000);
    const struct sigv4_request req = {.method = SV_LIT("PUT"),
                                      .path = SV_LIT("/examplebucket/chunkObject.txt"),
                                      .headers = headers,
                                      .headers_n = COUNT_OF(headers),
                                      .payload = sv_of(sigv4_coding_word(SIGV4_CHUNKS)),
                                      .now = MAY_24_2013};
    char seed[SHA256_HEX_SIZE];
    struct sigv4_body body;

    (void)state;
    assert_true(sigv4_authorize(s, &req, &out, seed));
    assert_string_equal(seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    sigv4_body_open(&body, SIGV4_CHUNKS, s, MAY_24_2013, seed);
    check_chain(&body, plain_chain);
}

static void the_documented_trailer_follows_a_request_that_names_it(void **state)
{
    static const struct sigv4_pair named[] = {
        {SV_LIT("Host"), SV_LIT("s3.amazonaws.com")},
        {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")},
        {SV_LIT("x-amz-storage-class"), SV_LIT("REDUCED_REDUNDANCY")},
        {SV_LIT("x-amz-content-sha256"), SV_LIT("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")},
        {SV_LIT("Content-Encoding"), SV_LIT("aws-chunked")},
        {SV_LIT("x-amz-decoded-content-length"), SV_LIT("66560")},
        {SV_LIT("x-amz-trailer"), SV_LIT(SIGV4_TRAILER)},
    };
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    AUTO(str_free) struct str out = STR_INIT(1000);
    const struct sigv4_request req = {.method = SV_LIT("PUT"),
                                      .path = SV_LIT("/examplebucket/chunkObject.txt"),
                                      .headers = named,
                                      .headers_n = COUNT_OF(named),
                                      .payload = sv_of(sigv4_coding_word(SIGV4_CHUNKS_TRAILER)),
                                      .now = MAY_24_2013};
    char seed[SHA256_HEX_SIZE];
    struct sigv4_body body;

    (void)state;
    assert_true(sigv4_authorize(s, &req, &out, seed));
    assert_string_equal(seed, TRAILER_SEED);
    sigv4_body_open(&body, SIGV4_CHUNKS_TRAILER, s, MAY_24_2013, seed);
    check_chain(&body, trailer_chain);
}

static void an_unsigned_body_carries_only_its_checksum(void **state)
{
    struct sigv4_body body;

    (void)state;
    sigv4_body_open(&body, SIGV4_UNSIGNED_TRAILER, NULL, MAY_24_2013, NULL);
    check_chain(&body, unsigned_chain);
}

static void the_size_on_the_wire_is_known_beforehand(void **state)
{
    (void)state;
    assert_int_equal(sigv4_wire_size(SIGV4_CHUNKS, DECODED), 66824); /* documented */
    assert_int_equal(sigv4_wire_size(SIGV4_CHUNKS_TRAILER, DECODED), 66946);
    assert_int_equal(sigv4_wire_size(SIGV4_CHUNKS, 0), 86);
    assert_int_equal(sigv4_wire_size(SIGV4_CHUNKS, 65536), 65536 + 90 + 86);
    assert_int_equal(sigv4_wire_size(SIGV4_UNSIGNED_TRAILER, 0), 3 + 32 + 2);
    assert_int_equal(sigv4_wire_size(SIGV4_UNSIGNED_TRAILER, 15), 15 + 5 + 3 + 32 + 2);
    assert_int_equal(sigv4_wire_size(SIGV4_UNSIGNED_TRAILER, 16), 16 + 6 + 3 + 32 + 2);
    assert_int_equal(sigv4_wire_size(SIGV4_CHUNKS, INT64_C(5) << 30),
                     (INT64_C(5) << 30) + INT64_C(81920) * 90 + 86);
}

/* A source that gives the letters in pieces of `step`, and fails, or ends, at `until`. */
struct tap {
    size_t at, step, until;
    bool fails;
};

static bool pour(void *arg, char *into, size_t max, size_t *got, struct err *err)
{
    struct tap *tap = arg;
    size_t n = tap->until - tap->at;

    if (n == 0 && tap->fails)
        return err_set(err, ERR_SLOW_BODY, "the client sends no more");
    n = n < tap->step ? n : tap->step;
    n = n < max ? n : max;
    memcpy(into, letters + tap->at, n);
    tap->at += n;
    *got = n;
    return true;
}

static char chunk[SIGV4_CHUNK];

static struct sigv4_pull pull_of(struct sigv4 *s, enum sigv4_coding coding, struct tap *tap)
{
    struct sigv4_pull p = {.source = pour, .arg = tap, .chunk = s ? chunk : NULL};

    sigv4_body_open(&p.body, coding, s, MAY_24_2013, TRAILER_SEED);
    sigv4_pull_start(&p, DECODED);
    return p;
}

static size_t drain(struct sigv4_pull *p, char *wire, size_t step)
{
    struct err err = ERR_INIT;
    size_t n = 0;

    for (size_t got = 1; got > 0; n += got) {
        size_t most = WIRE_MAX - n < step ? WIRE_MAX - n : step;

        assert_ok(sigv4_pull_read(p, wire + n, most, &got, &err), err);
    }
    return n;
}

/* Lines and letters, one after the other: what the wire must hold. */
static size_t expected(const char *const chain[3], char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < 3; i++) {
        size_t data = i == 0 ? SIGV4_CHUNK : i == 1 ? DECODED - SIGV4_CHUNK : 0;

        memcpy(out + n, chain[i], strlen(chain[i]));
        n += strlen(chain[i]);
        memset(out + n, 'a', data);
        n += data;
    }
    return n;
}

static void a_pull_gives_the_same_bytes_however_it_is_cut(void **state)
{
    static const size_t steps[] = {1, 7, 100, 65536, WIRE_MAX};
    static char wire[WIRE_MAX], want[WIRE_MAX];
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        for (size_t j = i == 0 ? 3 : 1; j < COUNT_OF(steps); j++) {
            struct tap signed_tap = {.step = steps[j], .until = DECODED}, plain_tap = signed_tap;
            struct sigv4_pull p = pull_of(s, SIGV4_CHUNKS_TRAILER, &signed_tap);
            size_t n = expected(trailer_chain, want);

            assert_int_equal(drain(&p, wire, steps[i]), n);
            assert_int_equal(n, sigv4_wire_size(SIGV4_CHUNKS_TRAILER, DECODED));
            assert_memory_equal(wire, want, n);
            p = pull_of(NULL, SIGV4_UNSIGNED_TRAILER, &plain_tap);
            n = expected(unsigned_chain, want);
            assert_int_equal(drain(&p, wire, steps[i]), n);
            assert_int_equal(n, sigv4_wire_size(SIGV4_UNSIGNED_TRAILER, DECODED));
            assert_memory_equal(wire, want, n);
        }
}

static void a_source_that_ends_early_or_fails_is_an_error(void **state)
{
    static char wire[WIRE_MAX];
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    size_t got;

    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        enum err_code want = fails ? ERR_SLOW_BODY : ERR_BAD_REQUEST;
        struct tap signed_tap = {.step = 999, .until = DECODED - 1, .fails = fails};
        struct tap plain_tap = signed_tap;
        struct sigv4_pull p = pull_of(s, SIGV4_CHUNKS_TRAILER, &signed_tap);
        struct err err = ERR_INIT;

        assert_fails(sigv4_pull_read(&p, wire, sizeof wire, &got, &err), err, want);
        p = pull_of(NULL, SIGV4_UNSIGNED_TRAILER, &plain_tap);
        assert_fails(sigv4_pull_read(&p, wire, sizeof wire, &got, &err), err, want);
    }
}

static void an_empty_body_is_its_end_alone(void **state)
{
    char wire[400];
    struct tap tap = {.step = 1};
    struct sigv4_pull p = pull_of(NULL, SIGV4_UNSIGNED_TRAILER, &tap);
    size_t n;

    (void)state;
    sigv4_pull_start(&p, 0);
    n = drain(&p, wire, sizeof wire);
    assert_int_equal(n, sigv4_wire_size(SIGV4_UNSIGNED_TRAILER, 0));
    assert_memory_equal(wire, "0\r\nx-amz-checksum-crc32c:AAAAAA==\r\n\r\n", n);
}

static int fill_letters(void **state)
{
    (void)state;
    memset(letters, 'a', sizeof letters);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_chain_holds_to_its_empty_end),
        cmocka_unit_test(the_documented_trailer_follows_a_request_that_names_it),
        cmocka_unit_test(an_unsigned_body_carries_only_its_checksum),
        cmocka_unit_test(the_size_on_the_wire_is_known_beforehand),
        cmocka_unit_test(a_pull_gives_the_same_bytes_however_it_is_cut),
        cmocka_unit_test(a_source_that_ends_early_or_fails_is_an_error),
        cmocka_unit_test(an_empty_body_is_its_end_alone),
    };

    return cmocka_run_group_tests(tests, fill_letters, NULL);
}
