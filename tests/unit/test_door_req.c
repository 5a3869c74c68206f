/* test_door_req.c - what a request says and whether it may: framing, paths, queries, tokens,
 * origins. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/door_kit.h"
#include "tests/kit/kit.h"
#include "tests/kit/talk.h"

static struct door_kit kit;

static int set_up(void **state)
{
    (void)state;
    door_kit_open(
        &kit, (struct door_conf){.allowed_origins = "https://admin.example, https://b.example"});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    door_kit_close(&kit);
    return 0;
}

/* Ask with these further header lines; the status. */
static int status_of(const char *line, const char *headers)
{
    char request[2000];
    snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: me.example:80\r\n%s\r\n", line,
             headers);
    return talk_status(door_kit_ask(&kit, request));
}

/* Refused, told, and the connection is over: nothing behind it is taken for a request. */
static void refused_as(const char *headers_and_body, int status, const char *code)
{
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /sink HTTP/1.1\r\n");
    talk_say(talk, headers_and_body);
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), status);
    assert_non_null(strstr(answer, code));
    assert_true(talk_ended(talk, 3000));
    assert_null(strstr(talk->in, "hello"));
}
static void refused_and_closed(const char *headers_and_body)
{
    refused_as(headers_and_body, 400, "\"code\":\"bad_request\"");
}

