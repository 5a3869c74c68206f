/*
 * Against a scripted wire (faults), so each expectation is about what we do with what came.
 * Covers: http http_own
 */
#include "common/http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/kit/kit.h"
#include "tests/kit/port.h"
#include "tests/kit/wire.h"

static struct kit_wire *wire;
static char url[200];

/* A wire with these steps, and the address of something on it. */
static void script(const struct kit_step *steps, size_t n, const char *path)
{
    kit_wire_close(&wire);
    wire = kit_wire_open(steps, n);
    snprintf(url, sizeof url, "%s%s", kit_wire_url(wire), path);
}
#define SCRIPT(path, ...)                                                                          \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    script(steps_, COUNT_OF(steps_), path)

static struct http_req get(void)
{
    return (struct http_req){.method = "GET", .url = url, .total_ms = 20000, .answer_max = 1 << 20};
}

static void an_answer_brings_status_headers_and_body(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/x/../y?q=1", {.status = 500,
                           .headers = "X-One:  two words \r\nx-oneness: no\r\nEmpty:\r\n",
                           .body = "not today"});
    assert_ok(http_perform(&req, &a, &err), err); /* a 500 is an answer; the caller judges it */
    assert_int_equal(a.status, 500);
    assert_string_equal(a.body.p, "not today");
    assert_true(sv_eqz(http_header(&a, "x-one"), "two words"));
    assert_true(sv_eqz(http_header(&a, "EMPTY"), ""));
    assert_true(sv_eqz(http_header(&a, "absent"), ""));
    assert_true(a.total_us > 0 && a.first_byte_us > 0 && a.total_us >= a.first_byte_us);
    assert_string_equal(kit_wire_log(wire), "GET /x/../y?q=1 0\n"); /* dots are kept */
}

static void a_connection_is_used_again(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.status = 200, .body = "ok"});
    for (int i = 0; i < 5; i++)
        assert_ok(http_perform(&req, &a, &err), err);
    assert_int_equal(kit_wire_count(wire), 5);
    assert_int_equal(kit_wire_connections(wire), 1);
}

static void a_kept_connection_that_was_closed_is_replaced(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.act = KIT_LEAVE, .status = 200, .body = "bye"}, {.status = 200, .body = "again"});
    assert_ok(http_perform(&req, &a, &err), err);
    clock_sleep_ms(50);
    req.method = "PUT";
    req.body = SV_LIT("some bytes");
    assert_ok(http_perform(&req, &a, &err), err);
    assert_string_equal(a.body.p, "again");
    assert_int_equal(kit_wire_connections(wire), 2);
}

static void headers_and_a_body_arrive_as_given(void **state)
{
    static const char *const lines[] = {"X-Token: abc", NULL};
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/in", {.status = 201});
    req.method = "POST";
    req.headers = lines;
    req.body = SV_LIT("{\"a\":\0 1}");
    assert_ok(http_perform(&req, &a, &err), err);
    assert_string_equal(kit_wire_log(wire), "POST /in 9\n");
    assert_non_null(strstr(kit_wire_head(wire, 0), "\r\nX-Token: abc\r\n"));
    assert_null(strcasestr(kit_wire_head(wire, 0), "\r\nContent-Type:"));
    assert_null(strcasestr(kit_wire_head(wire, 0), "\r\nExpect:"));
    assert_null(strcasestr(kit_wire_head(wire, 0), "\r\nAccept-Encoding:"));
}

static void a_put_without_a_body_says_its_length(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/empty", {.status = 200});
    req.method = "PUT";
    assert_ok(http_perform(&req, &a, &err), err);
    assert_non_null(strstr(kit_wire_head(wire, 0), "\r\nContent-Length: 0\r\n"));
}

static void a_head_has_no_body_to_wait_for(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.status = 200, .body = "never sent"});
    req.method = "HEAD";
    assert_ok(http_perform(&req, &a, &err), err);
    assert_true(sv_eqz(http_header(&a, "Content-Length"), "10"));
    assert_int_equal(a.body.n, 0);
}

struct source {
    size_t left, fail_at;
};

static bool give(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct source *s = arg;

    if (s->fail_at > 0 && s->left <= s->fail_at)
        return err_set(err, ERR_BROKEN_IMAGE, "the client went away");
    *got = n < 10000 ? n : 10000;
    *got = *got < s->left ? *got : s->left;
    memset(buf, 'x', *got);
    s->left -= *got;
    return true;
}

