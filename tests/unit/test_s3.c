/* Opening and presigning; what needs a server is in test_s3_live.c and test_s3_call.c. */
#include "common/s3.h"

#include <string.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/s3_internal.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

static struct s3_conf good(void)
{
    return (struct s3_conf){.endpoint = "http://s3.example.net:9000",
                            .model_endpoint = "https://pictures.example.org",
                            .browser_endpoint = "",
                            .region = "eu-west-1",
                            .bucket = "pictures",
                            .access_key = "AKIAEXAMPLE",
                            .secret_key = secret_of("a secret"),
                            .creds = {.imds_off = true},
                            .path_style = true,
                            .tries = 1};
}

static void what_is_missing_is_named(void **state)
{
    static const char *const names[] = {"AWS_REGION", "S3_BUCKET_NAME", "S3_BUCKET_NAME",
                                        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct s3_conf conf = good();
        struct err err = ERR_INIT;
        struct s3 *s3 = NULL;

        conf.region = i == 0 ? "" : conf.region;
        conf.bucket = i == 1 ? "ab" : i == 2 ? "a/bucket" : conf.bucket;
        conf.access_key = i == 3 ? "" : conf.access_key;
        conf.secret_key = i == 4 ? secret_of(NULL) : conf.secret_key;
        assert_fails(s3_open(&conf, &s3, &err), err, ERR_BAD_REQUEST);
        assert_non_null(strstr(err.msg, names[i]));
        assert_null(s3);
    }
}

static void settings_that_contradict_are_refused_by_name(void **state)
{
    static const char *const names[] = {"S3_DUALSTACK", "S3_ENCRYPTION", "S3_KMS_KEY_ID"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct s3_conf conf = good();
        struct err err = ERR_INIT;
        struct s3 *s3 = NULL;

        conf.dualstack = i == 0;
        conf.encryption = i == 1 ? "rot13" : NULL;
        conf.kms_key = i == 2 ? "a-key" : NULL;
        assert_fails(s3_open(&conf, &s3, &err), err, ERR_BAD_REQUEST);
        assert_true(sv_starts(sv_of(err.msg), names[i]));
    }
}

static void each_reader_gets_its_own_host(void **state)
{
    AUTO(s3_close) struct s3 *s3 = NULL;
    AUTO(str_free) struct str model = STR_INIT(4096), browser = STR_INIT(4096);
    const struct s3_conf conf = good();
    struct err err = ERR_INIT;
    const char *from = "https://pictures.example.org/pictures/a%20b.png?X-Amz-Algorithm=";
    const char *own = "http://s3.example.net:9000/pictures/a%20b.png?X-Amz-Algorithm=";

    (void)state;
    assert_ok(s3_open(&conf, &s3, &err), err);
    assert_ok(s3_presign_get(s3, S3_FOR_MODEL, "a b.png", 60, &model, &err), err);
    assert_ok(s3_presign_get(s3, S3_FOR_BROWSER, "a b.png", 60, &browser, &err), err);
    assert_true(sv_starts(str_sv(&model), from));
    assert_true(sv_starts(str_sv(&browser), own));
    assert_non_null(strstr(model.p, "%2Feu-west-1%2Fs3%2Faws4_request&"));
}

static void a_virtual_host_carries_the_bucket(void **state)
{
    AUTO(s3_close) struct s3 *s3 = NULL;
    AUTO(str_free) struct str url = STR_INIT(4096);
    struct s3_conf conf = good();
    struct err err = ERR_INIT;

    (void)state;
    conf.path_style = false;
    conf.endpoint = conf.model_endpoint = "";
    assert_ok(s3_open(&conf, &s3, &err), err);
    assert_ok(s3_presign_get(s3, S3_FOR_MODEL, "k", 60, &url, &err), err);
    assert_true(sv_starts(str_sv(&url), "https://pictures.s3.eu-west-1.amazonaws.com/k?"));
}

