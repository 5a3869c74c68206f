/* What goes wrong on the way, against a scripted wire; whole uploads are in test_s3_live.c. */
#include "common/s3_upload.h"

#include <string.h>

#include "common/http.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

enum { PART = 8 }; /* no real S3 takes such parts; the order of calls is the same */

#define KEY        "/" KIT_RGW_BUCKET "/k"
#define ERROR_BODY "<Error><Code>AccessDenied</Code></Error>"
#define CREATED                                                                                    \
    {                                                                                              \
        .status = 200, .body = "<InitiateMultipartUploadResult><UploadId>U1</UploadId>"            \
                               "</InitiateMultipartUploadResult>"                                  \
    }
#define TAKEN                                                                                      \
    {                                                                                              \
        .status = 200, .headers = "ETag: \"p\"\r\n"                                                \
    }
#define WHOLE                                                                                      \
    {                                                                                              \
        .status = 200, .body = "<CompleteMultipartUploadResult><ETag>w-2</ETag>"                   \
                               "</CompleteMultipartUploadResult>"                                  \
    }
#define REFUSED                                                                                    \
    {                                                                                              \
        .status = 403, .body = ERROR_BODY                                                          \
    }

struct bench {
    struct kit_wire *wire;
    struct s3 *s3;
    struct pool *pool;
    struct s3_upload *up;
    char told[64];
    bool refuse;
};

static bool began(void *arg, const char *id, struct err *err)
{
    struct bench *b = arg;
    size_t n = strlen(id) < sizeof b->told ? strlen(id) : sizeof b->told - 1;

    memcpy(b->told, id, n);
    b->told[n] = '\0';
    return !b->refuse || err_set(err, ERR_DATABASE, "the row could not be written");
}

static void bench_open(struct bench *b, const struct kit_step *steps, size_t n)
{
    struct err err = ERR_INIT;

    *b = (struct bench){.wire = kit_wire_open(steps, n)};
    b->s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(b->wire), .tries = 1});
    assert_ok(pool_open(PART, 2, &b->pool, &err), err);
    const struct s3_upload_plan plan = {.s3 = b->s3,
                                        .pool = b->pool,
                                        .key = "k",
                                        .type = "image/png",
                                        .buffer_wait_ms = 20,
                                        .began = began,
                                        .began_arg = b};
    assert_ok(s3_upload_open(&plan, &b->up, &err), err);
}
#define BENCH(...)                                                                                 \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    AUTO(bench_close) struct bench b;                                                              \
    bench_open(&b, steps_, COUNT_OF(steps_))

static void bench_close(struct bench *b)
{
    s3_upload_free(&b->up);
    s3_close(&b->s3);
    pool_close(&b->pool);
    kit_wire_close(&b->wire);
}

/* Every buffer is back in the pool. */
static void nothing_is_kept(struct bench *b)
{
    struct err err = ERR_INIT;
    char *both[2];

    assert_ok(pool_take(b->pool, 2, 0, both, &err), err);
    pool_give(b->pool, &both[0]);
    pool_give(b->pool, &both[1]);
}

static bool write_bytes(struct bench *b, size_t n, struct err *err)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";

    return s3_upload_write(b->up, (struct sv){text, n}, err);
}

static void what_fits_one_buffer_is_one_put(void **state)
{
    struct s3_object object;
    struct err err = ERR_INIT;

    (void)state;
    BENCH(TAKEN);
    assert_ok(write_bytes(&b, 3, &err), err);
    assert_ok(write_bytes(&b, PART - 3, &err), err);
    assert_ok(s3_upload_finish(b.up, &object, &err), err);
    assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 8\n");
    assert_int_equal(object.parts, 0);
    assert_int_equal(object.size, PART);
    assert_string_equal(b.told, "");
    s3_upload_free(&b.up);
    assert_int_equal(kit_wire_count(b.wire), 1); /* nothing to abort */
    nothing_is_kept(&b);
}

static void one_byte_more_is_a_multipart_upload(void **state)
{
    struct s3_object object;
    struct err err = ERR_INIT;

    (void)state;
    BENCH(CREATED, TAKEN, TAKEN, WHOLE);
    assert_ok(write_bytes(&b, PART + 1, &err), err);
    assert_ok(s3_upload_finish(b.up, &object, &err), err);
    assert_string_equal(b.told, "U1");
    assert_int_equal(object.parts, 2);
    assert_int_equal(object.size, PART + 1);
    assert_string_equal(object.etag.text, "w-2");
    assert_string_equal(object.sha256, /* of "abcdefghi" */
                        "19cc02f26df43cc571bc9ed7b0c4d29224a3ec229529221725ef76d021c8326f");
    s3_upload_free(&b.up);
    assert_true(sv_starts(sv_of(kit_wire_log(b.wire)),
                          "POST " KEY "?uploads= 0\nPUT " KEY "?partNumber=1&uploadId=U1 8\n"
                          "PUT " KEY "?partNumber=2&uploadId=U1 1\nPOST " KEY "?uploadId=U1 "));
    assert_int_equal(kit_wire_count(b.wire), 4);
    nothing_is_kept(&b);
}

