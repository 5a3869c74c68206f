/*
 * Everything of S3 that works, against real ones that the test starts: a Ceph RADOS Gateway, and
 * Swift's s3api where it is installed. They check signatures, expiry and multipart rules; what both
 * let through is held by the unit tests of sigv4 and s3_call. Swift judges region, service and
 * unsigned headers as AWS does; it knows no If-None-Match, no tags and no aws-chunked.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/s3_internal.h"
#include "common/s3_upload.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/swift.h"

enum { PART = 5 << 20, DATA = 3 * PART };

static const char *endpoint; /* NULL: no S3 here, every test is skipped */
static const char *access_key, *secret_key;
static struct s3 *s3;
static struct pool *pool;
static char *data; /* DATA bytes without a pattern that a wrong order could hide */

#define NEEDS_S3()                                                                                 \
    do {                                                                                           \
        (void)state;                                                                               \
        if (!endpoint)                                                                             \
            skip();                                                                                \
    } while (0)

static struct s3 *with(struct kit_bucket_plan plan)
{
    plan.endpoint = endpoint;
    plan.access_key = access_key;
    plan.secret_key = plan.secret_key ? plan.secret_key : secret_key;
    return kit_bucket(&plan);
}

/* The object under the key is exactly these bytes. */
static void assert_object(const char *key, struct sv want)
{
    AUTO(str_free) struct str got = STR_INIT(0);
    struct err err = ERR_INIT;

    assert_ok(s3_get(s3, key, want.n, &got, &err), err);
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.p, want.p, want.n);
}

static int fetch(const char *url, struct sv want)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    const struct http_req req = {.method = "GET", .url = url, .answer_max = 1 << 20};
    struct err err = ERR_INIT;

    assert_ok(http_perform(&req, &a, &err), err);
    if (a.status == 200)
        assert_true(sv_eq(str_sv(&a.body), want));
    return a.status;
}

static void odd_keys_are_stored_listed_presigned_and_deleted(void **state)
{
    static char long_key[901];
    static const char *const keys[] = {
        "odd/a b",        "odd/100%",     "odd/50%20off",
        "odd/a//b",       "odd/../up",    "odd/./here",
        "odd/plus+and&=", "odd/q?x#y",    "odd/\xf0\x9f\x98\x80",
        "odd/quote'\"<>", "odd/tab\tkey", "odd/~$,;:@!*()[]{}|^`\\",
        long_key,
    };

    NEEDS_S3();
    memset(long_key, 'u', sizeof long_key - 1);
    memcpy(long_key, "odd/", 4);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        AUTO(str_free) struct str url = STR_INIT(8192);
        AUTO(s3_list_free) struct s3_list list = {0};
        struct sv body = sv_of(keys[i]);
        struct s3_etag etag;
        struct err err = ERR_INIT;

        assert_ok(s3_put(s3, keys[i], "text/plain", body, &etag, &err), err);
        assert_object(keys[i], body);
        assert_ok(s3_presign_get(s3, S3_FOR_BROWSER, keys[i], 60, &url, &err), err);
        assert_int_equal(fetch(url.p, body), 200);
        assert_ok(s3_list(s3, keys[i], NULL, &list, &err), err);
        assert_int_equal(list.n, 1);
        assert_string_equal(list.items[0].key, keys[i]);
        assert_int_equal(list.items[0].size, body.n);
        assert_ok(s3_delete(s3, keys[i], &err), err);
        assert_ok(s3_delete(s3, keys[i], &err), err); /* absent is success */
    }
}

static void a_head_knows_size_type_and_etag(void **state)
{
    struct s3_etag etag;
    struct s3_head head;
    struct err err = ERR_INIT;
    int64_t now = clock_wall_s();

    NEEDS_S3();
    assert_ok(s3_put(s3, "one", "image/webp", SV_LIT("hello"), &etag, &err), err);
    assert_string_equal(etag.text, "5d41402abc4b2a76b9719d911017c592"); /* its MD5 */
    assert_ok(s3_stat(s3, "one", &head, &err), err);
    assert_int_equal(head.size, 5);
    assert_string_equal(head.type, "image/webp");
    assert_string_equal(head.etag.text, etag.text);
    assert_in_range(head.modified, now - 60, now + 60);
    assert_ok(s3_delete(s3, "one", &err), err);
    assert_fails(s3_stat(s3, "one", &head, &err), err, ERR_NOT_FOUND);
}

