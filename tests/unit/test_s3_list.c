/* What servers answer to a listing, well and badly; real listings are in test_s3_live.c. */
#include <string.h>

#include "common/http.h"
#include "common/s3_internal.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/wire.h"

#define OBJECT(key)                                                                                \
    "<Contents><Key>" key "</Key><LastModified>2026-11-22T10:00:01.500Z</LastModified>"            \
    "<Size>7</Size></Contents>"
#define PAGE(inside) "<?xml version=\"1.0\"?><ListBucketResult>" inside "</ListBucketResult>"

static bool list_of(const char *body, struct s3_list *out, struct err *err)
{
    const struct kit_step steps[] = {{.status = 200, .body = body}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 1);
    AUTO(s3_close)
    struct s3 *s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(wire)});

    return s3_list(s3, "p/", NULL, out, err);
}

static void encoded_keys_are_decoded_and_plain_ones_are_not(void **state)
{
    AUTO(s3_list_free) struct s3_list encoded = {0}, plain = {0};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(
        list_of(PAGE("<EncodingType>url</EncodingType>" OBJECT("a%20b%2Bc+d%01")), &encoded, &err),
        err);
    assert_int_equal(encoded.n, 1);
    assert_string_equal(encoded.items[0].key, "a b+c d\x01");
    assert_int_equal(encoded.items[0].size, 7);
    assert_int_equal(encoded.items[0].modified, 1795341601);
    assert_null(encoded.next);
    assert_ok(list_of(PAGE(OBJECT("a%20b+c &amp; d")), &plain, &err), err);
    assert_string_equal(plain.items[0].key, "a%20b+c & d");
}

static void a_page_that_is_not_the_last_has_a_token(void **state)
{
    AUTO(s3_list_free) struct s3_list list = {0}, none = {0};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(list_of(PAGE("<IsTruncated>true</IsTruncated>"
                           "<NextContinuationToken>t/+=</NextContinuationToken>" OBJECT("a")),
                      &list, &err),
              err);
    assert_string_equal(list.next, "t/+=");
    assert_fails(list_of(PAGE("<IsTruncated>true</IsTruncated>"), &none, &err), err, ERR_STORAGE);
}

static void more_objects_than_the_first_room_are_kept(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(1 << 20);
    AUTO(s3_list_free) struct s3_list list = {0};
    struct err err = ERR_INIT;

    (void)state;
    str_addz(&body, "<ListBucketResult>");
    for (int i = 0; i < 1000; i++)
        str_addf(&body,
                 "<Contents><Key>k%d</Key><LastModified>2026-11-22T10:00:01Z</LastModified>"
                 "<Size>%d</Size></Contents>",
                 i, i);
    str_addz(&body, "</ListBucketResult>");
    assert_ok(list_of(body.p, &list, &err), err);
    assert_int_equal(list.n, 1000);
    assert_string_equal(list.items[999].key, "k999");
    assert_int_equal(list.items[999].size, 999);
}

static void a_listing_that_makes_no_sense_is_refused_whole(void **state)
{
    static const char *const wrong[] = {
        "",
        "<html>a captive portal</html>",
        PAGE("<Contents><Key>a</Key></Contents>"),
        PAGE(OBJECT("a") "<Contents><Key></Key><LastModified>x</LastModified><Size>1</Size>"
                         "</Contents>"),
        PAGE("<Contents><Key>a</Key><LastModified>x</LastModified><Size>many</Size></Contents>"),
        PAGE("<EncodingType>url</EncodingType>" OBJECT("%zz")),
        PAGE("<EncodingType>url</EncodingType>" OBJECT("a%0")),
        PAGE("<EncodingType>url</EncodingType>" OBJECT("a%00b")),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(s3_list_free) struct s3_list list = {0};
        struct err err = ERR_INIT;

        if (list_of(wrong[i], &list, &err))
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(err.code, ERR_STORAGE);
        assert_int_equal(list.n, 0);
    }
}

