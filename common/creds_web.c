/*
 * creds_web.c - a token of one's platform (EKS: a service account) is changed for keys: STS
 * AssumeRoleWithWebIdentity (AWS STS API reference). The token's file is read each time: it is
 * rotated.
 */
#include <string.h>

#include "common/clock.h"
#include "common/creds_internal.h"
#include "common/url.h"
#include "common/xml.h"

enum { TOKEN_MAX = 16 << 10, BODY_MAX = 64 << 10, TRIES = 3 };

static bool write_body(const struct creds_conf *conf, struct str *body, struct err *err)
{
    AUTO(creds_wipe) struct str token = STR_INIT(TOKEN_MAX);

    if (!creds_read_file("AWS_WEB_IDENTITY_TOKEN_FILE", conf->token_file, &token, err))
        return false;
    str_addz(body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=");
    url_encode(body, sv_of(conf->role_arn));
    str_addz(body, "&RoleSessionName=");
    url_encode(body, sv_of(creds_set(conf->role_session) ? conf->role_session : "snapkey"));
    str_addz(body, "&WebIdentityToken=");
    url_encode(body, str_sv(&token));
    return str_ok(body) ||
           err_set(err, ERR_BAD_REQUEST, "AWS_WEB_IDENTITY_TOKEN_FILE: the token is too long");
}

static bool take_text(struct sv from, const char *name, struct str *out)
{
    struct sv inner;

    return xml_child(from, name, &inner) && xml_text(inner, out) && out->n > 0;
}

static bool read_keys(struct sv answer, struct creds_key *key)
{
    struct sv response, result, keys;
    char expires[40];

    return xml_child(answer, "AssumeRoleWithWebIdentityResponse", &response) &&
           xml_child(response, "AssumeRoleWithWebIdentityResult", &result) &&
           xml_child(result, "Credentials", &keys) && take_text(keys, "AccessKeyId", &key->id) &&
           take_text(keys, "SecretAccessKey", &key->secret) &&
           take_text(keys, "SessionToken", &key->token) &&
           xml_child_text(keys, "Expiration", expires, sizeof expires) &&
           clock_parse_iso(sv_of(expires), &key->expires_s);
}

static bool refusal(const struct http_answer *answer, struct err *err)
{
    struct sv response, error;
    char code[64] = "";

    if (!xml_child(str_sv(&answer->body), "ErrorResponse", &response) ||
        !xml_child(response, "Error", &error) ||
        !xml_child_text(error, "Code", code, sizeof code) || !creds_is_line(sv_of(code)))
        code[0] = '\0';
    return err_set(err, ERR_STORAGE, "STS: HTTP %d %s: check AWS_ROLE_ARN and whom the role trusts",
                   answer->status, code);
}

static void add_endpoint(const struct creds_conf *conf, struct str *url)
{
    const char *region = creds_set(conf->region) ? conf->region : "us-east-1";

    if (creds_set(conf->sts_endpoint))
        str_addz(url, conf->sts_endpoint);
    else
        str_addf(url, "https://sts.%s.amazonaws.com%s/", region,
                 strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
}

bool creds_web(const struct creds_conf *conf, struct creds_key *key, bool *present, struct err *err)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(creds_wipe) struct str body = STR_INIT(BODY_MAX);
    AUTO(str_free) struct str url = STR_INIT(CREDS_URL_MAX);
    bool ok;

    *present = creds_set(conf->token_file);
    if (!*present)
        return true;
    if (!creds_set(conf->role_arn))
        return err_set(err, ERR_BAD_REQUEST,
                       "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
    add_endpoint(conf, &url);
    if (!write_body(conf, &body, err))
        return false;
    const struct creds_ask ask = {.conf = conf,
                                  .method = "POST",
                                  .url = url.p,
                                  .headers = headers,
                                  .body = str_sv(&body),
                                  .tries = TRIES};
    if (!creds_fetch(&ask, &answer, err))
        return false;
    if (answer.status != 200)
        return refusal(&answer, err);
    ok = read_keys(str_sv(&answer.body), key);
    creds_wipe(&answer.body);
    return ok || err_set(err, ERR_STORAGE, "STS's answer is not as documented");
}
