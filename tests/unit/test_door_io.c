/* test_door_io.c - bodies: lengths and chunks, limits, slow clients, what is left unread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/door_internal.h"
#include "tests/kit/door_kit.h"
#include "tests/kit/kit.h"
#include "tests/kit/talk.h"

static struct door_kit kit;

static int set_up(void **state)
{
    (void)state;
    door_kit_open(&kit, (struct door_conf){.keep_alive_ms = 20000}); /* bytes are made meanwhile */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    door_kit_close(&kit);
    return 0;
}

/* The connection still answers: nothing of the body before was taken for a request. */
static void still_usable(struct talk *talk)
{
    talk_say(talk, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_string_equal(talk_body(talk_answer(talk)), "hello");
}

static char *make_bytes(size_t n, uint32_t *sum)
{
    char *p = malloc(n);
    assert_non_null(p);
    *sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = (char)(i * 7 + i / 251);
        *sum = *sum * 31 + (unsigned char)p[i];
    }
    return p;
}

static void bytes_free(char **p) { free(*p); }

static void a_body_of_known_length_arrives_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15000, 17000, 65535, 65536, 65537, 3000000};
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char line[200];
        uint32_t sum;
        AUTO(bytes_free) char *bytes = make_bytes(sizes[i] + 1, &sum);
        sum = 0;
        for (size_t k = 0; k < sizes[i]; k++)
            sum = sum * 31 + (unsigned char)bytes[k];
        snprintf(line, sizeof(line),
                 "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", sizes[i]);
        talk_say(talk, line);
        talk_send(talk, bytes, sizes[i]);
        snprintf(line, sizeof(line), "{\"n\":%zu,\"sum\":%u}", sizes[i], sum);
        assert_string_equal(talk_body(talk_answer(talk)), line);
    }
}

static void a_chunked_body_arrives_whole(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    char line[200];
    uint32_t sum;
    AUTO(bytes_free) char *bytes = make_bytes(200000, &sum);
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0, n = 1; at < 200000; at += n, n = n * 3 + 1) {
        n = n < 200000 - at ? n : 200000 - at;
        snprintf(line, sizeof(line), "%zX\r\n", n);
        talk_say(talk, line);
        talk_send(talk, bytes + at, n);
        talk_say(talk, "\r\n");
    }
    talk_say(talk, "0\r\n\r\n");
    snprintf(line, sizeof(line), "{\"n\":200000,\"sum\":%u}", sum);
    assert_string_equal(talk_body(talk_answer(talk)), line);
    still_usable(talk);
}

static void malformed_chunks_are_refused_and_the_connection_closed(void **state)
{
    (void)state;
    static const char *const bad[] = {"zz\r\n",
                                      "3\r\nabcd\r\n0\r\n\r\n",
                                      "-1\r\n",
                                      "\r\n",
                                      "3 4\r\nabc\r\n0\r\n\r\n",
                                      "ffffffffffffffff\r\nabc",
                                      "3\nabc\n0\n\n",
                                      " 3\r\nabc\r\n"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(talk_close) struct talk *talk = talk_open(kit.port);
        talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        talk_say(talk, bad[i]);
        assert_int_equal(talk_status(talk_answer(talk)), 400);
        assert_true(talk_ended(talk, 3000));
    }
}

