/*
 * The rooms of the signing tool under the sanitizers; tests/unit/sigv4.test.mjs runs the tool
 * itself. Covers: tool_sign tool_diff tool_diff_read tool_options tool_url
 */
#include "local/sigv4/raw.h"

#include <stdlib.h>
#include <string.h>

#include "local/sigv4/diff.h"
#include "local/sigv4/url.h"
#include "tests/kit/kit.h"

#define RANGED                                                                                     \
    "GET /test.txt HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nRange: bytes=0-9\r\n\r\n"
#define RANGED_SIGNATURE "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"

static void a_request_is_taken_apart(void **state)
{
    struct raw raw;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(raw_parse(SV_LIT("PUT /a b?c=d HTTP/1.1\r\nHost:h\r\nX-A: 1\r\n  2\r\n"
                               "content-length: 3\r\n\r\nabc\n"),
                        &raw, &err),
              err);
    assert_true(sv_eqz(raw.method, "PUT"));
    assert_true(sv_eqz(raw.path, "/a b"));
    assert_true(sv_eqz(raw.query, "c=d"));
    assert_true(sv_eqz(raw.version, " HTTP/1.1"));
    assert_true(sv_eqz(raw.line_end, "\r\n"));
    assert_int_equal(raw.headers_n, 3);
    assert_true(sv_eqz(raw.headers[1].text, "X-A: 1\r\n  2"));
    assert_true(sv_eqz(raw_header(&raw, "HOST"), "h"));
    assert_null(raw_header(&raw, "absent").p);
    assert_true(sv_eqz(raw.body, "abc"));
}

static void the_least_request_is_one_line(void **state)
{
    struct raw raw;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(raw_parse(SV_LIT("GET /"), &raw, &err), err);
    assert_true(sv_eqz(raw.path, "/") && raw.version.n == 0 && raw.body.n == 0);
}

static void what_is_no_request_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",           "\n",
        " / HTTP",    "GET",
        "GET ",       "GET HTTP/1.1",
        "GET a",      "GET http://h/ HTTP/1.1",
        "GET /\n x",  "GET / HTTP/1.1\nno colon\n",
        "GET /\n: x", "GET /\na b: x",
    };
    AUTO(str_free) struct str many = STR_INIT(4096);
    struct raw raw;
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_fails(raw_parse(sv_of(wrong[i]), &raw, &err), err, ERR_BAD_REQUEST);
    assert_fails(raw_parse(SV_LIT("GET /a\0b HTTP/1.1\n\n"), &raw, &err), err, ERR_BAD_REQUEST);
    str_addz(&many, "GET / HTTP/1.1\n");
    for (int i = 0; i <= RAW_HEADERS_MAX; i++)
        str_addz(&many, "a: b\n");
    assert_fails(raw_parse(str_sv(&many), &raw, &err), err, ERR_BAD_REQUEST);
}

/* The options of an argument list. */
static struct options options_of(int argc, const char *const *argv)
{
    struct options o;
    struct err err = ERR_INIT;

    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
    unsetenv("AWS_SESSION_TOKEN");
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    unsetenv("AWS_ENDPOINT_URL_S3");
    assert_ok(options_read(argc, (char **)(uintptr_t)argv, &o, &err), err);
    return o;
}

static void sign(const char *text, struct signing *out)
{
    static const char *const argv[] = {"sigv4", "--time", "20130524T000000Z", NULL};
    struct options o = options_of(3, argv);
    struct raw raw;
    struct err err = ERR_INIT;

    assert_ok(raw_parse(sv_of(text), &raw, &err), err);
    assert_ok(sign_raw(&raw, &o, out, &err), err);
}

static void the_published_get_is_signed(void **state)
{
    AUTO(sign_free) struct signing s = SIGNING_INIT;
    AUTO(str_free) struct str json = STR_INIT(1 << 16);

    (void)state;
    sign(RANGED, &s);
    assert_string_equal(s.signature, RANGED_SIGNATURE);
    sign_json(&s, false, &json);
    assert_non_null(strstr(json.p, "\"signature\":\"" RANGED_SIGNATURE "\""));
}

