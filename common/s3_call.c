/*
 * s3_call.c - one call: sign, send, judge, and again where that is safe and may help.
 *
 * Every call that s3.h offers may be repeated: a PUT writes the same bytes under the same key (or,
 * if_absent, none), an abort or a delete of what is gone is a success, and what a lost answer to
 * the start of an upload left is looked for (s3_mpu.c). Repeating spends from the bucket's budget.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/s3_internal.h"

enum {
    LINE_MAX_ = 8 << 10,
    MD5_BASE64_SIZE = 25,
    BASE_MS = 100,
    SLOW_MS = 500,
    CAP_MS = 5000,
    RENEW_MS = 10000
};

/* A call on its way: what stays the same for each attempt, and what the last one told. */
struct trip {
    struct s3 *s3;
    const struct s3_call *call;
    struct str *path, *url; /* path: raw; url: encoded, whole */
    char payload[SHA256_HEX_SIZE], md5[MD5_BASE64_SIZE], length[24];
    struct http_answer *answer;
    struct s3_outcome outcome;
    struct s3_feed feed;
    bool without_trailer; /* the store seems to refuse it */
    bool without_condition;
    bool corrected;  /* the clock skew was taken from S3 once */
    bool renewed;    /* the source was asked for other keys once */
    uint64_t serial; /* of the keys of the last attempt */
};

bool s3_path(const struct s3 *s3, const char *key, struct str *out, struct err *err)
{
    if (key && (!*key || strlen(key) > S3_KEY_MAX))
        return err_set(err, ERR_INTERNAL, "an S3 key has 1 to %d bytes, not %zu", S3_KEY_MAX,
                       strlen(key));
    str_addv(out, str_sv(&s3->root));
    if (key)
        str_addz(out, key);
    return str_ok(out) || err_set(err, ERR_INTERNAL, "the path of an S3 object is too long");
}

static void sum_up(struct trip *t)
{
    const struct s3_call *call = t->call;
    AUTO(str_free) struct str text = STR_INIT(MD5_BASE64_SIZE - 1);
    uint8_t sum[MD5_SIZE];

    if (call->data && t->s3->checksum)
        crc32c_base64(crc32c(0, call->body), t->outcome.crc32c);
    if (!call->digest && !(call->data && t->s3->content_md5))
        return;
    crypto_md5(call->body, sum);
    base64_encode((struct sv){(const char *)sum, sizeof sum}, &text);
    memcpy(t->md5, text.p, text.n + 1);
}

/* What is said of the body in the signature. */
static void cover(struct trip *t)
{
    const struct s3_call *call = t->call;
    enum s3_payload payload = s3_payload_of(t->s3, t->without_trailer);

    s3_feed_open(&t->feed, payload, t->s3->checksum);
    if (t->feed.coded)
        snprintf(t->payload, sizeof t->payload, "%s", sigv4_coding_word(t->feed.coding));
    else if (call->body.n == 0 && !call->stream)
        memcpy(t->payload, SIGV4_EMPTY, sizeof SIGV4_EMPTY);
    else if (payload == S3_PAYLOAD_SIGNED && call->sha256)
        memcpy(t->payload, call->sha256, SHA256_HEX_SIZE);
    else if (payload == S3_PAYLOAD_SIGNED && !call->stream)
        crypto_sha256_hex(call->body, t->payload);
    else
        memcpy(t->payload, SIGV4_UNSIGNED, sizeof SIGV4_UNSIGNED);
}

static bool is_conditional(const struct trip *t)
{
    return t->call->once && !t->without_condition && !atomic_load(&t->s3->no_conditions);
}

