#include <string.h>

#include "common/sigv4.h"
#include "tests/kit/kit.h"

static const struct sigv4_conf s3_rules = {.access_key = SV_LIT("AKIDEXAMPLE"),
                                           .secret_key = SV_LIT("a secret"),
                                           .region = SV_LIT("us-east-1"),
                                           .service = SV_LIT("s3")};

/* Line `n` (from 0) of the canonical request. */
static struct sv line(const struct str *canonical, int n)
{
    const char *from = canonical->p;

    while (n-- > 0)
        from = strchr(from, '\n') + 1;
    return (struct sv){from, strcspn(from, "\n")};
}

static void check_path(const struct sigv4_conf *conf, const char *path, const char *want)
{
    AUTO(str_free) struct str canonical = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(conf);
    const struct sigv4_request req = {.method = SV_LIT("GET"), .path = sv_of(path), .now = 0};

    assert_true(sigv4_canonical(s, &req, -1, &canonical));
    if (!sv_eqz(line(&canonical, 1), want))
        fail_msg("%s became %.*s, not %s", path, SV(line(&canonical, 1)), want);
}

static void a_key_is_encoded_once_and_never_normalised(void **state)
{
    static const char *const paths[][2] = {
        {"", "/"},
        {"/plain-key_1.~", "/plain-key_1.~"},
        {"/a b", "/a%20b"},
        {"/100%", "/100%25"},
        {"/50%20off", "/50%2520off"},
        {"/a+b", "/a%2Bb"},
        {"//a//./../b/", "//a//./../b/"},
        {"/\xf0\x9f\x98\x80", "/%F0%9F%98%80"},
        {"/q?x#y*'()!", "/q%3Fx%23y%2A%27%28%29%21"},
        {"/\x01\x7f\xff", "/%01%7F%FF"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        check_path(&s3_rules, paths[i][0], paths[i][1]);
}

static void generic_paths_can_be_normalised(void **state)
{
    static const char *const paths[][2] = {
        {"/", "/"},
        {"//", "/"},
        {"/./", "/"},
        {"/a/..", "/"},
        {"/a/../../b", "/b"},
        {"//a//b/", "/a/b/"},
        {"/./a", "/a"},
        {"/a/./b/../c", "/a/c"},
        {"/a%20b", "/a%2520b"},
    };
    struct sigv4_conf conf = s3_rules;

    (void)state;
    conf.generic = conf.normalise = true;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        check_path(&conf, paths[i][0], paths[i][1]);
    conf.normalise = false;
    check_path(&conf, "/a/../b", "/a/../b");
}

static void parameters_are_sorted_after_they_are_encoded(void **state)
{
    const struct sigv4_pair query[] = {
        {SV_LIT("b"), SV_LIT("2")},   {SV_LIT("a"), SV_LIT("z")}, {SV_LIT("a"), SV_LIT("a/b")},
        {SV_LIT("a b"), SV_LIT("=")}, {SV_LIT("A"), SV_LIT("")},  {SV_LIT("a-"), SV_LIT("x")},
    };
    AUTO(str_free) struct str canonical = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&s3_rules);
    struct sigv4_request req = {
        .method = SV_LIT("GET"), .path = SV_LIT("/"), .query = query, .query_n = COUNT_OF(query)};

    (void)state;
    assert_true(sigv4_canonical(s, &req, -1, &canonical));
    assert_true(sv_eqz(line(&canonical, 2), "A=&a=a%2Fb&a=z&a%20b=%3D&a-=x&b=2"));
    req.query_n = SIGV4_QUERY_MAX + 1;
    assert_false(sigv4_canonical(s, &req, -1, &canonical));
}

static void parameters_of_the_caller_find_their_place_among_the_signers(void **state)
{
    const struct sigv4_pair query[] = {{SV_LIT("versionId"), SV_LIT("7")},
                                       {SV_LIT("X-Amz-Ended"), SV_LIT("1")},
                                       {SV_LIT("Early"), SV_LIT("1")}};
    AUTO(str_free) struct str canonical = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&s3_rules);
    const struct sigv4_request req = {.method = SV_LIT("GET"),
                                      .path = SV_LIT("/"),
                                      .query = query,
                                      .query_n = COUNT_OF(query),
                                      .now = 0};

    (void)state;
    assert_true(sigv4_canonical(s, &req, 0, &canonical));
    assert_true(sv_eqz(line(&canonical, 2),
                       "Early=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F"
                       "19700101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=19700101T000000Z&"
                       "X-Amz-Ended=1&X-Amz-Expires=0&X-Amz-SignedHeaders=&versionId=7"));
}

static void headers_are_lowered_trimmed_sorted_and_joined(void **state)
{
    const struct sigv4_pair headers[] = {
        {SV_LIT("X-Note"), SV_LIT("  two   \t spaces ")},
        {SV_LIT("User-Agent"), SV_LIT("none")},
        {SV_LIT("host"), SV_LIT("example.net:8080")},
        {SV_LIT("x-more"), SV_LIT("b")},
        {SV_LIT("X-More"), SV_LIT("a")},
        {SV_LIT("Expect"), SV_LIT("x")},
        {SV_LIT("x-empty"), SV_LIT("  ")},
        {SV_LIT("x-not"), SV_LIT("v")},
    };
    AUTO(str_free) struct str canonical = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&s3_rules);
    struct sigv4_request req = {.method = SV_LIT("PUT"),
                                .path = SV_LIT("/k"),
                                .headers = headers,
                                .headers_n = COUNT_OF(headers),
                                .payload = SV_LIT(SIGV4_UNSIGNED)};

    (void)state;
    assert_true(sigv4_canonical(s, &req, -1, &canonical));
    assert_string_equal(canonical.p,
                        "PUT\n/k\n\nhost:example.net:8080\nx-empty:\nx-more:b,a\nx-not:v\n"
                        "x-note:two spaces\n\nhost;x-empty;x-more;x-not;x-note\nUNSIGNED-PAYLOAD");
}

static void too_many_headers_are_refused(void **state)
{
    struct sigv4_pair headers[SIGV4_HEADERS_MAX + 1];
    AUTO(str_free) struct str canonical = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&s3_rules);
    struct sigv4_request req = {.method = SV_LIT("GET"), .path = SV_LIT("/"), .headers = headers};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        headers[i] = (struct sigv4_pair){SV_LIT("x-many"), SV_LIT("1")};
    req.headers_n = SIGV4_HEADERS_MAX;
    assert_true(sigv4_canonical(s, &req, -1, &canonical));
    req.headers_n++;
    assert_false(sigv4_canonical(s, &req, -1, &canonical));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_encoded_once_and_never_normalised),
        cmocka_unit_test(generic_paths_can_be_normalised),
        cmocka_unit_test(parameters_are_sorted_after_they_are_encoded),
        cmocka_unit_test(parameters_of_the_caller_find_their_place_among_the_signers),
        cmocka_unit_test(headers_are_lowered_trimmed_sorted_and_joined),
        cmocka_unit_test(too_many_headers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
