/*
 * test_creds.c - the order of the sources, and keys that are renewed before they run out, by one
 * thread, and used to their end when that fails. S3 with keys that change: here too.
 * Covers: creds s3_signer
 */
#include "common/creds.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/s3.h"
#include "tests/kit/kit.h"
#include "tests/kit/wire.h"

enum { READERS = 4, ANSWERS = 4 };

static struct kit_wire *wire, *store;
static struct creds *creds;
static char answers[ANSWERS][300];

/* What a container's endpoint says of keys that live for so long. */
static const char *json(size_t i, const char *id, int64_t life_s)
{
    char end[CLOCK_ISO_SIZE];

    clock_iso((clock_wall_s() + life_s) * 1000, end);
    snprintf(answers[i], sizeof answers[i],
             "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"hidden\",\"Token\":\"veiled\","
             "\"Expiration\":\"%s\"}",
             id, end);
    return answers[i];
}

static struct creds_conf container(const struct kit_step *steps, size_t n)
{
    creds_close(&creds);
    kit_wire_close(&wire);
    wire = kit_wire_open(steps, n);
    return (struct creds_conf){
        .container_relative = "/k", .container_host = kit_wire_url(wire), .wait_ms = 1000};
}

static const char *present_id(struct err *err)
{
    static char id[64];
    AUTO(creds_key_free) struct creds_key key = CREDS_KEY_INIT;
    uint64_t serial;

    if (!creds_get(creds, &key, &serial, err))
        return NULL;
    snprintf(id, sizeof id, "%s", key.id.p);
    return id;
}

static void the_first_source_that_is_set_up_is_taken(void **state)
{
    static const char *const names[] = {"settings", "web identity", "container", "instance"};
    static const struct kit_step steps[] = {{.status = 500}};
    struct creds_conf conf = container(steps, 1);

    (void)state;
    conf.access_key = "AKIA";
    conf.secret_key = secret_of("s");
    conf.token_file = "/nowhere/token";
    conf.role_arn = "arn";
    conf.imds_endpoint = "http://127.0.0.1:1";
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct err err = ERR_INIT;
        bool ok = creds_open(&conf, &creds, &err);

        if (i == 0) {
            assert_ok(ok, err);
            assert_string_equal(creds_source(creds), names[0]);
            assert_int_equal(kit_wire_count(wire), 0);
            creds_close(&creds);
        } else if (i < 3) { /* set up, and broken: the next ones are not asked */
            assert_false(ok);
            assert_non_null(strstr(err.msg, names[i]));
        } else {
            assert_fails(ok, err, ERR_BAD_REQUEST);
            assert_non_null(strstr(err.msg, "no keys for S3 are set up: set AWS_ACCESS_KEY_ID"));
        }
        conf.access_key = NULL;
        conf.secret_key = secret_of(NULL);
        conf.token_file = i >= 1 ? NULL : conf.token_file;
        conf.container_relative = i >= 2 ? NULL : conf.container_relative;
    }
}

static void a_key_without_its_secret_is_refused_by_name(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(creds_open(&(struct creds_conf){.access_key = "AKIA"}, &creds, &err), err,
                 ERR_BAD_REQUEST);
    assert_non_null(strstr(err.msg, "AWS_SECRET_ACCESS_KEY"));
    assert_fails(
        creds_open(&(struct creds_conf){.access_key = "AKIA\r\nX: y", .secret_key = secret_of("s")},
                   &creds, &err),
        err, ERR_STORAGE);
}

static void given_keys_are_never_renewed(void **state)
{
    const struct creds_conf conf = {
        .access_key = "AKIA", .secret_key = secret_of("s"), .session_token = secret_of("t")};
    AUTO(creds_key_free) struct creds_key key = CREDS_KEY_INIT;
    uint64_t serial = 0;
    struct err err = ERR_INIT;

    (void)state;
    creds_close(&creds);
    assert_ok(creds_open(&conf, &creds, &err), err);
    assert_ok(creds_get(creds, &key, &serial, &err), err);
    assert_string_equal(key.token.p, "t");
    assert_int_equal(key.expires_s, 0);
    assert_int_equal(serial, creds_serial(creds));
    assert_false(creds_renew(creds, serial, 1000));
}

static _Atomic bool reading;

static void *read_on(void *arg)
{
    uintptr_t bad = 0;

    (void)arg;
    while (reading) {
        AUTO(creds_key_free) struct creds_key key = CREDS_KEY_INIT;
        struct err err = ERR_INIT;
        uint64_t serial;

        bad += !creds_get(creds, &key, &serial, &err) || strncmp(key.id.p, "ASIA", 4) != 0;
        clock_sleep_ms(1);
    }
    return (void *)bad;
}

static void keys_are_renewed_before_they_end_by_one_thread_alone(void **state)
{
    const struct kit_step steps[] = {{.status = 200, .body = json(0, "ASIAONE", 3)},
                                     {.status = 200, .body = json(1, "ASIATWO", 7200)}};
    struct creds_conf conf = container(steps, 2);
    pthread_t threads[READERS];
    struct err err = ERR_INIT;
    void *bad;

    (void)state;
    assert_ok(creds_open(&conf, &creds, &err), err);
    assert_string_equal(creds_source(creds), "container");
    assert_string_equal(present_id(&err), "ASIAONE");
    reading = true;
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, NULL), 0);
    for (int i = 0; i < 100 && creds_serial(creds) == 1; i++)
        clock_sleep_ms(20);
    assert_string_equal(present_id(&err), "ASIATWO");
    clock_sleep_ms(1200); /* past the end of the first */
    reading = false;
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
    assert_int_equal(kit_wire_count(wire), 2);
}

