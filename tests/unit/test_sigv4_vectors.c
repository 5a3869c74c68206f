/*
 * The signer against whole collections of vectors, where they lie beside the project
 * ($SHARED_DATA or ../shared/data, folder sigv4): AWS's signing suite (generic rules, header and
 * query mode, three checkpoints each), Amazon's documented S3 examples, and S3 vectors on which two
 * other signers agree. Without the folder this says so; test_sigv4*.c hold the published numbers.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/sigv4.h"
#include "tests/kit/kit.h"

enum { FILE_MAX = 1 << 20 };

static char root[512];
static size_t checks;

static bool read_all(const char *path, struct str *out)
{
    FILE *f = fopen(path, "rb");
    char buf[4096];
    size_t n;

    str_reset(out);
    if (!f)
        return false;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(out, buf, n);
    fclose(f);
    return true;
}

static struct json *read_json(const char *path)
{
    AUTO(str_free) struct str text = STR_INIT(FILE_MAX);
    struct json *doc = NULL;
    struct err err = ERR_INIT;

    if (!read_all(path, &text))
        fail_msg("%s cannot be read", path);
    assert_ok(json_parse(str_sv(&text), &doc, &err), err);
    return doc;
}

static const char *text_of(const struct json *obj, const char *key)
{
    return json_text_or(obj, key, "");
}

/* "20130524T000000Z" or "2015-08-30T12:36:00Z" */
static int64_t time_of(const char *text)
{
    char digits[15] = {0}, day[11];
    size_t n = 0;
    int64_t s = 0;
    int rest;

    for (; *text && n < 14; text++)
        if (isdigit((unsigned char)*text))
            digits[n++] = *text;
    assert_int_equal(n, 14);
    snprintf(day, sizeof day, "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
    assert_true(clock_parse_day(sv_of(day), &s));
    rest = (int)strtol(digits + 8, NULL, 10);
    return s + rest / 10000 * 3600 + rest / 100 % 100 * 60 + rest % 100;
}

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static struct sv unescaped(struct sv v, struct arena *a)
{
    char *out = arena_copy(a, v);
    size_t n = 0;

    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '%' && i + 2 < v.n) {
            out[n++] = (char)(hex(v.p[i + 1]) << 4 | hex(v.p[i + 2]));
            i += 2;
        } else {
            out[n++] = v.p[i];
        }
    }
    return (struct sv){out, n};
}

/* A request being read: arrays with room for more than any vector has. */
struct made {
    struct sigv4_request req;
    struct sigv4_pair query[SIGV4_QUERY_MAX], headers[SIGV4_HEADERS_MAX];
    struct sv body;
};

static void add(struct sigv4_pair *to, size_t *n, struct sv name, struct sv value)
{
    to[(*n)++] = (struct sigv4_pair){name, value};
}

static void add_header(struct made *m, const char *name, const char *value)
{
    add(m->headers, &m->req.headers_n, sv_of(name), sv_of(value));
}

static void split_query(struct made *m, struct sv q, struct arena *a)
{
    while (q.n > 0) {
        const char *amp = memchr(q.p, '&', q.n);
        struct sv one = {q.p, amp ? (size_t)(amp - q.p) : q.n};
        const char *eq = memchr(one.p, '=', one.n);
        struct sv name = {one.p, eq ? (size_t)(eq - one.p) : one.n};
        struct sv value = {eq ? eq + 1 : "", eq ? one.n - name.n - 1 : 0};

        add(m->query, &m->req.query_n, unescaped(name, a), unescaped(value, a));
        q.p += one.n + (amp ? 1 : 0);
        q.n -= one.n + (amp ? 1 : 0);
    }
}

static void split_target(struct made *m, struct sv target, struct arena *a)
{
    const char *mark = memchr(target.p, '?', target.n);

    m->req.path = (struct sv){target.p, mark ? (size_t)(mark - target.p) : target.n};
    if (mark)
        split_query(m, (struct sv){mark + 1, target.n - m->req.path.n - 1}, a);
}

static struct sv take_line(struct sv *rest)
{
    const char *end = memchr(rest->p, '\n', rest->n);
    struct sv one = {rest->p, end ? (size_t)(end - rest->p) : rest->n};

    rest->p += one.n + (end ? 1 : 0);
    rest->n -= one.n + (end ? 1 : 0);
    return one;
}

/* Header lines until the empty one; a line that begins with a blank continues the one before. */
static void split_headers(struct made *m, struct sv *rest)
{
    for (;;) {
        struct sv one = take_line(rest);
        const char *colon = memchr(one.p, ':', one.n);

        if (one.n == 0)
            return;
        if (*one.p == ' ' || *one.p == '\t') {
            struct sv *value = &m->headers[m->req.headers_n - 1].value;

            value->n = (size_t)(one.p + one.n - value->p);
            continue;
        }
        assert_non_null(colon);
        add(m->headers, &m->req.headers_n, (struct sv){one.p, (size_t)(colon - one.p)},
            (struct sv){colon + 1, (size_t)(one.p + one.n - colon) - 1});
    }
}