static bool prepare(struct trip *t, struct err *err)
{
    const struct s3_call *call = t->call;

    if (!s3_path(t->s3, call->key, t->path, err))
        return false;
    str_addv(t->url, str_sv(&t->s3->own.origin));
    sigv4_encode(str_sv(t->path), true, t->url);
    for (size_t i = 0; i < call->query_n; i++) {
        str_addc(t->url, i == 0 ? '?' : '&');
        sigv4_encode(call->query[i].name, false, t->url);
        str_addc(t->url, '=');
        sigv4_encode(call->query[i].value, false, t->url);
    }
    sum_up(t);
    cover(t);
    return str_ok(t->url) || err_set(err, ERR_INTERNAL, "the address of an S3 object is too long");
}

static void add(struct sigv4_pair *out, size_t *n, const char *name, const char *value)
{
    if (value && *value && *n < S3_HEADERS_MAX)
        out[(*n)++] = (struct sigv4_pair){sv_of(name), sv_of(value)};
}

/* The headers of one attempt, to be signed: Host is first, and curl's to send. */
static size_t to_sign(struct trip *t, const struct s3_signer *signer, const char *stamp,
                      struct sigv4_pair *out)
{
    const struct s3 *s3 = t->s3;
    const struct s3_call *call = t->call;
    size_t n = 0;

    out[n++] = (struct sigv4_pair){SV_LIT("Host"), str_sv(&s3->own.host)};
    add(out, &n, "x-amz-date", stamp);
    add(out, &n, "x-amz-content-sha256", t->payload);
    add(out, &n, "x-amz-security-token", signer->token.p);
    add(out, &n, "Content-Type", call->type);
    add(out, &n, "Content-MD5", t->md5);
    add(out, &n, "x-amz-checksum-crc32c", t->outcome.crc32c);
    if (t->feed.coded) {
        snprintf(t->length, sizeof t->length, "%" PRId64, call->stream->length);
        add(out, &n, "x-amz-decoded-content-length", t->length);
        add(out, &n, "Content-Encoding", "aws-chunked");
        if (t->feed.coding != SIGV4_CHUNKS)
            add(out, &n, "x-amz-trailer", SIGV4_TRAILER);
    }
    if (call->creates) {
        add(out, &n, "x-amz-acl", s3->acl);
        add(out, &n, "x-amz-server-side-encryption", s3->encryption);
        add(out, &n, "x-amz-server-side-encryption-aws-kms-key-id", s3->kms_key);
    }
    if (is_conditional(t))
        add(out, &n, "If-None-Match", "*");
    for (size_t i = 0; i < call->headers_n && n < S3_HEADERS_MAX; i++)
        out[n++] = call->headers[i];
    return n;
}

/* Header lines, one after the other with a NUL behind each, and pointers to them. */
static void to_send(const struct sigv4_pair *pairs, size_t n, struct str *text, const char **lines)
{
    size_t starts[S3_HEADERS_MAX];

    for (size_t i = 0; i < n; i++) {
        starts[i] = text->n;
        str_addv(text, pairs[i].name);
        str_addz(text, ": ");
        str_addv(text, pairs[i].value);
        str_addc(text, '\0');
    }
    for (size_t i = 0; i < n; i++)
        lines[i] = text->p + starts[i];
    lines[n] = NULL;
}

static bool send_signed(struct trip *t, const char *const *lines, struct err *err)
{
    const struct s3_call *call = t->call;
    const struct http_req req = {
        .method = call->method,
        .url = t->url->p,
        .headers = lines,
        .body = call->body,
        .source = call->stream ? s3_feed_read : NULL,
        .rewind = s3_feed_rewind,
        .source_arg = &t->feed,
        .source_length = s3_feed_length(&t->feed),
        .connect_ms = t->s3->connect_ms,
        .first_byte_ms = t->s3->first_byte_ms,
        .total_ms = t->s3->total_ms,
        .stall_bytes_s =
            call->body_judges ? 0 : t->s3->stall_bytes_s, /* S3 sends blanks meanwhile */
        .stall_ms = t->s3->stall_ms,
        .answer_max = call->answer_max ? call->answer_max : S3_ANSWER_MAX,
        .ca_file = t->s3->ca_file};

    return http_perform(&req, t->answer, err);
}

