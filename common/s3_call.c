/*
 * s3_call.c - one call: sign, send, judge, and again where that is safe and may help.
 *
 * Every call that s3.h offers may be repeated: a PUT writes the same bytes under the same key, an
 * abort or a delete of what is gone is a success. S3's <Code> decides, never its <Message>, which
 * some servers leave empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/id.h"
#include "common/retry.h"
#include "common/s3_internal.h"
#include "common/xml.h"

enum { LINES = 6, LINE_MAX_ = 8 << 10, SKEW_TOLERATED_S = 240 };

enum verdict { DONE, AGAIN, SKEWED, FAILED };

/* What S3 may say that has a meaning here. */
static const struct {
    const char *code;
    enum verdict verdict;
    enum err_code err;
    const char *next_step;
} known[] = {
    {"NoSuchKey", FAILED, ERR_NOT_FOUND, "the object is not there (any more)"},
    {"NoSuchUpload", FAILED, ERR_STORAGE, "the upload was ended from elsewhere; send it again"},
    {"NoSuchBucket", FAILED, ERR_STORAGE, "create the bucket or correct S3_BUCKET_NAME"},
    {"AccessDenied", FAILED, ERR_STORAGE, "check AWS_ACCESS_KEY_ID and the bucket policy"},
    {"InvalidAccessKeyId", FAILED, ERR_STORAGE, "check AWS_ACCESS_KEY_ID"},
    {"SignatureDoesNotMatch", FAILED, ERR_STORAGE, "check AWS_SECRET_ACCESS_KEY and AWS_REGION"},
    {"AuthorizationHeaderMalformed", FAILED, ERR_STORAGE, "check AWS_REGION"},
    {"PermanentRedirect", FAILED, ERR_STORAGE, "check AWS_ENDPOINT_URL_S3 and AWS_REGION"},
    {"ExpiredToken", FAILED, ERR_STORAGE, "renew AWS_SESSION_TOKEN"},
    {"InvalidToken", FAILED, ERR_STORAGE, "check AWS_SESSION_TOKEN"},
    {"QuotaExceeded", FAILED, ERR_STORAGE, "raise the quota of the bucket or delete objects"},
    {"RequestTimeTooSkewed", SKEWED, ERR_STORAGE, "set the clock of this machine"},
    {"SlowDown", AGAIN, ERR_STORAGE, "S3 is overloaded; try again later"},
    {"RequestTimeout", AGAIN, ERR_STORAGE, "the way to S3 is slow; try again"},
    {"InternalError", AGAIN, ERR_STORAGE, "S3 has a fault of its own; try again"},
    {"ServiceUnavailable", AGAIN, ERR_STORAGE, "S3 is overloaded; try again later"},
    {"OperationAborted", AGAIN, ERR_STORAGE, "another change was in the way; try again"},
};

/* A call on its way: what stays the same for each attempt, and what the last one told. */
struct trip {
    struct s3 *s3;
    const struct s3_call *call;
    struct str *path, *url; /* path: raw; url: encoded, whole */
    char payload[SHA256_HEX_SIZE];
    struct http_answer *answer;
    struct s3_outcome outcome;
    struct err err; /* of the last attempt, when no answer came */
    bool corrected; /* the clock skew was taken from S3 once */
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
    if (call->body.n == 0)
        memcpy(t->payload, SIGV4_EMPTY, sizeof SIGV4_EMPTY);
    else if (t->s3->hash_payload)
        crypto_sha256_hex(call->body, t->payload);
    else
        memcpy(t->payload, SIGV4_UNSIGNED, sizeof SIGV4_UNSIGNED);
    return str_ok(t->url) || err_set(err, ERR_INTERNAL, "the address of an S3 object is too long");
}

/* The headers of one attempt, to be signed: Host is first, and curl's to send. */
static size_t to_sign(const struct trip *t, const char *stamp, struct sigv4_pair *out)
{
    size_t n = 0;

    out[n++] = (struct sigv4_pair){SV_LIT("Host"), str_sv(&t->s3->own.host)};
    out[n++] = (struct sigv4_pair){SV_LIT("x-amz-date"), sv_of(stamp)};
    out[n++] = (struct sigv4_pair){SV_LIT("x-amz-content-sha256"), sv_of(t->payload)};
    if (t->s3->token.n > 0)
        out[n++] = (struct sigv4_pair){SV_LIT("x-amz-security-token"), str_sv(&t->s3->token)};
    if (t->call->type)
        out[n++] = (struct sigv4_pair){SV_LIT("Content-Type"), sv_of(t->call->type)};
    return n;
}

/* Header lines, one after the other with a NUL behind each, and pointers to them. */
static void to_send(const struct sigv4_pair *pairs, size_t n, struct str *text, const char **lines)
{
    size_t starts[LINES];

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
    const struct http_req req = {.method = call->method,
                                 .url = t->url->p,
                                 .headers = lines,
                                 .body = call->body,
                                 .connect_ms = t->s3->connect_ms,
                                 .total_ms = t->s3->total_ms,
                                 .stall_bytes_s =
                                     call->body_judges ? 0 : 1, /* S3 sends blanks meanwhile */
                                 .stall_ms = t->s3->stall_ms,
                                 .answer_max = call->answer_max ? call->answer_max : S3_ANSWER_MAX};

    return http_perform(&req, t->answer, err);
}

