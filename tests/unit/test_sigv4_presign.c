/* A mould gives the very URLs that are made one by one, and never one of another signer, second,
 * host or method. The published numbers: test_sigv4.c. */
#include "common/sigv4.h"

#include <string.h>

#include "tests/kit/kit.h"

static const struct sigv4_conf doc = {
    .access_key = SV_LIT("AKIAIOSFODNN7EXAMPLE"),
    .secret_key = SV_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    .region = SV_LIT("us-east-1"),
    .service = SV_LIT("s3"),
};
static struct sigv4_mould mould; /* one for all tests: what is left in it must never matter */

static void check(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s)
{
    AUTO(str_free) struct str one = STR_INIT(1 << 16), many = STR_INIT(1 << 16);

    assert_true(sigv4_presign(s, req, expires_s, &one));
    for (int twice = 0; twice < 2; twice++) {
        str_reset(&many);
        assert_true(sigv4_presign_with(&mould, s, req, expires_s, &many));
        assert_string_equal(many.p, one.p);
    }
}

static const struct sigv4_pair host = {SV_LIT("Host"), SV_LIT("examplebucket.s3.amazonaws.com")};

static struct sigv4_request request(const char *path)
{
    return (struct sigv4_request){.method = SV_LIT("GET"),
                                  .path = sv_of(path),
                                  .headers = &host,
                                  .headers_n = 1,
                                  .payload = SV_LIT(SIGV4_UNSIGNED),
                                  .now = 1369353600};
}

static void the_documented_url_comes_out_of_a_mould(void **state)
{
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    const struct sigv4_request req = request("/test.txt");
    AUTO(str_free) struct str url = STR_INIT(4096);

    (void)state;
    assert_true(sigv4_presign_with(&mould, s, &req, 86400, &url));
    assert_non_null(
        strstr(url.p, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

static void every_key_is_spelt_the_same(void **state)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "/a b",
                                        "/a+b",
                                        "/100%",
                                        "/50%20off",
                                        "/a//b",
                                        "/../up",
                                        "//leading",
                                        "/trailing/",
                                        "/q?x#y&z=1",
                                        "/\xf0\x9f\x98\x80",
                                        "/~$,;:@!*()[]{}|^`\\'\"<>",
                                        "/tab\tkey"};
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    char longest[1300] = "/", each[40];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const struct sigv4_request req = request(paths[i]);

        check(s, &req, 60);
    }
    memset(longest + 1, ' ', sizeof longest - 2); /* each becomes three */
    const struct sigv4_request req = request(longest);
    check(s, &req, 60);
    for (int c = 1; c < 256; c++) { /* every byte, within and after a block of sixteen */
        memset(each, 'a', sizeof each - 1);
        each[sizeof each - 1] = '\0';
        each[0] = '/';
        each[7] = each[35] = (char)c;
        const struct sigv4_request one = request(each);
        check(s, &one, 60);
    }
}

static void a_mould_is_made_anew_when_anything_changes(void **state)
{
    struct sigv4_conf token = doc;
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    AUTO(sigv4_free) struct sigv4 *with_token = NULL;
    const struct sigv4_pair other = {SV_LIT("host"), SV_LIT("127.0.0.1:9000")};
    struct sigv4_request req = request("/k");

    (void)state;
    token.token = SV_LIT("AQo/+=");
    with_token = sigv4_open(&token);
    check(s, &req, 60);
    check(s, &req, 61);
    check(with_token, &req, 61);
    check(s, &req, 61);
    req.now += 1;
    check(s, &req, 61);
    req.now += 86400;
    check(s, &req, 61);
    req.method = SV_LIT("PUT");
    check(s, &req, 61);
    req.headers = &other;
    check(s, &req, 61);
    req.payload = SV_LIT(SIGV4_EMPTY);
    check(s, &req, 61);
}

static void a_signer_at_the_address_of_another_is_another(void **state)
{
    struct sigv4_conf conf = doc;
    const struct sigv4_request req = request("/k");
    struct sigv4 *s = sigv4_open(&conf);

    (void)state;
    check(s, &req, 60);
    sigv4_free(&s);
    conf.secret_key = SV_LIT("rotated"); /* malloc likes to give the same place again */
    s = sigv4_open(&conf);
    check(s, &req, 60);
    sigv4_free(&s);
}

static void what_fits_no_mould_is_made_one_by_one(void **state)
{
    static char big[SIGV4_MOULD_SIZE];
    const struct sigv4_pair two[] = {{SV_LIT("host"), SV_LIT("h")},
                                     {SV_LIT("Content-Type"), SV_LIT("image/png")}};
    const struct sigv4_pair blank = {SV_LIT("host"), SV_LIT(" h ")};
    const struct sigv4_pair part = {SV_LIT("partNumber"), SV_LIT("2")};
    struct sigv4_conf conf = doc;
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    AUTO(sigv4_free) struct sigv4 *after = NULL, *generic = NULL, *large = NULL;
    struct sigv4_request req = request("/a%20b/../c");

    (void)state;
    conf.token = SV_LIT("t");
    conf.token_after = true;
    after = sigv4_open(&conf);
    check(after, &req, 60);
    conf = doc;
    conf.generic = conf.normalise = true;
    generic = sigv4_open(&conf);
    check(generic, &req, 60);
    memset(big, 'x', sizeof big);
    conf = doc;
    conf.token = (struct sv){big, sizeof big};
    large = sigv4_open(&conf);
    check(large, &req, 60);
    req.headers = &blank;
    check(s, &req, 60);
    req.headers = two;
    req.headers_n = 2;
    check(s, &req, 60);
    req.query = &part;
    req.query_n = 1;
    check(s, &req, 60);
}

static void a_url_without_room_is_refused(void **state)
{
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&doc);
    AUTO(str_free) struct str narrow = STR_INIT(100);
    const struct sigv4_request req = request("/k");

    (void)state;
    assert_false(sigv4_presign_with(&mould, s, &req, 60, &narrow));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_url_comes_out_of_a_mould),
        cmocka_unit_test(every_key_is_spelt_the_same),
        cmocka_unit_test(a_mould_is_made_anew_when_anything_changes),
        cmocka_unit_test(a_signer_at_the_address_of_another_is_another),
        cmocka_unit_test(what_fits_no_mould_is_made_one_by_one),
        cmocka_unit_test(a_url_without_room_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
