/*
 * fuzz_sigv4.c - a raw request of any kind is refused or signed; what was signed, signed again, has
 * the same signature; a request does not differ from itself; a mould gives what is made one by one.
 *
 * Input: a byte of switches, then the request. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "local/sigv4/diff.h"
#include "local/sigv4/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool inside(struct sv outer, struct sv v)
{
    return v.n == 0 || (v.p >= outer.p && v.p + v.n <= outer.p + outer.n);
}

static void check_views(struct sv text, const struct raw *raw)
{
    must(raw->headers_n <= RAW_HEADERS_MAX && inside(text, raw->body));
    must(inside(text, raw->method) && inside(text, raw->path) && inside(text, raw->query));
    for (size_t i = 0; i < raw->headers_n; i++)
        must(inside(text, raw->headers[i].text) &&
             inside(raw->headers[i].text, raw->headers[i].value));
}

static void check_again(const struct signing *first, const struct options *o)
{
    AUTO(sign_free) struct signing again = SIGNING_INIT;
    struct err err = ERR_INIT;
    struct raw raw;

    if (!raw_parse(str_sv(&first->request), &raw, &err)) {
        must(strstr(err.msg, "headers") != NULL); /* ours made them too many */
        return;
    }
    if (sign_raw(&raw, o, &again, &err))
        must(strcmp(first->signature, again.signature) == 0);
}

static void check_diff(const struct signing *s)
{
    AUTO(diff_answer_free) struct diff_answer same = DIFF_ANSWER_INIT;
    AUTO(str_free) struct str out = STR_INIT(1 << 24);

    str_addv(&same.canonical, str_sv(&s->canonical));
    str_addv(&same.text, str_sv(&s->text));
    must(diff_report(s, &same, "AKIAIOSFODNN7EXAMPLE", &out));
}

static void check_mould(struct sv path)
{
    static struct sigv4_mould mould;
    const struct sigv4_conf conf = {.access_key = SV_LIT("AKIAIOSFODNN7EXAMPLE"),
                                    .secret_key = SV_LIT("secret"),
                                    .region = SV_LIT("us-east-1"),
                                    .service = SV_LIT("s3")};
    const struct sigv4_pair host = {SV_LIT("host"), SV_LIT("127.0.0.1")};
    const struct sigv4_request req = {.method = SV_LIT("GET"),
                                      .path = path,
                                      .headers = &host,
                                      .headers_n = 1,
                                      .payload = SV_LIT(SIGV4_UNSIGNED),
                                      .now = 1369353600};
    AUTO(sigv4_free) struct sigv4 *s = sigv4_open(&conf);
    AUTO(str_free) struct str one = STR_INIT(1 << 16), many = STR_INIT(1 << 16);
    bool ok = sigv4_presign(s, &req, 60, &one);

    must(sigv4_presign_with(&mould, s, &req, 60, &many) == ok);
    must(!ok || strcmp(one.p, many.p) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(sign_free) struct signing s = SIGNING_INIT;
    AUTO(str_free) struct str json = STR_INIT(1 << 24);
    struct options o = {.service = "s3", .region = "us-east-1", .time = 1369353600, .expires = 60};
    struct err err = ERR_INIT;
    struct raw raw;

    if (n == 0)
        return 0;
    struct sv text = {(const char *)data + 1, n - 1};
    o.access_key = "AKIAIOSFODNN7EXAMPLE";
    o.secret_key = secret_of("secret");
    o.token = secret_of(data[0] & 1 ? "token" : "");
    o.query = data[0] & 2;
    o.double_encode = data[0] & 4;
    o.normalise = data[0] & 8;
    o.unsigned_payload = data[0] & 16;
    o.omit_token = data[0] & 32;
    if (!raw_parse(text, &raw, &err))
        return 0;
    check_views(text, &raw);
    check_mould(raw.path);
    if (!sign_raw(&raw, &o, &s, &err))
        return 0;
    sign_json(&s, o.query, &json);
    check_again(&s, &o);
    check_diff(&s);
    return 0;
}