static void an_empty_object_is_an_object(void **state)
{
    struct err err = ERR_INIT;

    NEEDS_S3();
    assert_ok(s3_put(s3, "empty", NULL, SV_LIT(""), NULL, &err), err);
    assert_object("empty", SV_LIT(""));
    assert_ok(s3_delete(s3, "empty", &err), err);
}

static void a_hashed_payload_is_accepted(void **state)
{
    AUTO(s3_close) struct s3 *hashing = NULL;
    struct err err = ERR_INIT;

    NEEDS_S3();
    hashing = with((struct kit_bucket_plan){.payload = S3_PAYLOAD_SIGNED});
    assert_ok(s3_put(hashing, "hashed", "image/png", SV_LIT("some bytes"), NULL, &err), err);
    assert_object("hashed", SV_LIT("some bytes"));
    assert_ok(s3_delete(hashing, "hashed", &err), err);
}

static void a_wrong_secret_is_refused_with_the_next_step(void **state)
{
    AUTO(s3_close) struct s3 *wrong = NULL;
    struct err err = ERR_INIT;

    NEEDS_S3();
    wrong = with((struct kit_bucket_plan){.secret_key = "not the secret"});
    assert_fails(s3_put(wrong, "x", NULL, SV_LIT("x"), NULL, &err), err, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "SignatureDoesNotMatch: check AWS_SECRET_ACCESS_KEY"));
    assert_fails(s3_check(wrong, &err), err, ERR_STORAGE);
    assert_ok(s3_check(s3, &err), err);
}

static void a_presigned_url_ends_with_its_time_and_bears_no_change(void **state)
{
    AUTO(str_free) struct str url = STR_INIT(8192);
    struct err err = ERR_INIT;
    char *at;

    NEEDS_S3();
    assert_ok(s3_put(s3, "brief", NULL, SV_LIT("now"), NULL, &err), err);
    assert_ok(s3_presign_get(s3, S3_FOR_MODEL, "brief", 1, &url, &err), err);
    assert_int_equal(fetch(url.p, SV_LIT("now")), 200);
    at = strstr(url.p, "Expires=1&");
    assert_non_null(at);
    at[8] = '9'; /* a longer life is another signature */
    assert_int_equal(fetch(url.p, SV_LIT("now")), 403);
    at[8] = '1';
    clock_sleep_ms(2100);
    assert_int_equal(fetch(url.p, SV_LIT("now")), 403);
    assert_ok(s3_delete(s3, "brief", &err), err);
}

static void a_range_is_read(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(0);
    struct err err = ERR_INIT;

    NEEDS_S3();
    assert_ok(s3_put(s3, "ranged", NULL, SV_LIT("0123456789"), NULL, &err), err);
    assert_ok(s3_get_range(s3, "ranged", (struct s3_range){3, 4}, &out, &err), err);
    assert_string_equal(out.p, "3456");
    assert_ok(s3_get_range(s3, "ranged", (struct s3_range){8, 100}, &out, &err), err);
    assert_string_equal(out.p, "89");
    assert_fails(s3_get_range(s3, "ranged", (struct s3_range){10, 1}, &out, &err), err,
                 ERR_BAD_REQUEST);
    assert_ok(s3_delete(s3, "ranged", &err), err);
}

static void tags_stay_with_an_object(void **state)
{
    const struct s3_object_in object = {
        .key = "tagged", .body = SV_LIT("x"), .tagging = "stage=a%20b&kind=test"};
    AUTO(str_free) struct str tags = STR_INIT(1000);
    struct err err = ERR_INIT;

    NEEDS_S3();
    assert_ok(s3_put_object(s3, &object, NULL, &err), err);
    assert_ok(s3_tags(s3, "tagged", &tags, &err), err);
    assert_non_null(strstr(tags.p, "stage=a%20b"));
    assert_non_null(strstr(tags.p, "kind=test"));
    assert_ok(s3_delete(s3, "tagged", &err), err);
}

