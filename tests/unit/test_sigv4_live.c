/*
 * Every kind of signature against a server that checks them: a Ceph RADOS Gateway that the test
 * starts. What this one does not know (trailers before Ceph 19) is told, with its own words.
 */
#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/clock.h"
#include "common/crc32c.h"
#include "common/http.h"
#include "common/sigv4_chunk.h"
#include "common/xml.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"

enum { URL_MAX = 16384, BODY = 3 * SIGV4_CHUNK + 777, LINES = 16 };

static const char *endpoint; /* NULL: no S3 here, every test is skipped */
static struct sigv4_pair host;
static struct sigv4 *signer;
static char body[BODY], chunk[SIGV4_CHUNK];

#define NEEDS_S3()                                                                                 \
    do {                                                                                           \
        (void)state;                                                                               \
        if (!endpoint)                                                                             \
            skip();                                                                                \
    } while (0)

static char long_key[901];
static const char *const keys[] = {
    "a b",      "a+b",       "100%",   "50%20off",         "a//b",     "..",
    "../up",    "a/../b",    "./here", "\xf0\x9f\x98\x80", "q?x#y&=1", "~$,;:@!*()[]{}|^`\\'\"<>",
    "tab\tkey", "trailing/", long_key,
};

static int ask(const char *method, const char *url, struct sv bytes, struct http_answer *a)
{
    const struct http_req req = {
        .method = method, .url = url, .body = bytes, .total_ms = 20000, .answer_max = 1 << 20};
    struct err err = ERR_INIT;

    http_answer_free(a);
    *a = (struct http_answer)HTTP_ANSWER_INIT;
    assert_ok(http_perform(&req, a, &err), err);
    return a->status;
}

/* A URL for this key and method, with a parameter or two. */
static void presigned(const char *method, const char *key, const struct sigv4_pair *query,
                      size_t query_n, struct str *url)
{
    AUTO(str_free) struct str path = STR_INIT(URL_MAX);
    struct sigv4_request req = {.method = sv_of(method),
                                .query = query,
                                .query_n = query_n,
                                .headers = &host,
                                .headers_n = 1,
                                .payload = SV_LIT(SIGV4_UNSIGNED),
                                .now = clock_wall_s()};

    str_addf(&path, "/" KIT_RGW_BUCKET "/%s", key);
    req.path = str_sv(&path);
    str_reset(url);
    str_addz(url, endpoint);
    assert_true(sigv4_presign(signer, &req, 300, url));
}

static void odd_keys_are_put_read_and_deleted_by_presigned_urls(void **state)
{
    NEEDS_S3();
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        AUTO(str_free) struct str url = STR_INIT(URL_MAX);
        AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

        presigned("PUT", keys[i], NULL, 0, &url);
        if (ask("PUT", url.p, sv_of(keys[i]), &a) != 200)
            fail_msg("PUT %s: %d %s", keys[i], a.status, a.body.p);
        presigned("GET", keys[i], NULL, 0, &url);
        assert_int_equal(ask("GET", url.p, (struct sv){NULL, 0}, &a), 200);
        assert_string_equal(a.body.p, keys[i]);
        presigned("HEAD", keys[i], NULL, 0, &url);
        assert_int_equal(ask("HEAD", url.p, (struct sv){NULL, 0}, &a), 200);
        presigned("DELETE", keys[i], NULL, 0, &url);
        assert_int_equal(ask("DELETE", url.p, (struct sv){NULL, 0}, &a), 204);
        presigned("GET", keys[i], NULL, 0, &url);
        assert_int_equal(ask("GET", url.p, (struct sv){NULL, 0}, &a), 404);
    }
}

static void a_url_is_good_for_its_method_and_key_only(void **state)
{
    AUTO(str_free) struct str url = STR_INIT(URL_MAX);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    char *at;

    NEEDS_S3();
    presigned("PUT", "own", NULL, 0, &url);
    assert_int_equal(ask("DELETE", url.p, (struct sv){NULL, 0}, &a), 403);
    at = strstr(url.p, "/own?");
    assert_non_null(at);
    at[1] = 'x';
    assert_int_equal(ask("PUT", url.p, SV_LIT("no"), &a), 403);
}

