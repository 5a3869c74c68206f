/* The corners of a multipart upload that a real S3 shows only by bad luck. */
#include <string.h>

#include "common/http.h"
#include "common/s3.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

#define ERROR_BODY(code) "<Error><Code>" code "</Code><Message/></Error>"
#define COMPLETE(etag)                                                                             \
    "<CompleteMultipartUploadResult><ETag>" etag "</ETag></CompleteMultipartUploadResult>"

static struct kit_wire *wire;
static struct s3 *s3;
static const struct s3_etag etags[2] = {{.text = "e<1>"}, {.text = "e2"}};

static void script(const struct kit_step *steps, size_t n)
{
    s3_close(&s3);
    kit_wire_close(&wire);
    wire = kit_wire_open(steps, n);
    s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(wire), .tries = 3});
}
#define SCRIPT(...)                                                                                \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    script(steps_, COUNT_OF(steps_))

static void a_200_with_an_error_inside_is_an_error(void **state)
{
    struct s3_etag etag = {.text = "old"};
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = "   " ERROR_BODY("EntityTooSmall")});
    assert_fails(s3_mpu_complete(s3, &(struct s3_mpu){"k", "id"}, etags, 2, &etag, &err), err,
                 ERR_STORAGE);
    assert_non_null(strstr(err.msg, "EntityTooSmall"));
    assert_int_equal(kit_wire_count(wire), 1);
    assert_string_equal(etag.text, "old");
}

static void a_200_with_a_passing_fault_inside_is_tried_again(void **state)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = ERROR_BODY("InternalError")},
           {.status = 200, .body = COMPLETE("&quot;whole-2&quot;")});
    assert_ok(s3_mpu_complete(s3, &(struct s3_mpu){"k", "i/d"}, etags, 2, &etag, &err), err);
    assert_string_equal(etag.text, "whole-2");
    assert_true(sv_starts(sv_of(kit_wire_log(wire)), "POST /" KIT_RGW_BUCKET "/k?uploadId=i%2Fd "));
}

static void a_lost_answer_is_found_out_when_the_upload_is_gone(void **state)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.act = KIT_RESET}, {.status = 404, .body = ERROR_BODY("NoSuchUpload")},
           {.status = 200, .headers = "ETag: \"whole-2\"\r\n"});
    assert_ok(s3_mpu_complete(s3, &(struct s3_mpu){"k", "id"}, etags, 2, &etag, &err), err);
    assert_string_equal(etag.text, "whole-2");
}

static void an_upload_that_was_gone_before_is_not_taken_for_done(void **state)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 404, .body = ERROR_BODY("NoSuchUpload")}, {.status = 404},
           {.status = 404, .body = ERROR_BODY("NoSuchUpload")},
           {.status = 200, .headers = "ETag: \"other-3\"\r\n"});
    assert_fails(s3_mpu_complete(s3, &(struct s3_mpu){"k", "id"}, etags, 2, &etag, &err), err,
                 ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 2);
    /* and an object of another number of parts is not ours */
    assert_fails(s3_mpu_complete(s3, &(struct s3_mpu){"k", "id"}, etags, 2, &etag, &err), err,
                 ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 4);
}

static void an_empty_etag_is_asked_for(void **state)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = COMPLETE("")},
           {.status = 200, .headers = "ETag: \"whole-2\"\r\n"});
    assert_ok(s3_mpu_complete(s3, &(struct s3_mpu){"k", "id"}, etags, 2, &etag, &err), err);
    assert_string_equal(etag.text, "whole-2");
}

static void answers_of_another_kind_are_refused(void **state)
{
    char id[S3_UPLOAD_ID_SIZE];
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = "<html>hello</html>"});
    assert_fails(s3_mpu_create(s3, "k", "image/png", id, &err), err, ERR_STORAGE);
    assert_fails(s3_mpu_part(s3, &(struct s3_mpu){"k", "id"}, 1, SV_LIT("x"), &etag, &err), err,
                 ERR_STORAGE);
    assert_fails(s3_mpu_complete(s3, &(struct s3_mpu){"k", "id"}, etags, 2, &etag, &err), err,
                 ERR_STORAGE);
}

static void aborting_what_is_gone_is_a_success(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 404, .body = ERROR_BODY("NoSuchUpload")},
           {.status = 404, .body = ERROR_BODY("NoSuchBucket")});
    assert_ok(s3_mpu_abort(s3, "k", "id", &err), err);
    assert_fails(s3_mpu_abort(s3, "k", "id", &err), err, ERR_STORAGE);
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
        cmocka_unit_test(a_200_with_an_error_inside_is_an_error),
        cmocka_unit_test(a_200_with_a_passing_fault_inside_is_tried_again),
        cmocka_unit_test(a_lost_answer_is_found_out_when_the_upload_is_gone),
        cmocka_unit_test(an_upload_that_was_gone_before_is_not_taken_for_done),
        cmocka_unit_test(an_empty_etag_is_asked_for),
        cmocka_unit_test(answers_of_another_kind_are_refused),
        cmocka_unit_test(aborting_what_is_gone_is_a_success),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, finish);
}
