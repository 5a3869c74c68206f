#include <string.h>

#include "analysis-svc/provider.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct provider provider(enum provider_dialect dialect)
{
    return (struct provider){.name = "openai",
                             .dialect = dialect,
                             .base_url = "http://127.0.0.1:9/v1",
                             .model = "model-1",
                             .detail = "low",
                             .effort = "",
                             .max_output_tokens = 1200,
                             .images_max = 8};
}

static const struct call_image two[] = {
    {.id = "a1", .url = "https://s3.example.com/k1?X-Amz-Signature=s\"1"},
    {.id = "b2", .base64 = {"aGk=", 4}, .type = "image/jpeg"}};

static struct json *build(const struct provider *p, const char *hint, const char *path)
{
    AUTO(provider_request_free) struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    struct json *body = NULL;
    struct err err = ERR_INIT;

    assert_ok(provider_build(p, board_extractor("leaderboard"),
                             &(struct provider_ask){two, 2, hint}, &r, &err),
              err);
    assert_string_equal(r.url.p + strlen("http://127.0.0.1:9/v1"), path);
    assert_ok(json_parse(str_sv(&r.body), &body, &err), err);
    return body;
}

static void a_responses_call_is_built_as_the_reference_says(void **state)
{
    struct provider p = provider(DIALECT_RESPONSES);
    AUTO(json_free) struct json *b = build(&p, "Campaign: Moon", "/responses");

    (void)state;
    assert_string_equal(board_text(b, "model"), "model-1");
    assert_int_equal(json_type(board_at(b, "store")), JSON_BOOL);
    assert_false(json_is_true(board_at(b, "store")));
    assert_true(json_number(board_at(b, "max_output_tokens")) == 1200);
    assert_string_equal(board_text(b, "instructions"), board_extractor("leaderboard")->prompt);
    assert_string_equal(board_text(b, "input.0.role"), "user");
    assert_string_equal(board_text(b, "input.0.content.0.type"), "input_text");
    assert_string_equal(board_text(b, "input.0.content.0.text"), "image id: a1");
    assert_string_equal(board_text(b, "input.0.content.1.type"), "input_image");
    assert_string_equal(board_text(b, "input.0.content.1.image_url"), two[0].url);
    assert_string_equal(board_text(b, "input.0.content.1.detail"), "low");
    assert_string_equal(board_text(b, "input.0.content.3.image_url"),
                        "data:image/jpeg;base64,aGk=");
    assert_non_null(strstr(board_text(b, "input.0.content.4.text"), "Campaign: Moon"));
    assert_non_null(strstr(board_text(b, "input.0.content.4.text"), "exactly one result"));
    assert_string_equal(board_text(b, "text.format.type"), "json_schema");
    assert_string_equal(board_text(b, "text.format.name"), "leaderboard_v1");
    assert_true(json_is_true(board_at(b, "text.format.strict")));
    assert_string_equal(board_text(b, "text.format.schema.type"), "object");
}

static void a_chat_call_is_built_as_the_reference_says(void **state)
{
    struct provider p = provider(DIALECT_CHAT);
    AUTO(json_free) struct json *b = build(&p, "", "/chat/completions");

    (void)state;
    assert_true(json_number(board_at(b, "max_completion_tokens")) == 1200);
    assert_string_equal(board_text(b, "messages.0.role"), "system");
    assert_string_equal(board_text(b, "messages.1.content.1.type"), "image_url");
    assert_string_equal(board_text(b, "messages.1.content.1.image_url.url"), two[0].url);
    assert_string_equal(board_text(b, "messages.1.content.1.image_url.detail"), "low");
    assert_string_equal(board_text(b, "messages.1.content.4.text"),
                        "Return exactly one result per image id, with that id.");
    assert_string_equal(board_text(b, "response_format.type"), "json_schema");
    assert_string_equal(board_text(b, "response_format.json_schema.name"), "leaderboard_v1");
    assert_true(json_is_true(board_at(b, "response_format.json_schema.strict")));
    assert_string_equal(board_text(b, "response_format.json_schema.schema.type"), "object");
}

