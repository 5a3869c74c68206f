#include <string.h>

#include "analysis-svc/provider.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static const struct provider p = {.name = "anthropic",
                                  .dialect = DIALECT_MESSAGES,
                                  .base_url = "https://api.example.com",
                                  .key = {"key-1"},
                                  .model = "model-2",
                                  .detail = "",
                                  .effort = "",
                                  .max_output_tokens = 2000,
                                  .images_max = 8};

static const struct call_image two[] = {{.id = "a1", .url = "https://s3.example.com/k1"},
                                        {.id = "b2", .base64 = {"aGk=", 4}, .type = "image/webp"}};

static void a_call_is_built_as_the_reference_says(void **state)
{
    AUTO(provider_request_free) struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    AUTO(json_free) struct json *b = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(provider_build(&p, board_extractor("leaderboard"), &(struct provider_ask){two, 2, ""},
                             &r, &err),
              err);
    assert_string_equal(r.url.p, "https://api.example.com/v1/messages");
    assert_non_null(strstr(r.headers.p, "x-api-key: key-1\n"));
    assert_non_null(strstr(r.headers.p, "anthropic-version: 2023-06-01\n"));
    assert_null(strstr(r.headers.p, "Authorization"));
    assert_ok(json_parse(str_sv(&r.body), &b, &err), err);
    assert_true(json_number(board_at(b, "max_tokens")) == 2000);
    assert_string_equal(board_text(b, "system.0.text"), board_extractor("leaderboard")->prompt);
    assert_string_equal(board_text(b, "system.0.cache_control.type"), "ephemeral");
    assert_string_equal(board_text(b, "output_config.format.type"), "json_schema");
    assert_string_equal(board_text(b, "output_config.format.schema.type"), "object");
    assert_null(board_at(b, "output_config.effort"));
    assert_null(board_at(b, "temperature"));
    assert_string_equal(board_text(b, "messages.0.content.0.text"), "image id: a1");
    assert_string_equal(board_text(b, "messages.0.content.1.type"), "image");
    assert_string_equal(board_text(b, "messages.0.content.1.source.type"), "url");
    assert_string_equal(board_text(b, "messages.0.content.1.source.url"), two[0].url);
    assert_string_equal(board_text(b, "messages.0.content.3.source.type"), "base64");
    assert_string_equal(board_text(b, "messages.0.content.3.source.media_type"), "image/webp");
    assert_string_equal(board_text(b, "messages.0.content.3.source.data"), "aGk=");
    assert_non_null(strstr(board_text(b, "messages.0.content.4.text"), "exactly one result"));
    assert_int_equal(json_count(board_at(b, "messages")), 1); /* no prefilled answer */
}

static void answer(int status, const char *body, struct provider_answer *out)
{
    provider_read(
        &p,
        &(struct provider_reply){status, ERR_NONE, SV_LIT("request-id: req_011\r\n"), sv_of(body)},
        0, out);
}

static void the_answer_is_its_text_blocks_behind_the_thinking(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    answer(200,
           "{\"type\":\"message\",\"model\":\"model-2-1\",\"stop_reason\":\"end_turn\","
           "\"stop_details\":null,\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},"
           "{\"type\":\"text\",\"text\":\"{\\\"results\\\":\"},{\"type\":\"text\",\"text\":\"[]}\"}"
           "],\"usage\":{\"input_tokens\":1834,\"cache_creation_input_tokens\":10,"
           "\"cache_read_input_tokens\":640,\"output_tokens\":120,\"output_tokens_details\":"
           "{\"thinking_tokens\":41}}}",
           &a);
    assert_int_equal(a.class, ANSWER_OK);
    assert_string_equal(a.text.p, "{\"results\":[]}");
    assert_string_equal(a.request_id, "req_011");
    assert_string_equal(a.model, "model-2-1");
    assert_int_equal(a.usage.input, 1834 + 10 + 640);
    assert_int_equal(a.usage.cached, 640);
    assert_int_equal(a.usage.cache_write, 10);
    assert_int_equal(a.usage.output, 120);
    assert_int_equal(a.usage.reasoning, 41);
}

