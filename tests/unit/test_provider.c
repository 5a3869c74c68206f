#include "analysis-svc/provider.h"

#include <string.h>

#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct provider responses(void)
{
    return (struct provider){.name = "openai",
                             .dialect = DIALECT_RESPONSES,
                             .base_url = "https://api.example.com/v1/",
                             .key = secret_of("sk-key"),
                             .model = "model-1",
                             .detail = "high",
                             .effort = "",
                             .max_output_tokens = 900,
                             .images_max = 4,
                             .caps = {.price_in = 100000, .price_out = 500000}};
}

static const struct call_image one = {.id = "a1", .url = "https://s3.example.com/k?sig=1"};

static void read_as(int status, const char *headers, const char *body, struct provider_answer *out)
{
    struct provider p = responses();

    provider_read(&p, &(struct provider_reply){status, ERR_NONE, sv_of(headers), sv_of(body)},
                  1795305600, out);
}

static void every_class_has_a_name_and_something_to_do(void **state)
{
    (void)state;
    for (int c = 0; c < ANSWER_COUNT_; c++)
        assert_true(*answer_wire((enum answer_class)c) != '\0');
    assert_string_equal(answer_wire(ANSWER_IMAGE_FETCH), "image_fetch");
    assert_int_equal(answer_do(ANSWER_OK), DO_JUDGE);
    assert_int_equal(answer_do(ANSWER_QUOTA), DO_BLOCK);
    assert_true(answer_breaks(ANSWER_OVERLOADED));
    assert_false(answer_breaks(ANSWER_RATE));
}

static void the_key_stands_in_a_header_and_nowhere_else(void **state)
{
    AUTO(provider_request_free) struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    struct provider p = responses();
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(provider_build(&p, board_extractor("leaderboard"),
                             &(struct provider_ask){&one, 1, ""}, &r, &err),
              err);
    assert_string_equal(r.url.p, "https://api.example.com/v1/responses");
    assert_string_equal(r.headers.p,
                        "Content-Type: application/json\nAuthorization: Bearer sk-key\n");
    assert_null(strstr(r.body.p, "sk-key"));
    provider_request_free(&r);
    p.key = secret_of(NULL);
    assert_ok(provider_build(&p, board_extractor("leaderboard"),
                             &(struct provider_ask){&one, 1, ""}, &r, &err),
              err);
    assert_null(strstr(r.headers.p, "Authorization"));
}

static void a_call_that_cannot_be_made_is_refused(void **state)
{
    struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    const struct extractor *x = board_extractor("leaderboard");
    struct call_image nothing = {.id = "a1"}, many[5] = {one, one, one, one, one};
    struct provider p = responses();
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(provider_build(&p, x, &(struct provider_ask){many, 0, ""}, &r, &err), err,
                 ERR_INTERNAL);
    assert_fails(provider_build(&p, x, &(struct provider_ask){many, 5, ""}, &r, &err), err,
                 ERR_TOO_LARGE);
    assert_fails(provider_build(&p, x, &(struct provider_ask){&nothing, 1, ""}, &r, &err), err,
                 ERR_INTERNAL);
    p.key = secret_of("two\nlines");
    assert_fails(provider_build(&p, x, &(struct provider_ask){&one, 1, ""}, &r, &err), err,
                 ERR_INTERNAL);
    assert_null(strstr(err.msg, "two"));
}

static void no_answer_is_a_timeout_or_the_network(void **state)
{
    static const struct {
        enum err_code code;
        enum answer_class class;
    } cases[] = {{ERR_TIMEOUT, ANSWER_TIMEOUT},
                 {ERR_UPSTREAM, ANSWER_NETWORK},
                 {ERR_CLOSING, ANSWER_NETWORK},
                 {ERR_TOO_LARGE, ANSWER_NONSENSE}};
    struct provider p = responses();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(provider_answer_free) struct provider_answer a;

        provider_read(&p, &(struct provider_reply){0, cases[i].code, SV_LIT(""), SV_LIT("")}, 0,
                      &a);
        assert_int_equal(a.class, cases[i].class);
        assert_int_equal(a.retry_after_ms, -1);
        assert_int_equal(a.bad_image, -1);
    }
}

