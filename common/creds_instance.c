/*
 * creds_instance.c - the role of an EC2 instance: IMDSv2 only (EC2 User Guide, "Use IMDSv2"): a
 * token for this session, the name of the role, its keys. Nobody at the address: no instance.
 */
#include <string.h>

#include "common/creds_internal.h"
#include "common/url.h"

enum { TOKEN_MAX = 1024, ROLE_MAX = 256, TRIES = 3 };
#define IMDS_HOST "http://169.254.169.254"
#define ROLES     "/latest/meta-data/iam/security-credentials/"

static void add_url(const struct creds_conf *conf, const char *path, struct str *url)
{
    struct sv host = sv_of(creds_set(conf->imds_endpoint) ? conf->imds_endpoint : IMDS_HOST);

    while (host.n > 0 && host.p[host.n - 1] == '/')
        host.n--;
    str_addv(url, host);
    str_addz(url, path);
}

/* false with err untouched: nobody is there, or it gives no tokens. One try: it is near or absent.
 */
static bool get_token(const struct creds_conf *conf, struct str *line)
{
    static const char *const headers[] = {"X-aws-ec2-metadata-token-ttl-seconds: 21600", NULL};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(str_free) struct str url = STR_INIT(CREDS_URL_MAX);
    struct err ignored = ERR_INIT;

    add_url(conf, "/latest/api/token", &url);
    const struct creds_ask ask = {
        .conf = conf, .method = "PUT", .url = url.p, .headers = headers, .tries = 1};

    if (!creds_fetch(&ask, &answer, &ignored) || answer.status != 200 || answer.body.n == 0 ||
        !creds_is_line(str_sv(&answer.body)))
        return false;
    str_addf(line, "X-aws-ec2-metadata-token: %s", answer.body.p);
    creds_wipe(&answer.body);
    return str_ok(line);
}

static bool get(const struct creds_conf *conf, const char *path, const char *line,
                struct http_answer *answer, struct err *err)
{
    const char *const headers[] = {line, NULL};
    AUTO(str_free) struct str url = STR_INIT(CREDS_URL_MAX);

    add_url(conf, path, &url);
    const struct creds_ask ask = {
        .conf = conf, .method = "GET", .url = url.p, .headers = headers, .tries = TRIES};

    return creds_fetch(&ask, answer, err);
}

/* The first line of the list, as a path. */
static bool role_path(const struct creds_conf *conf, const char *line, struct str *path,
                      struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct sv role;

    if (!get(conf, ROLES, line, &answer, err))
        return false;
    role = sv_trim((struct sv){answer.body.p, strcspn(answer.body.p, "\r\n")});
    if (answer.status != 200 || role.n == 0 || role.n > ROLE_MAX)
        return err_set(err, ERR_STORAGE, "this instance has no role (HTTP %d): attach one",
                       answer.status);
    str_addz(path, ROLES);
    url_encode(path, role);
    return true;
}

bool creds_instance(const struct creds_conf *conf, struct creds_key *key, bool *present,
                    struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(creds_wipe) struct str line = STR_INIT(TOKEN_MAX);
    AUTO(str_free) struct str path = STR_INIT(CREDS_URL_MAX);
    bool ok;

    *present = !conf->imds_off && get_token(conf, &line);
    if (!*present)
        return true;
    if (!role_path(conf, line.p, &path, err) || !get(conf, path.p, line.p, &answer, err))
        return false;
    if (answer.status != 200)
        return err_set(err, ERR_STORAGE, "the metadata service answers HTTP %d", answer.status);
    ok = creds_read_json(str_sv(&answer.body), key, err);
    creds_wipe(&answer.body);
    return ok;
}