static void an_answer_without_the_request_is_refused(void **state)
{
    static const char *const wrong[] = {"", "<Error>", "<Error><Code>AccessDenied</Code></Error>",
                                        "<Error><CanonicalRequest><a/></CanonicalRequest></Error>"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(diff_answer_free) struct diff_answer a = DIFF_ANSWER_INIT;
        struct err err = ERR_INIT;

        assert_fails(diff_read(sv_of(wrong[i]), &a, &err), err, ERR_BAD_REQUEST);
    }
}

static void a_difference_is_named_and_none_too(void **state)
{
    AUTO(diff_answer_free) struct diff_answer a = DIFF_ANSWER_INIT;
    AUTO(sign_free) struct signing s = SIGNING_INIT;
    AUTO(str_free) struct str same = STR_INIT(1 << 16), other = STR_INIT(1 << 16);

    (void)state;
    sign(RANGED, &s);
    str_addv(&a.canonical, str_sv(&s.canonical));
    str_addv(&a.text, str_sv(&s.text));
    assert_true(diff_report(&s, &a, "AKIAIOSFODNN7EXAMPLE", &same));
    assert_non_null(strstr(same.p, "No difference: the client signed with another secret key"));
    memcpy(strstr(a.canonical.p, "bytes=0-9"), "bytes=0-8", 9);
    assert_false(diff_report(&s, &a, "AKIAIOSFODNN7EXAMPLE", &other));
    assert_non_null(strstr(other.p, "First difference: the header range, at byte 15: yours has "
                                    "\"9\", S3 has \"8\"."));
}

static void a_token_that_both_have_is_not_shown(void **state)
{
    AUTO(diff_answer_free) struct diff_answer a = DIFF_ANSWER_INIT;
    AUTO(sign_free) struct signing s = SIGNING_INIT;
    AUTO(str_free) struct str out = STR_INIT(1 << 16);

    (void)state;
    sign("GET / HTTP/1.1\nHost: h\nx-amz-security-token: hidden\n", &s);
    str_addv(&a.canonical, str_sv(&s.canonical));
    assert_true(diff_report(&s, &a, "AKIAIOSFODNN7EXAMPLE", &out));
    assert_null(strstr(out.p, "hidden"));
}

static void times_are_read_strictly(void **state)
{
    int64_t t = 0;

    (void)state;
    assert_true(options_time(SV_LIT("20130524T000001Z"), &t) && t == 1369353601);
    assert_true(options_time(SV_LIT("2013-05-24T00:00:01Z"), &t) && t == 1369353601);
    assert_false(options_time(SV_LIT("20130524T000001"), &t));
    assert_false(options_time(SV_LIT("20130532T000001Z"), &t));
    assert_false(options_time(SV_LIT("20130524T240001Z"), &t));
    assert_false(options_time(SV_LIT("20130524T000001ZZ"), &t));
    assert_false(options_time(SV_LIT(""), &t));
}

static void a_url_is_presigned(void **state)
{
    static const char *const argv[] = {"sigv4",
                                       "presign",
                                       "GET",
                                       "examplebucket",
                                       "test.txt",
                                       "--time",
                                       "20130524T000000Z",
                                       "--endpoint",
                                       "https://s3.amazonaws.com:443/",
                                       "--style=virtual",
                                       "--expires=86400",
                                       NULL};
    struct options o = options_of(COUNT_OF(argv) - 1, argv);
    AUTO(str_free) struct str url = STR_INIT(4096);
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(url_presign(&o, &url, &err), err);
    assert_non_null(strstr(url.p, "https://examplebucket.s3.amazonaws.com/test.txt?"));
    assert_non_null(
        strstr(url.p, "=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(the_least_request_is_one_line),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(the_published_get_is_signed),
        cmocka_unit_test(an_answer_without_the_request_is_refused),
        cmocka_unit_test(a_difference_is_named_and_none_too),
        cmocka_unit_test(a_token_that_both_have_is_not_shown),
        cmocka_unit_test(times_are_read_strictly),
        cmocka_unit_test(a_url_is_presigned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