static void headers_are_read_in_any_case(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    read_as(429,
            "HTTP/1.1 429 Too Many\r\nX-Request-Id:  req_7 \r\nRetry-After: 7\r\n"
            "retry-after-ms: 1500\r\n\r\n",
            "{\"error\":{\"message\":\"m\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}",
            &a);
    assert_int_equal(a.class, ANSWER_RATE);
    assert_string_equal(a.request_id, "req_7");
    assert_int_equal(a.retry_after_ms, 1500);
    assert_string_equal(a.message, "m");
}

static void a_proxys_page_is_judged_by_its_status(void **state)
{
    static const struct {
        int status;
        enum answer_class class;
    } cases[] = {{413, ANSWER_TOO_BIG}, {502, ANSWER_SERVER}, {529, ANSWER_OVERLOADED},
                 {403, ANSWER_AUTH},    {200, ANSWER_SERVER}, {302, ANSWER_NONSENSE}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(provider_answer_free) struct provider_answer a;

        read_as(cases[i].status, "", "<html>https://x/?X-Amz-Signature=s</html>", &a);
        assert_int_equal(a.class, cases[i].class);
        assert_null(strstr(a.message, "=s"));
    }
}

static void what_a_provider_echoes_is_redacted(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    read_as(400, "",
            "{\"error\":{\"message\":\"Timeout while downloading https://s3.example.com/k?X-Amz-"
            "Signature=5ec\\u0026X-Amz-Credential=c2e.\",\"type\":\"invalid_request_error\","
            "\"param\":null,\"code\":\"invalid_image_url\"}}",
            &a);
    assert_int_equal(a.class, ANSWER_IMAGE_FETCH);
    assert_string_equal(a.message, "Timeout while downloading https://s3.example.com/k?***");
}

static void a_quota_that_returns_on_a_date_waits_until_then(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    read_as(400, "",
            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"You "
            "have reached your specified API usage limits. You will regain access on 2026-12-01 at "
            "00:00 UTC.\"}}",
            &a);
    assert_int_equal(a.class, ANSWER_QUOTA);
    assert_int_equal(a.retry_after_ms, INT64_C(9) * 24 * 3600 * 1000); /* from 2026-11-22 */
}

static void cost_counts_every_kind_of_token_and_rounds_up(void **state)
{
    struct provider p = responses();
    struct provider_usage u = {.input = 1000000, .output = 1000000};

    (void)state;
    assert_int_equal(provider_cost(&p, &u), 600000);
    u = (struct provider_usage){.input = 1000000, .cached = 400000, .cache_write = 200000};
    assert_int_equal(provider_cost(&p, &u), 40000 + 4000 + 25000);
    u = (struct provider_usage){.input = 1};
    assert_int_equal(provider_cost(&p, &u), 1);
    u = (struct provider_usage){.input = 0};
    assert_int_equal(provider_cost(&p, &u), 0);
    u = (struct provider_usage){.input = 5, .cached = 9};
    assert_int_equal(provider_cost(&p, &u), 1);
    p.caps.price_in = INT64_MAX / 2;
    u = (struct provider_usage){.input = 1000000000000};
    assert_int_equal(provider_cost(&p, &u), INT64_MAX);
}

static void above_the_cliff_every_token_costs_more(void **state)
{
    struct provider p = responses();
    struct provider_usage u = {.input = 100000, .output = 1000};

    (void)state;
    p.caps.cliff_tokens = 100000;
    p.caps.cliff_price_in = 500000;
    p.caps.cliff_price_out = 2500000;
    assert_int_equal(provider_cost(&p, &u), 10000 + 500);
    u.input++;
    assert_int_equal(provider_cost(&p, &u), 50000 + 2500 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_has_a_name_and_something_to_do),
        cmocka_unit_test(the_key_stands_in_a_header_and_nowhere_else),
        cmocka_unit_test(a_call_that_cannot_be_made_is_refused),
        cmocka_unit_test(no_answer_is_a_timeout_or_the_network),
        cmocka_unit_test(headers_are_read_in_any_case),
        cmocka_unit_test(a_proxys_page_is_judged_by_its_status),
        cmocka_unit_test(what_a_provider_echoes_is_redacted),
        cmocka_unit_test(a_quota_that_returns_on_a_date_waits_until_then),
        cmocka_unit_test(cost_counts_every_kind_of_token_and_rounds_up),
        cmocka_unit_test(above_the_cliff_every_token_costs_more),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
