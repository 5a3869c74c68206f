/*
 * What goes wrong on the way, against a scripted wire; whole uploads are in test_s3_live.c.
 * Covers: s3_upload s3_upload_gather s3_upload_stream s3_upload_kept s3_upload_parts s3_feed
 */
#include "common/s3_upload.h"

#include <stdio.h>
#include <string.h>

#include "common/http.h"
#include "common/s3_internal.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

enum { PART = 8, POOL = 4 }; /* no real S3 takes such parts; the order of calls is the same */

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

#define GONE                                                                                       \
    {                                                                                              \
        .status = 204                                                                              \
    }
#define LACKS                                                                                      \
    {                                                                                              \
        .status = 501, .body = "<Error><Code>NotImplemented</Code></Error>"                        \
    }
#define TAKEN_ALREADY                                                                              \
    {                                                                                              \
        .status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"                    \
    }
#define HEAD_OF(bytes)                                                                             \
    {                                                                                              \
        .status = 200, .headers = "ETag: \"e\"\r\n", .body = bytes                                 \
    }
#define SLOW                                                                                       \
    {                                                                                              \
        .status = 503, .headers = "Retry-After: 0\r\n",                                            \
        .body = "<Error><Code>SlowDown</Code>"                                                     \
                "</Error>"                                                                         \
    }

struct bench {
    struct kit_wire *wire;
    struct s3 *s3;
    struct pool *pool;
    char *taken[POOL]; /* buffers that others hold */
    char told[64];
    bool refuse;
    /* the source: `n` bytes of the alphabet in pieces; fails where fail_at says */
    size_t n, piece, at, fail_at;
    struct s3_upload_plan plan;
    struct s3_object object;
    struct s3_upload_doubt doubt;
    struct err err;
};

static bool began(void *arg, const char *id, struct err *err)
{
    struct bench *b = arg;
    size_t n = strlen(id) < sizeof b->told ? strlen(id) : sizeof b->told - 1;

    memcpy(b->told, id, n);
    b->told[n] = '\0';
    return !b->refuse || err_set(err, ERR_DATABASE, "the row could not be written");
}

/* Every other piece is put where it is wanted, if there is room. */
static bool source(void *arg, struct room room, struct sv *bytes, struct err *err)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    struct bench *b = arg;
    size_t left = b->n - b->at;

    if (b->fail_at > 0 && b->at >= b->fail_at)
        return err_set(err, ERR_FILE_TOO_LARGE, "larger than that");
    *bytes = (struct sv){text + b->at, left < b->piece ? left : b->piece};
    if (b->at % 2 == 1 && bytes->n > 0 && bytes->n <= room.n)
        bytes->p = memcpy(room.p, bytes->p, bytes->n);
    b->at += bytes->n;
    return true;
}

/* taken: how many of the pool's four buffers others hold. */
static void bench_open(struct bench *b, size_t taken, const struct kit_step *steps, size_t n)
{
    *b = (struct bench){.wire = kit_wire_open(steps, n), .piece = 3};
    b->s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(b->wire), .tries = 2});
    assert_ok(pool_open(PART, POOL, &b->pool, &b->err), b->err);
    for (size_t i = 0; i < taken; i++)
        assert_ok(pool_take(b->pool, 1, 0, &b->taken[i], &b->err), b->err);
    b->plan = (struct s3_upload_plan){.s3 = b->s3,
                                      .pool = b->pool,
                                      .key = "k",
                                      .type = "image/png",
                                      .source = source,
                                      .source_arg = b,
                                      .buffer_wait_ms = 20,
                                      .began = began,
                                      .began_arg = b};
}
#define BENCH(taken, ...)                                                                          \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    AUTO(bench_close) struct bench b;                                                              \
    bench_open(&b, taken, steps_, COUNT_OF(steps_))

/* Every buffer that others do not hold is back in the pool. */
static void bench_close(struct bench *b)
{
    char *all[POOL];

    for (size_t i = 0; i < POOL; i++)
        pool_give(b->pool, &b->taken[i]);
    assert_ok(pool_take(b->pool, POOL, 0, all, &b->err), b->err);
    s3_close(&b->s3);
    pool_close(&b->pool);
    kit_wire_close(&b->wire);
}