static void the_parameters_of_an_answer_are_signed_with_it(void **state)
{
    const struct sigv4_pair query[] = {
        {SV_LIT("response-content-disposition"), SV_LIT("attachment; filename=\"a b+c.png\"")},
        {SV_LIT("response-content-type"), SV_LIT("image/png")}};
    AUTO(str_free) struct str url = STR_INIT(URL_MAX);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

    NEEDS_S3();
    presigned("PUT", "named", NULL, 0, &url);
    assert_int_equal(ask("PUT", url.p, SV_LIT("x"), &a), 200);
    presigned("GET", "named", query, COUNT_OF(query), &url);
    assert_int_equal(ask("GET", url.p, (struct sv){NULL, 0}, &a), 200);
    assert_true(sv_eq(http_header(&a, "Content-Disposition"), query[0].value));
    assert_true(sv_eqz(http_header(&a, "Content-Type"), "image/png"));
}

static void a_part_is_uploaded_by_a_presigned_url(void **state)
{
    const struct sigv4_pair uploads = {SV_LIT("uploads"), SV_LIT("")};
    struct sigv4_pair part[] = {{SV_LIT("partNumber"), SV_LIT("1")}, {SV_LIT("uploadId"), {0}}};
    AUTO(str_free) struct str url = STR_INIT(URL_MAX), done = STR_INIT(1024);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    struct sv root, etag;
    char id[256];

    NEEDS_S3();
    presigned("POST", "parts", &uploads, 1, &url);
    assert_int_equal(ask("POST", url.p, (struct sv){NULL, 0}, &a), 200);
    assert_true(xml_child(str_sv(&a.body), "InitiateMultipartUploadResult", &root));
    assert_true(xml_child_text(root, "UploadId", id, sizeof id));
    part[1].value = sv_of(id);
    presigned("PUT", "parts", part, 2, &url);
    assert_int_equal(ask("PUT", url.p, (struct sv){body, BODY}, &a), 200);
    etag = http_header(&a, "ETag");
    str_addf(&done,
             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>%.*s</ETag></Part>"
             "</CompleteMultipartUpload>",
             SV(etag));
    presigned("POST", "parts", part + 1, 1, &url);
    assert_int_equal(ask("POST", url.p, str_sv(&done), &a), 200);
    presigned("GET", "parts", NULL, 0, &url);
    assert_int_equal(ask("GET", url.p, (struct sv){NULL, 0}, &a), 200);
    assert_int_equal(a.body.n, BODY);
    assert_memory_equal(a.body.p, body, BODY);
}

static void add_field(struct str *form, const char *name, const char *value)
{
    str_addf(form, "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", name, value);
}

/* A form as a browser sends it; the policy allows keys below "forms/" only. */
static int post_form(const char *key)
{
    AUTO(str_free)
    struct str policy = STR_INIT(4096), text = STR_INIT(8192), form = STR_INIT(16384);
    AUTO(str_free) struct str credential = STR_INIT(512);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;
    static const char *const lines[] = {"Content-Type: multipart/form-data; boundary=b", NULL};
    char stamp[CLOCK_AMZ_SIZE], until[CLOCK_ISO_SIZE], signature[SHA256_HEX_SIZE], url[128];
    int64_t now = clock_wall_s();
    struct err err = ERR_INIT;

    clock_amz(now, stamp);
    clock_iso((now + 300) * 1000, until);
    sigv4_credential(signer, now, &credential);
    str_addf(&policy,
             "{\"expiration\":\"%s\",\"conditions\":[{\"bucket\":\"" KIT_RGW_BUCKET "\"},"
             "[\"starts-with\",\"$key\",\"forms/\"],{\"x-amz-credential\":\"%s\"},"
             "{\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\"},{\"x-amz-date\":\"%s\"}]}",
             until, credential.p, stamp);
    base64_encode(str_sv(&policy), &text);
    sigv4_signature(signer, now, str_sv(&text), signature);
    add_field(&form, "key", key);
    add_field(&form, "policy", text.p);
    add_field(&form, "x-amz-credential", credential.p);
    add_field(&form, "x-amz-algorithm", "AWS4-HMAC-SHA256");
    add_field(&form, "x-amz-date", stamp);
    add_field(&form, "x-amz-signature", signature);
    str_addz(&form, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n"
                    "Content-Type: text/plain\r\n\r\nfrom a form\r\n--b--\r\n");
    snprintf(url, sizeof url, "%s/" KIT_RGW_BUCKET, endpoint);
    const struct http_req req = {.method = "POST",
                                 .url = url,
                                 .headers = lines,
                                 .body = str_sv(&form),
                                 .total_ms = 20000,
                                 .answer_max = 1 << 20};
    assert_ok(http_perform(&req, &a, &err), err);
    return a.status;
}

