#include "analysis-svc/schema.h"

#include "tests/kit/kit.h"

#define OBJECT(props, required)                                                                    \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required                  \
    "],\"properties\":{" props "}}"

/* "": the value follows the schema; else what is said. */
static void matches(const char *schema, const char *value, const char *want)
{
    AUTO(json_free) struct json *s = NULL, *v = NULL;
    AUTO(arena_free) struct arena mem = ARENA_INIT;
    struct err err = ERR_INIT;

    assert_ok(json_parse(sv_of(schema), &s, &err), err);
    assert_ok(json_parse(sv_of(value), &v, &err), err);
    if (schema_match(schema_make(s, &mem), v, "it", &err) != (*want == '\0'))
        fail_msg("%s of %s: %s", value, schema, err.msg);
    assert_string_equal(err.msg, want);
}

static void types_are_told_apart(void **state)
{
    (void)state;
    matches("{\"type\":\"string\"}", "\"x\"", "");
    matches("{\"type\":\"string\"}", "null", "it: a text is required, not null");
    matches("{\"type\":\"integer\"}", "3", "");
    matches("{\"type\":\"integer\"}", "3.5", "it: integer is required, not a number");
    matches("{\"type\":\"number\"}", "3.5", "");
    matches("{\"type\":\"boolean\"}", "true", "");
    matches("{\"type\":\"null\"}", "null", "");
    matches("{\"type\":[\"string\",\"null\"]}", "null", "");
    matches("{\"type\":[\"string\",\"null\"]}", "1", "it: another type is required, not a number");
}

static void members_are_exactly_those_of_the_schema(void **state)
{
    static const char schema[] =
        OBJECT("\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"array\",\"items\":{\"type\":"
               "\"number\"}}",
               "\"a\",\"b\"");

    (void)state;
    matches(schema, "{\"a\":\"x\",\"b\":[1,2]}", "");
    matches(schema, "{\"b\":[],\"a\":\"x\"}", "");
    matches(schema, "{\"a\":\"x\"}", "it: a member is missing: b");
    matches(schema, "{\"a\":\"x\",\"b\":[],\"c\":1}", "it: a member too many: c");
    matches(schema, "{\"a\":\"x\",\"b\":[1,\"2\"]}", "it.b[1]: number is required, not a text");
    matches(schema, "{\"a\":1,\"b\":[]}", "it.a: a text is required, not a number");
}

static void enums_do_not_mind_case(void **state)
{
    (void)state;
    matches("{\"enum\":[\"Bullish\",3]}", "\"bullish\"", "");
    matches("{\"enum\":[\"Bullish\",3]}", "3", "");
    matches("{\"enum\":[\"Bullish\",3]}", "\"calm\"", "it: not one of the allowed values");
    matches("{\"const\":true}", "true", "");
    matches("{\"const\":true}", "false", "it: not the one allowed value");
}

static void one_of_several_forms_is_enough(void **state)
{
    static const char schema[] =
        "{\"anyOf\":[{\"type\":\"string\"}," OBJECT("\"a\":{\"type\":\"null\"}", "\"a\"") "]}";

    (void)state;
    matches(schema, "\"x\"", "");
    matches(schema, "{\"a\":null}", "");
    matches(schema, "{\"a\":1}", "it: none of the allowed forms fits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_told_apart),
        cmocka_unit_test(members_are_exactly_those_of_the_schema),
        cmocka_unit_test(enums_do_not_mind_case),
        cmocka_unit_test(one_of_several_forms_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