static void a_body_over_its_limit_is_refused(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n1234567890123456");
    assert_string_equal(talk_body(talk_answer(talk)), "\"1234567890123456\"");
    talk_say(talk,
             "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 17\r\n\r\n12345678901234567");
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 413);
    assert_non_null(strstr(answer, "\"code\":\"too_large\""));
    still_usable(talk); /* 17 bytes are read away rather than the connection closed */
    talk_say(talk, "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "10\r\n1234567890123456\r\n0\r\n\r\n");
    assert_string_equal(talk_body(talk_answer(talk)), "\"1234567890123456\"");
    talk_say(talk, "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "11\r\n12345678901234567\r\n0\r\n\r\n");
    assert_int_equal(talk_status(talk_answer(talk)), 413);
    AUTO(talk_close) struct talk *none = talk_open(kit.port);
    talk_say(none, "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    assert_int_equal(talk_status(talk_answer(none)), 413);
}

static void a_refused_client_that_goes_on_sending_sees_why(void **state)
{
    (void)state;
    uint32_t sum;
    const size_t n = 4000000;
    AUTO(bytes_free) char *bytes = make_bytes(n, &sum);
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
    talk_send(talk, bytes, n);
    const char *answer = talk_answer(talk);
    assert_int_equal(talk_status(answer), 413);
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    assert_true(talk_ended(talk, 3000));
}

static void what_a_handler_leaves_unread_is_not_the_next_request(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n"
                   "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n.");
    assert_string_equal(talk_body(talk_answer(talk)), "1");
    still_usable(talk);
    talk_say(talk, "POST /one HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "5\r\nabcde\r\n0\r\n\r\n");
    assert_string_equal(talk_body(talk_answer(talk)), "1");
    still_usable(talk);
    char some[1500];
    memset(some, 'x', sizeof(some));
    talk_say(talk, "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n");
    talk_send(talk, some, sizeof(some));
    assert_string_equal(talk_body(talk_answer(talk)), "hello");
    assert_true(talk_ended(talk, 3000)); /* the rest does not come within a second */
}

static void expect_is_answered_when_the_handler_reads(void **state)
{
    (void)state;
    AUTO(talk_close) struct talk *talk = talk_open(kit.port);
    talk_say(talk,
             "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_true(talk_wait(talk, "HTTP/1.1 100 Continue\r\n\r\n", 2000));
    talk_say(talk, "abc");
    assert_true(talk_wait(talk, "{\"n\":3,", 2000));
    AUTO(talk_close) struct talk *refused = talk_open(kit.port);
    talk_say(
        refused,
        "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\nExpect: 100-continue\r\n\r\n");
    const char *answer = talk_answer(refused);
    assert_int_equal(talk_status(answer), 413);
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    AUTO(talk_close) struct talk *unread = talk_open(kit.port);
    talk_say(
        unread,
        "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_non_null(strstr(talk_answer(unread), "\r\nConnection: close\r\n"));
}

static void a_client_that_leaves_in_the_middle_is_noticed(void **state)
{
    (void)state;
    bool noticed = false;
    atomic_store(&kit.last_code, ERR_NONE);
    struct talk *talk = talk_open(kit.port);
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
    talk_close(&talk);
    for (int i = 0; i < 3000 && !noticed; i++) {
        noticed = atomic_load(&kit.last_code) == ERR_BAD_REQUEST;
        clock_sleep_ms(1);
    }
    assert_true(noticed);
}

struct drip {
    struct talk *talk;
    atomic_bool stop;
    const char *what;
    int every_ms;
};

static void *drip_run(void *arg)
{
    struct drip *drip = arg;
    while (!atomic_load(&drip->stop)) {
        talk_say(drip->talk, drip->what);
        clock_sleep_ms(drip->every_ms);
    }
    return NULL;
}

/* One byte at a time, for ever: how long until the answer, and which one? */
static int64_t drip_until_answer(int port, const char *request, const char *what, int every_ms)
{
    AUTO(talk_close) struct talk *talk = talk_open(port);
    struct drip drip = {.talk = talk, .what = what, .every_ms = every_ms};
    pthread_t thread;
    int64_t start = clock_mono_ms();
    talk_say(talk, request);
    assert_int_equal(pthread_create(&thread, NULL, drip_run, &drip), 0);
    assert_true(talk_wait(talk, "\r\n\r\n", 20000));
    int64_t took = clock_mono_ms() - start;
    atomic_store(&drip.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(talk_status(talk->in), 408);
    assert_non_null(strstr(talk->in, "\"code\":\"slow_body\""));
    return took;
}

static void a_dripping_body_is_cut_at_its_deadline(void **state)
{
    (void)state;
    struct door_kit other;
    door_kit_open(&other, (struct door_conf){.body_timeout_ms = 700});
    int64_t took = drip_until_answer(
        other.port, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n", "x", 20);
    assert_in_range(took, 650, 1500);
    took = drip_until_answer(other.port,
                             "POST /sink HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                             "1\r\nx\r\n", 20);
    assert_in_range(took, 650, 1500);
    door_kit_close(&other);
}

static void a_body_that_stands_still_is_cut_at_its_deadline(void **state)
{
    (void)state;
    struct door_kit other;
    door_kit_open(&other, (struct door_conf){.body_timeout_ms = 1300, .header_timeout_ms = 300});
    AUTO(talk_close) struct talk *talk = talk_open(other.port);
    int64_t start = clock_mono_ms();
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
    clock_sleep_ms(800); /* longer than civetweb's own patience */
    talk_say(talk, "6");
    assert_int_equal(talk_status(talk_answer(talk)), 408);
    assert_in_range(clock_mono_ms() - start, 1250, 2200);
    door_kit_close(&other);
}

static void a_body_under_the_minimum_rate_is_cut_after_a_window(void **state)
{
    (void)state;
    struct door_kit other;
    door_kit_open(&other, (struct door_conf){.body_min_rate = 100000, .body_timeout_ms = 60000});
    other.door->window_ms = 500;
    int64_t took = drip_until_answer(
        other.port, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n",
        "0123456789", 20);
    assert_in_range(took, 450, 2500);
    /* Twice the rate passes: 4000 bytes every 20 ms. */
    AUTO(talk_close) struct talk *talk = talk_open(other.port);
    char part[4000];
    memset(part, 'x', sizeof(part));
    talk_say(talk, "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 240000\r\n\r\n");
    for (int i = 0; i < 60; i++) {
        talk_send(talk, part, sizeof(part));
        clock_sleep_ms(15);
    }
    assert_int_equal(talk_status(talk_answer(talk)), 200);
    door_kit_close(&other);
}

static void slow_clients_do_not_keep_the_workers(void **state)
{
    (void)state;
    struct door_kit other;
    struct talk *slow[4];
    door_kit_open(&other, (struct door_conf){.threads = 4, .body_timeout_ms = 500});
    for (size_t i = 0; i < COUNT_OF(slow); i++) {
        slow[i] = talk_open(other.port);
        talk_say(slow[i], "POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n1");
    }
    AUTO(talk_close) struct talk *talk = talk_open(other.port);
    int64_t start = clock_mono_ms();
    still_usable(talk);
    assert_true(clock_mono_ms() - start < 3000);
    for (size_t i = 0; i < COUNT_OF(slow); i++)
        talk_close(&slow[i]);
    door_kit_close(&other);
}

static void dripping_headers_are_cut(void **state)
{
    (void)state;
    struct door_kit other;
    door_kit_open(&other, (struct door_conf){.header_timeout_ms = 500});
    AUTO(talk_close) struct talk *talk = talk_open(other.port);
    int64_t start = clock_mono_ms();
    talk_say(talk, "GET /hello HTTP/1.1\r\nX-Drip: ");
    while (!talk_ended(talk, 20) && clock_mono_ms() - start < 5000)
        talk_say(talk, "x");
    assert_in_range(clock_mono_ms() - start, 400, 2000);
    door_kit_close(&other);
}

/* The stream's own thread comes free, without the client's help. */
static void flood_ends(struct door_kit *other)
{
    AUTO(talk_close) struct talk *talk = talk_open(other->port);
    talk_say(talk, "GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 200 && atomic_load(&other->streams) == 0; i++)
        clock_sleep_ms(10);
    assert_int_equal(atomic_load(&other->streams), 1);
    for (int i = 0; i < 500 && atomic_load(&other->streams) > 0; i++)
        clock_sleep_ms(10);
    assert_int_equal(atomic_load(&other->streams), 0);
}

static void a_client_that_does_not_read_is_let_go(void **state)
{
    (void)state;
    struct door_kit other;
    door_kit_open(&other, (struct door_conf){.header_timeout_ms = 500});
    flood_ends(&other);
    door_kit_close(&other);
    door_kit_open(&other, (struct door_conf){.header_timeout_ms = 60000, .body_min_rate = 100000});
    other.door->window_ms = 500;
    flood_ends(&other);
    door_kit_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_of_known_length_arrives_whole),
        cmocka_unit_test(a_chunked_body_arrives_whole),
        cmocka_unit_test(malformed_chunks_are_refused_and_the_connection_closed),
        cmocka_unit_test(a_body_over_its_limit_is_refused),
        cmocka_unit_test(a_refused_client_that_goes_on_sending_sees_why),
        cmocka_unit_test(what_a_handler_leaves_unread_is_not_the_next_request),
        cmocka_unit_test(expect_is_answered_when_the_handler_reads),
        cmocka_unit_test(a_client_that_leaves_in_the_middle_is_noticed),
        cmocka_unit_test(a_dripping_body_is_cut_at_its_deadline),
        cmocka_unit_test(a_body_that_stands_still_is_cut_at_its_deadline),
        cmocka_unit_test(a_body_under_the_minimum_rate_is_cut_after_a_window),
        cmocka_unit_test(slow_clients_do_not_keep_the_workers),
        cmocka_unit_test(dripping_headers_are_cut),
        cmocka_unit_test(a_client_that_does_not_read_is_let_go),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
