/*
 * test_schema_standard.c - what JSON Schema (draft 2020-12, core and validation) says of the
 * keywords that we know, one line for each clause. Covers: schema
 *
 * Two clauses are left on purpose: enum and const compare texts without case, and a member that
 * properties does not name is refused always, because every schema of ours says so.
 */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/schema.h"
#include "common/json.h"
#include "tests/kit/kit.h"

struct clause {
    const char *schema, *value, *fault; /* fault: part of what is said; NULL: the value is valid */
};

static void hold(const struct clause *clauses, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(json_free) struct json *schema = NULL, *value = NULL;
        AUTO(arena_free) struct arena mem = ARENA_INIT;
        struct err err = ERR_INIT;
        bool ok;

        assert_ok(json_parse(sv_of(clauses[i].schema), &schema, &err), err);
        assert_ok(json_parse(sv_of(clauses[i].value), &value, &err), err);
        ok = schema_match(schema_make(schema, &mem), value, "v", &err);
        if (ok != !clauses[i].fault || (!ok && !strstr(err.msg, clauses[i].fault)))
            fail_msg("%s against %s: %s", clauses[i].value, clauses[i].schema, err.msg);
    }
}
#define T(type) "{\"type\":\"" type "\"}"

static void type_knows_seven_kinds_of_value(void **state)
{
    static const struct {
        const char *type, *values; /* for each value below: y or n */
    } rows[] = {{"integer", "yynnnnnn"}, {"number", "yyynnnnn"}, {"string", "nnnynnnn"},
                {"object", "nnnnynnn"},  {"array", "nnnnnynn"},  {"boolean", "nnnnnnyn"},
                {"null", "nnnnnnny"}};
    static const char *const values[] = {"1", "1.0", "1.1", "\"1\"", "{}", "[]", "false", "null"};

    (void)state;
    for (size_t r = 0; r < COUNT_OF(rows); r++)
        for (size_t v = 0; v < COUNT_OF(values); v++) {
            AUTO(json_free) struct json *schema = NULL, *value = NULL;
            AUTO(arena_free) struct arena mem = ARENA_INIT;
            struct err err = ERR_INIT;
            char text[64];

            snprintf(text, sizeof text, "{\"type\":\"%s\"}", rows[r].type);
            assert_ok(json_parse(sv_of(text), &schema, &err), err);
            assert_ok(json_parse(sv_of(values[v]), &value, &err), err);
            if (schema_match(schema_make(schema, &mem), value, "v", &err) !=
                (rows[r].values[v] == 'y'))
                fail_msg("%s as %s", values[v], rows[r].type);
        }
}

static void a_list_of_types_takes_each_of_them(void **state)
{
    static const struct clause clauses[] = {
        {"{\"type\":[\"integer\",\"string\"]}", "1", NULL},
        {"{\"type\":[\"integer\",\"string\"]}", "\"x\"", NULL},
        {"{\"type\":[\"integer\",\"string\"]}", "1.5", "v: "},
        {"{\"type\":[\"integer\",\"string\"]}", "{}", "v: "},
        {"{\"type\":[\"integer\",\"string\"]}", "true", "v: "},
        {"{\"type\":[\"string\",\"null\"]}", "null", NULL},
        {"{\"type\":[\"string\"]}", "\"\"", NULL},
        {"{\"type\":[\"string\"]}", "0", "v: "},
        {T("string"), "\"\"", NULL},
        {T("integer"), "-1e2", NULL},
        {T("integer"), "12345678910", NULL},
    };

    (void)state;
    hold(clauses, COUNT_OF(clauses));
}

static void enum_and_const_compare_values_of_one_type(void **state)
{
    static const struct clause clauses[] = {
        {"{\"enum\":[1,2,3]}", "1", NULL},
        {"{\"enum\":[1,2,3]}", "1.0", NULL},
        {"{\"enum\":[1,2,3]}", "4", "not one of the allowed"},
        {"{\"enum\":[1,2,3]}", "\"1\"", "not one"},
        {"{\"enum\":[false]}", "false", NULL},
        {"{\"enum\":[false]}", "0", "not one"},
        {"{\"enum\":[false]}", "null", "not one"},
        {"{\"enum\":[true]}", "true", NULL},
        {"{\"enum\":[true]}", "1", "not one"},
        {"{\"enum\":[0]}", "false", "not one"},
        {"{\"enum\":[0]}", "0.0", NULL},
        {"{\"enum\":[1]}", "true", "not one"},
        {"{\"enum\":[null]}", "null", NULL},
        {"{\"enum\":[null]}", "\"\"", "not one"},
        {"{\"enum\":[\"foo\\nbar\"]}", "\"foo\\nbar\"", NULL},
        {"{\"enum\":[\"foo\\nbar\"]}", "\"foo\\rbar\"", "not one"},
        {"{\"enum\":[\"\"]}", "\"\"", NULL},
        {"{\"const\":2}", "2", NULL},
        {"{\"const\":2}", "2.0", NULL},
        {"{\"const\":2}", "5", "not the one allowed"},
        {"{\"const\":2}", "\"a\"", "not the one"},
        {"{\"const\":null}", "null", NULL},
        {"{\"const\":null}", "0", "not the one"},
        {"{\"const\":false}", "false", NULL},
        {"{\"const\":false}", "0", "not the one"},
        {"{\"const\":0}", "false", "not the one"},
        {"{\"const\":-2.0}", "-2", NULL},
        {"{\"const\":-2.0}", "2", "not the one"},
        {"{\"const\":9007199254740992}", "9007199254740991", "not the one"},
        {"{\"const\":9007199254740992}", "9007199254740992.0", NULL},
        {"{\"type\":\"string\",\"enum\":[\"a\"]}", "\"b\"", "not one"},
    };

    (void)state;
    hold(clauses, COUNT_OF(clauses));
}

