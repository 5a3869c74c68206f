/*
 * test_door.c - the way in from end to end: answers, errors, keeping and ending connections.
 *
 * Covers: door_serve door_reply
 */
#include "common/door.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "tests/kit/door_kit.h"
#include "tests/kit/kit.h"
#include "tests/kit/talk.h"

static struct door_kit kit;

static int set_up(void **state)
{
    (void)state;
    door_kit_open(&kit, (struct door_conf){0});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    door_kit_close(&kit);
    return 0;
}

static void a_request_is_answered(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(&kit, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 200);
    assert_string_equal(talk_body(answer), "hello");
    assert_non_null(strstr(answer, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(answer, "\r\nDate: "));
    assert_null(strstr(answer, "\r\nConnection:"));
    for (int i = 0; i < 200 && atomic_load(&kit.done) == 0; i++)
        clock_sleep_ms(10);
    assert_true(atomic_load(&kit.done) > 0);
    assert_int_equal(atomic_load(&kit.last_status), 200);
}

static void the_root_path_is_a_route_like_others(void **state)
{
    (void)state;
    assert_string_equal(talk_body(door_kit_ask(&kit, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")),
                        "hello");
    assert_int_equal(talk_status(door_kit_ask(&kit, "GET // HTTP/1.1\r\nHost: h\r\n\r\n")), 404);
    assert_int_equal(talk_status(door_kit_ask(&kit, "GET /hello/ HTTP/1.1\r\nHost: h\r\n\r\n")),
                     404);
}

static void head_has_the_headers_of_get_and_no_body(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(talk_wait(talk, "Content-Length: 5\r\n", 2000));
    assert_false(talk_wait(talk, "hello", 200));
    talk->n = 0;
    talk->in[0] = '\0';
    talk_say(talk, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(talk_wait(talk, "\r\n\r\n", 2000));
    assert_false(talk_wait(talk, "part", 200));
}

static void an_unknown_path_is_404_and_a_wrong_method_405_with_allow(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(&kit, "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 404);
    assert_non_null(strstr(answer, "\"success\":false"));
    assert_non_null(strstr(answer, "\"code\":\"not_found\""));
    answer = door_kit_ask(&kit, "DELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 405);
    assert_non_null(strstr(answer, "\r\nAllow: GET, HEAD, POST\r\n"));
    assert_non_null(strstr(answer, "\"code\":\"method_not_allowed\""));
    /* what a literal path does not do, /echo/:name does not do for it */
    answer = door_kit_ask(&kit, "POST /echo/literal HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 405);
    answer = door_kit_ask(&kit, "GET /echo/posted HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 405);
    assert_non_null(strstr(answer, "\r\nAllow: POST\r\n"));
}

static void an_error_shows_its_message_only_below_500(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(&kit, "GET /fail/conflict HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 409);
    assert_non_null(strstr(answer, "the inside story"));
    answer =
        door_kit_ask(&kit, "GET /fail/internal HTTP/1.1\r\nHost: h\r\nX-Request-Id: abc-1\r\n\r\n");
    assert_int_equal(talk_status(answer), 500);
    assert_null(strstr(answer, "the inside story"));
    assert_non_null(strstr(answer, "\"requestId\":\"abc-1\""));
    assert_non_null(strstr(answer, "\r\nX-Request-Id: abc-1\r\n"));
    answer = door_kit_ask(&kit, "GET /fail/busy HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 503);
    assert_non_null(strstr(answer, "\r\nRetry-After: 2\r\n"));
    answer = door_kit_ask(&kit, "GET /fail/rate_limited HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 429);
    assert_non_null(strstr(answer, "\r\nRetry-After: 2\r\n"));
}

static void
every_answer_carries_the_security_headers_unless_the_handler_says_otherwise(void **state)
{
    (void)state;
    const char *answer = door_kit_ask(&kit, "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(answer, "\r\nX-Frame-Options: DENY\r\n"));
    assert_non_null(strstr(answer, "\r\nReferrer-Policy: no-referrer\r\n"));
    assert_non_null(strstr(answer, "\r\nContent-Security-Policy: default-src 'none'\r\n"));
    assert_non_null(strstr(answer, "\r\nCache-Control: no-store\r\n"));
    answer = door_kit_ask(&kit, "GET /headers HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(answer), 201);
    assert_non_null(strstr(answer, "\r\nContent-Security-Policy: default-src 'self'\r\n"));
    assert_null(strstr(answer, "default-src 'none'"));
    assert_non_null(strstr(answer, "\r\nCache-Control: max-age=60\r\n"));
    assert_null(strstr(answer, "no-store"));
    assert_null(strstr(answer, "X-Injected"));
}

static void a_connection_carries_many_requests(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    for (int i = 0; i < 50; i++) {
        talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_string_equal(talk_body(talk_answer(talk)), "hello");
    }
}

/* A client's pool that knows it does not send into a connection that is about to end. */
static void how_long_a_connection_is_kept_is_told(void **state)
{
    (void)state;
    struct door_kit brief;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(talk_answer(talk), "\r\nKeep-Alive: timeout=1\r\n"));
    door_kit_open(&brief, (struct door_conf){.keep_alive_ms = -1});
    AUTO(talk_close) struct talk *once = talk_open(brief.port);
    talk_say(once, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(talk_answer(once), "\r\nConnection: close\r\n"));
    assert_true(talk_ended(once, 2000));
    door_kit_close(&brief);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                   "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nGET "
                   "POST /sink HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "2\r\nab\r\n0\r\n\r\n"
                   "GET /echo/last HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(talk_answer(talk), "{\"n\":3,"));
    assert_string_equal(talk_body(talk_answer(talk)), "hello");
    assert_non_null(strstr(talk_answer(talk), "{\"n\":2,"));
    assert_non_null(strstr(talk_answer(talk), "\"name\":\"last\""));
}

static void connection_close_is_obeyed_and_http_1_0_closes(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(talk_answer(talk), "\r\nConnection: close\r\n"));
    assert_true(talk_ended(talk, 2000));
    AUTO(talk_close) struct talk *old = talk_open(kit.port);
    talk_say(old, "GET /stream HTTP/1.0\r\n\r\n");
    assert_true(talk_ended(old, 2000));
    assert_non_null(strstr(old->in, "\r\n\r\npart part part "));
}

static void what_is_not_http_is_refused_as_json(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "this is no request\r\n\r\n");
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 400);
    assert_non_null(strstr(answer, "\"code\":\"bad_request\""));
    assert_true(talk_ended(talk, 2000));
    assert_int_equal(talk_status(door_kit_ask(&kit, "GET /hello HTTP/3.0\r\nHost: h\r\n\r\n")),
                     400);
}

/* Somebody who speaks TLS here, or ends lines without CR, is told so and does not wait. */
static void what_will_never_be_a_head_is_told_at_once(void **state)
{
    static const char *const wrong[] = {"\x16\x03\x01\x02", "GET /hello HTTP/1.1\nHost: h\n",
                                        "\r\n\n", "{\"json\":"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(talk_close) struct talk *talk = talk_open(kit.port);
        talk_say(talk, wrong[i]);
        assert_true(talk_wait(talk, "CRLF", 1000)); /* a head has 2 s here */
        assert_int_equal(talk_status(talk_answer(talk)), 400);
        assert_true(talk_ended(talk, 2000));
    }
}

static void headers_over_16_kib_are_refused(void **state)
{
    (void)state;
    static char big[20000];
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    memset(big, 'a', sizeof(big) - 1);
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\nX-Long: ");
    talk_say(talk, big);
    talk_say(talk, "\r\n\r\n");
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 431);
    assert_non_null(strstr(answer, "HTTP/1.1 431 Request Header Fields Too Large\r\n"));
    assert_non_null(strstr(answer, "\"code\":\"head_too_large\""));
    assert_non_null(strstr(answer, "16 KiB"));
}

static void a_stream_arrives_in_chunks_and_ends(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    const char *answer = talk_answer(talk);
    assert_non_null(strstr(answer, "\r\nTransfer-Encoding: chunked\r\n"));
    assert_string_equal(talk_body(answer), "5\r\npart \r\n5\r\npart \r\n5\r\npart \r\n0\r\n\r\n");
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_string_equal(talk_body(talk_answer(talk)), "hello");
}

static void a_stream_learns_that_its_client_has_gone(void **state)
{
    (void)state;
    struct talk *talk = talk_open(kit.port);
    talk_say(talk, "GET /forever HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(talk_wait(talk, ": tick", 2000));
    assert_int_equal(atomic_load(&kit.streams), 1);
    talk_close(&talk);
    for (int i = 0; i < 300 && atomic_load(&kit.streams) > 0; i++)
        clock_sleep_ms(10);
    assert_int_equal(atomic_load(&kit.streams), 0);
}

static void a_shut_door_answers_503_and_ends_its_streams(void **state)
{
    (void)state;
    struct door_kit other;
    door_kit_open(&other, (struct door_conf){0});
    AUTO(talk_close) struct talk *stream = talk_open(other.port);
    AUTO(talk_close) struct talk *talk = talk_open(other.port);
    talk_say(stream, "GET /forever HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(talk_wait(stream, ": tick", 2000));
    door_shut(other.door);
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 503);
    assert_non_null(strstr(answer, "\"code\":\"shutting_down\""));
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    assert_true(talk_wait(stream, "\r\n0\r\n\r\n", 2000));
    door_kit_close(&other);
    assert_null(other.door);
}

static void *send_the_rest(void *arg)
{
    clock_sleep_ms(300);
    talk_say(arg, "67890");
    return NULL;
}

static void closing_waits_for_the_request_in_hand(void **state)
{
    (void)state;
    struct door_kit other;
    pthread_t thread;
    door_kit_open(&other, (struct door_conf){0});
    AUTO(talk_close) struct talk *talk = talk_open(other.port);
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
    clock_sleep_ms(100);
    assert_int_equal(pthread_create(&thread, NULL, send_the_rest, talk), 0);
    door_kit_close(&other);
    pthread_join(thread, NULL);
    assert_non_null(strstr(talk_answer(talk), "{\"n\":10,"));
}

static void a_port_in_use_is_said_in_a_sentence(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct door *door = NULL;
    struct door_conf conf = {.bind = "127.0.0.1", .port = kit.port, .threads = 1};
    conf.header_timeout_ms = 1000;
    assert_fails(door_open(&conf, &door, &err), err, ERR_INTERNAL);
    assert_non_null(strstr(err.msg, "127.0.0.1"));
    assert_null(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered),
        cmocka_unit_test(the_root_path_is_a_route_like_others),
        cmocka_unit_test(head_has_the_headers_of_get_and_no_body),
        cmocka_unit_test(an_unknown_path_is_404_and_a_wrong_method_405_with_allow),
        cmocka_unit_test(an_error_shows_its_message_only_below_500),
        cmocka_unit_test(
            every_answer_carries_the_security_headers_unless_the_handler_says_otherwise),
        cmocka_unit_test(a_connection_carries_many_requests),
        cmocka_unit_test(how_long_a_connection_is_kept_is_told),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(connection_close_is_obeyed_and_http_1_0_closes),
        cmocka_unit_test(what_is_not_http_is_refused_as_json),
        cmocka_unit_test(what_will_never_be_a_head_is_told_at_once),
        cmocka_unit_test(headers_over_16_kib_are_refused),
        cmocka_unit_test(a_stream_arrives_in_chunks_and_ends),
        cmocka_unit_test(a_stream_learns_that_its_client_has_gone),
        cmocka_unit_test(a_shut_door_answers_503_and_ends_its_streams),
        cmocka_unit_test(closing_waits_for_the_request_in_hand),
        cmocka_unit_test(a_port_in_use_is_said_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
