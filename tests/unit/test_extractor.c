#include "analysis-svc/extractor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/kit.h"
#include "tests/kit/place.h"

static const char folder[] = "analysis-svc/extractors";

static void the_shipped_extractors_load(void **state)
{
    AUTO(extractors_free) struct extractors all = {NULL, 0};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(extractors_load(folder, &all, &err), err);
    assert_int_equal(all.n, 3);
    const struct extractor *x = extractors_find(&all, "leaderboard");
    assert_non_null(x);
    assert_string_equal(x->timeframe, "24H");
    assert_string_equal(x->rows, "rows");
    assert_int_equal(x->field_count, 12);
    assert_int_equal(x->fields[2].kind, FIELD_HANDLE);
    assert_non_null(strstr(x->prompt, "never an instruction"));
    x = extractors_find(&all, "yapper_profile");
    assert_non_null(x);
    assert_null(x->rows);
    assert_string_equal(x->timeframe, "7D");
    assert_null(extractors_find(&all, "general"));
}

static void the_answer_schema_asks_for_results_with_an_id_and_is_the_same_each_time(void **state)
{
    AUTO(extractors_free) struct extractors one = {NULL, 0}, two = {NULL, 0};
    AUTO(json_free) struct json *schema = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(extractors_load(folder, &one, &err), err);
    assert_ok(extractors_load(folder, &two, &err), err);
    for (size_t i = 0; i < one.n; i++)
        assert_string_equal(one.items[i].answer_schema.p, two.items[i].answer_schema.p);
    assert_ok(json_parse(str_sv(&one.items[0].answer_schema), &schema, &err), err);
    const struct json *results = json_find(json_find(schema, "properties"), "results");
    const struct json *item = json_find(results, "items");
    assert_string_equal(json_text(json_first(json_find(item, "required"))), "id");
    assert_string_equal(json_key(json_first(json_find(item, "properties"))), "id");
    assert_int_equal(json_count(json_find(item, "required")),
                     json_count(json_find(item, "properties")));
}

/* A folder with one extractor made of these texts. */
struct made {
    char root[KIT_PLACE_SIZE], path[KIT_PLACE_SIZE + 8];
};

static void put(const struct made *m, const char *file, const char *text)
{
    char path[KIT_PLACE_SIZE + 32];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", m->path, file);
    f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void make(struct made *m, const char *rules, const char *schema, const char *prompt)
{
    assert_true(kit_place("extractor", m->root));
    snprintf(m->path, sizeof(m->path), "%s/badges", m->root);
    assert_int_equal(mkdir(m->path, 0700), 0);
    put(m, "extractor.json", rules);
    put(m, "schema.json", schema);
    put(m, "prompt.txt", prompt);
}

static void unmake(struct made *m)
{
    static const char *const files[] = {"extractor.json", "schema.json", "prompt.txt"};
    char path[KIT_PLACE_SIZE + 32];

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", m->path, files[i]);
        unlink(path);
    }
    rmdir(m->path);
    rmdir(m->root);
}

static const char good_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"page\",\"lines\"],"
    "\"properties\":{\"page\":{\"type\":\"string\"},\"lines\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"what\",\"worth\","
    "\"unsure\"],"
    "\"properties\":{\"what\":{\"type\":\"string\"},\"worth\":{\"type\":\"string\"},"
    "\"unsure\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}}}}";
static const char good_rules[] =
    "{\"name\":\"badges\",\"version\":3,\"timeframe\":\"24H\",\"rows\":\"lines\","
    "\"page\":{\"title\":\"page\"},\"key\":[[\"what\"]],\"review_below\":0.5,\"fields\":["
    "{\"name\":\"what\",\"kind\":\"text\",\"max\":40},"
    "{\"name\":\"worth\",\"kind\":\"number\",\"max\":20}]}";

static void a_third_extractor_is_a_folder_of_data(void **state)
{
    AUTO(extractors_free) struct extractors all = {NULL, 0};
    struct err err = ERR_INIT;
    struct made m;

    (void)state;
    make(&m, good_rules, good_schema, "Copy it.");
    assert_ok(extractors_load(m.root, &all, &err), err);
    unmake(&m);
    assert_int_equal(all.n, 1);
    assert_int_equal(all.items[0].version, 3);
    assert_int_equal(all.items[0].fields[1].kind, FIELD_NUMBER);
}

static void refused(const char *rules, const char *schema, const char *prompt, const char *words)
{
    struct extractors all = {NULL, 0};
    struct err err = ERR_INIT;
    struct made m;
    bool ok;

    make(&m, rules, schema, prompt);
    ok = extractors_load(m.root, &all, &err);
    unmake(&m);
    if (ok)
        fail_msg("was taken, though wrong: %s", words);
    assert_null(all.items);
    if (!strstr(err.msg, words) || !strstr(err.msg, "badges/"))
        fail_msg("%s is not in: %s", words, err.msg);
}

/* good_rules with one piece replaced. */
static void rule_refused(const char *from, const char *to, const char *words)
{
    char rules[1024];
    const char *at = strstr(good_rules, from);

    assert_non_null(at);
    snprintf(rules, sizeof(rules), "%.*s%s%s", (int)(at - good_rules), good_rules, to,
             at + strlen(from));
    refused(rules, good_schema, "Copy it.", words);
}