static void a_part_that_is_refused_ends_in_an_abort(void **state)
{
    struct s3_object object;
    struct err err = ERR_INIT;

    (void)state;
    BENCH(CREATED, REFUSED, {.status = 204});
    assert_ok(write_bytes(&b, PART + 1, &err), err);
    assert_fails(s3_upload_finish(b.up, &object, &err), err, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "part 1: S3 PUT: HTTP 403 AccessDenied"));
    assert_fails(write_bytes(&b, 1, &err), err, ERR_INTERNAL); /* it is dead */
    assert_fails(s3_upload_finish(b.up, &object, &err), err, ERR_INTERNAL);
    s3_upload_free(&b.up);
    assert_non_null(strstr(kit_wire_log(b.wire), "DELETE " KEY "?uploadId=U1 0\n"));
    assert_int_equal(kit_wire_count(b.wire), 3);
    nothing_is_kept(&b);
}

static void a_refused_part_stops_the_writing(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    BENCH(CREATED, REFUSED, {.status = 204});
    assert_ok(write_bytes(&b, PART + 1, &err), err);
    assert_fails(write_bytes(&b, PART, &err), err, ERR_STORAGE);
}

static void an_upload_given_up_is_aborted(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    BENCH(CREATED, TAKEN, {.status = 204});
    assert_ok(write_bytes(&b, PART + 1, &err), err);
    s3_upload_free(&b.up);
    assert_non_null(strstr(kit_wire_log(b.wire), "DELETE " KEY "?uploadId=U1 0\n"));
    nothing_is_kept(&b);
}

static void a_caller_who_cannot_note_the_id_ends_the_upload(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    BENCH(CREATED, {.status = 204});
    b.refuse = true;
    assert_fails(write_bytes(&b, PART + 1, &err), err, ERR_DATABASE);
    s3_upload_free(&b.up);
    assert_string_equal(kit_wire_log(b.wire),
                        "POST " KEY "?uploads= 0\nDELETE " KEY "?uploadId=U1 0\n");
    nothing_is_kept(&b);
}

/* Uploads that hold one buffer and wait for another would wait for each other. */
static void without_a_second_buffer_the_only_one_goes_out_part_by_part(void **state)
{
    struct s3_object object;
    struct err err = ERR_INIT;
    char *other;

    (void)state;
    BENCH(CREATED, TAKEN, TAKEN, TAKEN, WHOLE);
    assert_ok(pool_take(b.pool, 1, 0, &other, &err), err);
    assert_ok(write_bytes(&b, 2 * PART + 1, &err), err);
    assert_ok(s3_upload_finish(b.up, &object, &err), err);
    assert_int_equal(object.parts, 3);
    assert_string_equal(kit_wire_log(b.wire), "POST " KEY "?uploads= 0\n"
                                              "PUT " KEY "?partNumber=1&uploadId=U1 8\n"
                                              "PUT " KEY "?partNumber=2&uploadId=U1 8\n"
                                              "PUT " KEY "?partNumber=3&uploadId=U1 1\n"
                                              "POST " KEY "?uploadId=U1 264\n");
    s3_upload_free(&b.up);
    pool_give(b.pool, &other);
    nothing_is_kept(&b);
}

static void a_buffer_that_comes_free_later_is_used(void **state)
{
    struct s3_object object;
    struct err err = ERR_INIT;
    char *other;

    (void)state;
    BENCH(CREATED, TAKEN, TAKEN, TAKEN, WHOLE);
    assert_ok(pool_take(b.pool, 1, 0, &other, &err), err);
    assert_ok(write_bytes(&b, PART + 1, &err), err);
    pool_give(b.pool, &other);
    assert_ok(write_bytes(&b, PART, &err), err);
    assert_false(pool_take(b.pool, 1, 0, &other, &err)); /* the upload has it now */
    assert_ok(s3_upload_finish(b.up, &object, &err), err);
    assert_int_equal(object.size, 2 * PART + 1);
    assert_int_equal(object.parts, 3);
    s3_upload_free(&b.up);
    nothing_is_kept(&b);
}

static void no_first_buffer_is_busy(void **state)
{
    struct s3_upload *second = NULL;
    struct err err = ERR_INIT;
    char *other;

    (void)state;
    BENCH(TAKEN);
    assert_ok(pool_take(b.pool, 1, 0, &other, &err), err);
    const struct s3_upload_plan plan = {
        .s3 = b.s3, .pool = b.pool, .key = "k2", .type = "image/png", .buffer_wait_ms = 10};
    assert_fails(s3_upload_open(&plan, &second, &err), err, ERR_BUSY);
    assert_null(second);
    pool_give(b.pool, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_one_buffer_is_one_put),
        cmocka_unit_test(one_byte_more_is_a_multipart_upload),
        cmocka_unit_test(a_part_that_is_refused_ends_in_an_abort),
        cmocka_unit_test(a_refused_part_stops_the_writing),
        cmocka_unit_test(an_upload_given_up_is_aborted),
        cmocka_unit_test(a_caller_who_cannot_note_the_id_ends_the_upload),
        cmocka_unit_test(without_a_second_buffer_the_only_one_goes_out_part_by_part),
        cmocka_unit_test(a_buffer_that_comes_free_later_is_used),
        cmocka_unit_test(no_first_buffer_is_busy),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