static void nothing_is_sent_that_new_models_refuse(void **state)
{
    static const char *const never[] = {"temperature", "top_p", "max_tokens", "seed", "n"};

    (void)state;
    for (int d = DIALECT_RESPONSES; d <= DIALECT_CHAT; d++) {
        struct provider p = provider((enum provider_dialect)d);
        AUTO(json_free)
        struct json *b = build(&p, "", d == DIALECT_CHAT ? "/chat/completions" : "/responses");

        for (size_t i = 0; i < COUNT_OF(never); i++)
            assert_null(json_find(b, never[i]));
        assert_null(json_find(b, "reasoning"));
        assert_null(json_find(b, "reasoning_effort"));
    }
}

static void what_a_model_refuses_is_not_sent_though_it_is_set(void **state)
{
    struct provider p = provider(DIALECT_CHAT);

    (void)state;
    p.effort = "low";
    p.detail = "original";
    p.temperature = "0.2";
    p.caps.refuses = REFUSES_TEMPERATURE | REFUSES_EFFORT | REFUSES_DETAIL_ORIGINAL;
    p.caps.old_limit = true;
    AUTO(json_free) struct json *b = build(&p, "", "/chat/completions");
    assert_null(json_find(b, "temperature"));
    assert_null(json_find(b, "reasoning_effort"));
    assert_null(json_find(b, "max_completion_tokens"));
    assert_true(json_number(board_at(b, "max_tokens")) == 1200);
    assert_string_equal(board_text(b, "messages.1.content.1.image_url.detail"), "high");
    p.caps.refuses = REFUSES_DETAIL;
    AUTO(json_free) struct json *other = build(&p, "", "/chat/completions");
    assert_true(json_number(board_at(other, "temperature")) == 0.2);
    assert_string_equal(board_text(other, "reasoning_effort"), "low");
    assert_null(board_at(other, "messages.1.content.1.image_url.detail"));
}

static void effort_and_detail_are_sent_as_set_and_never_auto(void **state)
{
    struct provider p = provider(DIALECT_RESPONSES);

    (void)state;
    p.effort = "none";
    p.detail = "auto";
    AUTO(json_free) struct json *r = build(&p, "", "/responses");
    assert_string_equal(board_text(r, "reasoning.effort"), "none");
    assert_string_equal(board_text(r, "input.0.content.1.detail"), "high");
    p.dialect = DIALECT_CHAT;
    AUTO(json_free) struct json *c = build(&p, "", "/chat/completions");
    assert_string_equal(board_text(c, "reasoning_effort"), "none");
}

static void answer(enum provider_dialect dialect, const char *body, struct provider_answer *out)
{
    struct provider p = provider(dialect);

    provider_read(
        &p, &(struct provider_reply){200, ERR_NONE, SV_LIT("x-request-id: r1\r\n"), sv_of(body)}, 0,
        out);
}

static void a_responses_answer_is_its_message_text(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    answer(DIALECT_RESPONSES,
           "{\"id\":\"resp_1\",\"status\":\"completed\",\"error\":null,\"incomplete_details\":null,"
           "\"model\":\"model-1-2026\",\"output\":[{\"type\":\"reasoning\",\"summary\":[]},"
           "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"{\\\"a\\\":\"},"
           "{\"type\":\"output_text\",\"text\":\"1}\"}]}],\"usage\":{\"input_tokens\":402,"
           "\"input_tokens_details\":{\"cached_tokens\":100,\"cache_write_tokens\":7},"
           "\"output_tokens\":58,\"output_tokens_details\":{\"reasoning_tokens\":9}}}",
           &a);
    assert_int_equal(a.class, ANSWER_OK);
    assert_string_equal(a.text.p, "{\"a\":1}");
    assert_string_equal(a.model, "model-1-2026");
    assert_string_equal(a.request_id, "r1");
    assert_int_equal(a.usage.input, 402);
    assert_int_equal(a.usage.cached, 100);
    assert_int_equal(a.usage.cache_write, 7);
    assert_int_equal(a.usage.output, 58);
    assert_int_equal(a.usage.reasoning, 9);
}

struct reading {
    const char *body;
    enum answer_class class;
    const char *message;
};

static void all_read_as(enum provider_dialect dialect, const struct reading *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(provider_answer_free) struct provider_answer a;

        answer(dialect, cases[i].body, &a);
        if (a.class != cases[i].class || !strstr(a.message, cases[i].message))
            fail_msg("%s: %s %s", cases[i].body, answer_wire(a.class), a.message);
    }
}