static void metadata_stays_with_an_object_and_its_copy(void **state)
{
    static const struct s3_meta meta[] = {{"origin", "a page"}, {"run", "7"}};
    const struct s3_object_in object = {
        .key = "meta a+b", .type = "image/png", .body = SV_LIT("x"), .meta = meta, .meta_n = 2};
    AUTO(str_free) struct str got = STR_INIT(1000);
    struct s3_etag first, copied;
    struct s3_head head;
    struct err err = ERR_INIT;

    NEEDS_S3();
    assert_ok(s3_put_object(s3, &object, &first, &err), err);
    assert_ok(s3_copy(s3, "meta a+b", "meta/copy%20", &copied, &err), err);
    assert_string_equal(copied.text, first.text);
    assert_object("meta/copy%20", SV_LIT("x"));
    assert_ok(s3_stat_meta(s3, "meta/copy%20", &head, &got, &err), err);
    assert_non_null(strstr(got.p, "origin: a page\n"));
    assert_non_null(strstr(got.p, "run: 7\n"));
    assert_string_equal(head.type, "image/png");
    assert_fails(s3_copy(s3, "absent", "meta/none", &copied, &err), err, ERR_NOT_FOUND);
    assert_ok(
        s3_delete_all(s3, (const char *const[]){"meta a+b", "meta/copy%20", "absent"}, 3, &err),
        err);
    assert_fails(s3_stat(s3, "meta a+b", &head, &err), err, ERR_NOT_FOUND);
    assert_fails(s3_stat(s3, "meta/copy%20", &head, &err), err, ERR_NOT_FOUND);
}

static void a_key_is_taken_only_once_when_that_is_asked_for(void **state)
{
    struct s3_object_in object = {.key = "once", .body = SV_LIT("first"), .if_absent = true};
    struct err err = ERR_INIT;

    NEEDS_S3();
    assert_ok(s3_put_object(s3, &object, NULL, &err), err);
    object.body = SV_LIT("second");
    assert_fails(s3_put_object(s3, &object, NULL, &err), err, ERR_CONFLICT);
    assert_object("once", SV_LIT("first"));
    assert_ok(s3_delete(s3, "once", &err), err);
}

static void checksums_and_private_access_are_accepted_for_objects_and_parts(void **state)
{
    AUTO(s3_close) struct s3 *careful = NULL;
    char id[S3_UPLOAD_ID_SIZE];
    struct s3_etag etags[2], whole;
    AUTO(s3_parts_free) struct s3_parts parts = {0};
    struct err err = ERR_INIT;

    NEEDS_S3();
    careful =
        with((struct kit_bucket_plan){.content_md5 = true, .checksum = true, .acl = "private"});
    assert_ok(s3_put(careful, "careful", NULL, SV_LIT("hello"), NULL, &err), err);
    assert_object("careful", SV_LIT("hello"));
    assert_ok(s3_mpu_create(careful, "careful", NULL, id, &err), err);
    const struct s3_mpu mpu = {"careful", id};
    assert_ok(s3_mpu_part(careful, &mpu, 1, (struct sv){data, PART}, &etags[0], &err), err);
    assert_ok(s3_mpu_part(careful, &mpu, 2, (struct sv){data + PART, 7}, &etags[1], &err), err);
    assert_ok(s3_mpu_parts(careful, &mpu, 0, &parts, &err), err);
    assert_int_equal(parts.n, 2);
    assert_int_equal(parts.items[0].size, PART);
    assert_string_equal(parts.items[1].etag.text, etags[1].text);
    assert_int_equal(parts.next, 0);
    assert_ok(s3_mpu_complete(careful, &mpu, etags, 2, &whole, &err), err);
    assert_object("careful", (struct sv){data, PART + 7});
    assert_ok(s3_delete(s3, "careful", &err), err);
}

/* Pieces of many sizes, none of which divides a part; fails at `fail_at` where that is not 0. */
struct pieces {
    size_t n, at, piece, fail_at;
};

/* Asked from another thread: this one's connection is in use. */
static void *is_absent(void *arg)
{
    struct s3_head head;
    struct err none = ERR_INIT;

    return s3_stat(s3, "sized", &head, &none) || none.code != ERR_NOT_FOUND ? NULL : arg;
}

static void assert_absent(void)
{
    pthread_t thread;
    void *absent;

    assert_int_equal(pthread_create(&thread, NULL, is_absent, s3), 0);
    pthread_join(thread, &absent);
    assert_non_null(absent);
}

static bool next_piece(void *arg, struct room room, struct sv *bytes, struct err *err)
{
    struct pieces *p = arg;
    size_t n = p->piece < p->n - p->at ? p->piece : p->n - p->at;

    if (p->at == p->n || (p->fail_at > 0 && p->at >= p->fail_at))
        assert_absent(); /* nothing shows before the end */
    if (p->fail_at > 0 && p->at >= p->fail_at)
        return err_set(err, ERR_FILE_TOO_LARGE, "enough");
    *bytes = (struct sv){data + p->at, n};
    if (p->at % 2 == 1 && n > 0 && n <= room.n) /* as a form does that can read past its window */
        bytes->p = memcpy(room.p, bytes->p, n);
    p->at += n;
    p->piece = p->piece * 7 % 1000003 + 13;
    return true;
}