static void strays_are_read_with_their_ids_and_unreadable_ones_passed_over(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 200,
         .body = "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
                 "<NextKeyMarker>a%2Fc</NextKeyMarker>"
                 "<NextUploadIdMarker>2~last</NextUploadIdMarker>"
                 "<EncodingType>url</EncodingType><Upload><Key>a%2Fb</Key>"
                 "<UploadId>2~id</UploadId><Initiated>2026-11-22T10:00:01.000Z</Initiated>"
                 "</Upload><Upload><Key>&#1;</Key><UploadId>x</UploadId>"
                 "<Initiated>2026-11-22T10:00:01.000Z</Initiated>"
                 "</Upload></ListMultipartUploadsResult>"},
        {.status = 200,
         .body = "<ListMultipartUploadsResult><Upload/></ListMultipartUploadsResult>"},
        {.status = 200,
         .body = "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
                 "</ListMultipartUploadsResult>"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 3);
    AUTO(s3_close)
    struct s3 *s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(wire)});
    AUTO(s3_strays_free) struct s3_strays strays = {0}, none = {0};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(s3_mpu_list(s3, "a/", &strays, &err), err);
    assert_int_equal(strays.n, 1);
    assert_true(strays.more);
    assert_string_equal(strays.items[0].key, "a/b");
    assert_string_equal(strays.items[0].upload_id, "2~id");
    assert_int_equal(strays.items[0].started, 1795341601);
    assert_non_null(strstr(kit_wire_log(wire), "?uploads=&prefix=a%2F "));
    assert_fails(s3_mpu_list_next(s3, "a/", &strays, &none, &err), err, ERR_STORAGE);
    assert_non_null(strstr(kit_wire_log(wire), "&key-marker=a%2Fc&upload-id-marker=2~last "));
    assert_fails(s3_mpu_list(s3, "a/", &none, &err), err, ERR_STORAGE); /* cut, no word where */
}

static void parts_are_read_a_page_at_a_time(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 200,
         .body = "<ListPartsResult><IsTruncated>true</IsTruncated><Part><PartNumber>3</PartNumber>"
                 "<ETag>&quot;e3&quot;</ETag><Size>5242880</Size></Part></ListPartsResult>"},
        {.status = 200, .body = "<ListPartsResult></ListPartsResult>"},
        {.status = 200,
         .body = "<ListPartsResult><Part><PartNumber>0</PartNumber><ETag>e</ETag><Size>1</Size>"
                 "</Part></ListPartsResult>"}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 3);
    AUTO(s3_close)
    struct s3 *s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(wire)});
    AUTO(s3_parts_free) struct s3_parts parts = {0}, none = {0};
    const struct s3_mpu mpu = {"k", "id"};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(s3_mpu_parts(s3, &mpu, 0, &parts, &err), err);
    assert_int_equal(parts.n, 1);
    assert_int_equal(parts.items[0].number, 3);
    assert_int_equal(parts.items[0].size, 5242880);
    assert_string_equal(parts.items[0].etag.text, "e3");
    assert_int_equal(parts.next, 3);
    assert_ok(s3_mpu_parts(s3, &mpu, parts.next, &none, &err), err);
    assert_int_equal(none.n + none.next, 0);
    assert_non_null(strstr(kit_wire_log(wire), "/k?uploadId=id&part-number-marker=3 "));
    assert_fails(s3_mpu_parts(s3, &mpu, 0, &none, &err), err, ERR_STORAGE);
}

static void times_that_are_none_are_zero(void **state)
{
    static const char *const wrong[] = {"", "2026-11-22", "2026-13-22T10:00:01.000Z",
                                        "2026-11-22 10:00:01", "2026-11-22T1x:00:01.000Z"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(s3_time_read(wrong[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoded_keys_are_decoded_and_plain_ones_are_not),
        cmocka_unit_test(a_page_that_is_not_the_last_has_a_token),
        cmocka_unit_test(more_objects_than_the_first_room_are_kept),
        cmocka_unit_test(a_listing_that_makes_no_sense_is_refused_whole),
        cmocka_unit_test(strays_are_read_with_their_ids_and_unreadable_ones_passed_over),
        cmocka_unit_test(parts_are_read_a_page_at_a_time),
        cmocka_unit_test(times_that_are_none_are_zero),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
