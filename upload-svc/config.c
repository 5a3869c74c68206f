/* config.c - the table of config.def, and what no single line of it can say. */
#include "upload-svc/config.h"

#include <string.h>

#include "common/addr.h"
#include "common/s3.h"

const struct conf_item upload_config_items[] = {
#define CONF(TYPE, field, env, dflt, min, max, flags, help)                                        \
    {CONF_##TYPE, env, dflt, min, max, flags, help, offsetof(struct upload_conf, field)},
#include "upload-svc/config.def"
#undef CONF
};
const size_t upload_config_count = COUNT_OF(upload_config_items);

static bool is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static void check_urls(const struct upload_conf *c, struct str *faults)
{
    const struct {
        const char *name, *value;
    } urls[] = {{"ANALYSIS_URL", c->analysis_url},
                {"AWS_ENDPOINT_URL_S3", c->s3_endpoint},
                {"S3_BROWSER_ENDPOINT", c->s3_browser_endpoint}};

    for (size_t i = 0; i < COUNT_OF(urls); i++)
        if (*urls[i].value != '\0' && !is_url(urls[i].value))
            str_addf(faults, "%s: write it with http:// or https://\n", urls[i].name);
    if (strpbrk(c->s3_browser_endpoint, " ;,\r\n"))
        str_addz(faults, "S3_BROWSER_ENDPOINT: one URL, without blanks\n");
}

static void check_words(const struct upload_conf *c, struct str *faults)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    size_t n = strlen(c->s3_prefix);
    enum s3_payload payload;
    bool known = false;

    for (size_t i = 0; i < COUNT_OF(levels); i++)
        known = known || strcmp(c->log_level, levels[i]) == 0;
    if (!known)
        str_addf(faults, "LOG_LEVEL: \"%s\" is none of debug, info, warn, error\n", c->log_level);
    if (!s3_payload_parse(c->s3_payload, &payload))
        str_addf(faults, "S3_PAYLOAD: \"%s\" is none of auto, signed, unsigned, trailer\n",
                 c->s3_payload);
    if (n > 0 && (c->s3_prefix[n - 1] != '/' || c->s3_prefix[0] == '/'))
        str_addz(faults, "S3_PREFIX: it ends in a slash and does not begin with one\n");
}

bool upload_config_load(conf_get_fn *get, struct upload_conf *out, struct str *faults)
{
    if (!conf_load(upload_config_items, upload_config_count, get, out, faults))
        return false;
    check_urls(out, faults);
    check_words(out, faults);
    if (out->sse_max > out->workers / 4)
        str_addz(faults,
                 "SSE_MAX: at most a quarter of UPLOAD_WORKERS, or streams keep uploads out\n");
    if (out->uploads >= out->workers)
        str_addz(faults,
                 "UPLOADS_AT_ONCE: fewer than UPLOAD_WORKERS, or uploads keep all others out\n");
    if (!addr_list_ok(sv_of(out->trusted_proxies)))
        str_addz(faults, "TRUSTED_PROXIES: addresses and networks like 10.0.0.0/8 are wanted\n");
    if (out->buffers < 2 * out->part_size)
        str_addz(faults, "UPLOAD_BUFFERS: must hold two parts of S3_PART_SIZE\n");
    return faults->n == 0;
}

bool upload_config_loopback(const char *bind)
{
    return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0 ||
           strcmp(bind, "[::1]") == 0 || strcmp(bind, "localhost") == 0;
}

/* "https://s3.example.org:8443/x" gives " https://s3.example.org:8443", and, where the bucket is
 * part of the host, the same with it. */
static void add_origins(const struct upload_conf *c, struct str *out)
{
    const char *url = c->s3_browser_endpoint;
    const char *host = *url == '\0' ? NULL : strstr(url, "://") + 3;
    int scheme;

    if (!host)
        return;
    scheme = (int)(host - url);
    str_addf(out, " %.*s%.*s", scheme, url, (int)strcspn(host, "/?#"), host);
    if (!c->path_style)
        str_addf(out, " %.*s%s.%.*s", scheme, url, c->bucket, (int)strcspn(host, "/?#"), host);
}

void upload_config_headers(const struct upload_conf *c, struct str *out)
{
    str_addz(out,
             "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
             "connect-src 'self'; img-src 'self' blob:");
    add_origins(c, out);
    str_addz(out, "; base-uri 'none'; frame-ancestors 'none'; form-action 'none'\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "X-Frame-Options: DENY\r\n"
                  "Referrer-Policy: no-referrer\r\n"
                  "Cross-Origin-Opener-Policy: same-origin\r\n"
                  "Cross-Origin-Resource-Policy: same-origin\r\n");
}