static struct s3 *way; /* another than s3, where a test wants it */

static bool upload(struct pieces *pieces, int64_t length, struct s3_object *out, struct err *err)
{
    const struct s3_upload_plan plan = {.s3 = way ? way : s3,
                                        .pool = pool,
                                        .key = "sized",
                                        .type = "image/png",
                                        .source = next_piece,
                                        .source_arg = pieces,
                                        .length = length,
                                        .buffer_wait_ms = 1000};
    struct s3_upload_doubt doubt;

    *err = (struct err)ERR_INIT;
    return s3_upload(&plan, out, &doubt, err);
}

static size_t strays_under(const char *prefix)
{
    AUTO(s3_strays_free) struct s3_strays strays = {0};
    struct err err = ERR_INIT;

    assert_ok(s3_mpu_list(s3, prefix, &strays, &err), err);
    return strays.n;
}

static void assert_arrived(const struct s3_object *object, size_t size, unsigned parts)
{
    char sum[SHA256_HEX_SIZE];
    struct s3_head head;
    struct err err = ERR_INIT;

    crypto_sha256_hex((struct sv){data, size}, sum);
    assert_string_equal(object->sha256, sum);
    assert_int_equal(object->size, size);
    assert_int_equal(object->parts, parts);
    assert_object("sized", (struct sv){data, size});
    assert_ok(s3_stat(s3, "sized", &head, &err), err);
    assert_string_equal(head.etag.text, object->etag.text);
    assert_string_equal(head.type, "image/png");
    assert_ok(s3_delete(s3, "sized", &err), err);
}

static void uploads_of_every_size_arrive_byte_for_byte(void **state)
{
    static const size_t sizes[] = {0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 7};
    static const unsigned parts[] = {0, 0, 0, 0, 2, 2, 3};

    NEEDS_S3();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (int known = 0; known < 2; known++) {
            struct pieces pieces = {.n = sizes[i], .piece = 1};
            struct s3_object object;
            struct err err;

            assert_ok(upload(&pieces, known ? (int64_t)sizes[i] : -1, &object, &err), err);
            assert_arrived(&object, sizes[i], known ? 0 : parts[i]);
        }
    }
    assert_int_equal(strays_under("sized"), 0);
}

static void a_length_that_was_foretold_wrongly_still_arrives(void **state)
{
    static const int64_t foretold[] = {1, 99998, 99999, 100001, 100002, PART};

    NEEDS_S3();
    for (size_t i = 0; i < COUNT_OF(foretold); i++) {
        struct pieces pieces = {.n = 100000, .piece = 1};
        struct s3_object object;
        struct err err;

        assert_ok(upload(&pieces, foretold[i], &object, &err), err);
        assert_arrived(&object, 100000, 0);
    }
}

/* In chunks when no buffer is to spare, else by its own sum. */
static void a_signed_body_arrives_byte_for_byte(void **state)
{
    static const enum s3_payload payloads[] = {S3_PAYLOAD_SIGNED, S3_PAYLOAD_AUTO};
    static const size_t sizes[] = {1, 65535, 65536, 65537, PART + 1};

    NEEDS_S3();
    for (size_t i = 0; i < 2 * COUNT_OF(payloads) * COUNT_OF(sizes); i++) {
        size_t n = sizes[i / 2 / COUNT_OF(payloads)];
        struct pieces pieces = {.n = n, .piece = 1};
        struct s3_object object;
        struct err err = ERR_INIT;
        char *held = NULL;
        bool ok;

        way = with((struct kit_bucket_plan){.payload = payloads[i / 2 % COUNT_OF(payloads)]});
        if (i % 2)
            assert_ok(pool_take(pool, 1, 0, &held, &err), err);
        ok = upload(&pieces, (int64_t)n, &object, &err);
        pool_give(pool, &held);
        s3_close(&way);
        assert_ok(ok, err);
        assert_arrived(&object, n, 0);
    }
}

