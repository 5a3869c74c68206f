/* test_json.c - JSON is read strictly, or not at all. Covers: json_leaf json_read */
#include <string.h>

#include "common/json.h"
#include "tests/kit/kit.h"

static void refused(const char *text, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;

    if (json_parse(sv_of(text), &doc, err))
        fail_msg("taken: %s", text);
}

static void what_is_not_json_to_the_letter_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "NaN",
        "Infinity",
        "[1e999]",
        "{\"a\":-1e400}",
        "nul",
        "tru",
        "\"a",
        "\"\\x\"",
        "\"\t\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\u0000\"",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "{} x",
        "[] []",
        "{\"a\":1 \"b\":2}",
        "{\"a\" 1}",
        "[1 2]",
        "'a'",
        "/**/1",
        "{\"a\":}",
        "```json\n{}\n```",
        "[}",
        "{]",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = ERR_INIT;

        refused(bad[i], &err);
        assert_int_equal(err.code, ERR_BAD_REQUEST);
    }
}

static void what_is_json_is_taken_and_printed_the_same(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        "null",
        "true",
        "0",
        "-0.5",
        "1e+20",
        "\"\"",
        "[[],{},[{}]]",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
        "\"https://x/y?z=} // not a comment\"",
        "\"\xe2\x80\x9c \xe2\x80\x9d\"",
        "{\"A\":1,\"a\":2}",
        "10290",
        "0.022",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        AUTO(json_free) struct json *doc = NULL;
        AUTO(str_free) struct str out = STR_INIT(4096);
        struct err err = ERR_INIT;

        assert_ok(json_parse(sv_of(good[i]), &doc, &err), err);
        json_print(doc, &out);
        assert_string_equal(out.p, good[i]);
    }
}

static void a_key_twice_in_one_object_is_refused_at_any_depth(void **state)
{
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(json_parse(SV_LIT("[{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}]"), &doc, &err), err,
                 ERR_BAD_REQUEST);
    assert_non_null(strstr(err.msg, "\"a\""));
}

/* Each object is read beside the one before it. */
static void a_key_twice_is_refused_however_the_object_before_it_looks(void **state)
{
    static const char *const twice[] = {
        "[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2,\"a\":3}]",
        "[{\"a\":1,\"b\":2},{\"b\":1,\"b\":2}]",
        "[{\"a\":1,\"b\":2},{\"a\":1,\"a\":2}]",
        "[{\"a\":1,\"b\":2},{\"b\":1,\"a\":2,\"a\":3}]",
        "{\"x\":{\"a\":1},\"y\":{\"a\":1,\"a\":2}}",
        "[[{\"a\":1}],[{\"a\":1,\"a\":1}]]",
        "{\"a\":1,\"\\u0061\":2}",
        "[{\"a\\\\b\":1},{\"a\\\\b\":1,\"a\\u005cb\":2}]",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(twice); i++) {
        struct err err = ERR_INIT;

        refused(twice[i], &err);
        assert_non_null(strstr(err.msg, "stands twice"));
    }
}

static void a_key_is_no_copy_of_the_one_before_it_unless_it_is_written_so(void **state)
{
    static const char *const bad[] = {"[{\"a\\nb\":1},{\"a\nb\":1}]", "[{\"ab\":1},{\"ab\"",
                                      "[{\"ab\":1},{\"ab", "[{\"ab\":1},{ab\":1}]",
                                      "[{\"ab\":1},{\"ab:1}]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(json_free) struct json *doc = NULL;
        struct err err = ERR_INIT;

        if (json_parse(sv_of(bad[i]), &doc, &err))
            fail_msg("taken: %s", bad[i]);
    }
}

static void a_part_is_found_again_in_the_text_it_was_read_from(void **state)
{
    const struct sv text = SV_LIT("{\"a\": [1, {\"b\":\"x\\\"y\"} ,\"\\u00e9\"]}");
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;
    const struct json *a;

    (void)state;
    assert_ok(json_parse(text, &doc, &err), err);
    a = json_find(doc, "a");
    assert_true(sv_eqz(json_source(json_at(a, 0), text), "1"));
    assert_true(sv_eqz(json_source(json_at(a, 1), text), "{\"b\":\"x\\\"y\"}"));
    assert_true(sv_eqz(json_source(json_at(a, 2), text), "\"\\u00e9\""));
    assert_true(sv_eq(json_source(doc, text), text));
}

