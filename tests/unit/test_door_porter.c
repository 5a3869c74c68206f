/* test_door_porter.c - who waits at the door: clients that drip, too many of them, and those behind
 * proxies. None of them keeps a worker, or anybody else. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/door_internal.h"
#include "common/json.h"
#include "tests/kit/door_kit.h"
#include "tests/kit/kit.h"
#include "tests/kit/talk.h"

enum { DRIPS = 1000, BIG = 1000000, PATIENCE_MS = 4000 };

static void hello_on(struct talk *talk)
{
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_string_equal(talk_body(talk_answer(talk)), "hello");
}

/* A whole upload; how long it took. */
static int64_t upload(int port)
{
    static char body[BIG];
    AUTO(talk_close) struct talk *talk = talk_open(port);
    int64_t start = clock_mono_ms();
    talk_say(talk, "POST /upload HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer load\r\n"
                   "Content-Length: 1000000\r\n\r\n");
    talk_send(talk, body, sizeof body);
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "{\"n\":1000000,"));
    return clock_mono_ms() - start;
}

/* The kinds of slowness: in a head, before a body, in a chunked body, and no word at all. */
static const char *const slow[] = {
    "GET /hello HTTP/1.1\r\nX-Drip: ",
    "POST /upload HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer load\r\n"
    "Content-Length: 1000000\r\n\r\n",
    "POST /upload HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer load\r\n"
    "Transfer-Encoding: chunked\r\n\r\n1ff\r\n",
    "",
};

static void make_drips(int *fds, int port)
{
    for (int i = 0; i < DRIPS; i++) {
        char from[32];
        const char *say = slow[(size_t)i % COUNT_OF(slow)];
        snprintf(from, sizeof from, "127.%d.%d.1", 1 + i % 250, i / 250);
        fds[i] = talk_socket(from, port);
        if (*say)
            (void)!send(fds[i], say, strlen(say), MSG_NOSIGNAL);
    }
}

/* One more byte each; how many are still there? */
static int drip(int *fds)
{
    char c;
    int left = 0;
    for (int i = 0; i < DRIPS; i++) {
        ssize_t got = 1;
        if (fds[i] < 0)
            continue;
        if ((size_t)i % COUNT_OF(slow) != 3)
            (void)!send(fds[i], "1", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (got > 0)
            got = recv(fds[i], &c, 1, MSG_DONTWAIT);
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(fds[i]);
            fds[i] = -1;
        }
        left += fds[i] >= 0;
    }
    return left;
}

static void a_thousand_dripping_clients_hold_up_nobody_and_are_gone_in_time(void **state)
{
    (void)state;
    static int fds[DRIPS];
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){.threads = 4,
                                           .header_timeout_ms = PATIENCE_MS,
                                           .body_timeout_ms = 60000,
                                           .body_min_rate = 1000,
                                           .per_address_max = 8});
    kit.door->window_ms = PATIENCE_MS;
    make_drips(fds, kit.port);
    int64_t start = clock_mono_ms();
    assert_in_range(upload(kit.port), 0, PATIENCE_MS - 1000); /* and not after they have gone */
    assert_int_equal(drip(fds), DRIPS);
    int left = DRIPS;
    while (left > 0 && clock_mono_ms() - start < 6 * PATIENCE_MS) {
        assert_in_range(upload(kit.port), 0, PATIENCE_MS - 1000);
        clock_sleep_ms(100);
        left = drip(fds);
    }
    assert_int_equal(left, 0);
    assert_in_range(clock_mono_ms() - start, 1000, 3 * PATIENCE_MS);
    for (int i = 0; i < DRIPS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    door_kit_close(&kit);
}

/* The shape of every error, its id in the header and in the body. */
static void told_like_others(const char *answer)
{
    AUTO(json_free) struct json *doc = NULL;
    char id[100];
    struct err err = ERR_INIT;
    assert_ok(json_parse(sv_of(talk_body(answer)), &doc, &err), err);
    assert_int_equal(json_type(json_find(doc, "success")), JSON_BOOL);
    assert_true(strlen(json_text_or(doc, "message", "")) > 10);
    assert_true(strlen(json_text_or(doc, "requestId", "")) > 4);
    snprintf(id, sizeof id, "\r\nX-Request-Id: %s\r\n", json_text_or(doc, "requestId", ""));
    assert_non_null(strstr(answer, id));
}