static void a_life_outside_a_week_is_refused_and_leaves_no_half_url(void **state)
{
    AUTO(s3_close) struct s3 *s3 = NULL;
    AUTO(str_free) struct str url = STR_INIT(4096), small = STR_INIT(64);
    const struct s3_conf conf = good();
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(s3_open(&conf, &s3, &err), err);
    assert_fails(s3_presign_get(s3, S3_FOR_MODEL, "k", 0, &url, &err), err, ERR_INTERNAL);
    assert_fails(s3_presign_get(s3, S3_FOR_MODEL, "k", 604801, &url, &err), err, ERR_INTERNAL);
    assert_ok(s3_presign_get(s3, S3_FOR_MODEL, "k", 604800, &url, &err), err);
    assert_fails(s3_presign_get(s3, S3_FOR_MODEL, "k", 60, &small, &err), err, ERR_INTERNAL);
    assert_null(strstr(err.msg, "X-Amz"));
}

static void one_window_has_one_url(void **state)
{
    AUTO(s3_close) struct s3 *s3 = NULL;
    AUTO(str_free) struct str first = STR_INIT(2048);
    AUTO(str_free) struct str again = STR_INIT(2048);
    struct s3_conf conf = good();
    struct s3_life life = {3000, 86400}; /* a whole day: the test cannot fall over its edge twice */
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(s3_open(&conf, &s3, &err), err);
    for (int i = 0; i < 2; i++) {
        str_reset(&first);
        str_reset(&again);
        assert_ok(s3_presign_get_in(s3, S3_FOR_MODEL, "k", &life, &first, &err), err);
        clock_sleep_ms(1100); /* its own second would differ */
        assert_ok(s3_presign_get_in(s3, S3_FOR_MODEL, "k", &life, &again, &err), err);
        if (strcmp(first.p, again.p) == 0)
            break;
    }
    assert_string_equal(first.p, again.p);
    assert_non_null(strstr(first.p, "T000000Z"));
    assert_non_null(strstr(first.p, "X-Amz-Expires=172800"));
}

static void an_etag_loses_its_quotes(void **state)
{
    static const char *const etags[][2] = {
        {"\"abc-3\"", "abc-3"}, {"abc", "abc"}, {"W/\"abc\"", "abc"}, {"", ""}};
    struct s3_etag etag;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(etags); i++) {
        s3_etag_read(sv_of(etags[i][0]), &etag);
        assert_string_equal(etag.text, etags[i][1]);
    }
}

static void an_object_larger_than_asked_for_is_refused(void **state)
{
    static const struct kit_step steps[] = {{.status = 200, .body = "0123456789"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(s3_close)
    struct s3 *s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(wire)});
    AUTO(str_free) struct str out = STR_INIT(0);
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(s3_get(s3, "k", 9, &out, &err), err, ERR_TOO_LARGE);
    assert_ok(s3_get(s3, "k", 10, &out, &err), err);
    assert_string_equal(out.p, "0123456789");
}

static void a_head_is_read_whole(void **state)
{
    static const struct kit_step steps[] = {{.status = 200,
                                             .headers =
                                                 "ETag: \"e-2\"\r\nContent-Type: image/webp\r\n"
                                                 "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
                                             .body = "0123456789"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(s3_close)
    struct s3 *s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(wire)});
    struct s3_head head;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(s3_stat(s3, "k", &head, &err), err);
    assert_int_equal(head.size, 10);
    assert_string_equal(head.etag.text, "e-2");
    assert_string_equal(head.type, "image/webp");
    assert_int_equal(head.modified, 784111777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(settings_that_contradict_are_refused_by_name),
        cmocka_unit_test(each_reader_gets_its_own_host),
        cmocka_unit_test(a_virtual_host_carries_the_bucket),
        cmocka_unit_test(a_life_outside_a_week_is_refused_and_leaves_no_half_url),
        cmocka_unit_test(one_window_has_one_url),
        cmocka_unit_test(an_etag_loses_its_quotes),
        cmocka_unit_test(an_object_larger_than_asked_for_is_refused),
        cmocka_unit_test(a_head_is_read_whole),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