static bool upload(struct bench *b, size_t n, int64_t foretold)
{
    b->n = n;
    b->plan.length = foretold;
    b->err = (struct err)ERR_INIT;
    return s3_upload(&b->plan, &b->object, &b->doubt, &b->err);
}

static bool is_conditional(struct bench *b, size_t i)
{
    return strstr(kit_wire_head(b->wire, i), "\r\nIf-None-Match: *\r\n") != NULL;
}

/* ---- unknown length ---- */

static void what_fits_one_buffer_is_one_put(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    assert_ok(upload(&b, PART, 0), b.err);
    assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 8\n");
    assert_int_equal(b.object.parts, 0);
    assert_int_equal(b.object.size, PART);
    assert_string_equal(b.told, "");
}

static void one_byte_more_is_a_multipart_upload(void **state)
{
    (void)state;
    BENCH(0, CREATED, TAKEN, TAKEN, WHOLE);
    assert_ok(upload(&b, PART + 1, 0), b.err);
    assert_string_equal(b.told, "U1");
    assert_int_equal(b.object.parts, 2);
    assert_int_equal(b.object.size, PART + 1);
    assert_string_equal(b.object.etag.text, "w-2");
    assert_string_equal(b.object.sha256, /* of "abcdefghi" */
                        "19cc02f26df43cc571bc9ed7b0c4d29224a3ec229529221725ef76d021c8326f");
    assert_true(sv_starts(sv_of(kit_wire_log(b.wire)),
                          "POST " KEY "?uploads= 0\nPUT " KEY "?partNumber=1&uploadId=U1 8\n"
                          "PUT " KEY "?partNumber=2&uploadId=U1 1\nPOST " KEY "?uploadId=U1 "));
    assert_int_equal(kit_wire_count(b.wire), 4);
}

static void a_part_that_is_refused_ends_in_an_abort(void **state)
{
    (void)state;
    BENCH(0, CREATED, REFUSED, GONE);
    assert_fails(upload(&b, PART + 1, 0), b.err, ERR_STORAGE);
    assert_non_null(strstr(b.err.msg, "part 1: S3 PUT: HTTP 403 AccessDenied"));
    assert_non_null(strstr(kit_wire_log(b.wire), "DELETE " KEY "?uploadId=U1 0\n"));
    assert_int_equal(kit_wire_count(b.wire), 3);
}

static void a_refused_part_stops_the_reading(void **state)
{
    (void)state;
    BENCH(0, CREATED, REFUSED, GONE);
    assert_fails(upload(&b, 6 * PART, 0), b.err, ERR_STORAGE);
    assert_true(b.at < 4 * PART);
}

static void a_source_that_fails_is_passed_on_and_its_parts_are_aborted(void **state)
{
    (void)state;
    BENCH(0, CREATED, TAKEN, GONE);
    b.fail_at = PART + 1;
    assert_fails(upload(&b, 3 * PART, 0), b.err, ERR_FILE_TOO_LARGE);
    assert_string_equal(b.err.msg, "larger than that");
    assert_non_null(strstr(kit_wire_log(b.wire), "DELETE " KEY "?uploadId=U1 0\n"));
    assert_false(b.doubt.uncertain);
}

static void a_caller_who_cannot_note_the_id_ends_the_upload(void **state)
{
    (void)state;
    BENCH(0, CREATED, GONE);
    b.refuse = true;
    assert_fails(upload(&b, PART + 1, 0), b.err, ERR_DATABASE);
    assert_string_equal(kit_wire_log(b.wire),
                        "POST " KEY "?uploads= 0\nDELETE " KEY "?uploadId=U1 0\n");
}

