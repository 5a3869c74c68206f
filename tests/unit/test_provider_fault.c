#include "analysis-svc/provider_fault.h"

#include "tests/kit/kit.h"

/* One error as its sources print it: status, type, code, message -> class. */
static const struct {
    int status;
    const char *type, *code, *message;
    enum answer_class class;
} errors[] = {
    /* pictures that could not be fetched, in all forms that were seen */
    {400, "invalid_request_error", "invalid_image_url", "Timeout while downloading https://h/k.",
     ANSWER_IMAGE_FETCH},
    {400, "invalid_request_error", "invalid_value", "Timeout while downloading https://h/k.",
     ANSWER_IMAGE_FETCH},
    {400, "invalid_request_error", "invalid_value",
     "Unable to download content from the provided URL before the timeout. Check that the URL is "
     "publicly accessible and responds promptly, or upload the file and provide a file_id instead.",
     ANSWER_IMAGE_FETCH},
    {400, "invalid_request_error", "invalid_value",
     "Error while downloading file. Upstream status code: 403.", ANSWER_IMAGE_FETCH},
    {400, "invalid_request_error", "",
     "Unable to download the file. Please verify the URL and try again.", ANSWER_IMAGE_FETCH},
    {400, "invalid_request_error", "", "This URL is disallowed by the website's robots.txt file",
     ANSWER_IMAGE_FETCH},
    {0, "", "failed_to_download_image", "x", ANSWER_IMAGE_FETCH},
    {0, "", "invalid_image_url", "x", ANSWER_IMAGE_FETCH},
    /* pictures that are no good */
    {400, "invalid_request_error", "invalid_image",
     "Failed to download image from h. Image size exceeds the limit.", ANSWER_IMAGE_BAD},
    {400, "invalid_request_error", "",
     "Failed to download image from h. Image size exceeds the limit.", ANSWER_IMAGE_BAD},
    {400, "invalid_request_error", "invalid_value",
     "The image data you provided does not represent a valid image. Please check your input.",
     ANSWER_IMAGE_BAD},
    {400, "invalid_request_error", "",
     "messages.0.content.3.image.source.base64.data: At least one of the image dimensions exceed "
     "max allowed size: 8000 pixels",
     ANSWER_IMAGE_BAD},
    {0, "", "image_parse_error", "x", ANSWER_IMAGE_BAD},
    {0, "", "empty_image_file", "x", ANSWER_IMAGE_BAD},
    {0, "", "image_content_policy_violation", "x", ANSWER_REFUSED},
    /* too much at once */
    {413, "request_too_large", "", "Request exceeds the maximum size", ANSWER_TOO_BIG},
    {413, "", "", "", ANSWER_TOO_BIG},
    {400, "invalid_request_error", "",
     "Total image size is 50.56MB, which exceeds the allowed limit of 50MB.", ANSWER_TOO_BIG},
    {400, "invalid_request_error", "",
     "image dimensions exceed max allowed size for many-image requests: 2000 pixels",
     ANSWER_TOO_BIG},
    {400, "invalid_request_error", "context_length_exceeded", "too long", ANSWER_TOO_BIG},
    {400, "invalid_request_error", "", "prompt is too long: 210000 tokens", ANSWER_TOO_BIG},
    /* money, in every status that it comes in */
    {429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota",
     ANSWER_QUOTA},
    {429, "insufficient_quota", "credit_balance_exhausted", "x", ANSWER_QUOTA},
    {429, "insufficient_quota", "", "x", ANSWER_QUOTA},
    {429, "rate_limit_error", "enforced_spend_limit_reached", "x", ANSWER_QUOTA},
    {400, "invalid_request_error", "", "Your credit balance is too low to access the API",
     ANSWER_QUOTA},
    {400, "invalid_request_error", "", "You have reached your specified API usage limits.",
     ANSWER_QUOTA},
    {402, "billing_error", "", "pay", ANSWER_QUOTA},
    {402, "invalid_request_error", "", "pay", ANSWER_QUOTA},
    /* rate and load */
    {429, "requests", "rate_limit_exceeded", "Rate limit reached", ANSWER_RATE},
    {429, "rate_limit_error", "", "This request would exceed your rate limit", ANSWER_RATE},
    {429, "", "", "Resource Unavailable", ANSWER_RATE},
    {0, "", "rate_limit_exceeded", "x", ANSWER_RATE},
    {429, "rate_limit_error", "slow_down", "x", ANSWER_OVERLOADED},
    {503, "service_unavailable_error", "server_is_overloaded", "x", ANSWER_OVERLOADED},
    {529, "overloaded_error", "", "Overloaded", ANSWER_OVERLOADED},
    {503, "", "", "", ANSWER_OVERLOADED},
    {500, "server_error", "", "x", ANSWER_SERVER},
    {500, "api_error", "", "could not download the state of the image", ANSWER_SERVER},
    {502, "", "", "", ANSWER_SERVER},
    {409, "conflict_error", "", "x", ANSWER_SERVER},
    {0, "", "server_error", "x", ANSWER_SERVER},
    {504, "timeout_error", "", "x", ANSWER_TIMEOUT},
    {408, "", "", "", ANSWER_TIMEOUT},
    /* keys, models, callers */
    {401, "invalid_request_error", "invalid_api_key", "Incorrect API key", ANSWER_AUTH},
    {401, "authentication_error", "", "x", ANSWER_AUTH},
    {403, "permission_error", "", "x", ANSWER_AUTH},
    {403, "x", "unsupported_country_region_territory", "x", ANSWER_AUTH},
    {404, "invalid_request_error", "model_not_found", "x", ANSWER_MODEL},
    {404, "not_found_error", "", "model: x", ANSWER_MODEL},
    {400, "invalid_request_error", "model_not_found", "x", ANSWER_MODEL},
    {400, "invalid_request_error", "unsupported_parameter", "max_tokens", ANSWER_REQUEST},
    {400, "invalid_request_error", "", "Schema is too complex for compilation", ANSWER_REQUEST},
    {400, "invalid_request_error", "", "`temperature` is deprecated for this model",
     ANSWER_REQUEST},
    {422, "", "", "x", ANSWER_REQUEST},
    {0, "", "data_residency_mismatch", "x", ANSWER_REQUEST},
    {0, "", "invalid_prompt", "x", ANSWER_REFUSED},
    {400, "invalid_request_error", "", "Output blocked by content filtering policy",
     ANSWER_REFUSED},
};