static void a_responses_answer_that_is_none_says_why(void **state)
{
    static const struct reading cases[] = {
        {"{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},"
         "\"output\":[]}",
         ANSWER_TRUNCATED, "max_output_tokens"},
        {"{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"}}",
         ANSWER_REFUSED, "content_filter"},
        {"{\"status\":\"incomplete\"}", ANSWER_NONSENSE, "incomplete"},
        {"{\"status\":\"failed\",\"error\":{\"code\":\"failed_to_download_image\",\"message\":"
         "\"no\"}}",
         ANSWER_IMAGE_FETCH, "no"},
        {"{\"status\":\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"m\"}}",
         ANSWER_RATE, "m"},
        {"{\"status\":\"failed\",\"error\":{\"code\":\"new_code\",\"message\":\"m\"}}",
         ANSWER_SERVER, "m"},
        {"{\"status\":\"failed\",\"error\":null}", ANSWER_SERVER, "failed"},
        {"{\"status\":\"in_progress\",\"output\":[]}", ANSWER_NONSENSE, "in_progress"},
        {"{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":"
         "\"refusal\",\"refusal\":\"I can't\"}]}]}",
         ANSWER_REFUSED, "I can't"},
        {"{\"status\":\"completed\",\"output\":[]}", ANSWER_NONSENSE, "no text"},
        {"{\"output\":[]}", ANSWER_NONSENSE, "no status"},
        {"[]", ANSWER_SERVER, "no JSON object"},
        {"{\"status\":", ANSWER_NONSENSE, ""},
    };

    (void)state;
    all_read_as(DIALECT_RESPONSES, cases, COUNT_OF(cases));
}

static void a_chat_answer_is_its_content(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    answer(DIALECT_CHAT,
           "{\"model\":\"m\",\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"refusal\":"
           "null,\"content\":\"{}\"}}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3,"
           "\"prompt_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":5},"
           "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}",
           &a);
    assert_int_equal(a.class, ANSWER_OK);
    assert_string_equal(a.text.p, "{}");
    assert_int_equal(a.usage.input, 12);
    assert_int_equal(a.usage.cached, 4);
    assert_int_equal(a.usage.cache_write, 5);
    assert_int_equal(a.usage.output, 3);
    assert_int_equal(a.usage.reasoning, 2);
}

static void a_chat_answer_that_is_none_says_why(void **state)
{
    static const struct reading cases[] = {
        {"{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"{\"}}]}",
         ANSWER_TRUNCATED, "length"},
        {"{\"choices\":[{\"finish_reason\":\"content_filter\",\"message\":{\"content\":\"x\"}}]}",
         ANSWER_REFUSED, "content_filter"},
        {"{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":"
         "\"no\"}}]}",
         ANSWER_REFUSED, "no"},
        {"{\"choices\":[{\"finish_reason\":\"tool_calls\",\"message\":{\"content\":\"x\"}}]}",
         ANSWER_NONSENSE, "tool_calls"},
        {"{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null}}]}",
         ANSWER_NONSENSE, "no text"},
        {"{\"choices\":[{\"message\":{\"content\":\"x\"}}]}", ANSWER_NONSENSE, "finish_reason"},
        {"{\"choices\":[]}", ANSWER_NONSENSE, "finish_reason"},
        {"{}", ANSWER_NONSENSE, "finish_reason"},
    };

    (void)state;
    all_read_as(DIALECT_CHAT, cases, COUNT_OF(cases));
}

static void absurd_token_counts_are_bounded(void **state)
{
    AUTO(provider_answer_free) struct provider_answer a;

    (void)state;
    answer(DIALECT_CHAT,
           "{\"choices\":[],\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1e300}}", &a);
    assert_int_equal(a.usage.input, 0);
    assert_int_equal(a.usage.output, INT64_C(1000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_responses_call_is_built_as_the_reference_says),
        cmocka_unit_test(a_chat_call_is_built_as_the_reference_says),
        cmocka_unit_test(nothing_is_sent_that_new_models_refuse),
        cmocka_unit_test(what_a_model_refuses_is_not_sent_though_it_is_set),
        cmocka_unit_test(effort_and_detail_are_sent_as_set_and_never_auto),
        cmocka_unit_test(a_responses_answer_is_its_message_text),
        cmocka_unit_test(a_responses_answer_that_is_none_says_why),
        cmocka_unit_test(a_chat_answer_is_its_content),
        cmocka_unit_test(a_chat_answer_that_is_none_says_why),
        cmocka_unit_test(absurd_token_counts_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