static void a_form_with_a_signed_policy_is_taken_and_others_are_not(void **state)
{
    AUTO(str_free) struct str url = STR_INIT(URL_MAX);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

    NEEDS_S3();
    assert_int_equal(post_form("forms/a b"), 204);
    presigned("GET", "forms/a b", NULL, 0, &url);
    assert_int_equal(ask("GET", url.p, (struct sv){NULL, 0}, &a), 200);
    assert_string_equal(a.body.p, "from a form");
    assert_int_equal(post_form("elsewhere"), 403);
}

/* The bytes of `body` in pieces that are no whole chunks. */
static bool pour(void *arg, char *into, size_t max, size_t *got, struct err *err)
{
    size_t *at = arg, n = BODY - *at < 30011 ? BODY - *at : 30011;

    (void)err;
    n = n < max ? n : max;
    memcpy(into, body + *at, n);
    *at += n;
    *got = n;
    return true;
}

static bool pull(void *arg, char *into, size_t max, size_t *got, struct err *err)
{
    return sigv4_pull_read(arg, into, max, got, err);
}

/* Header lines for curl, of pairs; Host is curl's own. */
static size_t to_lines(const struct sigv4_pair *pairs, size_t n, char text[LINES][512],
                       const char *lines[LINES + 1])
{
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        if (sv_ieqz(pairs[i].name, "host"))
            continue;
        snprintf(text[out], 512, "%.*s: %.*s", SV(pairs[i].name), SV(pairs[i].value));
        lines[out] = text[out];
        out++;
    }
    lines[out] = NULL;
    return out;
}

/* Stream the body under this key, the last of it spoilt when asked to. */
static int upload(enum sigv4_coding coding, bool spoil, struct http_answer *a)
{
    AUTO(str_free) struct str by = STR_INIT(1024), length = STR_INIT(32), url = STR_INIT(256);
    static char text[LINES][512];
    const char *lines[LINES + 1];
    char stamp[CLOCK_AMZ_SIZE], seed[SHA256_HEX_SIZE];
    size_t at = 0;
    struct sigv4_pull p = {.source = pour, .arg = &at, .chunk = chunk};
    int64_t now = clock_wall_s();
    struct err err = ERR_INIT;

    clock_amz(now, stamp);
    str_addf(&length, "%d", BODY);
    struct sigv4_pair pairs[] = {
        host,
        {SV_LIT("x-amz-date"), sv_of(stamp)},
        {SV_LIT("x-amz-content-sha256"), sv_of(sigv4_coding_word(coding))},
        {SV_LIT("Content-Encoding"), SV_LIT("aws-chunked")},
        {SV_LIT("x-amz-decoded-content-length"), str_sv(&length)},
        {SV_LIT("x-amz-trailer"), SV_LIT(SIGV4_TRAILER)},
        {SV_LIT("Authorization"), {NULL, 0}},
    };
    size_t n = coding == SIGV4_CHUNKS ? 5 : 6;
    const struct sigv4_request to_sign = {.method = SV_LIT("PUT"),
                                          .path = SV_LIT("/" KIT_RGW_BUCKET "/streamed"),
                                          .headers = pairs,
                                          .headers_n = n,
                                          .payload = pairs[2].value,
                                          .now = now};
    assert_true(sigv4_authorize(signer, &to_sign, &by, seed));
    pairs[n] = (struct sigv4_pair){SV_LIT("Authorization"), str_sv(&by)};
    to_lines(pairs, n + 1, text, lines);
    seed[0] = spoil ? (char)(seed[0] == '0' ? '1' : '0') : seed[0];
    sigv4_body_open(&p.body, coding, signer, now, seed);
    p.body.crc = spoil ? 1 : 0;
    sigv4_pull_start(&p, BODY);
    str_addf(&url, "%s/" KIT_RGW_BUCKET "/streamed", endpoint);
    const struct http_req req = {.method = "PUT",
                                 .url = url.p,
                                 .headers = lines,
                                 .source = pull,
                                 .source_arg = &p,
                                 .source_length = sigv4_wire_size(coding, BODY),
                                 .total_ms = 20000,
                                 .answer_max = 1 << 20};
    http_answer_free(a);
    *a = (struct http_answer)HTTP_ANSWER_INIT;
    assert_ok(http_perform(&req, a, &err), err);
    return a->status;
}

