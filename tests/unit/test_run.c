/* test_run.c - the whole workshop at work: Postgres, a scripted model over HTTP, S3 where pictures
 * are fetched. Covers: answer hear listen */
#include "analysis-svc/run.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "analysis-svc/linger.h"
#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "tests/kit/kit.h"
#include "tests/kit/model.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"
#include "tests/kit/workshop.h"

#define ALL_DONE "SELECT bool_and(ended_at IS NOT NULL) FROM analysis.batches"

static struct app *app;
static struct kit_model *model;
static struct run *runner;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

/* Model, provider, scheduler; s3 and model_s3 as in kit_service_open. */
static void begin(const struct kit_model_step *steps, size_t n, const char *s3,
                  const char *model_s3)
{
    struct err err = ERR_INIT;

    model = kit_model_open(steps, n);
    kit_service_open(app, kit_model_url(model), s3, model_s3);
    assert_ok(run_open(app, &runner, &err), err);
}

static int end(void **state)
{
    (void)state;
    run_close(&runner);
    kit_service_close(app);
    kit_model_close(&model);
    return 0;
}

static const char *states(void)
{
    return kit_pg_value("SELECT string_agg(DISTINCT state || COALESCE(' ' || fail_code, ''), ',')"
                        " FROM analysis.images");
}

static void a_batch_becomes_rows(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, 1, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 5, ""));
    assert_true(kit_until(ALL_DONE, 5000));
    assert_int_equal(kit_model_calls(model), 2);
    assert_int_equal(kit_model_images(model), 5);
    assert_string_equal(states(), "extracted");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(handle || ' ' || followers, ',' ORDER BY row_no)"
                     " FROM analysis.leaderboard"),
        "amber_dune 1200,birch_lane 1200");
    assert_string_equal(
        kit_pg_value("SELECT DISTINCT provider || ' ' || model FROM analysis.snapshot_attempts"),
        "openai kit-model-2026");
}

static void a_new_batch_is_noticed_at_once(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ}};
    int64_t began;

    (void)state;
    app->conf.poll = 60000;
    model = kit_model_open(steps, 1);
    kit_service_open(app, kit_model_url(model), "", "");
    app->conf.poll = 60000;
    app->conf.heartbeat = 60000;
    assert_true(run_open(app, &runner, &(struct err)ERR_INIT));
    clock_sleep_ms(300); /* the listener is there */
    began = clock_mono_ms();
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 5000));
    assert_true(clock_mono_ms() - began < 2000);
}

static void what_nobody_called_out_is_found_by_the_poll(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ}};

    (void)state;
    model = kit_model_open(steps, 1);
    kit_service_open(app, kit_model_url(model), "", "");
    app->conf.poll = 500;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET state = 'deferred', due_at = now() + interval '1 h'");
    assert_true(run_open(app, &runner, &(struct err)ERR_INIT));
    clock_sleep_ms(300); /* it has looked, and found none */
    assert_int_equal(kit_model_calls(model), 0);
    kit_pg_sql("UPDATE analysis.jobs SET due_at = now()");
    assert_true(kit_until(ALL_DONE, 5000));
}

static void rate_limits_and_outages_lose_nothing(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS,
         .status = 429,
         .header = {"retry-after-ms", "50"},
         .body = "{\"error\":{\"type\":\"requests\",\"code\":\"rate_limit_exceeded\","
                 "\"message\":\"slow down\"}}"},
        {.act = KIT_MODEL_STATUS, .status = 503, .body = "<html>busy</html>"},
        {.act = KIT_MODEL_STATUS, .status = 500, .body = "{}"},
        {.act = KIT_MODEL_READ}};
    int64_t rated = metric_value(M_CALLS, ANSWER_RATE);

    (void)state;
    begin(steps, COUNT_OF(steps), "", "");
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_calls(model), 4);
    assert_string_equal(kit_pg_value("SELECT deliveries || ' ' || attempts FROM analysis.jobs"),
                        "4 1");
    assert_int_equal(metric_value(M_CALLS, ANSWER_RATE), rated + 1);
}