static void an_address_over_its_connections_is_told_429(void **state)
{
    (void)state;
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){.per_address_max = 2});
    AUTO(talk_close) struct talk *first = talk_open_from("127.0.0.7", kit.port);
    AUTO(talk_close) struct talk *second = talk_open_from("127.0.0.7", kit.port);
    AUTO(talk_close) struct talk *third = talk_open_from("127.0.0.7", kit.port);
    const char *answer = talk_answer(third);
    assert_int_equal(talk_status(answer), 429);
    assert_non_null(strstr(answer, "\r\nRetry-After: 5\r\n"));
    assert_non_null(strstr(answer, "\"code\":\"rate_limited\""));
    told_like_others(answer);
    assert_true(talk_ended(third, 2000));
    assert_int_equal(atomic_load(&kit.refused_rate), 1);
    AUTO(talk_close) struct talk *other = talk_open_from("127.0.0.8", kit.port);
    hello_on(other);
    hello_on(first);
    hello_on(second);
    talk_close(&first);
    bool free_again = false;
    for (int i = 0; i < 100 && !free_again; i++) {
        AUTO(talk_close) struct talk *again = talk_open_from("127.0.0.7", kit.port);
        talk_say(again, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
        free_again = talk_status(talk_answer(again)) == 200;
    }
    assert_true(free_again);
    door_kit_close(&kit);
}

static void when_all_places_are_taken_newcomers_are_told_503_or_an_idle_one_goes(void **state)
{
    (void)state;
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){.connections_max = 3});
    struct talk *talks[3];
    for (size_t i = 0; i < COUNT_OF(talks); i++) {
        talks[i] = talk_open(kit.port);
        talk_say(talks[i], "GET /forever HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(talk_wait(talks[i], ": tick", 2000));
    }
    AUTO(talk_close) struct talk *late = talk_open(kit.port);
    const char *answer = talk_answer(late);
    assert_int_equal(talk_status(answer), 503);
    assert_non_null(strstr(answer, "\r\nRetry-After: 5\r\n"));
    assert_non_null(strstr(answer, "\"code\":\"busy\""));
    told_like_others(answer);
    assert_true(talk_ended(late, 2000));
    assert_int_equal(atomic_load(&kit.refused_busy), 1);
    talk_close(&talks[0]);
    for (int i = 0; i < 300 && atomic_load(&kit.streams) > 2; i++)
        clock_sleep_ms(10);
    AUTO(talk_close) struct talk *idle = talk_open(kit.port);
    hello_on(idle);
    clock_sleep_ms(30); /* from the worker's hands to the porter's */
    AUTO(talk_close) struct talk *next = talk_open(kit.port);
    hello_on(next);
    assert_true(talk_ended(idle, 1000));
    for (size_t i = 1; i < COUNT_OF(talks); i++)
        talk_close(&talks[i]);
    door_kit_close(&kit);
}

static const char *ask_via(int port, const char *proxy, const char *forwarded)
{
    static char answer[64 * 1024];
    char request[500];
    AUTO(talk_close) struct talk *talk = talk_open_from(proxy, port);
    snprintf(request, sizeof request, "GET /echo/x HTTP/1.1\r\nHost: h\r\n%s\r\n", forwarded);
    talk_say(talk, request);
    snprintf(answer, sizeof answer, "%s", talk_answer(talk));
    return answer;
}

static void only_a_trusted_proxy_says_who_its_client_is(void **state)
{
    (void)state;
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){.trusted_proxies = "127.0.9.0/24"});
    assert_non_null(strstr(ask_via(kit.port, "127.0.0.1", "X-Forwarded-For: 203.0.113.5\r\n"),
                           "\"remote\":\"127.0.0.1\""));
    assert_non_null(strstr(ask_via(kit.port, "127.0.9.1", ""), "\"remote\":\"127.0.9.1\""));
    assert_non_null(strstr(ask_via(kit.port, "127.0.9.1", "X-Forwarded-For: 203.0.113.5\r\n"),
                           "\"remote\":\"203.0.113.5\""));
    assert_non_null(strstr(ask_via(kit.port, "127.0.9.1",
                                   "X-Forwarded-For: 10.1.1.1, 203.0.113.5\r\n"
                                   "X-Forwarded-For: 127.0.9.77\r\n"),
                           "\"remote\":\"203.0.113.5\""));
    door_kit_close(&kit);
}

