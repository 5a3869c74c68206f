/*
 * Tests of the reader as a server, in a process of its own: door, desk, fetching, answers, SIGTERM.
 * Covers: reader_serve reader_answers reader_desk reader_fetch
 */
#include "common/base64.h"
#include "common/clock.h"
#include "common/http.h"
#include "common/json.h"
#include "common/json_write.h"
#include "local/reader/serve.h"
#include "tests/kit/kit.h"
#include "tests/kit/port.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t server;
static char base[64];

static bool get(const char *path, struct http_answer *answer)
{
    char url[160];
    struct http_req req = {.method = "GET", .url = url, .total_ms = 20000, .answer_max = 1 << 20};
    struct err err = ERR_INIT;

    snprintf(url, sizeof url, "%s%s", base, path);
    return http_perform(&req, answer, &err);
}

static int wait_until_up(void)
{
    for (int i = 0; i < 200; i++) {
        AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

        if (get("/healthz", &a) && a.status == 200)
            return 0;
        clock_sleep_ms(100);
    }
    return -1;
}

static int start(void **state)
{
    char port[16];
    int number = kit_free_port();

    (void)state;
    snprintf(port, sizeof port, "%d", number);
    snprintf(base, sizeof base, "http://127.0.0.1:%d", number);
    setenv("READER_PORT", port, 1);
    setenv("READER_THREADS", "1", 1);
    server = fork();
    if (server == 0) {
        execl("/proc/self/exe", "test_reader_serve", "--serve", (char *)NULL);
        _exit(127);
    }
    http_global_open();
    return wait_until_up();
}

static int stop(void **state)
{
    int status = 0;

    (void)state;
    if (server > 0)
        kill(server, SIGTERM);
    waitpid(server, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void post(const char *path, struct sv body, struct http_answer *answer)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    char url[160];
    struct http_req req = {.method = "POST",
                           .url = url,
                           .headers = headers,
                           .body = body,
                           .total_ms = 60000,
                           .answer_max = 1 << 22};
    struct err err = ERR_INIT;

    snprintf(url, sizeof url, "%s%s", base, path);
    assert_ok(http_perform(&req, answer, &err), err);
}

/* A Messages request for one picture: by URL, or by the bytes of a file. */
static void message(const char *url, const char *file, struct str *out)
{
    AUTO(str_free) struct str bytes = STR_INIT(1 << 24), base64 = STR_INIT(1 << 24);
    FILE *f = file ? fopen(file, "rb") : NULL;
    char buf[1 << 12];
    size_t n;

    while (f && (n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(&bytes, buf, n);
    if (f)
        fclose(f);
    base64_encode(str_sv(&bytes), &base64);
    str_addz(out, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
                  "\"text\",\"text\":\"image id: "
                  "p1\"},{\"type\":\"image\",\"source\":");
    if (url)
        str_addf(out, "{\"type\":\"url\",\"url\":\"%s\"}", url);
    else
        str_addf(out, "{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"%s\"}",
                 base64.p);
    str_addz(out, "}]}],\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{"
                  "\"properties\":{\"results\":{"
                  "\"items\":{\"properties\":{\"id\":{\"type\":\"string\"},\"rows\":{\"type\":"
                  "\"array\",\"items\":{"
                  "\"properties\":{\"rank\":{\"type\":\"string\"},\"handle\":{\"type\":\"string\"}}"
                  "}}}}}}}}}}");
}

static void a_picture_in_base64_is_read(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(1 << 25);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    AUTO(json_free) struct json *answer = NULL, *text = NULL;
    const struct json *result;
    struct err err = ERR_INIT;

    (void)state;
    message(NULL, "local/samples/phone.png", &body);
    post("/v1/messages", str_sv(&body), &a);
    assert_int_equal(a.status, 200);
    assert_true(http_header(&a, "request-id").n > 0);
    assert_ok(json_parse(str_sv(&a.body), &answer, &err), err);
    assert_ok(json_parse(sv_of(json_text_or(json_first(json_find(answer, "content")), "text", "")),
                         &text, &err),
              err);
    result = json_first(json_find(text, "results"));
    assert_string_equal(json_text_or(result, "id", ""), "p1");
    assert_int_equal(json_count(json_find(result, "rows")), 9);
}

static void a_url_that_is_not_there_is_an_error_without_the_url(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(1 << 20);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    char url[160];

    (void)state;
    snprintf(url, sizeof url, "%s/nothing.png?X-Amz-Signature=secret", base);
    message(url, NULL, &body);
    post("/v1/messages", str_sv(&body), &a);
    assert_int_equal(a.status, 400);
    assert_non_null(strstr(a.body.p, "Unable to download the file"));
    assert_null(strstr(a.body.p, "secret"));
}

static void a_url_that_is_no_picture_is_an_image_error(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(1 << 20);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    char url[160];

    (void)state;
    snprintf(url, sizeof url, "%s/healthz", base);
    message(url, NULL, &body);
    post("/v1/messages", str_sv(&body), &a);
    assert_int_equal(a.status, 400);
    assert_non_null(strstr(a.body.p, "valid image"));
}

static void a_body_that_is_no_json_is_refused(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

    (void)state;
    post("/v1/responses", SV_LIT("{"), &a);
    assert_int_equal(a.status, 400);
    assert_non_null(strstr(a.body.p, "invalid_request_error"));
}

static void every_page_says_that_no_model_reads_here(void **state)
{
    static const char *const paths[] = {"/", "/v1/models", "/healthz"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

        assert_true(get(paths[i], &a));
        assert_int_equal(a.status, 200);
        assert_non_null(strstr(a.body.p, "not a language model"));
    }
}

static int serve(void)
{
    struct err err = ERR_INIT;

    return serve_run(&err) ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_in_base64_is_read),
        cmocka_unit_test(a_url_that_is_not_there_is_an_error_without_the_url),
        cmocka_unit_test(a_url_that_is_no_picture_is_an_image_error),
        cmocka_unit_test(a_body_that_is_no_json_is_refused),
        cmocka_unit_test(every_page_says_that_no_model_reads_here),
    };

    if (!getenv("OMP_THREAD_LIMIT")) {
        setenv("OMP_THREAD_LIMIT", "1", 1);
        execv("/proc/self/exe", argv);
    }
    if (argc == 2 && strcmp(argv[1], "--serve") == 0)
        return serve();
    return cmocka_run_group_tests(tests, start, stop);
}
