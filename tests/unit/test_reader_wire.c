/*
 * Tests of local/reader/wire_read.c and wire_write.c: the three dialects, both ways, and their
 * errors. Covers: reader_wire_read reader_wire_write
 */
#include "common/json.h"
#include "local/reader/wire.h"
#include "tests/kit/kit.h"

#include <string.h>

#define SCHEMA                                                                                     \
    "{\"type\":\"object\",\"properties\":{\"results\":{\"type\":\"array\",\"items\":{\"type\":"    \
    "\"object\","                                                                                  \
    "\"properties\":{\"id\":{\"type\":\"string\"},\"rows\":{\"type\":\"array\"}}}}}}"

static const char responses[] =
    "{\"model\":\"m\",\"instructions\":\"read\",\"input\":[{\"role\":\"user\",\"content\":["
    "{\"type\":\"input_text\",\"text\":\"image id: "
    "a1\"},{\"type\":\"input_image\",\"image_url\":\"https://x/1\"},"
    "{\"type\":\"input_text\",\"text\":\"image id: "
    "a2\"},{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,AA\"},"
    "{\"type\":\"input_text\",\"text\":\"Return all.\"}]}],"
    "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":" SCHEMA "}}}";
static const char chat[] =
    "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"read\"},{\"role\":\"user\","
    "\"content\":["
    "{\"type\":\"text\",\"text\":\"image id: "
    "b7\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/1\"}}]}],"
    "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\","
    "\"schema\":" SCHEMA "}}}";
static const char messages[] =
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":["
    "{\"type\":\"text\",\"text\":\"image id: "
    "c1\"},{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x/1\"}},"
    "{\"type\":\"text\",\"text\":\"image id: "
    "c2\"},{\"type\":\"image\",\"source\":{\"type\":\"base64\","
    "\"media_type\":\"image/png\",\"data\":\"QUJD\"}}]}],"
    "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":" SCHEMA "}}}";

static struct json *body;
static struct wire_call call;

static bool read_call(enum wire_dialect dialect, const char *text, struct err *err)
{
    json_free(&body);
    return json_parse(sv_of(text), &body, err) && wire_read(dialect, body, &call, err);
}

static int tear_down(void **state)
{
    (void)state;
    json_free(&body);
    return 0;
}

static void responses_pictures_carry_the_id_of_the_text_before_them(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(read_call(WIRE_RESPONSES, responses, &err), err);
    assert_int_equal(call.n, 2);
    assert_string_equal(call.image[0].id, "a1");
    assert_string_equal(call.image[0].url, "https://x/1");
    assert_string_equal(call.image[1].id, "a2");
    assert_non_null(json_find(json_find(call.item, "properties"), "rows"));
}

static void chat_completions_are_read(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(read_call(WIRE_CHAT, chat, &err), err);
    assert_int_equal(call.n, 1);
    assert_string_equal(call.image[0].id, "b7");
    assert_string_equal(call.model, "m");
}

static void messages_take_urls_and_base64(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(read_call(WIRE_MESSAGES, messages, &err), err);
    assert_int_equal(call.n, 2);
    assert_string_equal(call.image[0].url, "https://x/1");
    assert_null(call.image[1].url);
    assert_string_equal(call.image[1].base64, "QUJD");
    assert_string_equal(call.image[1].id, "c2");
}

static void what_cannot_be_answered_is_refused_with_a_reason(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(read_call(WIRE_CHAT, "{}", &err), err, ERR_BAD_REQUEST);
    assert_fails(
        read_call(WIRE_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}", &err),
        err, ERR_BAD_REQUEST);
    assert_non_null(strstr(err.msg, "no language model"));
    assert_fails(read_call(WIRE_RESPONSES, "{\"input\":\"hi\",\"stream\":true}", &err), err,
                 ERR_BAD_REQUEST);
    assert_fails(read_call(WIRE_MESSAGES, "[]", &err), err, ERR_BAD_REQUEST);
}

/* The text at a path of members and first elements, or "". */
static const char *text_in(const struct json *n, const char *const *path)
{
    for (; *path && n; path++)
        n = (*path)[0] == '0' ? json_first(n) : json_find(n, *path);
    return n && json_text(n) ? json_text(n) : "";
}

static void expect_answer(enum wire_dialect dialect, const char *request, const char *const *path)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 16);
    AUTO(json_free) struct json *answer = NULL;
    struct wire_usage usage = {.input = 11, .output = 7, .image = 5};
    struct err err = ERR_INIT;

    assert_ok(read_call(dialect, request, &err), err);
    wire_answer(&call, SV_LIT("{\"results\":[]}"), &usage, "abc", 1700000000, &out);
    assert_ok(json_parse(str_sv(&out), &answer, &err), err);
    assert_string_equal(text_in(answer, path), "{\"results\":[]}");
    assert_string_equal(json_text_or(answer, "model", ""), "m");
    assert_int_equal(json_int_or(json_find(answer, "usage"),
                                 dialect == WIRE_CHAT ? "prompt_tokens" : "input_tokens", 0),
                     11);
}

static void answers_stand_where_each_dialect_keeps_them(void **state)
{
    static const char *const in_responses[] = {"output", "0", "content", "0", "text", NULL};
    static const char *const in_chat[] = {"choices", "0", "message", "content", NULL};
    static const char *const in_messages[] = {"content", "0", "text", NULL};

    (void)state;
    expect_answer(WIRE_RESPONSES, responses, in_responses);
    expect_answer(WIRE_CHAT, chat, in_chat);
    expect_answer(WIRE_MESSAGES, messages, in_messages);
}

static void errors_wear_the_providers_clothes(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 12);
    struct err err = ERR_INIT;

    (void)state;
    err_set(&err, ERR_UPSTREAM, "Error while downloading file. Upstream status code: 403.");
    wire_error(WIRE_RESPONSES, &err, "r1", &out);
    assert_string_equal(
        out.p,
        "{\"error\":{\"message\":\"Error while downloading file. Upstream status code: 403.\","
        "\"type\":\"invalid_request_error\",\"param\":\"url\",\"code\":\"invalid_value\"}}");
    assert_int_equal(wire_status(&err), 400);
    str_reset(&out);
    wire_error(WIRE_MESSAGES, &err, "r1", &out);
    assert_non_null(strstr(out.p, "\"type\":\"error\""));
    assert_non_null(strstr(out.p, "\"request_id\":\"r1\""));
    err_set(&err, ERR_CLOSING, "going");
    assert_int_equal(wire_status(&err), 503);
}

static void the_list_of_models_says_what_reads_here(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 12);

    (void)state;
    wire_models(false, &out);
    assert_non_null(strstr(out.p, "\"object\":\"list\""));
    assert_non_null(strstr(out.p, "not a language model"));
    str_reset(&out);
    wire_models(true, &out);
    assert_non_null(strstr(out.p, "\"type\":\"model\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_pictures_carry_the_id_of_the_text_before_them),
        cmocka_unit_test(chat_completions_are_read),
        cmocka_unit_test(messages_take_urls_and_base64),
        cmocka_unit_test(what_cannot_be_answered_is_refused_with_a_reason),
        cmocka_unit_test(answers_stand_where_each_dialect_keeps_them),
        cmocka_unit_test(errors_wear_the_providers_clothes),
        cmocka_unit_test(the_list_of_models_says_what_reads_here),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