/* "GET /a b?c=d HTTP/1.1": the target may hold blanks. */
static void split_request(struct made *m, struct sv text, struct arena *a)
{
    struct sv first = take_line(&text);
    const char *blank = memchr(first.p, ' ', first.n);
    size_t end = first.n - strlen(" HTTP/1.1");

    assert_non_null(blank);
    m->req.method = (struct sv){first.p, (size_t)(blank - first.p)};
    split_target(m, (struct sv){blank + 1, (size_t)(first.p + end - blank) - 1}, a);
    split_headers(m, &text);
    m->body = text;
    m->req.query = m->query;
    m->req.headers = m->headers;
}

static void same(const char *name, const char *file, struct sv got)
{
    AUTO(str_free) struct str want = STR_INIT(FILE_MAX);
    char path[1400];

    snprintf(path, sizeof path, "%s/v4/%s/%s.txt", root, name, file);
    assert_true(read_all(path, &want));
    if (!sv_eq(got, sv_trim(str_sv(&want))))
        fail_msg("%s %s:\n%.*s\ninstead of\n%s", name, file, SV(got), want.p);
    checks++;
}

static void check_mode(struct sigv4 *s, const struct made *m, const char *name, int64_t expires)
{
    const char *mode = expires < 0 ? "header" : "query";
    AUTO(str_free) struct str canonical = STR_INIT(FILE_MAX), text = STR_INIT(FILE_MAX);
    char signature[SHA256_HEX_SIZE], file[64];

    assert_true(sigv4_canonical(s, &m->req, expires, &canonical));
    snprintf(file, sizeof file, "%s-canonical-request", mode);
    same(name, file, str_sv(&canonical));
    sigv4_string_to_sign(s, m->req.now, str_sv(&canonical), &text);
    snprintf(file, sizeof file, "%s-string-to-sign", mode);
    same(name, file, str_sv(&text));
    sigv4_signature(s, m->req.now, str_sv(&text), signature);
    snprintf(file, sizeof file, "%s-signature", mode);
    same(name, file, sv_of(signature));
}

static void check_case(const char *name)
{
    AUTO(arena_free) struct arena a = ARENA_INIT;
    AUTO(str_free) struct str text = STR_INIT(FILE_MAX);
    AUTO(json_free) struct json *context = NULL;
    struct made m = {.body = {"", 0}}, query;
    const struct json *keys;
    char path[1400], sum[SHA256_HEX_SIZE], stamp[CLOCK_AMZ_SIZE];

    snprintf(path, sizeof path, "%s/v4/%s/context.json", root, name);
    context = read_json(path);
    snprintf(path, sizeof path, "%s/v4/%s/request.txt", root, name);
    assert_true(read_all(path, &text));
    keys = json_find(context, "credentials");
    const struct sigv4_conf conf = {
        .access_key = sv_of(text_of(keys, "access_key_id")),
        .secret_key = sv_of(text_of(keys, "secret_access_key")),
        .token = sv_of(text_of(keys, "token")),
        .region = sv_of(text_of(context, "region")),
        .service = sv_of(text_of(context, "service")),
        .generic = true,
        .normalise = json_bool_or(context, "normalize", true),
        .token_after = json_bool_or(context, "omit_session_token", false),
    };
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&conf);

    split_request(&m, str_sv(&text), &a);
    crypto_sha256_hex(m.body, sum);
    m.req.payload = sv_of(sum);
    m.req.now = time_of(text_of(context, "timestamp"));
    query = m;
    query.req.query = query.query;
    query.req.headers = query.headers;
    check_mode(s, &query, name, json_int_or(context, "expiration_in_seconds", 3600));

    clock_amz(m.req.now, stamp);
    add_header(&m, "X-Amz-Date", stamp);
    if (conf.token.n > 0 && !conf.token_after)
        add(m.headers, &m.req.headers_n, SV_LIT("X-Amz-Security-Token"), conf.token);
    if (json_bool_or(context, "sign_body", false))
        add_header(&m, "x-amz-content-sha256", sum);
    check_mode(s, &m, name, -1);
}

static void the_signing_suite_agrees_at_every_checkpoint(void **state)
{
    char path[600];
    struct dirent *entry;
    DIR *dir;

    (void)state;
    snprintf(path, sizeof path, "%s/v4", root);
    dir = opendir(path);
    if (!dir)
        skip();
    checks = 0;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, "LICENSE", 7) != 0 &&
            strncmp(entry->d_name, "NOTICE", 6) != 0)
            check_case(entry->d_name);
    closedir(dir);
    printf("signing suite: %zu checks\n", checks);
    assert_true(checks >= 6);
}

static struct sigv4 *s3_signer(const struct json *doc, const char *token)
{
    const struct json *keys = json_find(doc, "credentials");
    const struct sigv4_conf conf = {.access_key = sv_of(text_of(keys, "access_key_id")),
                                    .secret_key = sv_of(text_of(keys, "secret_access_key")),
                                    .token = sv_of(token),
                                    .region = sv_of(text_of(doc, "region")),
                                    .service = sv_of(text_of(doc, "service"))};

