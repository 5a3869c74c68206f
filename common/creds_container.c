/*
 * creds_container.c - the endpoint that ECS and EKS (Pod Identity) give to a container: an address
 * in the environment, and a token or a file that holds one (AWS SDKs and Tools Reference Guide,
 * "Container credential provider"). Over plain HTTP only hosts of this machine and the two fixed
 * addresses are asked: the token must not travel.
 */
#include <stdio.h>
#include <string.h>

#include "common/creds_internal.h"

enum { TOKEN_MAX = 16 << 10, TRIES = 3 };
#define ECS_HOST "http://169.254.170.2"

/* May that "host:port" be asked without TLS? Names are not resolved: only these are written so. */
static bool is_near(struct sv authority)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
                                        "[::1]", "localhost"};
    struct sv host = authority;
    size_t digits = 0;

    while (digits < host.n && strchr("0123456789", host.p[host.n - 1 - digits]))
        digits++;
    if (digits < host.n && host.p[host.n - 1 - digits] == ':' &&
        memchr(host.p, ']', host.n) != host.p + host.n - 1)
        host.n -= digits + 1;
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (sv_ieqz(host, hosts[i]))
            return true;
    for (size_t i = 0; i < host.n; i++)
        if (!strchr("0123456789.", host.p[i]))
            return false;
    return sv_starts(host, "127.");
}

static bool check_full(const char *url, struct err *err)
{
    struct sv rest = sv_of(url);

    if (sv_starts(rest, "https://"))
        return true;
    if (sv_starts(rest, "http://")) {
        rest = (struct sv){url + 7, strcspn(url + 7, "/?#")};
        if (is_near(rest))
            return true;
    }
    return err_set(err, ERR_BAD_REQUEST,
                   "AWS_CONTAINER_CREDENTIALS_FULL_URI: write https://, or http:// with a loopback "
                   "address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]");
}

static bool address(const struct creds_conf *conf, struct str *url, struct err *err)
{
    if (!creds_set(conf->container_relative)) {
        str_addz(url, conf->container_full);
        return check_full(conf->container_full, err);
    }
    if (conf->container_relative[0] != '/')
        return err_set(err, ERR_BAD_REQUEST,
                       "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: it begins with a slash");
    str_addz(url, creds_set(conf->container_host) ? conf->container_host : ECS_HOST);
    str_addz(url, conf->container_relative);
    return true;
}

/* "Authorization: TOKEN", or nothing. The file is read each time: it is rotated. */
static bool authorization(const struct creds_conf *conf, struct str *line, struct err *err)
{
    AUTO(creds_wipe) struct str token = STR_INIT(TOKEN_MAX);

    if (creds_set(conf->container_token_file)) {
        if (!creds_read_file("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", conf->container_token_file,
                             &token, err))
            return false;
    } else {
        str_addz(&token, secret_text(conf->container_token));
    }
    if (!str_ok(&token) || !creds_is_line(str_sv(&token)))
        return err_set(err, ERR_BAD_REQUEST, "AWS_CONTAINER_AUTHORIZATION_TOKEN: one line, please");
    if (token.n > 0)
        str_addf(line, "Authorization: %s", token.p);
    return true;
}

bool creds_container(const struct creds_conf *conf, struct creds_key *key, bool *present,
                     struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(str_free) struct str url = STR_INIT(CREDS_URL_MAX);
    AUTO(creds_wipe) struct str line = STR_INIT(TOKEN_MAX + 64);
    const char *headers[] = {NULL, NULL};
    bool ok;

    *present = creds_set(conf->container_relative) || creds_set(conf->container_full);
    if (!*present)
        return true;
    if (!address(conf, &url, err) || !authorization(conf, &line, err))
        return false;
    headers[0] = line.n > 0 ? line.p : NULL;
    const struct creds_ask ask = {
        .conf = conf, .method = "GET", .url = url.p, .headers = headers, .tries = TRIES};

    if (!creds_fetch(&ask, &answer, err))
        return false;
    if (answer.status != 200)
        return err_set(err, ERR_STORAGE, "its endpoint answers HTTP %d", answer.status);
    ok = creds_read_json(str_sv(&answer.body), key, err);
    creds_wipe(&answer.body);
    return ok;
}