static void nonsense_isolates_the_pictures_and_ends_them(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_EMPTY}};

    (void)state;
    begin(steps, 1, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "failed model_nonsense");
    assert_int_equal(kit_model_calls(model), 7); /* both, then each alone three times */
}

static void a_result_left_out_is_asked_for_again(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ, .skip = 1},
                                                  {.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, 2, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 3, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_images(model), 4);
}

static void a_wrong_key_ends_with_the_reason_and_the_providers_words(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS,
         .status = 401,
         .body = "{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":"
                 "\"invalid_request_error\",\"code\":\"invalid_api_key\"}}"}};

    (void)state;
    begin(steps, 1, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 5000));
    assert_string_equal(states(), "failed no_provider");
    assert_non_null(
        strstr(kit_pg_value("SELECT fail_note FROM analysis.images"), "Incorrect API key"));
}

static void bytes_that_are_no_text_harm_nobody(void **state)
{
    static const struct kit_model_step steps[] = {
        {.act = KIT_MODEL_STATUS,
         .status = 500,
         .header = {"x-request-id", "r\xff"},
         .body = "\xff\xfe oops"},
        {.act = KIT_MODEL_STATUS, .status = 200, .body = "\xc3("},
        {.act = KIT_MODEL_READ}};

    (void)state;
    begin(steps, COUNT_OF(steps), "", "");
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_calls(model), 3);
}

static void an_answer_that_outlives_its_lease_is_dropped_and_counted(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ, .delay_ms = 3000},
                                                  {.act = KIT_MODEL_READ}};
    int64_t dropped = metric_value(M_DROPPED, 0), lost = metric_value(M_LEASES_LOST, 0);

    (void)state;
    begin(steps, 2, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until("SELECT count(*) = 1 FROM analysis.attempts", 5000));
    /* A heartbeat may come first and renew it: let it run out until another claim was made. */
    assert_true(
        kit_until("WITH out AS (UPDATE analysis.jobs SET lease_until = now() - interval '1 s'"
                  " WHERE deliveries = 1 AND state = 'leased')"
                  " SELECT count(*) = 2 FROM analysis.attempts",
                  2500));
    assert_true(kit_until(ALL_DONE, 5000));
    for (int i = 0; i < 100 && metric_value(M_DROPPED, 0) == dropped; i++)
        clock_sleep_ms(50);
    assert_int_equal(metric_value(M_DROPPED, 0), dropped + 1);
    assert_true(metric_value(M_LEASES_LOST, 0) >= lost + 1);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "1");
    assert_string_equal(kit_pg_value("SELECT string_agg(class, ',' ORDER BY attempt_id)"
                                     " FROM analysis.attempts"),
                        "stale,ok");
}

static void a_long_call_keeps_its_lease(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ, .delay_ms = 3000}};

    (void)state;
    begin(steps, 1, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 8000));
    assert_string_equal(kit_pg_value("SELECT deliveries FROM analysis.jobs"), "1");
}

static void closing_gives_the_leases_back(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ, .delay_ms = 4000}};
    int64_t began;

    (void)state;
    begin(steps, 1, "", "");
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until("SELECT count(*) = 1 FROM analysis.attempts", 5000));
    for (int i = 0; i < 100 && kit_model_busy(model) == 0; i++)
        clock_sleep_ms(10);
    began = clock_mono_ms();
    run_close(&runner);
    assert_true(clock_mono_ms() - began < 3000);
    assert_string_equal(kit_pg_value("SELECT state || ' ' || deliveries FROM analysis.jobs"),
                        "ready 0");
    assert_string_equal(kit_pg_value("SELECT class FROM analysis.attempts"), "released");
}