static void a_body_can_come_from_a_source(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct source source = {.left = 3 << 20};
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/big", {.status = 200});
    req.method = "PUT";
    req.source = give;
    req.source_arg = &source;
    req.source_length = 3 << 20;
    assert_ok(http_perform(&req, &a, &err), err);
    assert_string_equal(kit_wire_log(wire), "PUT /big 3145728\n");
    assert_int_equal(source.left, 0);
    assert_null(strcasestr(kit_wire_head(wire, 0), "\r\nExpect:")); /* nobody waits for leave */
}

static bool give_slowly(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    clock_sleep_ms(30);
    return give(arg, buf, n < 1000 ? n : 1000, got, err);
}

static void the_time_of_a_slow_source_does_not_count(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct source source = {.left = 10000};
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/slow", {.status = 200});
    req.method = "PUT";
    req.source = give_slowly;
    req.source_arg = &source;
    req.source_length = 10000;
    req.total_ms = 150; /* the source takes 300 */
    assert_ok(http_perform(&req, &a, &err), err);
    assert_string_equal(kit_wire_log(wire), "PUT /slow 10000\n");
}

static void with_a_source_the_server_has_its_time_too(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct source source = {.left = 10};
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/silent", {.act = KIT_SILENT});
    req.method = "PUT";
    req.source = give;
    req.source_arg = &source;
    req.source_length = 10;
    req.total_ms = 150;
    assert_fails(http_perform(&req, &a, &err), err, ERR_TIMEOUT);
}

static bool begin_again(void *arg)
{
    ((struct source *)arg)->left = 10;
    return true;
}

/* The server has closed the connection meanwhile; that is seen when the body is on its way. */
static void a_source_that_can_begin_again_outlives_a_dead_connection(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct source source = {.left = 10};
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/left", {.act = KIT_LEAVE, .status = 200}, {.status = 201});
    assert_ok(http_perform(&req, &a, &err), err);
    req.method = "PUT";
    req.source = give;
    req.rewind = begin_again;
    req.source_arg = &source;
    req.source_length = 10;
    assert_ok(http_perform(&req, &a, &err), err);
    assert_int_equal(a.status, 201);
}

static void the_error_of_a_source_is_the_error_of_the_request(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct source source = {.left = 3 << 20, .fail_at = 1 << 20};
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/big", {.status = 200});
    req.method = "PUT";
    req.source = give;
    req.source_arg = &source;
    req.source_length = 3 << 20;
    assert_fails(http_perform(&req, &a, &err), err, ERR_BROKEN_IMAGE);
    source = (struct source){.left = 1 << 20}; /* less than was promised */
    assert_fails(http_perform(&req, &a, &err), err, ERR_INTERNAL);
}

static void an_answer_over_its_wall_is_refused(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.status = 200, .body = "0123456789"});
    req.answer_max = 10;
    assert_ok(http_perform(&req, &a, &err), err);
    req.answer_max = 9;
    assert_fails(http_perform(&req, &a, &err), err, ERR_TOO_LARGE);
    assert_int_equal(a.status, 0);
    assert_int_equal(a.err.code, ERR_TOO_LARGE);
}

static void a_redirect_is_not_followed(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.status = 302, .headers = "Location: /elsewhere\r\n"});
    assert_ok(http_perform(&req, &a, &err), err);
    assert_int_equal(a.status, 302);
    assert_int_equal(kit_wire_count(wire), 1);
}

static void proxies_of_the_environment_are_not_asked(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();
    bool ok;

    (void)state;
    SCRIPT("/", {.status = 200});
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    ok = http_perform(&req, &a, &err);
    unsetenv("http_proxy");
    assert_ok(ok, err);
}

static void other_schemes_are_refused(void **state)
{
    static const char *const urls[] = {"file:///etc/hostname", "ftp://127.0.0.1/x", "nonsense:/",
                                       ""};
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct http_req req = get();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct err err = ERR_INIT;

        req.url = urls[i];
        assert_fails(http_perform(&req, &a, &err), err, ERR_UPSTREAM);
    }
}