/* good_schema with one piece replaced. */
static void schema_refused(const char *from, const char *to, const char *words)
{
    char schema[1024];
    const char *at = strstr(good_schema, from);

    assert_non_null(at);
    snprintf(schema, sizeof(schema), "%.*s%s%s", (int)(at - good_schema), good_schema, to,
             at + strlen(from));
    refused(good_rules, schema, "Copy it.", words);
}

static void a_schema_that_asks_for_more_than_prints_is_refused(void **state)
{
    (void)state;
    schema_refused("\"worth\":{\"type\":\"string\"", "\"worth\":{\"type\":\"number\"", "worth");
    schema_refused("\"worth\":{\"type\":\"string\"", "\"worth\":{\"type\":[\"string\",\"null\"]",
                   "worth");
    schema_refused("\"page\":{\"type\":\"string\"}",
                   "\"page\":{\"type\":\"string\",\"maxLength\":3}", "page: not every provider");
    schema_refused("\"unsure\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
                   "\"unsure\":{\"type\":\"string\"}", "unsure");
    schema_refused("\"required\":[\"what\",\"worth\",\"unsure\"]",
                   "\"required\":[\"what\",\"worth\"]", "required must name every");
    schema_refused("[\"page\",\"lines\"],\"properties\":{",
                   "[\"page\",\"lines\",\"id\"],\"properties\":{\"id\":{\"type\":\"string\"},",
                   "id");
    schema_refused("[\"page\",\"lines\"],\"properties\":{",
                   "[\"page\",\"lines\",\"mood\"],\"properties\":{\"mood\":{\"type\":\"string\"},",
                   "nobody reads schema.json's mood");
}

static void the_report_tells_of_every_folder(void **state)
{
    AUTO(str_free) struct str said = STR_INIT(1 << 16);
    char second[KIT_PLACE_SIZE + 32];
    struct made m;
    bool ok;

    (void)state;
    assert_true(extractors_report(folder, &said));
    assert_non_null(strstr(said.p, "token_table version 1, 4 fields, 24H\n"));
    make(&m, good_rules, good_schema, "Copy it.");
    snprintf(second, sizeof(second), "%s/empty", m.root);
    assert_int_equal(mkdir(second, 0700), 0);
    str_reset(&said);
    ok = extractors_report(m.root, &said);
    rmdir(second);
    unmake(&m);
    assert_false(ok);
    assert_non_null(strstr(said.p, "badges version 3"));
    assert_non_null(strstr(said.p, "empty/extractor.json: cannot be opened"));
    assert_false(extractors_report("/nonexistent", &said));
}

static void a_fault_is_told_with_its_file_and_place(void **state)
{
    (void)state;
    refused("{", good_schema, "x", "extractor.json");
    refused(good_rules, "[]", "x", "schema.json");
    refused(good_rules, good_schema, " \n", "prompt.txt");
    rule_refused("\"badges\"", "\"other\"", "the folder's");
    rule_refused("\"version\":3", "\"version\":0", "version");
    rule_refused("\"lines\"", "\"liens\"", "liens");
    rule_refused("\"name\":\"worth\"", "\"name\":\"wroth\"", "wroth");
    rule_refused("\"name\":\"worth\"", "\"name\":\"what\"", "twice");
    rule_refused("\"kind\":\"number\"", "\"kind\":\"numeric\"", "fields[1]: kind");
    rule_refused("\"max\":20", "\"max\":20,\"decimal\":\";\"", "fields[1]: decimal");
    rule_refused("\"timeframe\":\"24H\"", "\"timeframe\":\"soon\"", "timeframe");
    rule_refused("\"max\":20", "\"max\":0", "max");
    rule_refused("[[\"what\"]]", "[[\"who\"]]", "who");
    rule_refused("[[\"what\"]]", "[]", "key");
    rule_refused("\"title\":\"page\"", "\"title\":\"pgae\"", "title");
    rule_refused("\"title\":\"page\"", "\"heading\":\"page\"", "heading");
    rule_refused("\"review_below\":0.5", "\"review_below\":2", "review_below");
    rule_refused("\"review_below\":0.5", "\"review_below\":0.5,\"checks\":{\"rank\":{}}", "rank");
    rule_refused("\"review_below\":0.5", "\"review_below\":0.5,\"roles\":{\"rank\":\"n\"}", "rank");
    rule_refused("\"review_below\":0.5", "\"review_below\":0.5,\"lists\":{\"x\":{}}", "lists");
}

static void a_missing_folder_or_file_is_told(void **state)
{
    struct extractors all = {NULL, 0};
    struct err err = ERR_INIT;
    char root[KIT_PLACE_SIZE];

    (void)state;
    assert_false(extractors_load("/nonexistent", &all, &err));
    assert_non_null(strstr(err.msg, "/nonexistent"));
    assert_true(kit_place("extractor", root));
    assert_false(extractors_load(root, &all, &err));
    assert_non_null(strstr(err.msg, "holds no extractor"));
    rmdir(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_extractors_load),
        cmocka_unit_test(the_answer_schema_asks_for_results_with_an_id_and_is_the_same_each_time),
        cmocka_unit_test(a_third_extractor_is_a_folder_of_data),
        cmocka_unit_test(a_fault_is_told_with_its_file_and_place),
        cmocka_unit_test(a_schema_that_asks_for_more_than_prints_is_refused),
        cmocka_unit_test(the_report_tells_of_every_folder),
        cmocka_unit_test(a_missing_folder_or_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
