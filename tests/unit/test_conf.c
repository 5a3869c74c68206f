/* test_conf.c - settings from the environment, all faults at once. */
#include <stddef.h>
#include <string.h>

#include "common/conf.h"
#include "tests/kit/kit.h"

struct sample {
    int64_t port, size, wait;
    const char *bucket;
    bool path;
    struct secret key;
};
static const struct conf_item items[] = {
    {CONF_INT, "PORT", "8080", 1, 65535, 0, "port", offsetof(struct sample, port)},
    {CONF_SIZE, "SIZE", "8MiB", 1, 1 << 30, 0, "size", offsetof(struct sample, size)},
    {CONF_MS, "WAIT", "5s", 0, 86400000, 0, "wait", offsetof(struct sample, wait)},
    {CONF_TEXT, "BUCKET", NULL, 3, 63, CONF_REQUIRED, "bucket for pictures",
     offsetof(struct sample, bucket)},
    {CONF_BOOL, "PATH_STYLE", "off", 0, 0, 0, "path", offsetof(struct sample, path)},
    {CONF_SECRET, "KEY", NULL, 1, 99, CONF_OPTIONAL, "key", offsetof(struct sample, key)},
};

static const char *const *given; /* name, value, name, value, NULL */

static const char *get(const char *name)
{
    for (const char *const *p = given; *p; p += 2)
        if (strcmp(*p, name) == 0)
            return p[1];
    return NULL;
}

static void defaults_and_units_are_understood(void **state)
{
    const char *const env[] = {"BUCKET", "pictures",   "WAIT", "1.5m", "SIZE",
                               "64KiB",  "PATH_STYLE", "yes",  NULL};
    AUTO(str_free) struct str faults = STR_INIT(4096);
    struct sample s = {0};

    (void)state;
    given = env;
    assert_true(conf_load(items, COUNT_OF(items), get, &s, &faults));
    assert_int_equal(s.port, 8080);
    assert_int_equal(s.size, 65536);
    assert_int_equal(s.wait, 90000);
    assert_true(s.path);
    assert_string_equal(s.bucket, "pictures");
    assert_false(secret_is_set(s.key));
}

static void all_faults_are_told_at_once_with_what_to_write(void **state)
{
    const char *const env[] = {"PORT", "99999",      "SIZE",    "8 apples", "WAIT",
                               "-1s",  "PATH_STYLE", "perhaps", NULL};
    AUTO(str_free) struct str faults = STR_INIT(4096);
    struct sample s = {0};

    (void)state;
    given = env;
    assert_false(conf_load(items, COUNT_OF(items), get, &s, &faults));
    assert_non_null(strstr(faults.p, "PORT: 99999 is outside 1..65535 (port)\n"));
    assert_non_null(
        strstr(faults.p, "SIZE: not a size: write 65536, 64KiB, 8MiB or 1GiB (size)\n"));
    assert_non_null(strstr(faults.p, "WAIT: not a time"));
    assert_non_null(strstr(faults.p, "BUCKET: required, but not set (bucket for pictures)\n"));
    assert_non_null(strstr(faults.p, "PATH_STYLE: write on or off"));
}

static void a_secret_is_masked_where_settings_are_printed(void **state)
{
    const char *const env[] = {"BUCKET", "pictures", "KEY", "topsecret", NULL};
    AUTO(str_free) struct str faults = STR_INIT(4096), out = STR_INIT(4096);
    struct sample s = {0};

    (void)state;
    given = env;
    assert_true(conf_load(items, COUNT_OF(items), get, &s, &faults));
    conf_print(items, COUNT_OF(items), &s, &out);
    assert_non_null(strstr(out.p, "KEY=***\n"));
    assert_null(strstr(out.p, "topsecret"));
    assert_string_equal(secret_text(s.key), "topsecret");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_and_units_are_understood),
        cmocka_unit_test(all_faults_are_told_at_once_with_what_to_write),
        cmocka_unit_test(a_secret_is_masked_where_settings_are_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