#define FOO                                                                                        \
    "{\"properties\":{\"foo\":" T("integer") ",\"bar\":" T("string") "},\"required\":[\"foo\"]}"

static void members_follow_their_own_schemas(void **state)
{
    static const struct clause clauses[] = {
        {FOO, "{\"foo\":1,\"bar\":\"x\"}", NULL},
        {FOO, "{\"foo\":1}", NULL},
        {FOO, "{\"bar\":\"x\"}", "v: a member is missing: foo"},
        {FOO, "{}", "missing: foo"},
        {FOO, "{\"foo\":1,\"bar\":{}}", "v.bar: a text is required, not an object"},
        {FOO, "{\"foo\":[],\"bar\":{}}", "v.foo: "},
        {FOO, "{\"foo\":1,\"quux\":2}", "v: a member too many: quux"},
        {FOO, "[]", NULL}, /* clauses about members say nothing of other values */
        {FOO, "12", NULL},
        {FOO, "\"\"", NULL},
        {"{\"properties\":{\"a\\\"b\":" T("integer") "}}", "{\"a\\\"b\":1}", NULL},
        {"{\"properties\":{\"a\\\"b\":" T("integer") "}}", "{\"a\\\"b\":\"1\"}", "v.a\"b"},
        {"{\"properties\":{\"\\u00e9\":" T("integer") "}}", "{\"\u00e9\":null}", "v.\u00e9"},
        {"{\"properties\":{\"__proto__\":" T("integer") "}}", "{\"__proto__\":\"x\"}",
         "v.__proto__"},
        {"{\"properties\":{\"foo\":{\"type\":\"null\"}},\"required\":[\"foo\"]}", "{\"foo\":null}",
         NULL},
        {"{\"properties\":{\"a\":{\"properties\":{\"b\":" T("array") "}}}}", "{\"a\":{\"b\":7}}",
         "v.a.b: "},
    };

    (void)state;
    hold(clauses, COUNT_OF(clauses));
}

static void items_follow_one_schema_each(void **state)
{
    static const struct clause clauses[] = {
        {"{\"items\":" T("integer") "}", "[1,2,3]", NULL},
        {"{\"items\":" T("integer") "}", "[]", NULL},
        {"{\"items\":" T("integer") "}", "[1,\"x\"]", "v[1]: "},
        {"{\"items\":" T("integer") "}", "{}", NULL},
        {"{\"items\":" T("integer") "}", "\"x\"", NULL},
        {"{\"items\":{\"items\":" T("number") "}}", "[[1],[2,3]]", NULL},
        {"{\"items\":{\"items\":" T("number") "}}", "[[1],[2,null]]", "v[1][1]: "},
        {"{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":" T("string") "}}", "[\"x\"]",
         "v[0]: "},
        {"{\"items\":{\"properties\":{\"id\":" T("string") "}}}", "[{\"id\":\"a\"},{\"id\":2}]",
         "v[1].id: a text is required, not a number"},
    };

    (void)state;
    hold(clauses, COUNT_OF(clauses));
}

static void any_of_several_forms_is_enough(void **state)
{
    static const struct clause clauses[] = {
        {"{\"anyOf\":[" T("integer") "," T("string") "]}", "1", NULL},
        {"{\"anyOf\":[" T("integer") "," T("string") "]}", "\"x\"", NULL},
        {"{\"anyOf\":[" T("integer") "," T("string") "]}", "1.5", "v: none of the allowed forms"},
        {"{\"type\":\"string\",\"anyOf\":[{\"const\":\"a\"},{\"const\":\"b\"}]}", "3",
         "a text is required"},
        {"{\"type\":\"string\",\"anyOf\":[{\"const\":\"a\"},{\"const\":\"b\"}]}", "\"b\"", NULL},
        {"{\"anyOf\":[{\"properties\":{\"bar\":" T(
             "integer") "},\"required\":[\"bar\"]},"
                        "{\"properties\":{\"foo\":" T("string") "},\"required\":[\"foo\"]}]}",
         "{\"foo\":\"x\"}", NULL},
        {"{\"anyOf\":[{\"properties\":{\"bar\":" T(
             "integer") "},\"required\":[\"bar\"]},"
                        "{\"properties\":{\"foo\":" T("string") "},\"required\":[\"foo\"]}]}",
         "{\"foo\":2}", "none of"},
        {"{\"anyOf\":[{\"anyOf\":[{\"type\":\"null\"}]}]}", "null", NULL},
        {"{\"anyOf\":[{\"anyOf\":[{\"type\":\"null\"}]}]}", "123", "none of"},
        {"{\"title\":\"t\",\"description\":\"d\",\"type\":\"null\"}", "null", NULL},
    };

    (void)state;
    hold(clauses, COUNT_OF(clauses));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_knows_seven_kinds_of_value),
        cmocka_unit_test(a_list_of_types_takes_each_of_them),
        cmocka_unit_test(enum_and_const_compare_values_of_one_type),
        cmocka_unit_test(members_follow_their_own_schemas),
        cmocka_unit_test(items_follow_one_schema_each),
        cmocka_unit_test(any_of_several_forms_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