static void two_replicas_share_the_work_and_store_everything_once(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_READ, .delay_ms = 20}};
    struct app other;
    struct run *second = NULL;
    struct err err = ERR_INIT;

    (void)state;
    model = kit_model_open(steps, 1);
    kit_service_open(app, kit_model_url(model), "", "");
    app->conf.lease_time = 20000; /* nobody dies here, however slow the machine is */
    assert_ok(run_open(app, &runner, &err), err);
    other = *app;
    other.limits = NULL;
    other.keys = NULL;
    other.reach = NULL;
    kit_service_open(&other, kit_model_url(model), "", "");
    other.conf.lease_time = 20000;
    snprintf(other.worker, sizeof other.worker, "other");
    assert_ok(run_open(&other, &second, &err), err);
    for (int i = 0; i < 10; i++)
        kit_accept(app, kit_batch(i + 1, i + 1, 100 + 20 * i, 20, ""));
    assert_true(kit_until(ALL_DONE, 20000));
    run_close(&second);
    kit_service_close(&other);
    limits_close(&other.limits);
    keyring_close(&other.keys);
    reach_close(&other.reach);
    assert_string_equal(states(), "extracted");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "200");
    assert_int_equal(kit_model_images(model), 200);
    assert_string_equal(kit_pg_value("SELECT count(DISTINCT worker) FROM analysis.jobs"), "2");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.events"), "400");
}

/* One gateway for the tests that fetch; NULL: ceph is not installed. */
static const char *store(void)
{
    static const char *url;

    if (!url)
        url = kit_rgw_start();
    return url;
}

static void put_picture(int id)
{
    AUTO(str_free) struct str key = STR_INIT(256);
    struct s3_etag etag;
    struct err err = ERR_INIT;

    str_addf(&key, KIT_DEPLOYMENT "/snapshots/2026-11-20/%d.png", id);
    assert_ok(s3_put(app->s3, key.p, "image/png", SV_LIT("not really a picture"), &etag, &err),
              err);
}

static void the_provider_downloads_the_presigned_picture(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_FETCH}};
    const char *s3 = store();

    (void)state;
    if (!s3)
        skip();
    begin(steps, 1, s3, "");
    put_picture(41);
    put_picture(42);
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_fetched(model), 2);
}

static void an_unreachable_store_is_climbed_around_with_bytes(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_FETCH}};
    const char *s3 = store();

    (void)state;
    if (!s3)
        skip();
    begin(steps, 1, s3, "http://127.0.0.1:9");
    put_picture(41);
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_calls(model), 2);
    assert_int_equal(kit_model_bytes(model), 1);
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.attempts WHERE message ~ 'Signature=[0-9a-f]'"
                     " OR raw ~ 'Signature=[0-9a-f]'"),
        "0");
    /* and remembered: the next one goes as bytes at once */
    put_picture(42);
    kit_accept(app, kit_batch(2, 2, 42, 1, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_int_equal(kit_model_calls(model), 3);
}

/* An ECDSA key of this moment, as PEM. */
static void make_pem(char *out, int size)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    int n;

    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    n = BIO_read(bio, out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    BIO_free(bio);
    EVP_PKEY_free(key);
}

static void with_a_distribution_the_model_is_given_its_signed_url(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_FETCH}};
    static const struct kit_step picture[] = {{.status = 200, .body = "the bytes of a picture"}};
    struct kit_wire *wire = kit_wire_open(picture, COUNT_OF(picture));
    struct cloudfront_conf conf = {.origin = kit_wire_url(wire), .key_id = "K2JCJMDEHXQW5F"};
    struct err err = ERR_INIT;
    char pem[2048];

    (void)state;
    make_pem(pem, sizeof pem);
    conf.private_key = secret_of(pem);
    assert_ok(cloudfront_open(&conf, &app->cdn, &err), err);
    begin(steps, 1, "http://127.0.0.1:9", ""); /* S3 itself is not asked */
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(states(), "extracted");
    assert_int_equal(kit_model_fetched(model), 1);
    assert_memory_equal(kit_wire_head(wire, 0), "GET /" KIT_DEPLOYMENT "/snapshots/", 24);
    assert_non_null(strstr(kit_wire_head(wire, 0), "?Expires="));
    assert_non_null(
        strstr(kit_wire_head(wire, 0), "&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256 HTTP"));
    run_close(&runner);
    cloudfront_free(&app->cdn);
    kit_wire_close(&wire);
}

