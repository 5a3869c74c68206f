/* Retries and refusals, against a scripted wire: faults that a real S3 does not show on demand. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/s3_internal.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

#define ERROR_BODY(code)                                                                           \
    "<?xml version=\"1.0\"?><Error><Code>" code "</Code><Message></Message></Error>"

static struct kit_wire *wire;
static struct s3 *s3;

static void script(const struct kit_step *steps, size_t n, struct kit_bucket_plan plan)
{
    kit_wire_close(&wire);
    s3_close(&s3);
    wire = kit_wire_open(steps, n);
    plan.endpoint = kit_wire_url(wire);
    s3 = kit_bucket(&plan);
}
#define SCRIPT(plan, ...)                                                                          \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    script(steps_, COUNT_OF(steps_), plan)

static const struct kit_bucket_plan plain = {.tries = 3};
static const struct kit_bucket_plan impatient = {.tries = 2, .stall_ms = 150};
static const struct kit_bucket_plan temporary = {.tries = 1, .token = "session/token"};
static const struct kit_bucket_plan hashing = {.tries = 1, .payload = S3_PAYLOAD_SIGNED};

static const char KEY_LINE[] = "PUT /" KIT_RGW_BUCKET "/k 5\n";

static bool put(struct err *err)
{
    struct s3_etag etag;

    return s3_put(s3, "k", "image/png", SV_LIT("hello"), &etag, err);
}

static void slow_down_is_waited_out(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(plain, {.status = 503, .body = ERROR_BODY("SlowDown")},
           {.status = 200, .headers = "ETag: \"e1\"\r\n"});
    assert_ok(put(&err), err);
    assert_int_equal(kit_wire_count(wire), 2);
}

static void what_may_pass_is_tried_again_with_the_same_bytes(void **state)
{
    static const char *const bodies[] = {ERROR_BODY("InternalError"), ERROR_BODY("RequestTimeout"),
                                         ERROR_BODY("ServiceUnavailable"), "<html>bad gateway"};
    static const int statuses[] = {500, 400, 503, 502};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const struct kit_step steps[] = {{.status = statuses[i], .body = bodies[i]},
                                         {.status = 200, .headers = "ETag: \"e1\"\r\n"}};
        AUTO(str_free) struct str want = STR_INIT(200);
        struct err err = ERR_INIT;

        script(steps, 2, plain);
        assert_ok(put(&err), err);
        str_addf(&want, "%s%s", KEY_LINE, KEY_LINE);
        assert_string_equal(kit_wire_log(wire), want.p);
    }
}

static void a_reset_connection_is_tried_again(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(plain, {.act = KIT_RESET}, {.act = KIT_HALF, .status = 200, .body = "torn"},
           {.status = 200});
    assert_ok(put(&err), err);
    assert_int_equal(kit_wire_count(wire), 3);
}

static void tries_are_counted(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(plain, {.status = 503, .body = ERROR_BODY("SlowDown")});
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 3);
    assert_string_equal(err.msg, "S3 PUT: HTTP 503 SlowDown: S3 is overloaded; try again later");
}

static void a_refusal_is_final_and_says_the_next_step(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(plain, {.status = 403, .body = ERROR_BODY("AccessDenied")});
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 1);
    assert_non_null(strstr(err.msg, "AccessDenied: check AWS_ACCESS_KEY_ID and the bucket policy"));
}

static void an_absent_object_is_not_found_and_an_absent_bucket_is_not(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(100);
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(plain, {.status = 404, .body = ERROR_BODY("NoSuchKey")},
           {.status = 404, .body = ERROR_BODY("NoSuchBucket")}, {.status = 404});
    assert_fails(s3_get(s3, "k", 100, &out, &err), err, ERR_NOT_FOUND);
    assert_fails(s3_get(s3, "k", 100, &out, &err), err, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "S3_BUCKET_NAME"));
    struct s3_head head;
    assert_fails(s3_stat(s3, "k", &head, &err), err, ERR_NOT_FOUND);
}

static void silence_is_a_timeout_and_an_absent_server_is_said_so(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(impatient, {.act = KIT_SILENT});
    assert_fails(put(&err), err, ERR_TIMEOUT);
    assert_int_equal(kit_wire_count(wire), 2);
    kit_wire_close(&wire);
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "S3 does not answer"));
}

static const char *http_date(int64_t wall_s)
{
    static char line[64];
    time_t at = (time_t)wall_s;
    struct tm tm;

    gmtime_r(&at, &tm);
    strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
    return line;
}

static void a_wrong_clock_is_corrected_once_from_the_answer(void **state)
{
    const struct kit_step steps[] = {{.status = 403,
                                      .headers = http_date(clock_wall_s() + 7200),
                                      .body = ERROR_BODY("RequestTimeTooSkewed")},
                                     {.status = 200}};
    AUTO(str_free) struct str url = STR_INIT(4096);
    char stamp[CLOCK_AMZ_SIZE], want[60];
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 2, (struct kit_bucket_plan){.tries = 1});
    assert_ok(put(&err), err); /* the correction is no try */
    clock_amz(clock_wall_s() + 7200, stamp);
    snprintf(want, sizeof want, "\r\nx-amz-date: %.11s", stamp); /* to the hour */
    assert_non_null(strstr(kit_wire_head(wire, 1), want));
    assert_ok(s3_presign_get(s3, S3_FOR_MODEL, "k", 60, &url, &err), err);
    snprintf(want, sizeof want, "X-Amz-Date=%.11s", stamp);
    assert_non_null(strstr(url.p, want));
}