static void an_end_that_is_refused_is_in_doubt(void **state)
{
    (void)state;
    BENCH(0, CREATED, TAKEN, TAKEN, REFUSED, GONE);
    assert_fails(upload(&b, PART + 1, 0), b.err, ERR_STORAGE);
    assert_true(b.doubt.uncertain);
    assert_non_null(strstr(kit_wire_log(b.wire), "DELETE " KEY "?uploadId=U1 0\n"));
}

/* Uploads that hold one buffer and wait for another would wait for each other. */
static void without_both_buffers_nothing_begins(void **state)
{
    (void)state;
    BENCH(POOL - 1, TAKEN);
    assert_fails(upload(&b, 3, 0), b.err, ERR_BUSY);
    assert_int_equal(b.at, 0);
    assert_int_equal(kit_wire_count(b.wire), 0);
    b.plan.most = PART; /* it cannot need the second one */
    assert_ok(upload(&b, 3, 0), b.err);
}

static void more_than_the_most_is_refused(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    b.plan.most = PART;
    assert_fails(upload(&b, PART + 1, 0), b.err, ERR_INTERNAL);
    assert_int_equal(kit_wire_count(b.wire), 0);
}

/* ---- known length ---- */

static void a_known_length_is_one_put_with_buffers_and_without(void **state)
{
    (void)state;
    for (size_t taken = 0; taken <= POOL; taken += POOL) {
        BENCH(taken, TAKEN);
        assert_ok(upload(&b, 2 * PART + 1, 2 * PART + 1), b.err);
        assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 17\n");
        assert_string_equal(b.object.etag.text, "p");
        assert_int_equal(b.object.size, 17);
        assert_int_equal(b.object.parts, 0);
        assert_string_equal(b.object.sha256, /* of "abcdefghijklmnopq" */
                            "918a954ac4dfb54ac39f068d9868227f69ab39bc362e2c9b0083bf6a109d6ad7");
    }
}

static void bytes_that_are_kept_can_go_again(void **state)
{
    (void)state;
    BENCH(0, SLOW, TAKEN);
    assert_ok(upload(&b, 2 * PART, 2 * PART), b.err);
    assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 16\nPUT " KEY " 16\n");
    assert_int_equal(b.object.size, 2 * PART);
}

static void a_put_whose_connection_breaks_goes_again(void **state)
{
    (void)state;
    BENCH(0, {.act = KIT_RESET}, TAKEN);
    assert_ok(upload(&b, 2 * PART, 2 * PART), b.err);
    assert_int_equal(kit_wire_count(b.wire), 2);
}

static void bytes_that_are_gone_are_sent_once(void **state)
{
    (void)state;
    BENCH(POOL, SLOW, TAKEN);
    assert_fails(upload(&b, PART, PART), b.err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(b.wire), 1);
    assert_true(b.doubt.uncertain);
}

/* Two buffers are left to those that cannot do without. */
static void a_file_that_needs_too_many_buffers_takes_none(void **state)
{
    (void)state;
    BENCH(0, SLOW, TAKEN);
    assert_fails(upload(&b, 3 * PART, 3 * PART), b.err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(b.wire), 1);
}

/* The request of the wrong length never becomes whole. */
static void a_wrong_length_is_put_right_from_what_is_kept(void **state)
{
    (void)state;
    for (int64_t foretold = 1; foretold < 16; foretold++) {
        BENCH(0, TAKEN);
        assert_ok(upload(&b, 7, foretold), b.err);
        assert_int_equal(kit_wire_whole(b.wire), 1);
        assert_non_null(strstr(kit_wire_log(b.wire), "PUT " KEY " 7\n"));
        assert_int_equal(b.doubt.deceived, foretold != 7);
        assert_int_equal(b.object.size, 7);
        assert_string_equal(b.object.sha256, /* of "abcdefg" */
                            "7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a");
    }
}

static void a_wrong_length_without_buffers_stores_nothing(void **state)
{
    (void)state;
    for (int64_t foretold = 1; foretold < 16; foretold++) {
        BENCH(POOL, TAKEN);
        if (foretold == 7)
            continue;
        assert_fails(upload(&b, 7, foretold), b.err, ERR_BUSY);
        assert_true(b.doubt.deceived);
        assert_false(b.doubt.uncertain);
        assert_int_equal(kit_wire_whole(b.wire), 0);
    }
}