    return sigv4_open(&conf);
}

/* What both kinds of S3 vectors say of a request. raw_path stands as on the request line. */
static void make_s3(struct made *m, const struct json *v, struct arena *a)
{
    const struct json *headers = json_find(v, "headers"), *params = json_find(v, "params");

    split_target(m, sv_of(text_of(v, "raw_path")), a);
    m->req.path = unescaped(m->req.path, a);
    m->req.method = sv_of(text_of(v, "method"));
    m->req.payload = sv_of(json_text_or(v, "payload_hash", SIGV4_UNSIGNED));
    if (*text_of(v, "host"))
        add_header(m, "host", text_of(v, "host"));
    for (size_t i = 0; i < json_count(headers); i++)
        add_header(m, json_key(json_at(headers, i)), json_text(json_at(headers, i)));
    for (size_t i = 0; i < json_count(params); i++)
        add(m->query, &m->req.query_n, sv_of(json_text(json_at(json_at(params, i), 0))),
            sv_of(json_text(json_at(json_at(params, i), 1))));
    m->req.query = m->query;
    m->req.headers = m->headers;
}

static void check_s3(struct sigv4 *s, const struct made *m, const struct json *v, bool presigned)
{
    AUTO(str_free) struct str out = STR_INIT(FILE_MAX);
    const char *at;

    if (presigned)
        assert_true(sigv4_presign(s, &m->req, json_int_or(v, "expires", 0), &out));
    else
        assert_true(sigv4_authorize(s, &m->req, &out, NULL));
    at = strstr(out.p, "Signature=");
    assert_non_null(at);
    if (strcmp(at + strlen("Signature="), text_of(v, "signature")) != 0)
        fail_msg("%s: %s, not %s", text_of(v, "name"), out.p, text_of(v, "signature"));
    if (!presigned && *text_of(v, "authorization"))
        assert_string_equal(out.p, text_of(v, "authorization"));
    checks++;
}

static void the_documented_s3_examples_agree(void **state)
{
    char path[600];

    (void)state;
    snprintf(path, sizeof path, "%s/s3-documented-examples.json", root);
    if (access(path, R_OK) != 0)
        skip();
    AUTO(json_free) struct json *doc = read_json(path);
    const struct json *list = json_find(doc, "examples"), *policy = json_find(doc, "post_policy");
    AUTO(sigv4_free) struct sigv4 *s = s3_signer(doc, "");
    char signature[SHA256_HEX_SIZE];

    checks = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        AUTO(arena_free) struct arena a = ARENA_INIT;
        const struct json *v = json_at(list, i);
        struct made m = {.req.now = time_of(text_of(doc, "timestamp"))};

        make_s3(&m, v, &a);
        check_s3(s, &m, v, json_int_or(v, "expires", -1) >= 0);
    }
    sigv4_signature(s, time_of("20151229T000000Z"), sv_of(text_of(policy, "policy_base64")),
                    signature);
    assert_string_equal(signature, text_of(policy, "signature"));
    printf("documented examples: %zu and a POST policy\n", checks);
    assert_true(checks > 0);
}

static void the_vectors_of_other_signers_agree(void **state)
{
    char path[600];

    (void)state;
    snprintf(path, sizeof path, "%s/s3-peer-vectors.json", root);
    if (access(path, R_OK) != 0)
        skip();
    AUTO(json_free) struct json *doc = read_json(path);
    const struct json *list = json_find(doc, "vectors");

    checks = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        AUTO(arena_free) struct arena a = ARENA_INIT;
        const struct json *v = json_at(list, i);
        bool presigned = strcmp(text_of(v, "kind"), "presign") == 0;
        AUTO(sigv4_free) struct sigv4 *s = s3_signer(doc, text_of(v, "token"));
        struct made m = {.req.now = time_of(text_of(doc, "timestamp"))};

        make_s3(&m, v, &a);
        if (!presigned) {
            add_header(&m, "x-amz-date", text_of(doc, "timestamp"));
            add_header(&m, "x-amz-content-sha256", text_of(v, "payload_hash"));
            if (*text_of(v, "token"))
                add_header(&m, "x-amz-security-token", text_of(v, "token"));
        }
        check_s3(s, &m, v, presigned);
    }
    printf("vectors of other signers: %zu\n", checks);
    assert_true(checks > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signing_suite_agrees_at_every_checkpoint),
        cmocka_unit_test(the_documented_s3_examples_agree),
        cmocka_unit_test(the_vectors_of_other_signers_agree),
    };
    const char *shared = getenv("SHARED_DATA");

    snprintf(root, sizeof root, "%s/sigv4", shared && *shared ? shared : "../shared/data");
    if (access(root, R_OK) != 0)
        printf("SKIPPED: no signing vectors in %s; set SHARED_DATA\n", root);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