static void every_error_of_the_providers_has_its_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct fault f = {errors[i].status,  errors[i].type, errors[i].code, "", "",
                          errors[i].message, false,          SAID_NOTHING};

        if (fault_class(&f) != errors[i].class)
            fail_msg("%d %s %s %s: %s", f.status, f.type, f.code, f.message,
                     answer_wire(fault_class(&f)));
    }
}

static void x_should_retry_wins_where_it_changes_something(void **state)
{
    struct fault f = {400, "", "", "", "", "", false, SAID_YES};

    (void)state;
    assert_int_equal(fault_class(&f), ANSWER_SERVER);
    f = (struct fault){429, "", "", "", "", "", false, SAID_NO};
    assert_int_equal(fault_class(&f), ANSWER_QUOTA);
    f.retry_after = true; /* it says when, so waiting does mend it */
    assert_int_equal(fault_class(&f), ANSWER_RATE);
    f = (struct fault){401, "", "", "", "", "", false, SAID_YES};
    assert_int_equal(fault_class(&f), ANSWER_AUTH);
}

static void the_envelope_is_read_in_all_its_shapes(void **state)
{
    static const struct {
        const char *body, *type, *code, *message;
    } cases[] = {
        {"{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":\"p\",\"code\":\"c\"}}", "t", "c",
         "m"},
        {"{\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"m\"}}", "t", "", "m"},
        {"{\"error\":\"m\"}", "", "", "m"},
        {"{\"message\":\"m\",\"code\":404}", "", "", "m"},
        {"{\"detail\":\"m\"}", "", "", "m"},
        {"{}", "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(json_free) struct json *body = NULL;
        struct err err = ERR_INIT;
        struct fault f = {.status = 400};

        assert_ok(json_parse(sv_of(cases[i].body), &body, &err), err);
        fault_read(body, &f);
        assert_string_equal(f.type, cases[i].type);
        assert_string_equal(f.code, cases[i].code);
        assert_string_equal(f.message, cases[i].message);
    }
}

static void an_error_code_beside_the_type_counts(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":{\"type\":\"rate_limit_error\",\"error_code\":\"enforced_spend_limit_reached\"}"
        "}",
        "{\"error\":{\"type\":\"rate_limit_error\",\"details\":{\"error_code\":"
        "\"enforced_spend_limit_reached\"}}}",
        "{\"error\":{\"type\":\"rate_limit_error\"},\"error_code\":"
        "\"enforced_spend_limit_reached\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        AUTO(json_free) struct json *body = NULL;
        struct err err = ERR_INIT;
        struct fault f = {.status = 429};

        assert_ok(json_parse(sv_of(bodies[i]), &body, &err), err);
        fault_read(body, &f);
        assert_int_equal(fault_class(&f), ANSWER_QUOTA);
    }
}

static int image(const char *param, const char *message)
{
    struct fault f = {400, "", "", "", param, message, false, SAID_NOTHING};

    return fault_image(&f);
}

static void the_picture_at_fault_is_found_by_its_path(void **state)
{
    (void)state;
    assert_int_equal(image("", "messages.0.content.1.image.source: x"), 0);
    assert_int_equal(image("", "messages.0.content.7.image.source: x"), 3);
    assert_int_equal(image("input[0].content[3].image_url", "x"), 1);
    assert_int_equal(image("", "messages.0.content.2.text: x"), -1);
    assert_int_equal(image("url", "the content is bad"), -1);
    assert_int_equal(image("", "content.99999999999999"), -1);
}

static int64_t until(const char *message)
{
    struct fault f = {400, "", "", "", "", message, false, SAID_NOTHING};

    return fault_until_ms(&f, 1795305600); /* 2026-11-22 */
}

static void a_date_in_the_words_says_when(void **state)
{
    (void)state;
    assert_int_equal(until("access on 2026-11-23."), 86400000);
    assert_int_equal(until("since 2026-01-01, until 2026-11-23"), 86400000);
    assert_int_equal(until("access on 2026-11-22"), -1);
    assert_int_equal(until("in 2026"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_of_the_providers_has_its_class),
        cmocka_unit_test(x_should_retry_wins_where_it_changes_something),
        cmocka_unit_test(the_envelope_is_read_in_all_its_shapes),
        cmocka_unit_test(an_error_code_beside_the_type_counts),
        cmocka_unit_test(the_picture_at_fault_is_found_by_its_path),
        cmocka_unit_test(a_date_in_the_words_says_when),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