static void an_upload_given_up_leaves_nothing(void **state)
{
    static const size_t fails[] = {1, PART - 1, PART, PART + 1, 2 * PART + 1};

    NEEDS_S3();
    for (size_t i = 0; i < 2 * COUNT_OF(fails); i++) {
        struct pieces pieces = {.n = 2 * PART + 1, .piece = 65536, .fail_at = fails[i / 2]};
        struct s3_object object;
        struct s3_head head;
        struct err err;

        assert_fails(upload(&pieces, i % 2 ? 2 * PART + 1 : -1, &object, &err), err,
                     ERR_FILE_TOO_LARGE);
        assert_int_equal(strays_under("sized"), 0);
        assert_fails(s3_stat(s3, "sized", &head, &err), err, ERR_NOT_FOUND);
    }
}

static void a_stray_upload_is_listed_and_can_be_aborted_by_its_id(void **state)
{
    AUTO(s3_strays_free) struct s3_strays strays = {0};
    char id[S3_UPLOAD_ID_SIZE];
    struct s3_etag etag;
    struct err err = ERR_INIT;
    int64_t now = clock_wall_s();

    NEEDS_S3();
    assert_ok(s3_mpu_create(s3, "stray/a b+c", "image/png", id, &err), err);
    assert_ok(s3_mpu_part(s3, &(struct s3_mpu){"stray/a b+c", id}, 1, SV_LIT("bytes"), &etag, &err),
              err);
    assert_ok(s3_mpu_list(s3, "stray/", &strays, &err), err);
    assert_int_equal(strays.n, 1);
    assert_string_equal(strays.items[0].key, "stray/a b+c");
    assert_string_equal(strays.items[0].upload_id, id);
    assert_in_range(strays.items[0].started, now - 60, now + 60);
    assert_ok(s3_mpu_abort(s3, "stray/a b+c", id, &err), err);
    assert_ok(s3_mpu_abort(s3, "stray/a b+c", id, &err), err); /* absent is success */
    assert_int_equal(strays_under("stray/"), 0);
}

static void a_part_too_small_is_refused_at_the_end(void **state)
{
    char id[S3_UPLOAD_ID_SIZE];
    struct s3_etag etags[2], whole;
    struct err err = ERR_INIT;

    NEEDS_S3();
    assert_ok(s3_mpu_create(s3, "small", "image/png", id, &err), err);
    assert_ok(s3_mpu_part(s3, &(struct s3_mpu){"small", id}, 1, SV_LIT("a"), &etags[0], &err), err);
    assert_ok(s3_mpu_part(s3, &(struct s3_mpu){"small", id}, 2, SV_LIT("b"), &etags[1], &err), err);
    assert_fails(s3_mpu_complete(s3, &(struct s3_mpu){"small", id}, etags, 2, &whole, &err), err,
                 ERR_STORAGE);
    assert_non_null(strstr(err.msg, "EntityTooSmall"));
    assert_ok(s3_mpu_abort(s3, "small", id, &err), err);
}

enum { OBJECTS = 1005, WRITERS = 8 };

static void *put_some(void *arg)
{
    uintptr_t bad = 0;

    for (int i = (int)(intptr_t)arg; i < OBJECTS; i += WRITERS) {
        struct err err = ERR_INIT;
        char key[40];

        snprintf(key, sizeof key, "many/%04d", i);
        bad += !s3_put(s3, key, NULL, sv_of(key), NULL, &err);
    }
    return (void *)bad;
}

