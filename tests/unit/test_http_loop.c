#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/str.h"
#include "tests/kit/kit.h"
#include "tests/kit/port.h"
#include "tests/kit/wire.h"

enum { FLIGHTS = 64, SUBMITTERS = 4 };

/* What done() saw; shared with the loop's thread. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t landed;
    size_t n, ok, by_code[ERR_COUNT_];
    pthread_t thread;
    char body[64];
    struct str kept;
} seen = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .landed = PTHREAD_COND_INITIALIZER, .kept = STR_INIT(0)};

static void forget(void)
{
    pthread_mutex_lock(&seen.lock);
    seen.n = seen.ok = 0;
    memset(seen.by_code, 0, sizeof seen.by_code);
    pthread_mutex_unlock(&seen.lock);
}

static void note(void *arg, struct http_answer *a)
{
    pthread_mutex_lock(&seen.lock);
    seen.n++;
    seen.ok += a->status == 200;
    seen.by_code[a->err.code]++;
    seen.thread = pthread_self();
    snprintf(seen.body, sizeof seen.body, "%s%s", a->body.p, arg ? (const char *)arg : "");
    pthread_cond_signal(&seen.landed);
    pthread_mutex_unlock(&seen.lock);
}

static void await(size_t n)
{
    pthread_mutex_lock(&seen.lock);
    while (seen.n < n)
        pthread_cond_wait(&seen.landed, &seen.lock);
    pthread_mutex_unlock(&seen.lock);
}

static struct http_loop *loop_of(size_t per_host)
{
    struct http_loop *loop = NULL;
    struct err err = ERR_INIT;

    forget();
    assert_ok(http_loop_open(128, per_host, &loop, &err), err);
    return loop;
}

static void what_was_submitted_is_copied_and_answered_on_the_loop(void **state)
{
    static const struct kit_step steps[] = {{.status = 200, .body = "read"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(8);
    char url[80], line[] = "X-Kept: yes", body[] = "some body", mark[] = "!";
    const char *headers[] = {line, NULL};
    struct http_req req = {.method = "POST",
                           .url = url,
                           .headers = headers,
                           .body = SV_LIT("some body"),
                           .answer_max = 100};

    (void)state;
    req.body.p = body;
    snprintf(url, sizeof url, "%s/call", kit_wire_url(wire));
    http_submit(loop, &req, note, mark);
    memset(url, '#', sizeof url - 1);
    memset(line, '#', sizeof line - 1);
    memset(body, '#', sizeof body - 1);
    await(1);
    assert_string_equal(seen.body, "read!");
    assert_false(pthread_equal(seen.thread, pthread_self()));
    assert_string_equal(kit_wire_log(wire), "POST /call 9\n");
    assert_non_null(strstr(kit_wire_head(wire, 0), "\r\nX-Kept: yes\r\n"));
}

static void take_body(void *arg, struct http_answer *a)
{
    seen.kept = a->body; /* the loop is waited for before the test looks */
    a->body = (struct str)STR_INIT(0);
    note(arg, a);
}

