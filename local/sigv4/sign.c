/*
 * sign.c - takes an old signature off the request, adds ours, and keeps the steps.
 */
#include "local/sigv4/sign.h"

#include <string.h>
#include <strings.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/json_write.h"
#include "common/url.h"

enum { EXPIRES_S = 3600, OWN_HEADERS = 3 };
#define HASH_HEADER "x-amz-content-sha256"

/* What is being made of the raw request. */
struct work {
    const struct raw *raw;
    const struct options *o;
    struct arena arena;
    struct sigv4_pair headers[RAW_HEADERS_MAX + OWN_HEADERS], query[SIGV4_QUERY_MAX];
    size_t headers_n, raw_headers_n, query_n; /* raw: those that were there before, come first */
    struct sv lines[RAW_HEADERS_MAX];         /* their text, as it came */
    struct str old_query;                     /* what is left of it, as it came */
    char stamp[CLOCK_AMZ_SIZE], hash[SHA256_HEX_SIZE];
    int64_t now, expires;
};

static const char *const old_params[] = {
    "X-Amz-Algorithm", "X-Amz-Credential",    "X-Amz-Date",
    "X-Amz-Expires",   "X-Amz-SignedHeaders", "X-Amz-Signature",
};

static bool has_token(const struct options *o) { return secret_is_set(o->token); }

/* Parameters of a signature: ours take their place. A token of the request stays, unless there is
 * one of ours. */
static bool is_old_param(struct sv name, const struct options *o)
{
    for (size_t i = 0; i < COUNT_OF(old_params); i++)
        if (sv_eqz(name, old_params[i]))
            return true;
    return has_token(o) && sv_eqz(name, "X-Amz-Security-Token");
}

static bool is_old_header(struct sv name, const struct options *o)
{
    if (sv_ieqz(name, HASH_HEADER))
        return o->unsigned_payload || o->sign_body != UNSAID;
    return sv_ieqz(name, "authorization") || sv_ieqz(name, "x-amz-date") ||
           (has_token(o) && sv_ieqz(name, "x-amz-security-token"));
}

static struct sv old_param(const struct raw *raw, const char *wanted)
{
    struct sv rest = raw->query, name, value;

    while (url_next_pair(&rest, &name, &value))
        if (sv_eqz(name, wanted))
            return value;
    return (struct sv){"", 0};
}

static bool own_time(const struct raw *raw, int64_t *t)
{
    return options_time(raw_header(raw, "x-amz-date"), t) ||
           options_time(old_param(raw, "X-Amz-Date"), t);
}

bool sign_says_time(const struct raw *raw)
{
    int64_t t;

    return own_time(raw, &t);
}

/* The options are asked first, then the request. */
static int64_t time_of(const struct raw *raw, const struct options *o)
{
    int64_t t = o->time;

    return t >= 0 || own_time(raw, &t) ? t : clock_wall_s();
}

static int64_t expires_of(const struct raw *raw, const struct options *o)
{
    int64_t s = o->expires;

    if (s >= 0 || (sv_int(old_param(raw, "X-Amz-Expires"), &s) && s > 0))
        return s;
    return EXPIRES_S;
}