static void every_stop_reason_has_its_class(void **state)
{
    static const struct {
        const char *body;
        enum answer_class class;
        const char *message;
    } cases[] = {
        {"{\"stop_reason\":\"max_tokens\",\"content\":[]}", ANSWER_TRUNCATED, "max_tokens"},
        {"{\"stop_reason\":\"model_context_window_exceeded\"}", ANSWER_TRUNCATED, "window"},
        {"{\"stop_reason\":\"refusal\",\"stop_details\":{\"type\":\"refusal\",\"explanation\":"
         "\"sorry\"}}",
         ANSWER_REFUSED, "sorry"},
        {"{\"stop_reason\":\"refusal\",\"stop_details\":null}", ANSWER_REFUSED, "refusal"},
        {"{\"stop_reason\":\"tool_use\"}", ANSWER_NONSENSE, "no text"},
        {"{\"stop_reason\":\"pause_turn\"}", ANSWER_NONSENSE, "pause_turn"},
        {"{\"content\":[]}", ANSWER_NONSENSE, "no stop_reason"},
        {"{\"stop_reason\":\"end_turn\",\"content\":[]}", ANSWER_NONSENSE, "no text"},
        {"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"O\"}}",
         ANSWER_OVERLOADED, "O"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(provider_answer_free) struct provider_answer a;

        answer(200, cases[i].body, &a);
        if (a.class != cases[i].class || !strstr(a.message, cases[i].message))
            fail_msg("%s: %s %s", cases[i].body, answer_wire(a.class), a.message);
    }
}

static void a_bad_picture_is_found_by_its_place(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    answer(400,
           "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
           "\"messages.0.content.3.image.source.url: image dimensions exceed max allowed size\"},"
           "\"request_id\":\"req_9\"}",
           &a);
    assert_int_equal(a.class, ANSWER_IMAGE_BAD);
    assert_int_equal(a.bad_image, 1);
}

static void a_model_without_structured_output_is_made_to_call_a_tool(void **state)
{
    AUTO(provider_request_free) struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    AUTO(provider_answer_free) struct provider_answer a;
    AUTO(json_free) struct json *b = NULL;
    struct provider old = p;
    struct err err = ERR_INIT;

    (void)state;
    old.caps.by_tool = true;
    assert_ok(provider_build(&old, board_extractor("leaderboard"),
                             &(struct provider_ask){two, 2, ""}, &r, &err),
              err);
    assert_ok(json_parse(str_sv(&r.body), &b, &err), err);
    assert_null(json_find(b, "output_config"));
    assert_string_equal(board_text(b, "tools.0.name"), "leaderboard_v1");
    assert_string_equal(board_text(b, "tools.0.input_schema.type"), "object");
    assert_string_equal(board_text(b, "tool_choice.name"), "leaderboard_v1");
    answer(200,
           "{\"stop_reason\":\"tool_use\",\"content\":[{\"type\":\"text\",\"text\":\"Here:\"},"
           "{\"type\":\"tool_use\",\"name\":\"leaderboard_v1\",\"input\":{\"results\":[]}}]}",
           &a);
    assert_int_equal(a.class, ANSWER_OK);
    assert_string_equal(a.text.p, "{\"results\":[]}");
}

static void the_body_names_the_request_where_no_header_does(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    provider_read(
        &p,
        &(struct provider_reply){
            529, ERR_NONE, SV_LIT(""),
            SV_LIT("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
                   "\"Overloaded\"},\"request_id\":\"req_012\"}")},
        0, &a);
    assert_int_equal(a.class, ANSWER_OVERLOADED);
    assert_string_equal(a.request_id, "req_012");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_built_as_the_reference_says),
        cmocka_unit_test(the_answer_is_its_text_blocks_behind_the_thinking),
        cmocka_unit_test(every_stop_reason_has_its_class),
        cmocka_unit_test(a_bad_picture_is_found_by_its_place),
        cmocka_unit_test(a_model_without_structured_output_is_made_to_call_a_tool),
        cmocka_unit_test(the_body_names_the_request_where_no_header_does),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
