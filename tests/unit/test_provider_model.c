/* test_provider_model.c - what GET /v1/models/{model} says about a model's days. */
#include <string.h>

#include "analysis-svc/provider.h"
#include "tests/kit/kit.h"

static const int64_t now = 1795305600; /* 2026-11-22 */

static struct provider_model read_as(int status, const char *body)
{
    struct provider_model m;

    provider_model_read(&(struct provider_reply){status, ERR_NONE, {"", 0}, sv_of(body)}, now, &m);
    return m;
}

static void each_vendor_is_asked_in_its_own_way(void **state)
{
    AUTO(provider_request_free) struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    struct provider p = {.dialect = DIALECT_RESPONSES,
                         .base_url = "https://api.example.com/v1/",
                         .key = secret_of("sk-1"),
                         .model = "family/model 1"};

    (void)state;
    provider_model_request(&p, &r);
    assert_string_equal(r.url.p, "https://api.example.com/v1/models/family%2Fmodel%201");
    assert_string_equal(r.headers.p, "Authorization: Bearer sk-1\n");
    provider_request_free(&r);
    p.dialect = DIALECT_MESSAGES;
    p.base_url = "https://api.example.com";
    provider_model_request(&p, &r);
    assert_string_equal(r.url.p, "https://api.example.com/v1/models/family%2Fmodel%201");
    assert_non_null(strstr(r.headers.p, "x-api-key: sk-1\n"));
}

static void a_model_that_is_there_may_name_its_last_day(void **state)
{
    struct provider_model m = read_as(200, "{\"id\":\"m\",\"object\":\"model\"}");

    (void)state;
    assert_int_equal(m.state, MODEL_THERE);
    assert_int_equal(m.shutdown_at, 0);
    m = read_as(200, "{\"id\":\"m\",\"shutdown_date\":\"2027-01-14\"}");
    assert_int_equal(m.state, MODEL_THERE);
    assert_int_equal(m.shutdown_at, 1799884800);
    m = read_as(200, "{\"id\":\"m\",\"shutdown_date\":1799884800}");
    assert_int_equal(m.shutdown_at, 1799884800);
    m = read_as(200, "{\"id\":\"m\",\"shutdown_date\":null,"
                     "\"capabilities\":{\"image_input\":{\"supported\":true}}}");
    assert_int_equal(m.state, MODEL_THERE);
}

static void a_model_that_cannot_be_used_is_told_from_one_that_is_not_known(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum model_state state;
        const char *note;
    } cases[] = {
        {200, "{\"shutdown_date\":\"2026-10-23\"}", MODEL_GONE, "shut down"},
        {404,
         "{\"error\":{\"message\":\"The model 'm' does not exist\",\"code\":"
         "\"model_not_found\"}}",
         MODEL_GONE, "does not exist"},
        {404,
         "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":"
         "\"model: m\"}}",
         MODEL_GONE, "model: m"},
        {200, "{\"capabilities\":{\"image_input\":{\"supported\":false}}}", MODEL_BLIND,
         "no pictures"},
        {200, "{\"capabilities\":{\"image_input\":false}}", MODEL_BLIND, "no pictures"},
        {401, "{\"error\":{\"message\":\"bad key sk-123\",\"code\":\"invalid_api_key\"}}",
         MODEL_UNKNOWN, "sk-***"},
        {404, "<html>no such page</html>", MODEL_UNKNOWN, "404"},
        {503, "{\"error\":{\"message\":\"busy\"}}", MODEL_UNKNOWN, "busy"},
        {0, "", MODEL_UNKNOWN, "0"},
        {200, "[]", MODEL_UNKNOWN, "200"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct provider_model m = read_as(cases[i].status, cases[i].body);

        if (m.state != cases[i].state || !strstr(m.note, cases[i].note))
            fail_msg("%d %s: %d %s", cases[i].status, cases[i].body, (int)m.state, m.note);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_vendor_is_asked_in_its_own_way),
        cmocka_unit_test(a_model_that_is_there_may_name_its_last_day),
        cmocka_unit_test(a_model_that_cannot_be_used_is_told_from_one_that_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