static void a_clock_that_stays_wrong_is_an_error(void **state)
{
    const struct kit_step steps[] = {{.status = 403,
                                      .headers = http_date(clock_wall_s() + 7200),
                                      .body = ERROR_BODY("RequestTimeTooSkewed")}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 1, (struct kit_bucket_plan){.tries = 5});
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 2);
    assert_non_null(strstr(err.msg, "set the clock"));
}

static void a_head_tells_of_a_wrong_clock_by_its_date_alone(void **state)
{
    const struct kit_step steps[] = {{.status = 403, .headers = http_date(clock_wall_s() - 90000)},
                                     {.status = 200, .body = "12345"}};
    struct s3_head head;
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 2, (struct kit_bucket_plan){.tries = 1});
    assert_ok(s3_stat(s3, "k", &head, &err), err);
    assert_int_equal(head.size, 5);
}

static void every_amazon_header_that_is_sent_is_signed(void **state)
{
    struct err err = ERR_INIT;
    const char *head;

    (void)state;
    SCRIPT(temporary, {.status = 200});
    assert_ok(put(&err), err);
    head = kit_wire_head(wire, 0);
    assert_non_null(strstr(head, "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                                 "x-amz-security-token, "));
    assert_non_null(strstr(head, "\r\nx-amz-security-token: session/token\r\n"));
    assert_non_null(strstr(head, "\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n"));
    assert_non_null(strstr(head, "\r\nContent-Type: image/png\r\n"));
    assert_non_null(strstr(head, "/us-east-1/s3/aws4_request, "));
}

static void the_payload_is_hashed_when_that_is_asked_for(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(hashing, {.status = 200});
    assert_ok(put(&err), err);
    assert_non_null(strstr(kit_wire_head(wire, 0),
                           "\r\nx-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa"
                           "7425e73043362938b9824\r\n"));
}

static void a_key_has_a_length(void **state)
{
    char key[S3_KEY_MAX + 2];
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT(plain, {.status = 200});
    memset(key, 'k', sizeof key);
    key[S3_KEY_MAX + 1] = '\0';
    assert_fails(s3_put(s3, key, NULL, SV_LIT(""), NULL, &err), err, ERR_INTERNAL);
    assert_fails(s3_put(s3, "", NULL, SV_LIT(""), NULL, &err), err, ERR_INTERNAL);
    key[S3_KEY_MAX] = '\0';
    assert_ok(s3_put(s3, key, NULL, SV_LIT(""), NULL, &err), err);
    assert_int_equal(kit_wire_count(wire), 1);
}

static int finish(void **state)
{
    (void)state;
    s3_close(&s3);
    kit_wire_close(&wire);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_down_is_waited_out),
        cmocka_unit_test(what_may_pass_is_tried_again_with_the_same_bytes),
        cmocka_unit_test(a_reset_connection_is_tried_again),
        cmocka_unit_test(tries_are_counted),
        cmocka_unit_test(a_refusal_is_final_and_says_the_next_step),
        cmocka_unit_test(an_absent_object_is_not_found_and_an_absent_bucket_is_not),
        cmocka_unit_test(silence_is_a_timeout_and_an_absent_server_is_said_so),
        cmocka_unit_test(a_wrong_clock_is_corrected_once_from_the_answer),
        cmocka_unit_test(a_clock_that_stays_wrong_is_an_error),
        cmocka_unit_test(a_head_tells_of_a_wrong_clock_by_its_date_alone),
        cmocka_unit_test(every_amazon_header_that_is_sent_is_signed),
        cmocka_unit_test(the_payload_is_hashed_when_that_is_asked_for),
        cmocka_unit_test(a_key_has_a_length),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, finish);
}