static void a_body_with_two_lengths_is_refused_and_the_connection_closed(void **state)
{
    (void)state;
    refused_and_closed(
        "Host: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    refused_and_closed(
        "Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length: 0\r\nContent-Length: 50\r\n\r\n");
    refused_and_closed(
        "Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

static void a_length_or_coding_that_is_not_plain_is_refused(void **state)
{
    (void)state;
    refused_and_closed("Host: h\r\nContent-Length: +0\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length: 0x0\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length: 0, 0\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length: -1\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length:\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Length: 9999999999999999999\r\n\r\n");
    refused_and_closed("Host: h\r\nTransfer-Encoding: identity\r\n\r\n");
    refused_and_closed("Host: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
}

static void folded_or_too_many_headers_are_refused(void **state)
{
    (void)state;
    AUTO(str_free) struct str many = STR_INIT(10000);
    refused_and_closed("Host: h\r\nX-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n");
    refused_and_closed("Host: h\r\n Content-Length: 5\r\n\r\n");
    str_addz(&many, "Host: h\r\n");
    for (int i = 0; i < 63; i++)
        str_addf(&many, "X-%d: y\r\n", i);
    str_addz(&many, "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    refused_as(many.p, 431, "head_too_large");
}

static void what_may_stand_once_is_refused_twice(void **state)
{
    (void)state;
    refused_and_closed(
        "Host: h\r\nAuthorization: Bearer view\r\nAuthorization: Bearer boss\r\n\r\n");
    refused_and_closed("Host: h\r\nIdempotency-Key: a\r\nidempotency-key: b\r\n\r\n");
    refused_and_closed("Host: h\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n");
    assert_int_equal(status_of("GET /hello", "X-Forwarded-For: a\r\nX-Forwarded-For: b\r\n"), 200);
}

static void one_host_is_needed(void **state)
{
    (void)state;
    refused_and_closed("\r\n");
    refused_and_closed("Host: a\r\nHost: b\r\n\r\n");
    assert_int_equal(talk_status(door_kit_ask(&kit, "GET /hello HTTP/1.0\r\n\r\n")), 200);
}

static void parameters_are_decoded_and_literals_win(void **state)
{
    (void)state;
    const char *answer =
        door_kit_ask(&kit, "GET /echo/a%20b%2Fc?q=x+y%26z&q=second&r HTTP/1.1\r\nHost: h\r\n"
                           "User-Agent: probe\r\n\r\n");
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "\"name\":\"a b/c\""));
    assert_non_null(strstr(answer, "\"q\":\"x y&z\""));
    assert_non_null(strstr(answer, "\"path\":\"/echo/a%20b%2Fc\""));
    assert_non_null(strstr(answer, "\"remote\":\"127.0.0.1\""));
    assert_non_null(strstr(answer, "\"agent\":\"probe\""));
    assert_non_null(
        strstr(door_kit_ask(&kit, "GET /echo/literal HTTP/1.1\r\nHost: h\r\n\r\n"), "\"literal\""));
    assert_non_null(strstr(door_kit_ask(&kit, "GET /echo/lit%65ral HTTP/1.1\r\nHost: h\r\n\r\n"),
                           "\"literal\""));
    assert_non_null(
        strstr(door_kit_ask(&kit, "GET /echo/other HTTP/1.1\r\nHost: h\r\n\r\n"), "\"q\":null"));
}

static void a_path_or_query_that_is_no_text_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET /echo/%00", ""), 400);
    assert_int_equal(status_of("GET /echo/%zz", ""), 400);
    assert_int_equal(status_of("GET /echo/%c0%80", ""), 400);
    assert_int_equal(status_of("GET /echo/a?q=%", ""), 400);
    assert_int_equal(status_of("GET /echo//a", ""), 404);
    assert_int_equal(status_of("GET /echo/../hello", ""), 404);
    assert_int_equal(status_of("GET /a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a", ""),
                     404);
}

static void a_number_in_a_path_is_a_number_or_404(void **state)
{
    (void)state;
    assert_string_equal(talk_body(door_kit_ask(&kit, "GET /number/42 HTTP/1.1\r\nHost: h\r\n\r\n")),
                        "42");
    assert_int_equal(status_of("GET /number/4x", ""), 404);
    assert_int_equal(status_of("GET /number/99999999999999999999", ""), 404);
}

static void only_a_clean_request_id_is_taken_over(void **state)
{
    (void)state;
    assert_non_null(strstr(
        door_kit_ask(&kit, "GET /hello HTTP/1.1\r\nHost: h\r\nX-Request-Id: a.B_9-z\r\n\r\n"),
        "\r\nX-Request-Id: a.B_9-z\r\n"));
    assert_null(
        strstr(door_kit_ask(&kit, "GET /hello HTTP/1.1\r\nHost: h\r\nX-Request-Id: a\"b\r\n\r\n"),
               "a\"b"));
    const char *answer =
        door_kit_ask(&kit, "GET /hello HTTP/1.1\r\nHost: h\r\n"
                           "X-Request-Id: 12345678901234567890123456789012345678901234567890"
                           "123456789012345\r\n\r\n");
    assert_null(strstr(answer, "1234567890123"));
    assert_non_null(strstr(answer, "\r\nX-Request-Id: "));
}

static void a_role_is_needed_and_a_higher_one_does(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(&kit, "GET /viewer/x HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 401);
    assert_non_null(strstr(answer, "\r\nWWW-Authenticate: Bearer\r\n"));
    assert_int_equal(status_of("GET /viewer/x", "Authorization: Bearer nobody\r\n"), 401);
    assert_int_equal(status_of("GET /viewer/x", "Authorization: Basic dmlldw==\r\n"), 401);
    assert_int_equal(status_of("GET /viewer/x", "Authorization: Bearer view\r\n"), 200);
    assert_int_equal(status_of("GET /viewer/x", "authorization: bearer  boss \r\n"), 200);
    assert_int_equal(status_of("POST /admin", "Authorization: Bearer load\r\n"), 403);
    assert_int_equal(status_of("POST /admin", "Authorization: Bearer boss\r\n"), 200);
}

static void who_asks_too_often_is_told_when_to_come_back(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(
        &kit, "GET /viewer/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer often\r\n\r\n");
    assert_int_equal(talk_status(answer), 429);
    assert_non_null(strstr(answer, "\r\nRetry-After: 17\r\n"));
    assert_non_null(strstr(answer, "127.0.0.1 asks too often"));
}

static void the_session_cookie_counts_like_a_token_for_reading(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET /viewer/x", "Cookie: sess=view\r\n"), 200);
    assert_int_equal(status_of("GET /viewer/x", "Cookie: a=b; sess=view; c=d\r\n"), 200);
    assert_int_equal(status_of("GET /viewer/x", "Cookie: xsess=view\r\n"), 401);
    assert_int_equal(status_of("GET /viewer/x", "Cookie: sess=wrong\r\n"), 401);
    /* A token that was sent is what counts, even when the cookie were better. */
    assert_int_equal(
        status_of("GET /viewer/x", "Authorization: Bearer no\r\nCookie: sess=view\r\n"), 401);
    assert_int_equal(
        status_of("GET /viewer/x", "Cookie: sess=view\r\nOrigin: https://evil.example\r\n"), 200);
}

static void a_cookie_changes_nothing_for_another_sites_page(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {"Cookie: sess=boss\r\n", 403},
        {"Cookie: sess=boss\r\nOrigin: https://evil.example\r\n", 403},
        {"Cookie: sess=boss\r\nOrigin: null\r\n", 403},
        {"Cookie: sess=boss\r\nOrigin: https://me.example:80.evil.example\r\n", 403},
        {"Cookie: sess=boss\r\nOrigin: https://evil.example\r\nSec-Fetch-Site: same-origin\r\n",
         403},
        {"Cookie: sess=boss\r\nSec-Fetch-Site: cross-site\r\n", 403},
        {"Cookie: sess=boss\r\nSec-Fetch-Site: none\r\n", 403},
        {"Cookie: sess=boss\r\nSec-Fetch-Site: same-origin\r\n", 200},
        {"Cookie: sess=boss\r\nOrigin: http://me.example:80\r\n", 200},
        {"Cookie: sess=boss\r\nOrigin: https://me.example:80\r\n", 200},
        {"Cookie: sess=boss\r\nOrigin: https://b.example\r\n", 200},
        {"Cookie: sess=boss\r\nOrigin: https://admin.example\r\n", 200},
        {"Authorization: Bearer boss\r\nOrigin: https://evil.example\r\n", 200},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(status_of("POST /admin", cases[i].headers), cases[i].status);
}

static void options_tells_the_methods_and_listed_pages_may_ask(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(&kit, "OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 204);
    assert_non_null(strstr(answer, "\r\nAllow: GET, HEAD, POST\r\n"));
    assert_null(strstr(answer, "Access-Control"));
    assert_null(strstr(answer, "Content-Length"));
    assert_int_equal(status_of("OPTIONS /nowhere", ""), 404);
    answer =
        door_kit_ask(&kit, "OPTIONS /upload HTTP/1.1\r\nHost: h\r\nOrigin: https://b.example\r\n"
                           "Access-Control-Request-Method: POST\r\n\r\n");
    assert_int_equal(talk_status(answer), 204);
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Origin: https://b.example\r\n"));
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Headers: Authorization, "));
    answer = door_kit_ask(&kit,
                          "GET /viewer/x HTTP/1.1\r\nHost: h\r\nOrigin: https://b.example\r\n\r\n");
    assert_int_equal(talk_status(answer), 401);
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Origin: https://b.example\r\n"));
    answer = door_kit_ask(&kit,
                          "GET /hello HTTP/1.1\r\nHost: h\r\nOrigin: https://evil.example\r\n\r\n");
    assert_int_equal(talk_status(answer), 200);
    assert_null(strstr(answer, "Access-Control"));
}

static void nothing_is_read_before_the_caller_is_known(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /admin HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n"
                   "Expect: 100-continue\r\n\r\n");
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 401); /* and no 100 before it */
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_with_two_lengths_is_refused_and_the_connection_closed),
        cmocka_unit_test(a_length_or_coding_that_is_not_plain_is_refused),
        cmocka_unit_test(folded_or_too_many_headers_are_refused),
        cmocka_unit_test(what_may_stand_once_is_refused_twice),
        cmocka_unit_test(one_host_is_needed),
        cmocka_unit_test(parameters_are_decoded_and_literals_win),
        cmocka_unit_test(a_path_or_query_that_is_no_text_is_refused),
        cmocka_unit_test(a_number_in_a_path_is_a_number_or_404),
        cmocka_unit_test(only_a_clean_request_id_is_taken_over),
        cmocka_unit_test(a_role_is_needed_and_a_higher_one_does),
        cmocka_unit_test(who_asks_too_often_is_told_when_to_come_back),
        cmocka_unit_test(the_session_cookie_counts_like_a_token_for_reading),
        cmocka_unit_test(a_cookie_changes_nothing_for_another_sites_page),
        cmocka_unit_test(options_tells_the_methods_and_listed_pages_may_ask),
        cmocka_unit_test(nothing_is_read_before_the_caller_is_known),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