/* n letters, a line's end, the other letters, one of two bytes, n letters. */
static void add_runs(struct str *out, size_t n, const char *line_end)
{
    static const char run[] = "abcdefghijklmnopqrst";

    str_add(out, run, n);
    str_addz(out, line_end);
    str_add(out, run, sizeof run - 1 - n);
    str_addz(out, "\xc3\xa9");
    str_add(out, run, n);
}

static void take_runs(size_t escapes, size_t n)
{
    AUTO(str_free) struct str text = STR_INIT(256);
    AUTO(str_free) struct str means = STR_INIT(256);
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    str_addz(&text, "[\"");
    for (size_t i = 0; i < escapes; i++) {
        str_addz(&text, "\\\"");
        str_addc(&means, '"');
    }
    add_runs(&text, n, "\\n");
    add_runs(&means, n, "\n");
    str_addz(&text, "\",7]");
    assert_ok(json_parse(str_sv(&text), &doc, &err), err);
    assert_string_equal(json_text(json_at(doc, 0)), means.p);
    assert_true(json_number(json_at(doc, 1)) == 7);
}

/* Runs of all lengths, behind as many escapes as make gaps of all widths. */
static void what_stands_between_escapes_is_taken_whole(void **state)
{
    (void)state;
    for (size_t escapes = 0; escapes < 12; escapes++)
        for (size_t n = 0; n <= 20; n++)
            take_runs(escapes, n);
}

static void nesting_ends_at_thirty_two(void **state)
{
    char text[80];
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    (void)state;
    memset(text, '[', 40);
    memset(text + 40, ']', 40);
    assert_ok(json_parse((struct sv){text + 8, 64}, &doc, &err), err);
    json_free(&doc);
    assert_fails(json_parse((struct sv){text + 7, 66}, &doc, &err), err, ERR_BAD_REQUEST);
}

static void members_that_are_due_are_asked_for_by_name(void **state)
{
    AUTO(json_free) struct json *doc = NULL;
    const char *text = NULL;
    const struct json *list = NULL;
    struct err err = ERR_INIT;
    int64_t n = 0;

    (void)state;
    assert_ok(
        json_parse(SV_LIT("{\"id\":41,\"half\":0.5,\"name\":\"x\",\"items\":[7,8,9],\"on\":true}"),
                   &doc, &err),
        err);
    assert_ok(json_need_int(doc, "id", &n, &err), err);
    assert_ok(json_need_text(doc, "name", &text, &err), err);
    assert_ok(json_need(doc, "items", JSON_ARRAY, &list, &err), err);
    assert_int_equal(n, 41);
    assert_int_equal(json_count(list), 3);
    assert_true(json_number(json_at(list, 2)) == 9);
    assert_true(json_bool_or(doc, "on", false));
    assert_fails(json_need_int(doc, "half", &n, &err), err, ERR_UNPROCESSABLE);
    assert_fails(json_need_text(doc, "id", &text, &err), err, ERR_UNPROCESSABLE);
    assert_string_equal(err.msg, "id: a text is required");
    assert_string_equal(json_text_or(doc, "none", "dflt"), "dflt");
}

static void members_are_walked_in_their_order(void **state)
{
    AUTO(json_free) struct json *doc = NULL;
    AUTO(str_free) struct str seen = STR_INIT(64);
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(json_parse(SV_LIT("{\"c\":1,\"a\":2,\"b\":3}"), &doc, &err), err);
    for (const struct json *m = json_first(doc); m; m = json_next(m))
        str_addz(&seen, json_key(m));
    assert_string_equal(seen.p, "cab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_json_to_the_letter_is_refused),
        cmocka_unit_test(what_is_json_is_taken_and_printed_the_same),
        cmocka_unit_test(a_key_twice_in_one_object_is_refused_at_any_depth),
        cmocka_unit_test(a_key_twice_is_refused_however_the_object_before_it_looks),
        cmocka_unit_test(a_key_is_no_copy_of_the_one_before_it_unless_it_is_written_so),
        cmocka_unit_test(a_part_is_found_again_in_the_text_it_was_read_from),
        cmocka_unit_test(what_stands_between_escapes_is_taken_whole),
        cmocka_unit_test(nesting_ends_at_thirty_two),
        cmocka_unit_test(members_that_are_due_are_asked_for_by_name),
        cmocka_unit_test(members_are_walked_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
