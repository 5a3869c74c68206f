/* outlook.c - see outlook.h. */
#include "analysis-svc/outlook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/robots.h"
#include "common/addr.h"
#include "common/log.h"

enum { CONNECT_MS = 2000, TOTAL_MS = 5000, ROBOTS_MAX = 512 << 10, URL_ROOM = 4096 };

static bool ends(struct sv text, const char *tail)
{
    size_t n = strlen(tail);

    return text.n >= n && sv_ieqz((struct sv){text.p + text.n - n, n}, tail);
}

bool outlook_private(struct sv host)
{
    static const char *const tails[] = {".local", ".internal", ".localhost", ".lan", ".home.arpa"};
    struct addr addr;

    if (host.n > 1 && host.p[0] == '[')
        host = (struct sv){host.p + 1, host.n - 2};
    if (addr_parse(host, &addr))
        return addr_listed(SV_LIT("127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,"
                                  "169.254.0.0/16,100.64.0.0/10,0.0.0.0/8,::1/128,fc00::/7,"
                                  "fe80::/10"),
                           &addr);
    for (size_t i = 0; i < COUNT_OF(tails); i++)
        if (ends(host, tails[i]))
            return true;
    return host.n == 0 || !memchr(host.p, '.', host.n);
}

/* "https://host:port/..." -> host. */
static struct sv host_of(const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *from = scheme_end ? scheme_end + 3 : url;
    size_t n = strcspn(from, "/?");

    if (from[0] == '[')
        return (struct sv){from, strcspn(from, "]") + 1};
    return (struct sv){from, strcspn(from, ":") < n ? strcspn(from, ":") : n};
}

static bool split(const char *url, struct outlook *out, struct err *err)
{
    const char *from = strstr(url, "://"), *slash = from ? strchr(from + 3, '/') : NULL;
    size_t n = slash ? (size_t)(slash - url) : 0;

    if (!slash || n >= sizeof out->origin)
        return err_set(err, ERR_INTERNAL, "no host can be seen in the address given to models");
    snprintf(out->origin, sizeof out->origin, "%.*s", (int)n, url);
    snprintf(out->path, sizeof out->path, "%.*s", (int)strcspn(slash, "?"), slash);
    return true;
}

/* What models are given for a key named "k", without what comes behind the path. */
bool outlook_of(const struct app *app, struct outlook *out, struct err *err)
{
    AUTO(str_free) struct str url = STR_INIT(URL_ROOM);
    size_t n;

    if (app->cdn) {
        str_addf(&url, "%.500s/k", app->conf.cdn_url);
    } else if (!s3_presign_get(app->s3, S3_FOR_MODEL, "k", 60, &url, err)) {
        return false;
    }
    if (!split(url.p, out, err))
        return false;
    n = strlen(out->path);
    out->path[n - 1] = '\0'; /* the k */
    return true;
}

static enum robots_say look(const struct outlook *o, const struct app *app)
{
    AUTO(str_free) struct str url = STR_INIT(URL_ROOM);
    AUTO(str_free) struct str path = STR_INIT(URL_ROOM);
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct http_req req = {
        .method = "GET", .connect_ms = CONNECT_MS, .total_ms = TOTAL_MS, .answer_max = ROBOTS_MAX};
    struct err err = ERR_INIT;

    str_addf(&url, "%s/robots.txt", o->origin);
    str_addf(&path, "%s%s00000000/snapshots/", o->path, app->conf.s3_prefix);
    req.url = url.p;
    if (!http_perform(&req, &answer, &err))
        return ROBOTS_SILENT;
    return robots_read(answer.status, str_sv(&answer.body), path.p);
}

/* Somewhere on the internet, by its base URL. */
static bool in_the_cloud(const struct provider *p)
{
    return !outlook_private(host_of(p->base_url));
}

static void warn_robots(const struct app *app, const struct outlook *o)
{
    enum robots_say say = look(o, app);

    if (say == ROBOTS_FORBIDS)
        log_warn("bucket.robots",
                 "the bucket's host forbids fetchers in its /robots.txt, and "
                 "Anthropic's obeys: see --place-robots",
                 KV_S("host", o->origin));
    if (say == ROBOTS_HIDDEN)
        log_warn("bucket.robots",
                 "the bucket's host hides its /robots.txt, which Anthropic's "
                 "fetcher may take for a no: see --place-robots",
                 KV_S("host", o->origin));
}

void outlook_warn(const struct app *app)
{
    struct outlook o = {0};
    struct err err = ERR_INIT;
    bool far = false, obeys = false;

    for (size_t i = 0; i < app->roster.n; i++) {
        const struct provider *p = &app->roster.items[i];

        far = far || (in_the_cloud(p) && p->caps.urls);
        obeys = obeys || (in_the_cloud(p) && p->dialect == DIALECT_MESSAGES);
    }
    if (!far || !outlook_of(app, &o, &err))
        return;
    if (outlook_private(host_of(o.origin)))
        log_warn("bucket.private",
                 "models are given addresses on a host that they cannot reach; "
                 "pictures will travel as bytes: set S3_MODEL_ENDPOINT",
                 KV_S("host", o.origin));
    else if (obeys)
        warn_robots(app, &o);
}

/* ---- the command ---- */

static bool put(const struct app *app, struct err *err)
{
    const struct analysis_conf *c = &app->conf;
    const struct s3_conf conf = {S3_CONF_OF(c), .model_endpoint = "", .browser_endpoint = "",
                                 .total_ms = c->s3_timeout, .acl = "public-read"};
    AUTO(s3_close) struct s3 *s3 = NULL;
    struct s3_etag etag;

    return s3_open(&conf, &s3, err) &&
           s3_put(s3, "robots.txt", "text/plain", SV_LIT(ROBOTS_PERMISSIVE), &etag, err);
}

bool outlook_place_robots(const struct app *app, struct err *err)
{
    struct outlook o;

    if (!outlook_of(app, &o, err))
        return false;
    if (strcmp(o.path, "/") != 0)
        return err_set(err, ERR_UNPROCESSABLE,
                       "models reach the bucket at %s%s: /robots.txt of that host is no object of "
                       "the bucket; give them a host of its own (S3_MODEL_ENDPOINT without "
                       "S3_PATH_STYLE, or CLOUDFRONT_URL)",
                       o.origin, o.path);
    if (!put(app, err))
        return err_wrap(err, "robots.txt");
    switch (look(&o, app)) {
    case ROBOTS_ALLOWS:
        printf("%s/robots.txt is in place and lets fetchers in\n", o.origin);
        return true;
    case ROBOTS_FORBIDS:
        return err_set(err, ERR_CONFLICT, "%s/robots.txt is stored, but another one is shown",
                       o.origin);
    case ROBOTS_HIDDEN:
        return err_set(err, ERR_FORBIDDEN,
                       "%s/robots.txt is stored, but strangers may not read it: allow s3:GetObject "
                       "on it in the bucket's policy",
                       o.origin);
    case ROBOTS_SILENT:
        break;
    }
    return err_set(err, ERR_UPSTREAM, "%s/robots.txt is stored; the host does not answer here",
                   o.origin);
}