static void silence_ends_with_the_first_byte_limit(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();
    int64_t from = clock_mono_ms();

    (void)state;
    SCRIPT("/", {.act = KIT_SILENT});
    req.first_byte_ms = 200;
    req.stall_ms = 50; /* does not count while an answer is only awaited */
    assert_fails(http_perform(&req, &a, &err), err, ERR_TIMEOUT);
    assert_in_range(clock_mono_ms() - from, 195, 2000);
    assert_non_null(strstr(err.msg, "no answer within 200 ms"));
}

static void silence_ends_with_the_whole_limit(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.act = KIT_SILENT});
    req.total_ms = 150;
    assert_fails(http_perform(&req, &a, &err), err, ERR_TIMEOUT);
}

static void a_trickle_ends_as_stalled(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();
    int64_t from = clock_mono_ms();

    (void)state;
    SCRIPT("/", {.act = KIT_DRIP,
                 .status = 200,
                 .body = "0123456789012345678901234567890123456789012345678901234567890123456789"});
    req.stall_bytes_s = 1000;
    req.stall_ms = 300;
    assert_fails(http_perform(&req, &a, &err), err, ERR_TIMEOUT);
    assert_in_range(clock_mono_ms() - from, 295, 3000);
}

static void broken_answers_are_upstream_errors(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct http_req req = get();

    (void)state;
    SCRIPT("/", {.act = KIT_RESET}, {.act = KIT_HALF, .status = 200, .body = "half of it"});
    for (int i = 0; i < 2; i++) {
        struct err err = ERR_INIT;

        assert_fails(http_perform(&req, &a, &err), err, ERR_UPSTREAM);
        assert_int_equal(a.status, 0);
    }
}

static void a_message_names_the_host_and_never_the_query(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    struct http_req req = get();
    char host[40];
    int port = kit_free_port();

    (void)state;
    snprintf(host, sizeof host, "127.0.0.1:%d: ", port);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/pic?X-Amz-Signature=secret", port);
    assert_fails(http_perform(&req, &a, &err), err, ERR_UPSTREAM);
    assert_non_null(strstr(err.msg, host));
    assert_null(strstr(err.msg, "secret"));
    assert_null(strstr(err.msg, "Signature"));
}

enum { THREADS = 8, ROUNDS = 50 };

static void *ask(void *arg)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct http_req req = get();
    uintptr_t good = 0;

    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct err err = ERR_INIT;

        good += http_perform(&req, &a, &err) && a.status == 200 && a.body.n == 5;
    }
    return (void *)good;
}

static void each_thread_has_its_own_connection(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    SCRIPT("/", {.status = 200, .body = "hello"});
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;

        pthread_join(threads[i], &good);
        assert_int_equal((uintptr_t)good, ROUNDS);
    }
    assert_int_equal(kit_wire_connections(wire), THREADS);
}

static int finish(void **state)
{
    (void)state;
    kit_wire_close(&wire);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_brings_status_headers_and_body),
        cmocka_unit_test(a_connection_is_used_again),
        cmocka_unit_test(a_kept_connection_that_was_closed_is_replaced),
        cmocka_unit_test(headers_and_a_body_arrive_as_given),
        cmocka_unit_test(a_put_without_a_body_says_its_length),
        cmocka_unit_test(a_head_has_no_body_to_wait_for),
        cmocka_unit_test(a_body_can_come_from_a_source),
        cmocka_unit_test(the_time_of_a_slow_source_does_not_count),
        cmocka_unit_test(with_a_source_the_server_has_its_time_too),
        cmocka_unit_test(a_source_that_can_begin_again_outlives_a_dead_connection),
        cmocka_unit_test(the_error_of_a_source_is_the_error_of_the_request),
        cmocka_unit_test(an_answer_over_its_wall_is_refused),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(proxies_of_the_environment_are_not_asked),
        cmocka_unit_test(other_schemes_are_refused),
        cmocka_unit_test(silence_ends_with_the_first_byte_limit),
        cmocka_unit_test(silence_ends_with_the_whole_limit),
        cmocka_unit_test(a_trickle_ends_as_stalled),
        cmocka_unit_test(broken_answers_are_upstream_errors),
        cmocka_unit_test(a_message_names_the_host_and_never_the_query),
        cmocka_unit_test(each_thread_has_its_own_connection),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, finish);
}
