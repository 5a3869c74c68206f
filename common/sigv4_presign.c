/*
 * sigv4_presign.c - presigned URLs: any one, and many of one kind out of a mould.
 */
#include <string.h>

#include "common/sigv4.h"
#include "common/sigv4_internal.h"

enum { PATH_MAX_ = 4096, NAMES_MAX = 1024 };
#define SIGNATURE_PARAM "&X-Amz-Signature="

static void add_signature(const struct sigv4 *s, const char *signature, struct str *out)
{
    if (s->token_after && s->token.n > 0) {
        str_addv(out, SV_LIT("&X-Amz-Security-Token="));
        str_addv(out, str_sv(&s->token));
    }
    str_addv(out, SV_LIT(SIGNATURE_PARAM));
    str_add(out, signature, SHA256_HEX_SIZE - 1);
}

bool sigv4_presign(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                   struct str *out)
{
    char names_buf[NAMES_MAX];
    AUTO(str_free) struct str path = STR_INIT(SIGV4_SIZE_MAX); /* too much for a handler's stack */
    AUTO(str_free) struct str query = STR_INIT(SIGV4_SIZE_MAX);
    struct str names = SIGV4_SCRATCH(names_buf);
    struct sigv4_parts parts = {&path, &query, &names};
    char signature[SHA256_HEX_SIZE];

    if (!sigv4_parts(s, req, expires_s, &parts) || !sigv4_sign(s, req, &parts, signature))
        return false;
    str_addv(out, s->generic ? req->path : str_sv(&path));
    str_addc(out, '?');
    str_addv(out, str_sv(&query));
    add_signature(s, signature, out);
    return str_ok(out);
}

/* What a mould is made for: S3's rules, Host alone, no parameters. */
static bool is_plain(const struct sigv4 *s, const struct sigv4_request *req)
{
    return req->query_n == 0 && req->headers_n == 1 && !s->generic && !s->normalise &&
           !s->token_after && sv_ieqz(req->headers[0].name, "host");
}

static bool same(const char *at, size_t n, struct sv v)
{
    return n == v.n && memcmp(at, v.p, n) == 0;
}

static bool fits(const struct sigv4_mould *m, const struct sigv4 *s,
                 const struct sigv4_request *req, int64_t expires_s)
{
    return m->serial == s->serial && m->now == req->now && m->expires_s == expires_s &&
           same(m->bytes, m->method_n, req->method) &&
           same(m->bytes + m->host_at, m->host_n, req->headers[0].value) &&
           same(m->bytes + m->payload_at, m->size - m->payload_at, req->payload);
}

/* A canonical request with an empty path is taken apart. false: it is too long for a mould. */
static bool make(struct sigv4_mould *m, struct sigv4 *s, const struct sigv4_request *req,
                 int64_t expires_s)
{
    const struct sigv4_day *day = sigv4_day(s, req->now);
    char text_buf[SIGV4_SCOPE_SIZE + 128];
    struct str bytes = SIGV4_SCRATCH(m->bytes), text = SIGV4_SCRATCH(text_buf);
    struct sigv4_request bare = *req;

    m->serial = 0;
    bare.path = SV_LIT("/");
    if (!sigv4_canonical(s, &bare, expires_s, &bytes))
        return false;
    sigv4_string_to_sign(s, req->now, SV_LIT(""), &text);
    m->now = req->now;
    m->expires_s = expires_s;
    m->method_n = req->method.n;
    m->size = bytes.n;
    m->payload_at = bytes.n - req->payload.n;
    m->host_n = req->headers[0].value.n;
    m->host_at = m->payload_at - sizeof "\n\nhost" - m->host_n; /* "\n\nhost\n" behind it */
    m->query_at = m->method_n + sizeof "\n/";                   /* "\n/\n" before it */
    m->query_n = m->host_at - (sizeof "\nhost:" - 1) - m->query_at;
    text.n -= SHA256_HEX_SIZE - 1;
    crypto_key_begin(&day->key, str_sv(&text), &m->key);
    if (!str_ok(&text) || !same(m->bytes + m->host_at, m->host_n, req->headers[0].value))
        return false; /* a host with blanks was tidied */
    m->serial = s->serial;
    return true;
}

/* The signature of an encoded path. */
static void sign_path(const struct sigv4_mould *m, struct sv path, char *signature)
{
    char canonical[PATH_MAX_ + SIGV4_MOULD_SIZE], sum[SHA256_HEX_SIZE];
    char *at = mempcpy(canonical, m->bytes, m->method_n + 1);
    uint8_t mac[SHA256_SIZE];

    at = mempcpy(at, path.p, path.n);
    at = mempcpy(at, m->bytes + m->query_at - 1, m->size - m->query_at + 1);
    crypto_sha256_hex((struct sv){canonical, (size_t)(at - canonical)}, sum);
    crypto_key_hmac(&m->key, (struct sv){sum, sizeof sum - 1}, mac);
    crypto_hex(mac, sizeof mac, signature);
}

static bool cast(const struct sigv4_mould *m, struct sv raw, struct str *out)
{
    char tail[SIGV4_MOULD_SIZE + SHA256_HEX_SIZE + sizeof SIGNATURE_PARAM], path[PATH_MAX_];
    struct sv encoded = {path, (size_t)(sigv4_encode_to(path, raw, true) - path)};
    char *at = tail;

    if (raw.n == 0)
        encoded = SV_LIT("/");
    *at++ = '?';
    at = mempcpy(at, m->bytes + m->query_at, m->query_n);
    at = mempcpy(at, SIGNATURE_PARAM, sizeof SIGNATURE_PARAM - 1);
    sign_path(m, encoded, at);
    at += SHA256_HEX_SIZE - 1;
    str_addv(out, encoded);
    str_add(out, tail, (size_t)(at - tail));
    return str_ok(out);
}

bool sigv4_presign_with(struct sigv4_mould *m, struct sigv4 *s, const struct sigv4_request *req,
                        int64_t expires_s, struct str *out)
{
    bool plain = is_plain(s, req) && req->path.n <= PATH_MAX_ / 3;

    if (!plain || (!fits(m, s, req, expires_s) && !make(m, s, req, expires_s)))
        return sigv4_presign(s, req, expires_s, out);
    return cast(m, req->path, out);
}