static void behind_a_trusted_proxy_each_client_counts_for_itself(void **state)
{
    (void)state;
    struct door_kit kit;
    struct talk *talks[4];
    door_kit_open(&kit, (struct door_conf){.trusted_proxies = "127.0.9.1", .per_address_max = 2});
    for (size_t i = 0; i < COUNT_OF(talks); i++) {
        char request[200];
        snprintf(request, sizeof request,
                 "GET /forever HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.%zu\r\n\r\n",
                 i / 2);
        talks[i] = talk_open_from("127.0.9.1", kit.port);
        talk_say(talks[i], request);
        assert_true(talk_wait(talks[i], ": tick", 2000));
    }
    const char *answer = ask_via(kit.port, "127.0.9.1", "X-Forwarded-For: 203.0.113.1\r\n");
    assert_int_equal(talk_status(answer), 429);
    assert_non_null(strstr(answer, "\r\nRetry-After: "));
    answer = ask_via(kit.port, "127.0.9.1", "X-Forwarded-For: 203.0.113.2\r\n");
    assert_int_equal(talk_status(answer), 200);
    for (size_t i = 0; i < COUNT_OF(talks); i++)
        talk_close(&talks[i]);
    for (int i = 0; i < 300 && atomic_load(&kit.streams) > 0; i++)
        clock_sleep_ms(10);
    answer = ask_via(kit.port, "127.0.9.1", "X-Forwarded-For: 203.0.113.1\r\n");
    assert_int_equal(talk_status(answer), 200);
    door_kit_close(&kit);
}

static void a_list_of_proxies_that_is_none_keeps_the_door_closed(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct door *door = NULL;
    struct door_conf conf = {.bind = "127.0.0.1", .threads = 1, .trusted_proxies = "my-proxy"};
    assert_fails(door_open(&conf, &door, &err), err, ERR_INTERNAL);
    assert_null(door);
}

static void what_is_not_admitted_is_told_before_its_body_comes(void **state)
{
    (void)state;
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){0});
    atomic_store(&kit.full, true);
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    assert_true(talk_wait(talk, "\r\n\r\n", 1000));
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 503);
    assert_non_null(strstr(answer, "\r\nRetry-After: 7\r\n"));
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    AUTO(talk_close) struct talk *other = talk_open(kit.port);
    hello_on(other);
    atomic_store(&kit.full, false);
    AUTO(talk_close) struct talk *huge = talk_open(kit.port); /* its head alone says it */
    talk_say(huge, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000000\r\n\r\n");
    assert_true(talk_wait(huge, "\"too_large\"", 1000));
    door_kit_close(&kit);
}

static void an_aborted_stream_does_not_look_whole(void **state)
{
    (void)state;
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){0});
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "GET /half HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(talk_ended(talk, 2000));
    assert_non_null(strstr(talk->in, "half of it\r\n"));
    assert_null(strstr(talk->in, "\r\n0\r\n"));
    door_kit_close(&kit);
}

static void who_comes_while_the_door_is_shutting_is_told(void **state)
{
    (void)state;
    struct door_kit kit;
    door_kit_open(&kit, (struct door_conf){.close_wait_ms = 400});
    AUTO(talk_close) struct talk *idle = talk_open(kit.port);
    AUTO(talk_close) struct talk *stuck = talk_open(kit.port);
    AUTO(talk_close) struct talk *fresh = talk_open(kit.port);
    hello_on(idle);
    talk_say(stuck, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\n");
    char some[2000];
    memset(some, 'x', sizeof some);
    talk_send(stuck, some, sizeof some);
    clock_sleep_ms(50);
    door_shut(kit.door);
    assert_true(talk_ended(idle, 1000));
    talk_say(fresh, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(talk_status(talk_answer(fresh)), 503);
    int64_t start = clock_mono_ms();
    door_kit_close(&kit); /* the stuck one is cut when its time is up */
    assert_in_range(clock_mono_ms() - start, 200, 3000);
    assert_int_equal(atomic_load(&kit.last_code), ERR_CLOSING);
    assert_true(talk_ended(stuck, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_dripping_clients_hold_up_nobody_and_are_gone_in_time),
        cmocka_unit_test(an_address_over_its_connections_is_told_429),
        cmocka_unit_test(when_all_places_are_taken_newcomers_are_told_503_or_an_idle_one_goes),
        cmocka_unit_test(only_a_trusted_proxy_says_who_its_client_is),
        cmocka_unit_test(behind_a_trusted_proxy_each_client_counts_for_itself),
        cmocka_unit_test(a_list_of_proxies_that_is_none_keeps_the_door_closed),
        cmocka_unit_test(what_is_not_admitted_is_told_before_its_body_comes),
        cmocka_unit_test(an_aborted_stream_does_not_look_whole),
        cmocka_unit_test(who_comes_while_the_door_is_shutting_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