static bool send_once(struct trip *t, struct err *err)
{
    AUTO(str_free) struct str signed_by = STR_INIT(LINE_MAX_);
    AUTO(str_free) struct str text = STR_INIT(4 * LINE_MAX_);
    struct sigv4_pair pairs[LINES];
    const char *lines[LINES + 1];
    char stamp[CLOCK_AMZ_SIZE];
    int64_t now = clock_wall_s() + atomic_load(&t->s3->skew_s);
    size_t n;

    clock_amz(now, stamp);
    n = to_sign(t, stamp, pairs);
    const struct sigv4_request req = {.method = sv_of(t->call->method),
                                      .path = str_sv(t->path),
                                      .query = t->call->query,
                                      .query_n = t->call->query_n,
                                      .headers = pairs,
                                      .headers_n = n,
                                      .payload = sv_of(t->payload),
                                      .now = now};
    if (!sigv4_authorize(t->s3->signer, &req, &signed_by, NULL))
        return err_set(err, ERR_INTERNAL, "the request to S3 is too long to be signed");
    pairs[0] = (struct sigv4_pair){SV_LIT("Authorization"), str_sv(&signed_by)};
    to_send(pairs, n, &text, lines);
    return send_signed(t, lines, err);
}

static bool from_date(const struct http_answer *a, int64_t *skew)
{
    struct sv date = http_header(a, "Date");
    char text[64];
    int64_t at;

    if (date.n == 0 || date.n >= sizeof text)
        return false;
    memcpy(text, date.p, date.n);
    text[date.n] = '\0';
    if (!clock_parse_http(text, &at))
        return false;
    *skew = at - clock_wall_s();
    return true;
}

/* The answer to HEAD has no body to say so. */
static bool looks_skewed(const struct trip *t)
{
    int64_t skew, ours = atomic_load(&t->s3->skew_s);

    return t->answer->status == 403 && !*t->outcome.code && from_date(t->answer, &skew) &&
           llabs((long long)(skew - ours)) > SKEW_TOLERATED_S;
}

static enum verdict judge(struct trip *t)
{
    int status = t->answer->status;
    struct sv error = {0};
    bool refused = status < 200 || status > 299;

    t->outcome.code[0] = '\0';
    if ((refused || t->call->body_judges) && xml_child(str_sv(&t->answer->body), "Error", &error)) {
        refused = true;
        if (!xml_child_text(error, "Code", t->outcome.code, sizeof t->outcome.code))
            t->outcome.code[0] = '\0';
    }
    if (!refused)
        return DONE;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i].code, t->outcome.code) == 0)
            return known[i].verdict;
    if (looks_skewed(t))
        return SKEWED;
    return status >= 500 || status == 429 ? AGAIN : FAILED;
}

static bool correct_skew(struct trip *t)
{
    int64_t skew;

    if (t->corrected || !from_date(t->answer, &skew))
        return false;
    t->corrected = true;
    atomic_store(&t->s3->skew_s, skew);
    return true;
}

static bool refusal(const struct trip *t, struct err *err)
{
    const char *code = t->outcome.code, *step = "see S3's documentation of this code";
    int status = t->answer->status;
    enum err_code as = status == 404 && !*code ? ERR_NOT_FOUND : ERR_STORAGE;

    if (!*code)
        step = as == ERR_NOT_FOUND ? "the object is not there (any more)"
               : status == 403     ? "check AWS_ACCESS_KEY_ID and the bucket policy"
                                   : "check AWS_ENDPOINT_URL_S3";
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (strcmp(known[i].code, code) == 0) {
            as = known[i].err;
            step = known[i].next_step;
        }
    }
    return err_set(err, as, "S3 %s: HTTP %d%s%s: %s", t->call->method, status, *code ? " " : "",
                   code, step);
}

/* No answer came. */
static bool silence(const struct err *why, struct err *err)
{
    *err = *why;
    if (err->code == ERR_UPSTREAM)
        err->code = ERR_STORAGE;
    return err_wrap(err, "S3 does not answer");
}

static void pause_before(const struct trip *t, unsigned attempt)
{
    bool slow = strcmp(t->outcome.code, "SlowDown") == 0;
    const struct retry_plan plan = {.base_ms = slow ? 500 : 100, .cap_ms = 5000};
    int64_t least = 0;

    if (t->answer->status > 0)
        least = retry_after_ms((struct sv){"", 0}, http_header(t->answer, "Retry-After"),
                               clock_wall_s());
    if (least > plan.cap_ms)
        least = plan.cap_ms;
    clock_sleep_ms(retry_wait_ms(&plan, attempt, least > 0 ? least : 0, rnd_unit()));
}

/* One attempt and what follows from it. */
static enum verdict attempt(struct trip *t, struct err *err)
{
    struct err why = ERR_INIT;
    enum verdict verdict;

    if (!send_once(t, &why)) {
        silence(&why, err);
        return why.code == ERR_TIMEOUT || why.code == ERR_UPSTREAM ? AGAIN : FAILED;
    }
    verdict = judge(t);
    if (verdict != DONE)
        refusal(t, err);
    return verdict;
}

static bool travel(struct trip *t, struct err *err)
{
    unsigned tries = t->call->tries ? t->call->tries : t->s3->tries;
    struct err why = ERR_INIT;

    for (unsigned n = 0;;) {
        enum verdict verdict = attempt(t, &why);

        if (verdict == DONE)
            return true;
        if (verdict == SKEWED && correct_skew(t))
            continue;
        if (verdict != AGAIN || n + 1 >= tries) {
            *err = why;
            return false;
        }
        pause_before(t, n++);
    }
}

bool s3_call(struct s3 *s3, const struct s3_call *call, struct http_answer *answer,
             struct s3_outcome *outcome, struct err *err)
{
    AUTO(str_free) struct str path = STR_INIT(S3_PATH_MAX);
    AUTO(str_free) struct str url = STR_INIT(SIGV4_SIZE_MAX);
    struct trip t = {.s3 = s3, .call = call, .path = &path, .url = &url, .answer = answer};
    bool done;

    done = prepare(&t, err) && travel(&t, err);
    if (outcome)
        *outcome = t.outcome;
    return done;
}
