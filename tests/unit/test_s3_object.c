/*
 * test_s3_object.c - what is sent for an object by setting and by call, and answers that a real
 * store gives only on a bad day. The same against real stores: test_s3_live.c.
 * Covers: s3_object s3_delete
 */
#include <string.h>

#include "common/http.h"
#include "common/s3_internal.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

static struct kit_wire *wire;
static struct s3 *s3;

static void script(const struct kit_step *steps, size_t n, struct kit_bucket_plan plan)
{
    kit_wire_close(&wire);
    s3_close(&s3);
    wire = kit_wire_open(steps, n);
    if (!plan.endpoint)
        plan.endpoint = kit_wire_url(wire);
    s3 = kit_bucket(&plan);
}
#define SCRIPT(...)                                                                                \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    script(steps_, COUNT_OF(steps_), (struct kit_bucket_plan){.tries = 1})

static bool sent(size_t i, const char *line) { return strstr(kit_wire_head(wire, i), line); }

static void access_and_encryption_go_with_what_makes_an_object_and_nothing_else(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 200,
         .headers = "ETag: \"e\"\r\n",
         .body = "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                 "</InitiateMultipartUploadResult>"}};
    char id[S3_UPLOAD_ID_SIZE];
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 1,
           (struct kit_bucket_plan){
               .acl = "private", .encryption = "aws:kms", .kms_key = "arn:aws:kms:x:1:key/a"});
    assert_ok(s3_put(s3, "k", NULL, SV_LIT("x"), NULL, &err), err);
    assert_ok(s3_mpu_create(s3, "k", NULL, id, &err), err);
    assert_ok(s3_mpu_part(s3, &(struct s3_mpu){"k", id}, 1, SV_LIT("x"), &etag, &err), err);
    for (size_t i = 0; i < 3; i++) {
        bool makes = i < 2;

        assert_int_equal(sent(i, "\r\nx-amz-acl: private\r\n"), makes);
        assert_int_equal(sent(i, "\r\nx-amz-server-side-encryption: aws:kms\r\n"), makes);
        assert_int_equal(
            sent(i, "\r\nx-amz-server-side-encryption-aws-kms-key-id: arn:aws:kms:x:1:key/a\r\n"),
            makes);
        assert_int_equal(sent(i, ";x-amz-server-side-encryption;"), makes); /* and signed */
    }
    assert_ok(s3_delete(s3, "k", &err), err);
    assert_false(sent(3, "x-amz-acl"));
}

static void nothing_optional_is_sent_unasked(void **state)
{
    static const char *const optional[] = {"x-amz-acl",      "encryption", "Content-MD5",
                                           "x-amz-checksum", "x-amz-meta", "x-amz-tagging",
                                           "If-None-Match",  "Range"};
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200});
    assert_ok(s3_put(s3, "k", NULL, SV_LIT("x"), NULL, &err), err);
    for (size_t i = 0; i < COUNT_OF(optional); i++)
        assert_false(sent(0, optional[i]));
}

static void checksums_go_with_objects_and_parts_and_name_the_parts_at_the_end(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 200,
         .headers = "ETag: \"e\"\r\nx-amz-checksum-crc32c: mnG7TA==\r\n",
         .body = "<CompleteMultipartUploadResult><ETag>e-1</ETag></CompleteMultipartUploadResult>"
                 "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                 "</InitiateMultipartUploadResult>"}};
    char id[S3_UPLOAD_ID_SIZE];
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 1, (struct kit_bucket_plan){.content_md5 = true, .checksum = true});
    assert_ok(s3_put(s3, "k", NULL, SV_LIT("hello"), NULL, &err), err);
    assert_true(sent(0, "\r\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n"));
    assert_true(sent(0, "\r\nx-amz-checksum-crc32c: mnG7TA==\r\n"));
    assert_true(sent(0, "SignedHeaders=content-md5;host;x-amz-checksum-crc32c;"));
    assert_ok(s3_mpu_create(s3, "k", NULL, id, &err), err);
    assert_true(sent(1, "\r\nx-amz-checksum-algorithm: CRC32C\r\n"));
    assert_false(sent(1, "Content-MD5"));
    assert_ok(s3_mpu_part(s3, &(struct s3_mpu){"k", id}, 1, SV_LIT("hello"), &etag, &err), err);
    assert_true(sent(2, "\r\nx-amz-checksum-crc32c: mnG7TA==\r\n"));
    assert_string_equal(etag.crc32c, "mnG7TA==");
    assert_ok(s3_mpu_complete(s3, &(struct s3_mpu){"k", id}, &etag, 1, &etag, &err), err);
    assert_non_null(
        strstr(kit_wire_body(wire, 3), "</ETag><ChecksumCRC32C>mnG7TA==</ChecksumCRC32C></Part>"));
}

