/* test_http_copy.c - copies of requests. */
#include <stdlib.h>
#include <string.h>

#include "common/http_copy.h"
#include "tests/kit/kit.h"

static void a_copy_outlives_what_it_was_made_of(void **state)
{
    char method[] = "POST", url[] = "http://127.0.0.1/x?y", one[] = "A: b", two[] = "C: d",
         body[] = "some\0bytes";
    const char *headers[] = {one, two, NULL};
    struct http_req req = {.method = method,
                           .url = url,
                           .headers = headers,
                           .body = {body, sizeof body - 1},
                           .total_ms = 7,
                           .answer_max = 9};
    struct http_req *copy = http_copy(&req);

    (void)state;
    memset(method, '-', strlen(method));
    memset(url, '-', strlen(url));
    memset(one, '-', strlen(one));
    memset(two, '-', strlen(two));
    memset(body, '-', sizeof body);
    headers[0] = NULL;
    assert_string_equal(copy->method, "POST");
    assert_string_equal(copy->url, "http://127.0.0.1/x?y");
    assert_string_equal(copy->headers[0], "A: b");
    assert_string_equal(copy->headers[1], "C: d");
    assert_null(copy->headers[2]);
    assert_int_equal(copy->body.n, 10);
    assert_memory_equal(copy->body.p, "some\0bytes", 10);
    assert_int_equal(copy->total_ms, 7);
    assert_int_equal(copy->answer_max, 9);
    http_copy_free(&copy);
    assert_null(copy);
}

static void a_request_without_headers_and_body_has_empty_ones(void **state)
{
    struct http_req *copy = http_copy(&(struct http_req){.method = "GET", .url = "http://x/"});

    (void)state;
    assert_null(copy->headers[0]);
    assert_int_equal(copy->body.n, 0);
    assert_string_equal(copy->body.p, "");
    http_copy_free(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_outlives_what_it_was_made_of),
        cmocka_unit_test(a_request_without_headers_and_body_has_empty_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