static bool send_once(struct trip *t, struct err *err)
{
    AUTO(s3_signer_give) struct s3_signer *signer = NULL;
    AUTO(str_free) struct str signed_by = STR_INIT(LINE_MAX_);
    AUTO(str_free) struct str text = STR_INIT(4 * LINE_MAX_);
    struct sigv4_pair pairs[S3_HEADERS_MAX];
    const char *lines[S3_HEADERS_MAX + 1];
    char stamp[CLOCK_AMZ_SIZE], seed[SHA256_HEX_SIZE];
    int64_t now = clock_wall_s() + atomic_load(&t->s3->skew_s);
    size_t n;

    if (!s3_signer_take(t->s3, &signer, err))
        return false;
    t->serial = signer->serial;
    clock_amz(now, stamp);
    n = to_sign(t, signer, stamp, pairs);
    const struct sigv4_request req = {.method = sv_of(t->call->method),
                                      .path = str_sv(t->path),
                                      .query = t->call->query,
                                      .query_n = t->call->query_n,
                                      .headers = pairs,
                                      .headers_n = n,
                                      .payload = sv_of(t->payload),
                                      .now = now};
    if (!sigv4_authorize(signer->sigv4, &req, &signed_by, seed))
        return err_set(err, ERR_INTERNAL, "the request to S3 is too long to be signed");
    s3_feed_sign(&t->feed, signer->sigv4, now, seed);
    pairs[0] = (struct sigv4_pair){SV_LIT("Authorization"), str_sv(&signed_by)};
    to_send(pairs, n, &text, lines);
    return send_signed(t, lines, err);
}

static bool correct_skew(struct trip *t)
{
    int64_t skew;

    if (t->corrected || !s3_date_skew(t->answer, &skew))
        return false;
    t->corrected = true;
    atomic_store(&t->s3->skew_s, skew);
    return true;
}

static bool renew_keys(struct trip *t)
{
    bool first = !t->renewed;

    t->renewed = true;
    return first && creds_renew(t->s3->creds, t->serial, RENEW_MS);
}

/* No answer came, or nothing was sent. */
static bool silence(const struct err *why, struct err *err)
{
    *err = *why;
    if (why->code != ERR_UPSTREAM && why->code != ERR_TIMEOUT)
        return false;
    if (err->code == ERR_UPSTREAM)
        err->code = ERR_STORAGE;
    return err_wrap(err, "S3 does not answer");
}

static void pause_before(const struct trip *t, unsigned attempt, bool slow)
{
    const struct retry_plan plan = {.base_ms = slow ? SLOW_MS : BASE_MS, .cap_ms = CAP_MS};
    int64_t least = -1;

    if (t->answer->status > 0)
        least = retry_after_ms((struct sv){"", 0}, http_header(t->answer, "Retry-After"),
                               clock_wall_s());
    if (least > plan.cap_ms)
        least = plan.cap_ms;
    clock_sleep_ms(retry_wait_ms(&plan, attempt, least > 0 ? least : 0, rnd_unit()));
}

/* One attempt and what follows from it. */
static enum s3_verdict attempt(struct trip *t, int64_t *cost, struct err *err)
{
    struct err why = ERR_INIT;
    bool sent = send_once(t, &why);
    enum s3_verdict verdict;

    *cost = RETRY_COST;
    if (t->answer->sends > 1)
        t->outcome.uncertain = true;
    if (!sent) {
        t->outcome.status = 0;
        t->outcome.code[0] = '\0';
        *cost = why.code == ERR_TIMEOUT ? RETRY_COST_TIMEOUT : RETRY_COST;
        silence(&why, err);
        return why.code == ERR_TIMEOUT || why.code == ERR_UPSTREAM ? S3_AGAIN : S3_FAILED;
    }
    verdict = s3_judge(t->call, t->answer, atomic_load(&t->s3->skew_s), &t->outcome);
    if (verdict != S3_DONE)
        s3_refusal(t->s3, t->call->method, &t->outcome, err);
    return verdict;
}

