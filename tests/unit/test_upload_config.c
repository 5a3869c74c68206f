/* test_upload_config.c - settings of upload-svc, the headers that follow from them, and the
 * commands that need no service. Covers: config command */
#include <string.h>

#include "tests/kit/kit.h"
#include "upload-svc/command.h"
#include "upload-svc/config.h"

static const char *const (*given)[2];

static const char *get(const char *name)
{
    static const char *const due[][2] = {{"UPLOAD_DATABASE_URL", "postgresql://127.0.0.1/x"},
                                         {"INTERNAL_TOKEN", "0123456789abcdef"},
                                         {"AWS_ACCESS_KEY_ID", "k"},
                                         {"AWS_SECRET_ACCESS_KEY", "very-secret"},
                                         {"S3_BUCKET_NAME", "bucket"}};

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
    struct upload_conf c;

    (void)state;
    given = NULL;
    if (!upload_config_load(get, &c, &faults))
        fail_msg("%s", faults.p);
    assert_string_equal(c.bind, "127.0.0.1");
    assert_int_equal(c.port, 8080);
    assert_int_equal(c.ops_port, 9101);
    assert_int_equal(c.file_max, 20 << 20);
    assert_int_equal(c.buffers, 32 << 20);
    assert_int_equal(c.set_linger, 5000);
    assert_true(c.sse_max <= c.workers / 4);
    assert_true(c.arrival_stale > c.s3_timeout); /* an S3 call in flight is no death */
}

static void all_that_is_missing_is_told_at_once(void **state)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    struct upload_conf c;

    (void)state;
    assert_false(upload_config_load(nothing, &c, &faults));
    assert_non_null(strstr(faults.p, "UPLOAD_DATABASE_URL: required"));
    assert_non_null(strstr(faults.p, "INTERNAL_TOKEN: required"));
    assert_non_null(strstr(faults.p, "S3_BUCKET_NAME: required"));
}

static void what_no_single_setting_can_say_is_checked(void **state)
{
    static const char *const bad[][3][2] = {
        {{"SSE_MAX", "25"}, {NULL, NULL}},
        {{"UPLOAD_WORKERS", "32"}, {"UPLOADS_AT_ONCE", "16"}},
        {{"UPLOADS_AT_ONCE", "96"}, {NULL, NULL}},
        {{"TRUSTED_PROXIES", "my-proxy"}, {NULL, NULL}},
        {{"TRUSTED_PROXIES", "10.0.0.0/8, 10.0.0.0/33"}, {NULL, NULL}},
        {{"S3_PART_SIZE", "20MiB"}, {NULL, NULL}},
        {{"LOG_LEVEL", "loud"}, {NULL, NULL}},
        {{"S3_PREFIX", "team"}, {NULL, NULL}},
        {{"S3_PREFIX", "/team/"}, {NULL, NULL}},
        {{"ANALYSIS_URL", "analysis:1"}, {NULL, NULL}},
        {{"S3_BROWSER_ENDPOINT", "http://a; script-src *"}, {NULL, NULL}},
        {{"UPLOAD_TOKEN", "short"}, {NULL, NULL}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(str_free) struct str faults = STR_INIT(65536);
        struct upload_conf c;

        given = bad[i];
        if (upload_config_load(get, &c, &faults))
            fail_msg("%s=%s was taken", bad[i][0][0], bad[i][0][1]);
    }
}

static void a_loopback_address_is_known(void **state)
{
    (void)state;
    assert_true(upload_config_loopback("127.0.0.1"));
    assert_true(upload_config_loopback("127.9.9.9"));
    assert_true(upload_config_loopback("::1"));
    assert_false(upload_config_loopback("0.0.0.0"));
    assert_false(upload_config_loopback("::"));
    assert_false(upload_config_loopback("10.0.0.1"));
}

static void headers_of(const char *const (*settings)[2], struct str *out)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    struct upload_conf c;

    given = settings;
    assert_true(upload_config_load(get, &c, &faults));
    str_reset(out);
    upload_config_headers(&c, out);
}

static void the_page_may_load_its_own_files_and_pictures_of_one_host(void **state)
{
    static const char *const shown[][2] = {{"S3_BROWSER_ENDPOINT", "https://s3.example.org:8443/x"},
                                           {NULL, NULL}};
    static const char *const hosted[][2] = {
        {"S3_BROWSER_ENDPOINT", "https://s3.example.org"}, {"S3_PATH_STYLE", "off"}, {NULL, NULL}};
    AUTO(str_free) struct str out = STR_INIT(8192);

    (void)state;
    headers_of(NULL, &out);
    assert_non_null(strstr(out.p, "default-src 'none'; script-src 'self'; style-src 'self'; "
                                  "connect-src 'self'; img-src 'self' blob:; base-uri 'none'; "
                                  "frame-ancestors 'none'; form-action 'none'\r\n"));
    assert_non_null(strstr(out.p, "X-Content-Type-Options: nosniff\r\n"));
    headers_of(shown, &out);
    assert_non_null(strstr(out.p, "img-src 'self' blob: https://s3.example.org:8443;"));
    headers_of(hosted, &out);
    assert_non_null(strstr(out.p, " https://s3.example.org https://bucket.s3.example.org;"));
}

static void a_secret_is_never_printed(void **state)
{
    AUTO(str_free) struct str faults = STR_INIT(65536), out = STR_INIT(65536);
    struct upload_conf c;

    (void)state;
    given = NULL;
    assert_true(upload_config_load(get, &c, &faults));
    conf_print(upload_config_items, upload_config_count, &c, &out);
    assert_null(strstr(out.p, "very-secret"));
    assert_null(strstr(out.p, "0123456789abcdef"));
    assert_non_null(strstr(out.p, "S3_BUCKET_NAME=bucket\n"));
}

static void an_unknown_command_is_refused_and_none_means_serve(void **state)
{
    char name[] = "upload-svc", wrong[] = "--frobnicate", good[] = "--migrate-only";
    char *const alone[] = {name, NULL}, *const odd[] = {name, wrong, NULL};
    char *const migrate[] = {name, good, NULL};
    int status = -1;

    (void)state;
    assert_false(command_plain(1, alone, &status));
    assert_true(command_plain(2, odd, &status));
    assert_int_equal(status, 2);
    assert_false(command_plain(2, migrate, &status)); /* needs settings: not this one's */
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_design),
        cmocka_unit_test(all_that_is_missing_is_told_at_once),
        cmocka_unit_test(what_no_single_setting_can_say_is_checked),
        cmocka_unit_test(a_loopback_address_is_known),
        cmocka_unit_test(the_page_may_load_its_own_files_and_pictures_of_one_host),
        cmocka_unit_test(a_secret_is_never_printed),
        cmocka_unit_test(an_unknown_command_is_refused_and_none_means_serve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
