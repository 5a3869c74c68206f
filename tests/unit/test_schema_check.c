#include <string.h>

#include "analysis-svc/schema.h"
#include "common/str.h"
#include "tests/kit/kit.h"

#define OBJECT(props, required)                                                                    \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required                  \
    "],\"properties\":{" props "}}"
#define A(schema) OBJECT("\"a\":" schema, "\"a\"")

/* "": both vendors take it; else a part of what is said. */
static void check(const char *schema, const char *want)
{
    AUTO(json_free) struct json *s = NULL;
    struct err err = ERR_INIT;

    assert_ok(json_parse(sv_of(schema), &s, &err), err);
    if (schema_check(s, &err) != (*want == '\0') || !strstr(err.msg, want))
        fail_msg("%s: %s", schema, err.msg);
}

static void what_both_vendors_take_passes(void **state)
{
    (void)state;
    check(OBJECT("", ""), "");
    check(A("{\"type\":\"string\",\"description\":\"d\",\"title\":\"t\"}"), "");
    check(A("{\"type\":[\"string\",\"null\"]}"), "");
    check(A("{\"type\":\"array\",\"items\":{\"enum\":[\"x\",1]}}"), "");
    check(A("{\"anyOf\":[{\"type\":\"string\"},{\"const\":3}]}"), "");
}

static void what_one_of_them_refuses_is_told_with_its_place(void **state)
{
    (void)state;
    check("[]", "the root: must be of type object");
    check("{\"anyOf\":[]}", "must be of type object");
    check("{\"type\":\"object\",\"required\":[],\"properties\":{}}", "additionalProperties");
    check("{\"type\":\"object\",\"additionalProperties\":true,\"required\":[],\"properties\":{}}",
          "additionalProperties");
    check(OBJECT("\"a\":{\"type\":\"string\"}", ""), "required must name every property");
    check(OBJECT("\"a\":{\"type\":\"string\"}", "\"b\""), "required does not name a");
    check(A("{\"type\":\"string\",\"maxLength\":3}"), "a: not every provider knows the keyword");
    check(A("{\"type\":\"text\"}"), "unknown type text");
    check(A("{}"), "type is missing");
    check(A("{\"type\":[]}"), "list of names");
    check(A("{\"type\":[\"array\",\"null\"]}"), "scalars only");
    check(A("{\"type\":\"array\"}"), "an array needs items");
    check(A("{\"enum\":[]}"), "enum");
    check(A("{\"enum\":[[]]}"), "scalars only");
    check(A("{\"anyOf\":[]}"), "anyOf must be a list");
    check(A("7"), "must be an object");
}

static void unions_and_levels_are_counted(void **state)
{
    AUTO(str_free) struct str many = STR_INIT(1 << 16), names = STR_INIT(1 << 16);
    AUTO(str_free) struct str schema = STR_INIT(1 << 17);

    (void)state;
    for (int i = 0; i < 17; i++) {
        str_addf(&many, "%s\"p%d\":{\"type\":[\"string\",\"null\"]}", i ? "," : "", i);
        str_addf(&names, "%s\"p%d\"", i ? "," : "", i);
    }
    str_addf(&schema,
             "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[%s],"
             "\"properties\":{%s}}",
             names.p, many.p);
    check(schema.p, "more than 16 unions");
    check(A(A(A("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"))), "");
    str_reset(&schema);
    for (int i = 0; i < 12; i++)
        str_addz(&schema, "{\"type\":\"array\",\"items\":");
    str_addz(&schema, "{\"type\":\"string\"}");
    for (int i = 0; i < 12; i++)
        str_addc(&schema, '}');
    str_reset(&many);
    str_addf(&many,
             "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\"],"
             "\"properties\":{\"a\":%s}}",
             schema.p);
    check(many.p, "more than 10 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_both_vendors_take_passes),
        cmocka_unit_test(what_one_of_them_refuses_is_told_with_its_place),
        cmocka_unit_test(unions_and_levels_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