static void metadata_and_tags_are_headers_that_are_signed(void **state)
{
    static const struct s3_meta meta[] = {{"origin", "a page"}, {"run", "7"}};
    static const struct s3_meta broken[] = {{"origin", "a\r\nx-amz-acl: public-read"}};
    struct s3_object_in object = {
        .key = "k", .body = SV_LIT("x"), .meta = meta, .meta_n = 2, .tagging = "a=b%20c&d="};
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200});
    assert_ok(s3_put_object(s3, &object, NULL, &err), err);
    assert_true(sent(0, "\r\nx-amz-meta-origin: a page\r\nx-amz-meta-run: 7\r\n"));
    assert_true(sent(0, "\r\nx-amz-tagging: a=b%20c&d=\r\n"));
    assert_true(sent(0, ";x-amz-meta-origin;x-amz-meta-run;x-amz-tagging, "));
    object.meta = broken;
    object.meta_n = 1;
    assert_fails(s3_put_object(s3, &object, NULL, &err), err, ERR_INTERNAL);
    object.meta_n = 9;
    assert_fails(s3_put_object(s3, &object, NULL, &err), err, ERR_INTERNAL);
    assert_int_equal(kit_wire_count(wire), 1);
}

static void metadata_and_tags_are_read_back(void **state)
{
    AUTO(str_free) struct str meta = STR_INIT(1000), tags = STR_INIT(1000);
    struct s3_head head;
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200,
            .headers = "x-amz-meta-run: 7\r\nETag: \"e\"\r\nX-Amz-Meta-Origin: a page\r\n",
            .body = "12345"},
           {.status = 200,
            .body = "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag><Tag><Key>d</Key>"
                    "<Value></Value></Tag></TagSet></Tagging>"},
           {.status = 200, .body = "<html/>"});
    assert_ok(s3_stat_meta(s3, "k", &head, &meta, &err), err);
    assert_string_equal(meta.p, "run: 7\nOrigin: a page\n");
    assert_ok(s3_tags(s3, "k", &tags, &err), err);
    assert_string_equal(tags.p, "a=b%20c&d=");
    assert_fails(s3_tags(s3, "k", &tags, &err), err, ERR_STORAGE);
}

static void a_range_is_what_was_asked_for_or_nothing(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(0);
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 206, .body = "abc"}, {.status = 200, .body = "all of it"},
           {.status = 416, .body = "<Error><Code>InvalidRange</Code></Error>"},
           {.status = 206, .body = "more than that"});
    assert_ok(s3_get_range(s3, "k", (struct s3_range){7, 3}, &out, &err), err);
    assert_string_equal(out.p, "abc");
    assert_true(sent(0, "\r\nRange: bytes=7-9\r\n"));
    assert_fails(s3_get_range(s3, "k", (struct s3_range){0, 20}, &out, &err), err, ERR_STORAGE);
    assert_fails(s3_get_range(s3, "k", (struct s3_range){99, 1}, &out, &err), err, ERR_BAD_REQUEST);
    assert_fails(s3_get_range(s3, "k", (struct s3_range){0, 3}, &out, &err), err, ERR_TOO_LARGE);
    assert_fails(s3_get_range(s3, "k", (struct s3_range){0, 0}, &out, &err), err, ERR_INTERNAL);
    assert_fails(s3_get_range(s3, "k", (struct s3_range){-1, 5}, &out, &err), err, ERR_INTERNAL);
    assert_fails(s3_get_range(s3, "k", (struct s3_range){INT64_MAX, 5}, &out, &err), err,
                 ERR_INTERNAL);
    assert_string_equal(out.p, "abc");
}