/* Eight calls of a set are answered within 21 ms, and a moment is 25 here; a transaction takes
 * about as long as it is between two of them. */
static void answers_that_come_within_a_moment_are_stored_together(void **state)
{
    static const struct kit_model_step steps[] = {
        {KIT_MODEL_READ, .delay_ms = 400}, {KIT_MODEL_READ, .delay_ms = 400},
        {KIT_MODEL_READ, .delay_ms = 403}, {KIT_MODEL_READ, .delay_ms = 406},
        {KIT_MODEL_READ, .delay_ms = 409}, {KIT_MODEL_READ, .delay_ms = 412},
        {KIT_MODEL_READ, .delay_ms = 415}, {KIT_MODEL_READ, .delay_ms = 418},
        {KIT_MODEL_READ, .delay_ms = 421}};
    int64_t stored;

    (void)state;
    begin(steps, COUNT_OF(steps), "", "");
    run_linger(runner)->most_ms = 25;
    kit_accept(app, kit_batch(1, 1, 41, 1, "")); /* how long calls take is heard */
    assert_true(kit_until(ALL_DONE, 5000));
    stored = metric_value(M_STORE_SECONDS, 0);
    kit_accept(app, kit_batch(2, 2, 51, 32, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_int_equal(kit_model_calls(model), 9);
    assert_in_range(metric_value(M_STORE_SECONDS, 0) - stored, 1, 4);
    assert_string_equal(states(), "extracted");
}

static void a_picture_that_is_gone_fails_and_its_neighbours_do_not(void **state)
{
    static const struct kit_model_step steps[] = {{.act = KIT_MODEL_FETCH}};
    const char *s3 = store();

    (void)state;
    if (!s3)
        skip();
    begin(steps, 1, s3, "");
    put_picture(51);
    put_picture(53);
    kit_accept(app, kit_batch(1, 1, 51, 3, ""));
    assert_true(kit_until(ALL_DONE, 10000));
    assert_string_equal(
        kit_pg_value("SELECT string_agg(state || COALESCE(' ' || fail_code, ''), ','"
                     " ORDER BY snapshot_id) FROM analysis.images"),
        "extracted,failed image_unavailable,extracted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_batch_becomes_rows, kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(a_new_batch_is_noticed_at_once, kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(what_nobody_called_out_is_found_by_the_poll,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(rate_limits_and_outages_lose_nothing, kit_workshop_fresh,
                                        end),
        cmocka_unit_test_setup_teardown(nonsense_isolates_the_pictures_and_ends_them,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(a_result_left_out_is_asked_for_again, kit_workshop_fresh,
                                        end),
        cmocka_unit_test_setup_teardown(a_wrong_key_ends_with_the_reason_and_the_providers_words,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_text_harm_nobody, kit_workshop_fresh,
                                        end),
        cmocka_unit_test_setup_teardown(an_answer_that_outlives_its_lease_is_dropped_and_counted,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(a_long_call_keeps_its_lease, kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(closing_gives_the_leases_back, kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(two_replicas_share_the_work_and_store_everything_once,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(answers_that_come_within_a_moment_are_stored_together,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(the_provider_downloads_the_presigned_picture,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(with_a_distribution_the_model_is_given_its_signed_url,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(an_unreachable_store_is_climbed_around_with_bytes,
                                        kit_workshop_fresh, end),
        cmocka_unit_test_setup_teardown(a_picture_that_is_gone_fails_and_its_neighbours_do_not,
                                        kit_workshop_fresh, end),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