static void done_may_take_the_body(void **state)
{
    static const struct kit_step steps[] = {{.status = 200, .body = "mine now"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(8);
    struct http_req req = {.method = "GET", .url = kit_wire_url(wire), .answer_max = 100};

    (void)state;
    http_submit(loop, &req, take_body, NULL);
    await(1);
    http_loop_close(&loop);
    assert_string_equal(seen.kept.p, "mine now");
    str_free(&seen.kept);
}

struct submitter {
    struct http_loop *loop;
    const char *url;
};

static void *submit_many(void *arg)
{
    const struct submitter *s = arg;
    struct http_req req = {.method = "GET", .url = s->url, .answer_max = 100, .total_ms = 30000};

    for (int i = 0; i < FLIGHTS; i++)
        http_submit(s->loop, &req, note, NULL);
    return NULL;
}

static void many_threads_submit_and_connections_are_few(void **state)
{
    static const struct kit_step steps[] = {{.status = 200, .body = "ok"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(6);
    struct submitter s = {loop, kit_wire_url(wire)};
    pthread_t threads[SUBMITTERS];

    (void)state;
    for (int i = 0; i < SUBMITTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, submit_many, &s), 0);
    for (int i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    await(SUBMITTERS * FLIGHTS);
    assert_int_equal(seen.ok, SUBMITTERS * FLIGHTS);
    assert_in_range(kit_wire_connections(wire), 1, 6);
}

static void each_failure_has_its_code(void **state)
{
    static const struct kit_step steps[] = {
        {.act = KIT_SILENT}, {.act = KIT_RESET}, {.status = 200, .body = "too long for its wall"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 3);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(8);
    struct http_req req = {.method = "GET", .url = kit_wire_url(wire), .answer_max = 10};
    struct http_req nobody = {.method = "GET", .answer_max = 10};
    int64_t from = clock_mono_ms();
    char url[40];

    (void)state;
    req.first_byte_ms = 200;
    http_submit(loop, &req, note, NULL);
    await(1);
    assert_int_equal(seen.by_code[ERR_TIMEOUT], 1);
    assert_in_range(clock_mono_ms() - from, 195, 2000);
    http_submit(loop, &req, note, NULL);
    await(2);
    assert_int_equal(seen.by_code[ERR_UPSTREAM], 1);
    http_submit(loop, &req, note, NULL);
    await(3);
    assert_int_equal(seen.by_code[ERR_TOO_LARGE], 1);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", kit_free_port());
    nobody.url = url;
    http_submit(loop, &nobody, note, NULL);
    await(4);
    assert_int_equal(seen.by_code[ERR_UPSTREAM], 2);
}

static void closing_ends_what_flies_and_what_waits(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_SILENT}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(2); /* so that most of them wait */
    struct http_req req = {.method = "GET", .url = kit_wire_url(wire), .answer_max = 10};

    (void)state;
    for (int i = 0; i < 10; i++)
        http_submit(loop, &req, note, NULL);
    while (kit_wire_count(wire) < 2)
        clock_sleep_ms(5);
    http_loop_close(&loop);
    assert_null(loop);
    assert_int_equal(seen.n, 10);
    assert_int_equal(seen.by_code[ERR_CLOSING], 10);
}

static void one_that_is_cancelled_ends_alone(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_SILENT}, {.status = 200, .body = "well"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 2);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(2);
    struct http_req req = {.method = "GET", .url = kit_wire_url(wire), .answer_max = 10};
    char first[] = "1", second[] = "2";

    (void)state;
    http_submit(loop, &req, note, first);
    while (kit_wire_count(wire) < 1)
        clock_sleep_ms(5);
    http_submit(loop, &req, note, second);
    await(1);
    assert_int_equal(seen.ok, 1);
    http_cancel(loop, first);
    await(2);
    assert_int_equal(seen.by_code[ERR_CLOSING], 1);
    http_cancel(loop, first); /* over already */
}

/* Neither of these servers ever answers a handshake. tests/e2e/http2.test.mjs has one that does. */
static void behind_tls_four_seek_a_connection_and_the_next_is_held_for_a_while(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_SILENT}};
    AUTO(kit_wire_close) struct kit_wire *near = kit_wire_open(steps, 1);
    AUTO(kit_wire_close) struct kit_wire *far = kit_wire_open(steps, 1);
    AUTO(http_loop_close) struct http_loop *loop = loop_of(8);
    char url[64], args[6];
    struct http_req req = {.method = "GET", .url = url, .answer_max = 10};
    int64_t from = clock_mono_ms();

    (void)state;
    snprintf(url, sizeof url, "https%s", kit_wire_url(near) + 4);
    for (int i = 0; i < 4; i++)
        http_submit(loop, &req, note, &args[i]);
    snprintf(url, sizeof url, "https%s", kit_wire_url(far) + 4);
    http_submit(loop, &req, note, &args[4]);
    http_submit(loop, &req, note, &args[5]);
    http_cancel(loop, &args[5]);
    await(1); /* it is found though it did not leave */
    assert_int_equal(seen.by_code[ERR_CLOSING], 1);
    while (kit_wire_connections(far) < 1)
        clock_sleep_ms(5);
    assert_in_range(clock_mono_ms() - from, 1950, 9000);
    assert_int_equal(kit_wire_connections(near), 1); /* the other three wait for what it bears */
    http_submit(loop, &req, note, &args[5]);
    http_loop_close(&loop);
    assert_int_equal(seen.by_code[ERR_CLOSING], 6 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_submitted_is_copied_and_answered_on_the_loop),
        cmocka_unit_test(done_may_take_the_body),
        cmocka_unit_test(many_threads_submit_and_connections_are_few),
        cmocka_unit_test(each_failure_has_its_code),
        cmocka_unit_test(closing_ends_what_flies_and_what_waits),
        cmocka_unit_test(one_that_is_cancelled_ends_alone),
        cmocka_unit_test(behind_tls_four_seek_a_connection_and_the_next_is_held_for_a_while),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