static void many_are_deleted_in_one_call_and_odd_keys_by_themselves(void **state)
{
    static const char *const keys[] = {"a", "b&<c>", "d\x01"};
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = "<DeleteResult></DeleteResult>"}, {.status = 204});
    assert_ok(s3_delete_all(s3, keys, 3, &err), err);
    assert_true(sv_starts(sv_of(kit_wire_log(wire)), "POST /" KIT_RGW_BUCKET "/?delete= "));
    assert_non_null(strstr(kit_wire_log(wire), "\nDELETE /" KIT_RGW_BUCKET "/d%01 0\n"));
    assert_int_equal(kit_wire_count(wire), 2);
    assert_true(sent(0, "\r\nContent-MD5: "));
    assert_ok(s3_delete_all(s3, keys, 0, &err), err);
    assert_int_equal(kit_wire_count(wire), 2);
}

static void a_deletion_that_left_something_is_an_error(void **state)
{
    static const char *const keys[] = {"a", "b"};
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200,
            .body = "<DeleteResult><Error><Key>a</Key><Code>NoSuchKey</Code></Error>"
                    "<Error><Key>b</Key><Code>AccessDenied</Code></Error></DeleteResult>"},
           {.status = 200, .body = "<html/>"});
    assert_fails(s3_delete_all(s3, keys, 2, &err), err, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "AccessDenied"));
    assert_fails(s3_delete_all(s3, keys, 2, &err), err, ERR_STORAGE);
}

static void a_store_without_that_call_gets_single_ones(void **state)
{
    static const char *const keys[] = {"a", "b"};
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 501, .body = "<Error><Code>NotImplemented</Code></Error>"}, {.status = 204});
    assert_ok(s3_delete_all(s3, keys, 2, &err), err);
    assert_int_equal(kit_wire_count(wire), 3);
}

static void the_bucket_may_stand_in_the_host_name(void **state)
{
    static const struct kit_step steps[] = {{.status = 200}};
    AUTO(str_free) struct str url = STR_INIT(200);
    AUTO(s3_close) struct s3 *host = NULL;
    struct err err = ERR_INIT;
    const char *port;

    (void)state;
    script(steps, 1, (struct kit_bucket_plan){.tries = 1});
    port = strrchr(kit_wire_url(wire), ':');
    str_addf(&url, "http://localhost%s", port); /* curl itself knows every name under it */
    host = kit_bucket(&(struct kit_bucket_plan){.endpoint = url.p, .virtual_host = true});
    assert_ok(s3_put(host, "k", NULL, SV_LIT("x"), NULL, &err), err);
    assert_true(sv_starts(sv_of(kit_wire_log(wire)), "PUT /k 1\n"));
    assert_true(sent(0, "\r\nHost: " KIT_RGW_BUCKET ".localhost:"));
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
        cmocka_unit_test(access_and_encryption_go_with_what_makes_an_object_and_nothing_else),
        cmocka_unit_test(nothing_optional_is_sent_unasked),
        cmocka_unit_test(checksums_go_with_objects_and_parts_and_name_the_parts_at_the_end),
        cmocka_unit_test(metadata_and_tags_are_headers_that_are_signed),
        cmocka_unit_test(metadata_and_tags_are_read_back),
        cmocka_unit_test(a_range_is_what_was_asked_for_or_nothing),
        cmocka_unit_test(many_are_deleted_in_one_call_and_odd_keys_by_themselves),
        cmocka_unit_test(a_deletion_that_left_something_is_an_error),
        cmocka_unit_test(a_store_without_that_call_gets_single_ones),
        cmocka_unit_test(the_bucket_may_stand_in_the_host_name),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, finish);
}