static void a_wrong_length_that_outgrows_its_buffers_stores_nothing(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    assert_fails(upload(&b, 2 * PART, PART), b.err, ERR_BUSY);
    assert_int_equal(kit_wire_whole(b.wire), 0);
}

/* A limit that is passed, a client that leaves: the last bytes never go. */
static void a_source_that_fails_leaves_no_object(void **state)
{
    (void)state;
    for (size_t taken = 0; taken <= POOL; taken += POOL) {
        for (size_t at = 1; at <= PART; at++) {
            BENCH(taken, TAKEN);
            b.piece = 1;
            b.fail_at = at; /* the last one: instead of the end */
            assert_fails(upload(&b, PART, PART), b.err, ERR_FILE_TOO_LARGE);
            assert_string_equal(b.err.msg, "larger than that");
            assert_false(b.doubt.uncertain);
            assert_int_equal(kit_wire_whole(b.wire), 0);
        }
    }
}

static void a_refusal_is_told_as_it_is(void **state)
{
    (void)state;
    BENCH(0, REFUSED);
    assert_fails(upload(&b, PART, PART), b.err, ERR_STORAGE);
    assert_non_null(strstr(b.err.msg, "S3 PUT: HTTP 403 AccessDenied"));
    assert_int_equal(kit_wire_count(b.wire), 1);
}

static void without_a_hash_there_is_none(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    b.plan.no_hash = true;
    assert_ok(upload(&b, PART, PART), b.err);
    assert_string_equal(b.object.sha256, "");
}

/* ---- how a body is covered ---- */

static void payload_is(struct bench *b, enum s3_payload payload)
{
    s3_close(&b->s3);
    b->s3 = kit_bucket(&(struct kit_bucket_plan){
        .endpoint = kit_wire_url(b->wire), .tries = 2, .payload = payload});
    b->plan.s3 = b->s3;
}

static void over_plain_http_chunks_are_signed_without_a_buffer(void **state)
{
    char log[100];

    (void)state;
    BENCH(POOL, TAKEN);
    payload_is(&b, S3_PAYLOAD_AUTO);
    assert_ok(upload(&b, PART, PART), b.err);
    snprintf(log, sizeof log, "PUT " KEY " %lld\n", (long long)sigv4_wire_size(SIGV4_CHUNKS, PART));
    assert_string_equal(kit_wire_log(b.wire), log);
    assert_non_null(strcasestr(kit_wire_head(b.wire, 0),
                               "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n"));
    assert_non_null(strcasestr(kit_wire_head(b.wire, 0), "x-amz-decoded-content-length: 8\r\n"));
}

/* A checksum goes behind chunks, so they are there with buffers too. */
static void sign_with_checksum(struct bench *b)
{
    s3_close(&b->s3);
    b->plan.s3 = b->s3 = kit_bucket(&(struct kit_bucket_plan){.endpoint = kit_wire_url(b->wire),
                                                              .tries = 2,
                                                              .payload = S3_PAYLOAD_SIGNED,
                                                              .checksum = true});
}

static void chunks_are_signed_anew_for_a_second_try(void **state)
{
    (void)state;
    BENCH(0, SLOW, TAKEN);
    sign_with_checksum(&b); /* else it would be gathered */
    assert_ok(upload(&b, PART, PART), b.err);
    assert_int_equal(kit_wire_whole(b.wire), 2);
    assert_string_equal(b.object.sha256, /* of "abcdefgh" */
                        "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab");
}

static void with_buffers_one_sum_signs_and_is_told(void **state)
{
    char header[128];

    (void)state;
    BENCH(0, TAKEN);
    payload_is(&b, S3_PAYLOAD_AUTO);
    assert_ok(upload(&b, 2 * PART - 3, 2 * PART - 3), b.err);
    assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 13\n");
    snprintf(header, sizeof header, "\r\nx-amz-content-sha256: %s\r\n", b.object.sha256);
    assert_non_null(strcasestr(kit_wire_head(b.wire, 0), header));
    assert_null(strcasestr(kit_wire_head(b.wire, 0), "aws-chunked"));
    assert_string_equal(b.object.sha256, /* of "abcdefghijklm" */
                        "ff10304f1af23606ede1e2d8abcdc94c229047a61458d809d8bbd53ede1f6598");
    assert_string_equal(b.object.etag.text, "p");
    assert_int_equal(b.object.size, 13);
}