static void keys_that_cannot_be_renewed_serve_to_their_end_and_then_say_why(void **state)
{
    const struct kit_step steps[] = {{.status = 200, .body = json(0, "ASIAONE", 4)},
                                     {.status = 404}};
    struct creds_conf conf = container(steps, 2);
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(creds_open(&conf, &creds, &err), err);
    for (int i = 0; i < 400 && kit_wire_count(wire) < 2; i++)
        clock_sleep_ms(10);
    assert_string_equal(present_id(&err), "ASIAONE");
    for (int i = 0; i < 500 && present_id(&err); i++)
        clock_sleep_ms(10);
    assert_int_equal(err.code, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "keys of the container have run out and cannot be renewed: "));
    assert_non_null(strstr(err.msg, "HTTP 404"));
    assert_null(strstr(err.msg, "hidden"));
}

static void a_source_is_asked_again_when_s3_refuses_but_not_over_and_over(void **state)
{
    const struct kit_step steps[] = {{.status = 200, .body = json(0, "ASIAONE", 7200)},
                                     {.status = 200, .body = json(1, "ASIATWO", 7200)}};
    struct creds_conf conf = container(steps, 2);
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(creds_open(&conf, &creds, &err), err);
    assert_true(creds_renew(creds, 1, 5000));
    assert_int_equal(creds_serial(creds), 2);
    assert_true(creds_renew(creds, 1, 5000)); /* who used the old ones has others now */
    assert_false(creds_renew(creds, 2, 5000));
    assert_int_equal(kit_wire_count(wire), 2);
}

static void a_call_that_s3_refuses_for_old_keys_is_signed_with_new_ones(void **state)
{
    static const struct kit_step s3_steps[] = {
        {.status = 400, .body = "<Error><Code>ExpiredToken</Code></Error>"},
        {.status = 200},
        {.status = 403, .body = "<Error><Code>InvalidAccessKeyId</Code></Error>"}};
    const struct kit_step steps[] = {{.status = 200, .body = json(0, "ASIAONE", 7200)},
                                     {.status = 200, .body = json(1, "ASIATWO", 7200)}};
    struct creds_conf conf = container(steps, 2);
    AUTO(s3_close) struct s3 *s3 = NULL;
    AUTO(str_free) struct str url = STR_INIT(8192);
    struct err err = ERR_INIT;

    (void)state;
    store = kit_wire_open(s3_steps, 3);
    const struct s3_conf bucket = {.endpoint = kit_wire_url(store),
                                   .region = "us-east-1",
                                   .bucket = "bucket",
                                   .creds = conf,
                                   .path_style = true,
                                   .total_ms = 5000,
                                   .tries = 1};
    assert_ok(s3_open(&bucket, &s3, &err), err);
    assert_ok(s3_put(s3, "k", NULL, SV_LIT("x"), NULL, &err), err);
    assert_non_null(strstr(kit_wire_head(store, 0), "Credential=ASIAONE/"));
    assert_non_null(strstr(kit_wire_head(store, 1), "Credential=ASIATWO/"));
    assert_non_null(strstr(kit_wire_head(store, 1), "\r\nx-amz-security-token: veiled\r\n"));
    assert_ok(s3_presign_get(s3, S3_FOR_MODEL, "k", 60, &url, &err), err);
    assert_non_null(strstr(url.p, "X-Amz-Credential=ASIATWO%2F"));
    assert_non_null(strstr(url.p, "X-Amz-Security-Token=veiled"));
    assert_fails(s3_put(s3, "k", NULL, SV_LIT("x"), NULL, &err), err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(store), 3); /* there were no newer ones */
    assert_int_equal(kit_wire_count(wire), 2);
    kit_wire_close(&store);
}

static void a_call_without_valid_keys_is_not_sent_and_says_whose_they_were(void **state)
{
    static const struct kit_step s3_steps[] = {{.status = 200}};
    const struct kit_step steps[] = {{.status = 200, .body = json(0, "ASIAONE", 1)},
                                     {.status = 403}};
    struct creds_conf conf = container(steps, 2);
    AUTO(s3_close) struct s3 *s3 = NULL;
    struct err err = ERR_INIT;

    (void)state;
    store = kit_wire_open(s3_steps, 1);
    const struct s3_conf bucket = {.endpoint = kit_wire_url(store),
                                   .region = "us-east-1",
                                   .bucket = "bucket",
                                   .creds = conf,
                                   .path_style = true,
                                   .total_ms = 5000,
                                   .tries = 3};
    assert_ok(s3_open(&bucket, &s3, &err), err);
    clock_sleep_ms(2100);
    assert_fails(s3_put(s3, "k", NULL, SV_LIT("x"), NULL, &err), err, ERR_STORAGE);
    assert_true(sv_starts(sv_of(err.msg), "the keys of the container have run out"));
    assert_int_equal(kit_wire_count(store), 0);
    kit_wire_close(&store);
}

static int finish(void **state)
{
    (void)state;
    creds_close(&creds);
    kit_wire_close(&wire);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_source_that_is_set_up_is_taken),
        cmocka_unit_test(a_key_without_its_secret_is_refused_by_name),
        cmocka_unit_test(given_keys_are_never_renewed),
        cmocka_unit_test(keys_are_renewed_before_they_end_by_one_thread_alone),
        cmocka_unit_test(keys_that_cannot_be_renewed_serve_to_their_end_and_then_say_why),
        cmocka_unit_test(a_source_is_asked_again_when_s3_refuses_but_not_over_and_over),
        cmocka_unit_test(a_call_without_valid_keys_is_not_sent_and_says_whose_they_were),
        cmocka_unit_test(a_call_that_s3_refuses_for_old_keys_is_signed_with_new_ones),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, finish);
}