static void assert_streamed(void)
{
    AUTO(str_free) struct str url = STR_INIT(URL_MAX);
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

    presigned("GET", "streamed", NULL, 0, &url);
    assert_int_equal(ask("GET", url.p, (struct sv){NULL, 0}, &a), 200);
    assert_int_equal(a.body.n, BODY);
    assert_memory_equal(a.body.p, body, BODY);
    presigned("DELETE", "streamed", NULL, 0, &url);
    assert_int_equal(ask("DELETE", url.p, (struct sv){NULL, 0}, &a), 204);
}

static void signed_chunks_are_taken_and_spoilt_ones_refused(void **state)
{
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

    NEEDS_S3();
    assert_int_equal(upload(SIGV4_CHUNKS, false, &a), 200);
    assert_streamed();
    assert_in_range(upload(SIGV4_CHUNKS, true, &a), 400, 403);
}

/* A server that knows trailers stores the bytes and checks the sum; one that does not must refuse,
 * and may not store the framing as if it were the object. */
static void trailers_are_taken_or_refused(void **state)
{
    static const enum sigv4_coding codings[] = {SIGV4_CHUNKS_TRAILER, SIGV4_UNSIGNED_TRAILER};
    AUTO(http_answer_free) struct http_answer a = HTTP_ANSWER_INIT;

    NEEDS_S3();
    for (size_t i = 0; i < COUNT_OF(codings); i++) {
        const char *word = sigv4_coding_word(codings[i]);
        char code[64] = "";
        struct sv error;

        if (upload(codings[i], false, &a) == 200) {
            assert_streamed();
            assert_in_range(upload(codings[i], true, &a), 400, 403);
            continue;
        }
        if (xml_child(str_sv(&a.body), "Error", &error) &&
            !xml_child_text(error, "Code", code, sizeof code))
            code[0] = '\0';
        printf("this gateway does not take %s: HTTP %d %s\n", word, a.status, code);
        assert_in_range(a.status, 400, 501);
    }
}

static int start(void **state)
{
    (void)state;
    http_global_open();
    endpoint = kit_rgw_start();
    memset(long_key, 'u', sizeof long_key - 1);
    for (size_t i = 0; i < BODY; i++)
        body[i] = (char)(i * 2654435761U >> 13);
    if (!endpoint)
        return 0;
    const struct sigv4_conf conf = {.access_key = SV_LIT(KIT_RGW_ACCESS_KEY),
                                    .secret_key = SV_LIT(KIT_RGW_SECRET_KEY),
                                    .region = SV_LIT("us-east-1"),
                                    .service = SV_LIT("s3")};
    host = (struct sigv4_pair){SV_LIT("Host"), sv_of(endpoint + strlen("http://"))};
    signer = sigv4_open(&conf);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sigv4_free(&signer);
    kit_rgw_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_keys_are_put_read_and_deleted_by_presigned_urls),
        cmocka_unit_test(a_url_is_good_for_its_method_and_key_only),
        cmocka_unit_test(the_parameters_of_an_answer_are_signed_with_it),
        cmocka_unit_test(a_part_is_uploaded_by_a_presigned_url),
        cmocka_unit_test(a_form_with_a_signed_policy_is_taken_and_others_are_not),
        cmocka_unit_test(signed_chunks_are_taken_and_spoilt_ones_refused),
        cmocka_unit_test(trailers_are_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