/* The length was a guess, and what is in hand is known. */
static void a_gathered_file_of_another_length_is_put_once_as_it_is(void **state)
{
    (void)state;
    for (int64_t foretold = 1; foretold <= 2 * PART; foretold++) {
        BENCH(0, TAKEN);
        payload_is(&b, S3_PAYLOAD_SIGNED);
        assert_ok(upload(&b, 7, foretold), b.err);
        assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 7\n");
        assert_int_equal(b.object.size, 7);
        assert_false(b.doubt.deceived);
    }
}

static void a_gathered_file_that_outgrows_its_buffers_stores_nothing(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    payload_is(&b, S3_PAYLOAD_SIGNED);
    assert_fails(upload(&b, PART + 1, PART), b.err, ERR_BUSY);
    assert_true(b.doubt.deceived);
    assert_false(b.doubt.uncertain);
    assert_int_equal(kit_wire_count(b.wire), 0);
}

static void a_gathered_file_whose_source_fails_is_never_sent(void **state)
{
    (void)state;
    for (size_t at = 1; at <= PART; at++) {
        BENCH(0, TAKEN);
        payload_is(&b, S3_PAYLOAD_SIGNED);
        b.piece = 1;
        b.fail_at = at; /* the last one: instead of the end */
        assert_fails(upload(&b, PART, PART), b.err, ERR_FILE_TOO_LARGE);
        assert_false(b.doubt.uncertain);
        assert_int_equal(kit_wire_count(b.wire), 0);
    }
}

static void a_gathered_file_can_go_again(void **state)
{
    (void)state;
    BENCH(0, SLOW, {.act = KIT_RESET}, TAKEN);
    s3_close(&b.s3);
    b.plan.s3 = b.s3 = kit_bucket(&(struct kit_bucket_plan){
        .endpoint = kit_wire_url(b.wire), .tries = 3, .payload = S3_PAYLOAD_SIGNED});
    assert_ok(upload(&b, 2 * PART, 2 * PART), b.err);
    assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 16\nPUT " KEY " 16\nPUT " KEY " 16\n");
    assert_true(is_conditional(&b, 2));
}

static void a_gathered_file_that_s3_refuses_is_in_doubt(void **state)
{
    (void)state;
    BENCH(0, REFUSED);
    payload_is(&b, S3_PAYLOAD_SIGNED);
    assert_fails(upload(&b, PART, PART), b.err, ERR_STORAGE);
    assert_true(b.doubt.uncertain);
}