static int hex(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return (int)(at - digits) < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* The byte that an escape at in.p[i] means; -1: there is none. */
static int escaped(struct sv in, size_t i)
{
    int high, low;

    if (in.p[i] != '%' || in.n - i < 3)
        return -1;
    high = hex(in.p[i + 1]);
    low = hex(in.p[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* %XX resolved; a '%' that begins no escape stands for itself. */
static struct sv decoded(struct arena *a, struct sv in)
{
    char *out = arena_copy(a, in);
    size_t n = 0;

    for (size_t i = 0; i < in.n; i++) {
        int byte = escaped(in, i);

        if (byte < 0) {
            out[n++] = in.p[i];
            continue;
        }
        out[n++] = (char)byte;
        i += 2;
    }
    return (struct sv){out, n};
}

static bool take_query(struct work *w, struct err *err)
{
    struct sv rest = w->raw->query, name, value;
    const char *from = rest.p;

    for (; url_next_pair(&rest, &name, &value); from = rest.p) {
        if (is_old_param(name, w->o))
            continue;
        if (w->query_n == SIGV4_QUERY_MAX)
            return err_set(err, ERR_BAD_REQUEST, "more than %d parameters", SIGV4_QUERY_MAX);
        w->query[w->query_n++] =
            (struct sigv4_pair){decoded(&w->arena, name), decoded(&w->arena, value)};
        if (w->old_query.n > 0)
            str_addc(&w->old_query, '&');
        str_add(&w->old_query, from, (size_t)(value.p + value.n - from));
    }
    return true;
}

static void add_header(struct work *w, const char *name, const char *value)
{
    w->headers[w->headers_n++] = (struct sigv4_pair){sv_of(name), sv_of(value)};
}

static void take_headers(struct work *w)
{
    for (size_t i = 0; i < w->raw->headers_n; i++) {
        const struct raw_header *h = &w->raw->headers[i];

        if (is_old_header(h->name, w->o))
            continue;
        w->lines[w->headers_n] = h->text;
        w->headers[w->headers_n++] = (struct sigv4_pair){h->name, h->value};
    }
    w->raw_headers_n = w->headers_n;
}

static bool for_s3(const struct options *o) { return strcmp(o->service, "s3") == 0; }

/* The word, or the hash, that stands for the body; true: it is sent as a header of its own too. */
static bool payload(struct work *w, struct sv *out)
{
    const struct options *o = w->o;
    struct sv given = raw_header(w->raw, HASH_HEADER);

    if (given.n > 0 && !o->unsigned_payload && o->sign_body == UNSAID) {
        *out = given;
        return false;
    }
    if (o->unsigned_payload || (o->query && for_s3(o) && o->sign_body != YES)) {
        *out = SV_LIT(SIGV4_UNSIGNED);
        return !o->query;
    }
    crypto_sha256_hex(w->raw->body, w->hash);
    *out = sv_of(w->hash);
    return !o->query && (o->sign_body == YES || (o->sign_body == UNSAID && for_s3(o)));
}

static struct sigv4 *signer_of(const struct options *o)
{
    const struct sigv4_conf conf = {.access_key = sv_of(o->access_key),
                                    .secret_key = sv_of(secret_text(o->secret_key)),
                                    .token = sv_of(secret_text(o->token)),
                                    .region = sv_of(o->region),
                                    .service = sv_of(o->service),
                                    .generic = o->double_encode,
                                    .normalise = o->normalise,
                                    .token_after = o->omit_token};

    return sigv4_open(&conf);
}

static void add_line(const struct work *w, struct str *out, struct sv name, struct sv value)
{
    str_addf(out, "%.*s:%.*s%.*s", SV(name), SV(value), SV(w->raw->line_end));
}

/* The headers as they came, then ours; a token that is not signed stands before those. */
static void add_lines(const struct work *w, struct str *out)
{
    for (size_t i = 0; i < w->raw_headers_n; i++) {
        str_addv(out, w->lines[i]);
        str_addv(out, w->raw->line_end);
    }
    if (!w->o->query && has_token(w->o) && w->o->omit_token)
        add_line(w, out, SV_LIT("X-Amz-Security-Token"), sv_of(secret_text(w->o->token)));
    for (size_t i = w->raw_headers_n; i < w->headers_n; i++)
        add_line(w, out, w->headers[i].name, w->headers[i].value);
}

static void add_param(struct str *out, const char *name, struct sv value)
{
    if (out->n > 0)
        str_addc(out, '&');
    str_addz(out, name);
    str_addc(out, '=');
    sigv4_encode(value, false, out);
}

static void signed_query(const struct work *w, struct signing *s)
{
    AUTO(str_free) struct str scope = STR_INIT(1 << 10), expires = STR_INIT(32);
    struct str *q = &s->query;

    str_addf(&scope, "%s/%.8s/%s/%s/aws4_request", w->o->access_key, w->stamp, w->o->region,
             w->o->service);
    str_addf(&expires, "%lld", (long long)w->expires);
    str_addv(q, str_sv(&w->old_query));
    add_param(q, "X-Amz-Algorithm", SV_LIT("AWS4-HMAC-SHA256"));
    add_param(q, "X-Amz-Credential", str_sv(&scope));
    add_param(q, "X-Amz-Date", sv_of(w->stamp));
    add_param(q, "X-Amz-SignedHeaders", sign_names(s));
    add_param(q, "X-Amz-Expires", str_sv(&expires));
    if (has_token(w->o))
        add_param(q, "X-Amz-Security-Token", sv_of(secret_text(w->o->token)));
    add_param(q, "X-Amz-Signature", sv_of(s->signature));
}

static void write_request(const struct work *w, struct signing *s)
{
    struct sv query = w->o->query ? str_sv(&s->query) : str_sv(&w->old_query);
    struct sv end = w->raw->line_end;
    struct str *out = &s->request;

    str_addf(out, "%.*s %.*s%s%.*s%.*s%.*s", SV(w->raw->method), SV(w->raw->path),
             query.n > 0 ? "?" : "", SV(query), SV(w->raw->version), SV(end));
    add_lines(w, out);
    if (!w->o->query)
        add_line(w, out, SV_LIT("Authorization"), str_sv(&s->authorization));
    str_addv(out, end);
    str_addv(out, w->raw->body);
}

static bool sign_work(struct work *w, struct signing *out, struct err *err)
{
    AUTO(sigv4_free) struct sigv4 *signer = signer_of(w->o);
    struct sigv4_request req = {.method = w->raw->method,
                                .path = w->o->double_encode ? w->raw->path
                                                            : decoded(&w->arena, w->raw->path),
                                .query = w->query,
                                .query_n = w->query_n,
                                .headers = w->headers,
                                .now = w->now};
    int64_t expires = w->o->query ? w->expires : -1;
    bool sent = payload(w, &req.payload);

    if (!w->o->query && has_token(w->o) && !w->o->omit_token)
        add_header(w, "X-Amz-Security-Token", secret_text(w->o->token));
    if (!w->o->query)
        add_header(w, "X-Amz-Date", w->stamp);
    if (sent)
        w->headers[w->headers_n++] = (struct sigv4_pair){SV_LIT(HASH_HEADER), req.payload};
    req.headers_n = w->headers_n;
    if (!sigv4_canonical(signer, &req, expires, &out->canonical) ||
        (!w->o->query && !sigv4_authorize(signer, &req, &out->authorization, NULL)))
        return err_set(err, ERR_BAD_REQUEST, "the request is too long to be signed (%d bytes)",
                       SIGV4_SIZE_MAX);
    sigv4_string_to_sign(signer, w->now, str_sv(&out->canonical), &out->text);
    sigv4_signature(signer, w->now, str_sv(&out->text), out->signature);
    if (w->o->query)
        signed_query(w, out);
    write_request(w, out);
    return true;
}

bool sign_raw(const struct raw *raw, const struct options *o, struct signing *out, struct err *err)
{
    struct work w = {.raw = raw, .o = o, .arena = ARENA_INIT, .old_query = STR_INIT(1 << 20)};
    bool ok;

    if (raw_header(raw, "host").n == 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "the request needs a Host header: it is always signed");
    w.now = time_of(raw, o);
    w.expires = expires_of(raw, o);
    clock_amz(w.now, w.stamp);
    take_headers(&w);
    ok = take_query(&w, err) && sign_work(&w, out, err);
    arena_free(&w.arena);
    str_free(&w.old_query);
    return ok;
}

/* The last line but one. */
struct sv sign_names(const struct signing *s)
{
    struct sv all = str_sv(&s->canonical);
    const char *last = all.n > 0 ? memrchr(all.p, '\n', all.n) : NULL;
    const char *before = last ? memrchr(all.p, '\n', (size_t)(last - all.p)) : NULL;

    if (!before)
        return (struct sv){"", 0};
    return (struct sv){before + 1, (size_t)(last - before) - 1};
}

void sign_json(const struct signing *s, bool query, struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_sv(&w, "canonical_request", str_sv(&s->canonical));
    jw_sv(&w, "string_to_sign", str_sv(&s->text));
    jw_text(&w, "signature", s->signature);
    jw_sv(&w, "signed_headers", sign_names(s));
    if (query)
        jw_sv(&w, "query", str_sv(&s->query));
    else
        jw_sv(&w, "authorization", str_sv(&s->authorization));
    jw_sv(&w, "request", str_sv(&s->request));
    jw_close(&w);
    str_addc(out, '\n');
}

void sign_free(struct signing *s)
{
    str_free(&s->canonical);
    str_free(&s->text);
    str_free(&s->authorization);
    str_free(&s->query);
    str_free(&s->request);
}
