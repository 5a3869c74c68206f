/* Amazon's published chunk chains: S3 API Reference, "Signature Calculations ... Multiple Chunks"
 * and "... Including Trailing Headers". */
#include <stdlib.h>
#include <string.h>

#include "common/sigv4.h"
#include "tests/kit/kit.h"

static const struct sigv4_conf doc = {
    .access_key = SV_LIT("AKIAIOSFODNN7EXAMPLE"),
    .secret_key = SV_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    .region = SV_LIT("us-east-1"),
    .service = SV_LIT("s3"),
};
static const int64_t MAY_24_2013 = 1369353600;
static char letters[65536];

static const struct sigv4_pair headers[] = {
    {SV_LIT("Host"), SV_LIT("s3.amazonaws.com")},
    {SV_LIT("x-amz-date"), SV_LIT("20130524T000000Z")},
    {SV_LIT("x-amz-storage-class"), SV_LIT("REDUCED_REDUNDANCY")},
    {SV_LIT("x-amz-content-sha256"), SV_LIT(SIGV4_STREAMED)},
    {SV_LIT("Content-Encoding"), SV_LIT("aws-chunked")},
    {SV_LIT("x-amz-decoded-content-length"), SV_LIT("66560")},
    {SV_LIT("Content-Length"), SV_LIT("66824")},
};

static void check_chain(struct sigv4_chunks *c, const char *const want[3])
{
    static const size_t sizes[] = {65536, 1024, 0};
    static const char *const digits[] = {"10000", "400", "0"};

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(str_free) struct str head = STR_INIT(200);
        AUTO(str_free) struct str whole = STR_INIT(200);

        sigv4_chunk_head(c, (struct sv){letters, sizes[i]}, &head);
        str_addf(&whole, "%s;chunk-signature=%s\r\n", digits[i], want[i]);
        assert_string_equal(head.p, whole.p);
    }
}

static void the_documented_chain_holds_to_its_empty_end(void **state)
{
    static const char *const want[] = {
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"};
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    AUTO(str_free) struct str out = STR_INIT(1000);
    const struct sigv4_request seed = {.method = SV_LIT("PUT"),
                                       .path = SV_LIT("/examplebucket/chunkObject.txt"),
                                       .headers = headers,
                                       .headers_n = COUNT_OF(headers),
                                       .payload = SV_LIT(SIGV4_STREAMED),
                                       .now = MAY_24_2013};
    struct sigv4_chunks chunks = {.signer = s, .now = MAY_24_2013};

    (void)state;
    memset(letters, 'a', sizeof letters);
    assert_true(sigv4_authorize(s, &seed, &out, chunks.previous));
    assert_string_equal(chunks.previous,
                        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    check_chain(&chunks, want);
}

static void the_documented_trailer_is_signed_after_the_last_chunk(void **state)
{
    static const char *const want[] = {
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"};
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    struct sigv4_chunks chunks = {
        .signer = s,
        .now = MAY_24_2013,
        .previous = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"};
    char signature[SHA256_HEX_SIZE];

    (void)state;
    memset(letters, 'a', sizeof letters);
    check_chain(&chunks, want);
    sigv4_trailer(&chunks, SV_LIT("x-amz-checksum-crc32c:sOO8/Q==\n"), signature);
    assert_string_equal(signature,
                        "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
}

static void the_size_on_the_wire_is_known_beforehand(void **state)
{
    (void)state;
    assert_int_equal(sigv4_chunked_size(66560, 65536), 66824); /* documented */
    assert_int_equal(sigv4_chunked_size(0, 65536), 86);
    assert_int_equal(sigv4_chunked_size(65536, 65536), 65536 + 90 + 86);
    assert_int_equal(sigv4_chunked_size(15, 65536), 15 + 86 + 86);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_chain_holds_to_its_empty_end),
        cmocka_unit_test(the_documented_trailer_is_signed_after_the_last_chunk),
        cmocka_unit_test(the_size_on_the_wire_is_known_beforehand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