static void a_checksum_goes_behind_chunks_even_with_buffers(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    sign_with_checksum(&b);
    assert_ok(upload(&b, PART, PART), b.err);
    assert_non_null(
        strcasestr(kit_wire_head(b.wire, 0), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"));
}

static void a_trailer_brings_a_checksum(void **state)
{
    char log[100];

    (void)state;
    BENCH(0, TAKEN);
    payload_is(&b, S3_PAYLOAD_TRAILER);
    assert_ok(upload(&b, PART, PART), b.err);
    snprintf(log, sizeof log, "PUT " KEY " %lld\n",
             (long long)sigv4_wire_size(SIGV4_UNSIGNED_TRAILER, PART));
    assert_string_equal(kit_wire_log(b.wire), log);
    assert_non_null(
        strcasestr(kit_wire_head(b.wire, 0), "x-amz-trailer: x-amz-checksum-crc32c\r\n"));
}

/* The wire speaks no TLS, so the bucket is told that it does. */
static void over_tls(struct bench *b)
{
    payload_is(b, S3_PAYLOAD_AUTO);
    b->s3->tls = true;
}

static void over_tls_a_store_that_takes_trailers_gets_them(void **state)
{
    (void)state;
    BENCH(0, TAKEN);
    over_tls(&b);
    assert_ok(upload(&b, PART, PART), b.err);
    assert_non_null(strcasestr(kit_wire_head(b.wire, 0), "STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
}

static void a_store_that_refuses_trailers_is_remembered(void **state)
{
    (void)state;
    BENCH(0, LACKS, LACKS, TAKEN); /* it may also be the condition that it lacks */
    over_tls(&b);
    assert_ok(upload(&b, PART, PART), b.err);
    assert_true(sv_starts(sv_of(kit_wire_log(b.wire)), "PUT " KEY " "));
    assert_true(is_conditional(&b, 0));
    assert_false(is_conditional(&b, 1));
    assert_non_null(strcasestr(kit_wire_head(b.wire, 1), "STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
    assert_non_null(strcasestr(kit_wire_head(b.wire, 2), "x-amz-content-sha256: UNSIGNED-PAYLOAD"));
    b.at = 0;
    assert_ok(upload(&b, PART, PART), b.err);
    assert_int_equal(kit_wire_count(b.wire), 4); /* once only */
    assert_non_null(strcasestr(kit_wire_head(b.wire, 3), "x-amz-content-sha256: UNSIGNED-PAYLOAD"));
    assert_true(is_conditional(&b, 3)); /* that was not what it refused */
}

/* ---- nothing is stored twice ---- */

static void a_repeated_put_is_told_that_its_object_is_there_and_looks(void **state)
{
    (void)state;
    BENCH(0, {.act = KIT_RESET}, TAKEN_ALREADY, HEAD_OF("abcdefgh"));
    assert_ok(upload(&b, PART, PART), b.err);
    assert_true(is_conditional(&b, 0) && is_conditional(&b, 1));
    assert_string_equal(kit_wire_log(b.wire), "PUT " KEY " 8\nPUT " KEY " 8\nHEAD " KEY " 0\n");
    assert_string_equal(b.object.etag.text, "e");
    assert_int_equal(b.object.size, PART);
    assert_string_equal(b.object.sha256,
                        "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab");
}

static void so_is_one_out_of_a_buffer(void **state)
{
    (void)state;
    BENCH(0, {.act = KIT_RESET}, TAKEN_ALREADY, HEAD_OF("abcdefgh"));
    assert_ok(upload(&b, PART, 0), b.err);
    assert_int_equal(kit_wire_count(b.wire), 3);
    assert_string_equal(b.object.etag.text, "e");
}

static void an_object_of_another_size_is_not_taken_for_it(void **state)
{
    (void)state;
    BENCH(0, {.act = KIT_RESET}, TAKEN_ALREADY, HEAD_OF("abc"));
    assert_fails(upload(&b, PART, PART), b.err, ERR_CONFLICT);
}

static void a_key_that_was_taken_before_the_first_try_is_not_ours(void **state)
{
    (void)state;
    BENCH(0, TAKEN_ALREADY);
    assert_fails(upload(&b, PART, PART), b.err, ERR_CONFLICT);
    assert_int_equal(kit_wire_count(b.wire), 1);
}

static void a_store_without_conditions_is_asked_without_and_remembered(void **state)
{
    (void)state;
    BENCH(0, LACKS, TAKEN);
    assert_ok(upload(&b, PART, PART), b.err);
    b.at = 0;
    assert_ok(upload(&b, PART, PART), b.err);
    assert_int_equal(kit_wire_count(b.wire), 3);
    assert_true(is_conditional(&b, 0));
    assert_false(is_conditional(&b, 1) || is_conditional(&b, 2));
}

/* Nobody can send it again, so nothing has to be asked. */
static void what_is_sent_once_has_no_condition(void **state)
{
    (void)state;
    BENCH(POOL, TAKEN);
    assert_ok(upload(&b, PART, PART), b.err);
    assert_false(is_conditional(&b, 0));
}

static void a_store_that_refuses_for_another_reason_is_not(void **state)
{
    (void)state;
    BENCH(0, REFUSED);
    over_tls(&b);
    assert_fails(upload(&b, PART, PART), b.err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(b.wire), 2);
    assert_false(b.s3->no_trailers);
}

/* What had gone cannot go again, but the next one goes without. */
static void a_store_that_says_so_clearly_is_believed_at_once(void **state)
{
    (void)state;
    BENCH(POOL, {.status = 501, .body = "<Error><Code>NotImplemented</Code></Error>"}, TAKEN);
    over_tls(&b);
    assert_fails(upload(&b, PART, PART), b.err, ERR_STORAGE);
    b.at = 0;
    assert_ok(upload(&b, PART, PART), b.err);
    assert_int_equal(kit_wire_count(b.wire), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_one_buffer_is_one_put),
        cmocka_unit_test(one_byte_more_is_a_multipart_upload),
        cmocka_unit_test(a_part_that_is_refused_ends_in_an_abort),
        cmocka_unit_test(a_refused_part_stops_the_reading),
        cmocka_unit_test(a_source_that_fails_is_passed_on_and_its_parts_are_aborted),
        cmocka_unit_test(a_caller_who_cannot_note_the_id_ends_the_upload),
        cmocka_unit_test(an_end_that_is_refused_is_in_doubt),
        cmocka_unit_test(without_both_buffers_nothing_begins),
        cmocka_unit_test(more_than_the_most_is_refused),
        cmocka_unit_test(a_known_length_is_one_put_with_buffers_and_without),
        cmocka_unit_test(bytes_that_are_kept_can_go_again),
        cmocka_unit_test(a_put_whose_connection_breaks_goes_again),
        cmocka_unit_test(bytes_that_are_gone_are_sent_once),
        cmocka_unit_test(a_file_that_needs_too_many_buffers_takes_none),
        cmocka_unit_test(a_wrong_length_is_put_right_from_what_is_kept),
        cmocka_unit_test(a_wrong_length_without_buffers_stores_nothing),
        cmocka_unit_test(a_wrong_length_that_outgrows_its_buffers_stores_nothing),
        cmocka_unit_test(a_source_that_fails_leaves_no_object),
        cmocka_unit_test(a_refusal_is_told_as_it_is),
        cmocka_unit_test(without_a_hash_there_is_none),
        cmocka_unit_test(over_plain_http_chunks_are_signed_without_a_buffer),
        cmocka_unit_test(with_buffers_one_sum_signs_and_is_told),
        cmocka_unit_test(a_gathered_file_of_another_length_is_put_once_as_it_is),
        cmocka_unit_test(a_gathered_file_that_outgrows_its_buffers_stores_nothing),
        cmocka_unit_test(a_gathered_file_whose_source_fails_is_never_sent),
        cmocka_unit_test(a_gathered_file_can_go_again),
        cmocka_unit_test(a_gathered_file_that_s3_refuses_is_in_doubt),
        cmocka_unit_test(a_checksum_goes_behind_chunks_even_with_buffers),
        cmocka_unit_test(chunks_are_signed_anew_for_a_second_try),
        cmocka_unit_test(a_trailer_brings_a_checksum),
        cmocka_unit_test(over_tls_a_store_that_takes_trailers_gets_them),
        cmocka_unit_test(a_store_that_refuses_trailers_is_remembered),
        cmocka_unit_test(a_store_that_refuses_for_another_reason_is_not),
        cmocka_unit_test(a_repeated_put_is_told_that_its_object_is_there_and_looks),
        cmocka_unit_test(so_is_one_out_of_a_buffer),
        cmocka_unit_test(an_object_of_another_size_is_not_taken_for_it),
        cmocka_unit_test(a_key_that_was_taken_before_the_first_try_is_not_ours),
        cmocka_unit_test(a_store_without_conditions_is_asked_without_and_remembered),
        cmocka_unit_test(what_is_sent_once_has_no_condition),
        cmocka_unit_test(a_store_that_says_so_clearly_is_believed_at_once),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
