/*
 * url.c - where the bucket goes, and the presigned URL of an object.
 */
#include "local/sigv4/url.h"

#include <string.h>

#include "common/clock.h"

enum { KEY_MAX = 1024, EXPIRES_S = 3600, TEXT_MAX = 2048 };

static bool in_path(const struct options *o)
{
    if (o->path_style != UNSAID)
        return o->path_style == YES;
    return *o->endpoint || strchr(o->words[1], '.'); /* no certificate covers a dot in the name */
}

static struct sv without(struct sv v, const char *end)
{
    size_t n = strlen(end);

    if (v.n > n && memcmp(v.p + v.n - n, end, n) == 0)
        v.n -= n;
    return v;
}

/* "https" and "s3.us-east-1.amazonaws.com", the port only where it is not the scheme's own. */
static bool endpoint(const struct options *o, struct str *host, const char **scheme,
                     struct err *err)
{
    struct sv rest = sv_of(o->endpoint);
    bool plain = sv_starts(rest, "http://");
    AUTO(str_free) struct str aws = STR_INIT(TEXT_MAX);

    str_addf(&aws, "https://s3.%s.amazonaws.com", o->region);
    if (rest.n == 0)
        rest = str_sv(&aws);
    *scheme = plain ? "http" : "https";
    if (!plain && !sv_starts(rest, "https://"))
        return err_set(err, ERR_BAD_REQUEST, "--endpoint: want http://host:port or https://host");
    rest = (struct sv){rest.p + strlen(*scheme) + 3, rest.n - strlen(*scheme) - 3};
    rest = without(without(rest, "/"), plain ? ":80" : ":443");
    if (rest.n == 0 || memchr(rest.p, '/', rest.n))
        return err_set(err, ERR_BAD_REQUEST, "--endpoint: a host and perhaps a port, no path");
    if (!in_path(o))
        str_addf(host, "%s.", o->words[1]);
    str_addv(host, rest);
    return true;
}

static bool is_upper(const char *z)
{
    for (; *z; z++)
        if (*z < 'A' || *z > 'Z')
            return false;
    return true;
}

static bool check(const struct options *o, struct err *err)
{
    const char *bucket = o->words[1], *key = o->words[2];

    if (!*o->words[0] || !is_upper(o->words[0]))
        return err_set(err, ERR_BAD_REQUEST, "METHOD: GET, PUT, HEAD, DELETE, POST in capitals");
    if (!*bucket || strcspn(bucket, "/?#% ") != strlen(bucket))
        return err_set(err, ERR_BAD_REQUEST, "BUCKET: a name without \"/\", \"?\", \"#\", \"%%\"");
    if (strlen(key) > KEY_MAX)
        return err_set(err, ERR_BAD_REQUEST, "KEY: %d bytes at most, not encoded", KEY_MAX);
    return true;
}

bool url_presign(const struct options *o, struct str *out, struct err *err)
{
    AUTO(str_free) struct str host = STR_INIT(TEXT_MAX), path = STR_INIT(2 * KEY_MAX);
    const struct sigv4_conf conf = {.access_key = sv_of(o->access_key),
                                    .secret_key = sv_of(secret_text(o->secret_key)),
                                    .token = sv_of(secret_text(o->token)),
                                    .region = sv_of(o->region),
                                    .service = sv_of(o->service),
                                    .token_after = o->omit_token};
    AUTO(sigv4_free) struct sigv4 *signer = NULL;
    struct sigv4_pair headers[OPTIONS_PAIRS_MAX + 1];
    const char *scheme;

    if (!check(o, err) || !endpoint(o, &host, &scheme, err))
        return false;
    if (in_path(o))
        str_addf(&path, "/%s", o->words[1]);
    str_addf(&path, "/%s", o->words[2]);
    headers[0] = (struct sigv4_pair){SV_LIT("host"), str_sv(&host)};
    memcpy(headers + 1, o->headers, sizeof o->headers);
    const struct sigv4_request req = {.method = sv_of(o->words[0]),
                                      .path = str_sv(&path),
                                      .query = o->queries,
                                      .query_n = o->queries_n,
                                      .headers = headers,
                                      .headers_n = o->headers_n + 1,
                                      .payload = SV_LIT(SIGV4_UNSIGNED),
                                      .now = o->time >= 0 ? o->time : clock_wall_s()};
    signer = sigv4_open(&conf);
    str_addf(out, "%s://%s", scheme, host.p);
    if (!sigv4_presign(signer, &req, o->expires >= 0 ? o->expires : EXPIRES_S, out))
        return err_set(err, ERR_BAD_REQUEST, "the URL is too long to be signed (%d bytes)",
                       SIGV4_SIZE_MAX);
    str_addc(out, '\n');
    return true;
}
