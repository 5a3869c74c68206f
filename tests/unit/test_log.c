/* test_log.c - one JSON line per thing, without secrets. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/log.h"
#include "tests/kit/kit.h"

/* What is written to stderr between these two. */
static int pipe_ends[2], old_stderr;

static void listen(void)
{
    assert_int_equal(pipe(pipe_ends), 0);
    old_stderr = dup(STDERR_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
}

static const char *heard(void)
{
    static char line[20000];
    ssize_t n;

    dup2(old_stderr, STDERR_FILENO);
    close(old_stderr);
    close(pipe_ends[1]);
    n = read(pipe_ends[0], line, sizeof line - 1);
    close(pipe_ends[0]);
    line[n > 0 ? n : 0] = '\0';
    return line;
}

static void a_line_is_one_json_object_with_its_facts(void **state)
{
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;
    const char *line;

    (void)state;
    log_open("test-svc", LOG_INFO);
    log_scope("req1");
    listen();
    log_info("thing.done", "a \"thing\"\nis done", KV_S("name", "\xff?"), KV_I("bytes", 7),
             KV_S("none", NULL));
    line = heard();
    log_scope(NULL);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_ok(json_parse(sv_of(line), &doc, &err), err);
    assert_string_equal(json_text_or(doc, "service", ""), "test-svc");
    assert_string_equal(json_text_or(doc, "event", ""), "thing.done");
    assert_string_equal(json_text_or(doc, "request_id", ""), "req1");
    assert_int_equal(json_int_or(doc, "bytes", 0), 7);
    assert_int_equal(json_type(json_find(doc, "none")), JSON_NULL);
}

static void a_level_under_the_least_is_silent(void **state)
{
    (void)state;
    log_open("test-svc", LOG_WARN);
    listen();
    log_info("thing.done", "nobody hears it", KV_I("n", 1));
    assert_string_equal(heard(), "");
    log_open("test-svc", LOG_INFO);
}

static void signatures_and_tokens_are_cut_out_of_every_text(void **state)
{
    char url[] = "GET https://h/k?X-Amz-Credential=AKIA/x&X-Amz-Signature=abcdef0123&x=1 and "
                 "Bearer top.secret!";

    (void)state;
    log_redact(url);
    assert_null(strstr(url, "abcdef"));
    assert_null(strstr(url, "AKIA"));
    assert_null(strstr(url, "top.secret"));
    assert_non_null(strstr(url, "X-Amz-Signature=***&x=1"));
    listen();
    log_info("x", "y", KV_S("url", "https://h/k?X-Amz-Signature=abcdef0123"));
    assert_null(strstr(heard(), "abcdef"));
}

static void a_mark_is_one_in_any_case_and_nothing_less_is_one(void **state)
{
    char marks[] = "x-amz-SIGNATURE=one BEARER two X-API-Key: three SK-four";
    char plain[] = "= - ignature=a earer b ask-c api-key: d";

    (void)state;
    log_redact(marks);
    assert_string_equal(marks, "x-amz-SIGNATURE=*** BEARER *** X-API-Key: *** SK-***");
    log_redact(plain);
    assert_string_equal(plain, "= - ignature=a earer b ask-c api-key: d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_one_json_object_with_its_facts),
        cmocka_unit_test(a_level_under_the_least_is_silent),
        cmocka_unit_test(signatures_and_tokens_are_cut_out_of_every_text),
        cmocka_unit_test(a_mark_is_one_in_any_case_and_nothing_less_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