static void in_parallel(void *(*work)(void *))
{
    pthread_t threads[WRITERS];

    for (intptr_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *bad;

        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
}

/* In two calls, since there are more than a thousand. */
static void delete_many(void)
{
    AUTO(s3_list_free) struct s3_list left = {0};
    static char names[OBJECTS][40];
    static const char *keys[OBJECTS];
    struct err err = ERR_INIT;

    for (size_t i = 0; i < OBJECTS; i++) {
        snprintf(names[i], sizeof names[i], "many/%04zu", i);
        keys[i] = names[i];
    }
    assert_ok(s3_delete_all(s3, keys, OBJECTS, &err), err);
    assert_ok(s3_list(s3, "many/", NULL, &left, &err), err);
    assert_int_equal(left.n, 0);
}

static void a_long_listing_comes_in_pages_each_key_once(void **state)
{
    AUTO(str_free) struct str after = STR_INIT(4096);
    size_t seen = 0, pages = 0;
    bool more = true;

    NEEDS_S3();
    in_parallel(put_some);
    while (more) {
        AUTO(s3_list_free) struct s3_list list = {0};
        struct err err = ERR_INIT;

        assert_ok(s3_list(s3, "many/", pages > 0 ? after.p : NULL, &list, &err), err);
        for (size_t i = 0; i < list.n; i++, seen++) {
            char key[40];

            snprintf(key, sizeof key, "many/%04zu", seen);
            assert_string_equal(list.items[i].key, key);
        }
        pages++;
        more = list.next != NULL;
        str_reset(&after);
        if (more)
            str_addz(&after, list.next);
    }
    assert_int_equal(seen, OBJECTS);
    assert_int_equal(pages, 2);
    delete_many();
}

static int open_store(void)
{
    struct err err = ERR_INIT;
    uint64_t x = 88172645463325252;

    s3 = with((struct kit_bucket_plan){.tries = 3});
    if (!pool_open(PART, 3, &pool, &err) || !(data = malloc(DATA)))
        return -1;
    for (size_t i = 0; i < DATA; i++) { /* xorshift64 */
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        data[i] = (char)x;
    }
    return 0;
}

static int start(void **state)
{
    (void)state;
    endpoint = kit_rgw_start();
    access_key = KIT_RGW_ACCESS_KEY;
    secret_key = KIT_RGW_SECRET_KEY;
    return endpoint ? open_store() : 0;
}

static int start_swift(void **state)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct s3_call make_bucket = {.method = "PUT"};
    struct err err = ERR_INIT;

    (void)state;
    endpoint = kit_swift_start();
    access_key = KIT_SWIFT_ACCESS_KEY;
    secret_key = KIT_SWIFT_SECRET_KEY;
    if (!endpoint)
        return 0;
    if (open_store() != 0)
        return -1;
    assert_ok(s3_call(s3, &make_bucket, &answer, NULL, &err), err);
    return 0;
}

static void data_free(char **p)
{
    free(*p);
    *p = NULL;
}

static int finish(void **state)
{
    (void)state;
    data_free(&data);
    pool_close(&pool);
    s3_close(&s3);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_keys_are_stored_listed_presigned_and_deleted),
        cmocka_unit_test(a_head_knows_size_type_and_etag),
        cmocka_unit_test(an_empty_object_is_an_object),
        cmocka_unit_test(a_hashed_payload_is_accepted),
        cmocka_unit_test(a_wrong_secret_is_refused_with_the_next_step),
        cmocka_unit_test(a_presigned_url_ends_with_its_time_and_bears_no_change),
        cmocka_unit_test(a_range_is_read),
        cmocka_unit_test(tags_stay_with_an_object),
        cmocka_unit_test(metadata_stays_with_an_object_and_its_copy),
        cmocka_unit_test(a_key_is_taken_only_once_when_that_is_asked_for),
        cmocka_unit_test(checksums_and_private_access_are_accepted_for_objects_and_parts),
        cmocka_unit_test(uploads_of_every_size_arrive_byte_for_byte),
        cmocka_unit_test(a_length_that_was_foretold_wrongly_still_arrives),
        cmocka_unit_test(a_signed_body_arrives_byte_for_byte),
        cmocka_unit_test(an_upload_given_up_leaves_nothing),
        cmocka_unit_test(a_stray_upload_is_listed_and_can_be_aborted_by_its_id),
        cmocka_unit_test(a_part_too_small_is_refused_at_the_end),
        cmocka_unit_test(a_long_listing_comes_in_pages_each_key_once),
    };

    const struct CMUnitTest on_swift[] = {
        cmocka_unit_test(odd_keys_are_stored_listed_presigned_and_deleted),
        cmocka_unit_test(a_head_knows_size_type_and_etag),
        cmocka_unit_test(an_empty_object_is_an_object),
        cmocka_unit_test(a_hashed_payload_is_accepted),
        cmocka_unit_test(a_wrong_secret_is_refused_with_the_next_step),
        cmocka_unit_test(a_presigned_url_ends_with_its_time_and_bears_no_change),
        cmocka_unit_test(a_range_is_read),
        cmocka_unit_test(metadata_stays_with_an_object_and_its_copy),
        cmocka_unit_test(checksums_and_private_access_are_accepted_for_objects_and_parts),
        cmocka_unit_test(a_stray_upload_is_listed_and_can_be_aborted_by_its_id),
        cmocka_unit_test(a_part_too_small_is_refused_at_the_end),
    };

    http_global_open();
    return cmocka_run_group_tests_name("on Ceph", tests, start, finish) +
           cmocka_run_group_tests_name("on Swift", on_swift, start_swift, finish);
}
