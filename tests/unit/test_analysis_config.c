/* test_analysis_config.c - settings of analysis-svc: defaults, and faults told all at once.
 * Covers: config */
#include <string.h>

#include "analysis-svc/config.h"
#include "tests/kit/kit.h"

static const char *const (*given)[2];

static const char *get(const char *name)
{
    static const char *const due[][2] = {
        {"ANALYSIS_DATABASE_URL", "postgresql://127.0.0.1/x"},
        {"INTERNAL_TOKEN", "0123456789abcdef"},
        {"AWS_ACCESS_KEY_ID", "k"},
        {"AWS_SECRET_ACCESS_KEY", "s"},
        {"S3_BUCKET_NAME", "bucket"},
    };

    for (size_t i = 0; given && given[i][0]; i++)
        if (strcmp(given[i][0], name) == 0)
            return given[i][1];
    for (size_t i = 0; i < COUNT_OF(due); i++)
        if (strcmp(due[i][0], name) == 0)
            return due[i][1];
    return NULL;
}

static const char *nothing(const char *name)
{
    (void)name;
    return NULL;
}

static void the_defaults_are_those_of_the_design(void **state)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    struct analysis_conf c;

    (void)state;
    given = NULL;
    assert_true(analysis_config_load(get, &c, &faults));
    assert_int_equal(c.port, 8081);
    assert_int_equal(c.ops_port, 9102);
    assert_string_equal(c.bind, "127.0.0.1");
    assert_int_equal(c.images_per_call, 4);
    assert_string_equal(c.openai_url, "https://api.openai.com/v1");
    assert_string_equal(c.openai_server, "openai");
    assert_string_equal(c.s3_prefix, "");
    assert_false(secret_is_set(c.openai_key));
}

static void every_fault_is_told_at_once(void **state)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    static const char *const names[] = {"ANALYSIS_DATABASE_URL", "INTERNAL_TOKEN",
                                        "S3_BUCKET_NAME"};
    struct analysis_conf c;

    (void)state;
    assert_false(analysis_config_load(nothing, &c, &faults));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_non_null(strstr(faults.p, names[i]));
}

static void words_and_pairs_are_checked(void **state)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    static const char *const bad[][2] = {
        {"OPENAI_API", "telegraph"},   {"OPENAI_SERVER", "abacus"},
        {"OPENAI_TEMPERATURE", "2.1"}, {"ANTHROPIC_TEMPERATURE", "1e0"},
        {"OPENAI_DETAIL", "auto"},     {"LOG_LEVEL", "loud"},
        {"LEASE_TIME", "10s"},         {"HEARTBEAT", "6s"},
        {"RETRY_CAP", "10ms"},         {NULL, NULL}};
    static const char *const want[] = {
        "OPENAI_API",    "OPENAI_SERVER", "OPENAI_TEMPERATURE", "ANTHROPIC_TEMPERATURE",
        "OPENAI_DETAIL", "LOG_LEVEL",     "HEARTBEAT",          "RETRY_CAP"};
    struct analysis_conf c;

    (void)state;
    given = bad;
    assert_false(analysis_config_load(get, &c, &faults));
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_non_null(strstr(faults.p, want[i]));
}

static void printing_masks_the_secrets(void **state)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    AUTO(str_free) struct str out = STR_INIT(65536);
    struct analysis_conf c;

    (void)state;
    given = NULL;
    assert_true(analysis_config_load(get, &c, &faults));
    conf_print(analysis_config_items, analysis_config_count, &c, &out);
    assert_non_null(strstr(out.p, "S3_BUCKET_NAME=bucket"));
    assert_null(strstr(out.p, "0123456789abcdef"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_design),
        cmocka_unit_test(every_fault_is_told_at_once),
        cmocka_unit_test(words_and_pairs_are_checked),
        cmocka_unit_test(printing_masks_the_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