/* Is another try allowed? Then it is paid for, and the pause before it is over. */
static bool try_again(struct trip *t, enum s3_verdict verdict, unsigned n, int64_t cost)
{
    unsigned tries = t->call->tries ? t->call->tries : t->s3->tries;

    if ((verdict != S3_AGAIN && verdict != S3_SLOW) || n >= tries ||
        !retry_budget_take(&t->s3->budget, cost))
        return false;
    if (t->outcome.status == 0 || t->outcome.status >= 500)
        t->outcome.uncertain = true;
    pause_before(t, n - 1, verdict == S3_SLOW);
    return true;
}

/* A store that does not know checksums behind a body refuses it in one of many ways; only 501 says
 * that clearly. fresh: the body can go again, so it is tried without. */
static bool drop_trailer(struct trip *t, bool fresh)
{
    int status = t->outcome.status;

    if (t->s3->payload != S3_PAYLOAD_AUTO || !t->feed.coded ||
        t->feed.coding != SIGV4_UNSIGNED_TRAILER)
        return false;
    if (status == 501)
        atomic_store(&t->s3->no_trailers, true);
    if (!fresh || (status != 400 && status != 403 && status != 411 && status != 501))
        return false;
    t->without_trailer = true;
    cover(t);
    return true;
}

/* Nor does every store know conditions; one that does not and says so is asked without. */
static bool drop_condition(struct trip *t, bool fresh)
{
    if (!fresh || !is_conditional(t) ||
        (t->outcome.status != 501 && strcmp(t->outcome.code, "NotImplemented") != 0))
        return false;
    t->without_condition = true;
    return true;
}

/* A fault that is put right at once: no try is spent, and each remedy helps only once. */
static bool put_right(struct trip *t, enum s3_verdict verdict, bool fresh)
{
    if (drop_condition(t, fresh) || drop_trailer(t, fresh))
        return true;
    return fresh &&
           ((verdict == S3_SKEWED && correct_skew(t)) || (verdict == S3_RENEW && renew_keys(t)));
}

static bool arrive(struct trip *t, unsigned tries)
{
    retry_budget_give(&t->s3->budget, tries > 1 ? RETRY_COST : 1);
    if (t->without_trailer) /* what was left out last is what it could not take */
        atomic_store(&t->s3->no_trailers, true);
    else if (t->without_condition)
        atomic_store(&t->s3->no_conditions, true);
    return true;
}

static bool travel(struct trip *t, struct err *err)
{
    struct err why = ERR_INIT;
    int64_t cost;
    bool fresh;

    for (unsigned n = 1;; n++) {
        enum s3_verdict verdict = attempt(t, &cost, &why);

        if (verdict == S3_DONE)
            return arrive(t, n);
        if (t->feed.failed)
            return err_set(err, t->feed.err.code, "%s", t->feed.err.msg);
        fresh = s3_feed_rewind(&t->feed);
        if (put_right(t, verdict, fresh)) {
            n--;
        } else if (!fresh || !try_again(t, verdict, n, cost)) {
            *err = why;
            return false;
        }
    }
}

bool s3_call(struct s3 *s3, const struct s3_call *call, struct http_answer *answer,
             struct s3_outcome *outcome, struct err *err)
{
    AUTO(str_free) struct str path = STR_INIT(S3_PATH_MAX);
    AUTO(str_free) struct str url = STR_INIT(SIGV4_SIZE_MAX);
    struct trip t = {.s3 = s3,
                     .call = call,
                     .path = &path,
                     .url = &url,
                     .answer = answer,
                     .feed = {.stream = call->stream}};
    bool done;

    done = prepare(&t, err) && travel(&t, err);
    s3_feed_free(&t.feed);
    if (outcome)
        *outcome = t.outcome;
    return done;
}
