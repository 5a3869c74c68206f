/*
 * s3.c - the opened bucket, and presigning.
 */
#include "common/s3.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/s3_internal.h"

enum { REGION_MAX = 63, BUCKET_MAX = 63, EXPIRES_MAX_S = 604800 };

static bool is(const char *text, const char *word) { return text && strcmp(text, word) == 0; }

static bool check_conf(const struct s3_conf *conf, struct err *err)
{
    if (!conf->region || !*conf->region || strlen(conf->region) > REGION_MAX)
        return err_set(err, ERR_BAD_REQUEST, "AWS_REGION: 1 to %d characters", REGION_MAX);
    if (!conf->bucket || strlen(conf->bucket) < 3 || strlen(conf->bucket) > BUCKET_MAX ||
        strcspn(conf->bucket, "/?#%\\ ") != strlen(conf->bucket))
        return err_set(err, ERR_BAD_REQUEST, "S3_BUCKET_NAME: a bucket has 3 to %d characters",
                       BUCKET_MAX);
    if (conf->dualstack && conf->endpoint && *conf->endpoint)
        return err_set(err, ERR_BAD_REQUEST,
                       "S3_DUALSTACK: it is AWS's; leave AWS_ENDPOINT_URL_S3 empty, or name a "
                       "dualstack endpoint there");
    if (conf->kms_key && *conf->kms_key && !is(conf->encryption, "aws:kms"))
        return err_set(err, ERR_BAD_REQUEST, "S3_KMS_KEY_ID: it needs S3_ENCRYPTION=aws:kms");
    if (conf->encryption && *conf->encryption && !is(conf->encryption, "aws:kms") &&
        !is(conf->encryption, "aws:kms:dsse") && !is(conf->encryption, "AES256"))
        return err_set(err, ERR_BAD_REQUEST,
                       "S3_ENCRYPTION: AES256, aws:kms or aws:kms:dsse, not \"%s\"",
                       conf->encryption);
    return true;
}

static const char *or_own(const char *endpoint, const struct s3_conf *conf)
{
    if (endpoint && *endpoint)
        return endpoint;
    return conf->endpoint ? conf->endpoint : "";
}

static bool find_keys(struct s3 *s3, const struct s3_conf *conf, struct err *err)
{
    struct creds_conf creds = conf->creds;

    creds.access_key = conf->access_key;
    creds.secret_key = conf->secret_key;
    creds.session_token = conf->session_token;
    creds.region = conf->region;
    return creds_open(&creds, &s3->creds, err);
}

static void settle(struct s3 *s3, const struct s3_conf *conf)
{
    s3->bucket = str_dup(conf->bucket);
    s3->region = str_dup(conf->region);
    s3->acl = str_dup(conf->acl);
    s3->encryption = str_dup(conf->encryption);
    s3->kms_key = str_dup(conf->kms_key);
    s3->ca_file = str_dup(conf->ca_file);
    str_addc(&s3->root, '/');
    if (conf->path_style)
        str_addf(&s3->root, "%s/", conf->bucket);
    s3->own_endpoint = conf->endpoint && *conf->endpoint;
    s3->payload = conf->payload;
    s3->tls = sv_starts(str_sv(&s3->own.origin), "https:");
    s3->content_md5 = conf->content_md5;
    s3->checksum = conf->checksum;
    s3->connect_ms = conf->connect_ms;
    s3->first_byte_ms = conf->first_byte_ms;
    s3->total_ms = conf->total_ms;
    s3->stall_ms = conf->stall_ms;
    s3->stall_bytes_s = conf->stall_bytes_s > 0 ? conf->stall_bytes_s : 1;
    s3->tries = conf->tries ? conf->tries : 1;
    retry_budget_init(&s3->budget);
}

bool s3_payload_parse(const char *word, enum s3_payload *out)
{
    static const char *const words[] = {[S3_PAYLOAD_UNSIGNED] = "unsigned",
                                        [S3_PAYLOAD_SIGNED] = "signed",
                                        [S3_PAYLOAD_TRAILER] = "trailer",
                                        [S3_PAYLOAD_AUTO] = "auto"};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i], word) != 0)
            continue;
        *out = (enum s3_payload)i;
        return true;
    }
    return false;
}

bool s3_open(const struct s3_conf *conf, struct s3 **out, struct err *err)
{
    AUTO(s3_close) struct s3 *s3 = calloc(1, sizeof *s3);

    if (!s3)
        abort();
    s3->root = (struct str)STR_INIT(BUCKET_MAX + 2);
    pthread_mutex_init(&s3->signing, NULL);
    if (!check_conf(conf, err) || !s3_place_open(conf, or_own("", conf), &s3->own, err) ||
        !s3_place_open(conf, or_own(conf->model_endpoint, conf), &s3->model, err) ||
        !s3_place_open(conf, or_own(conf->browser_endpoint, conf), &s3->browser, err) ||
        !find_keys(s3, conf, err))
        return false;
    settle(s3, conf);
    *out = TAKE(s3);
    return true;
}

void s3_close(struct s3 **s)
{
    struct s3 *s3 = *s;

    if (!s3)
        return;
    s3_signer_give(&s3->signer);
    creds_close(&s3->creds);
    pthread_mutex_destroy(&s3->signing);
    s3_place_free(&s3->own);
    s3_place_free(&s3->model);
    s3_place_free(&s3->browser);
    str_free(&s3->root);
    free(s3->bucket);
    free(s3->region);
    free(s3->acl);
    free(s3->encryption);
    free(s3->kms_key);
    free(s3->ca_file);
    free(s3);
    *s = NULL;
}

const char *s3_key_source(const struct s3 *s3) { return creds_source(s3->creds); }

bool s3_check(struct s3 *s3, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct sigv4_pair query[] = {{SV_LIT("list-type"), SV_LIT("2")},
                                       {SV_LIT("max-keys"), SV_LIT("1")}};
    const struct s3_call call = {
        .method = "GET", .query = query, .query_n = COUNT_OF(query), .tries = 1};

    return s3_call(s3, &call, &answer, NULL, err);
}

struct span { /* from when a URL is valid, and for how long */
    int64_t from, expires_s;
};

static bool presign(struct s3 *s3, enum s3_reader who, const char *key, const struct span *span,
                    struct str *url, struct err *err)
{
    static _Thread_local struct sigv4_mould mould; /* bursts are of one host and second */
    const struct s3_place *place = who == S3_FOR_MODEL ? &s3->model : &s3->browser;
    const struct sigv4_pair host = {SV_LIT("host"), str_sv(&place->host)};
    AUTO(s3_signer_give) struct s3_signer *signer = NULL;
    char buf[S3_PATH_MAX];
    struct str path = {.p = buf, .cap = sizeof buf, .wall = sizeof buf - 1}; /* on the stack */
    size_t before = url->n;

    if (span->expires_s < 1 || span->expires_s > EXPIRES_MAX_S)
        return err_set(err, ERR_INTERNAL, "a presigned URL lives for 1 to %d s, not %lld",
                       EXPIRES_MAX_S, (long long)span->expires_s);
    if (!s3_path(s3, key, &path, err) || !s3_signer_take(s3, &signer, err))
        return false;
    const struct sigv4_request req = {.method = SV_LIT("GET"),
                                      .path = str_sv(&path),
                                      .headers = &host,
                                      .headers_n = 1,
                                      .payload = SV_LIT(SIGV4_UNSIGNED),
                                      .now = span->from};
    str_addv(url, str_sv(&place->origin));
    if (sigv4_presign_with(&mould, signer->sigv4, &req, span->expires_s, url))
        return true;
    crypto_wipe(url->p + before, url->n - before);
    return err_set(err, ERR_INTERNAL, "no room for a presigned URL in %zu bytes", url->wall);
}

bool s3_presign_get(struct s3 *s3, enum s3_reader who, const char *key, int64_t expires_s,
                    struct str *url, struct err *err)
{
    const struct span span = {clock_wall_s() + atomic_load(&s3->skew_s), expires_s};

    return presign(s3, who, key, &span, url, err);
}

bool s3_presign_get_in(struct s3 *s3, enum s3_reader who, const char *key,
                       const struct s3_life *life, struct str *url, struct err *err)
{
    int64_t now = clock_wall_s() + atomic_load(&s3->skew_s), window = life->window_s;
    int64_t windows = (life->expires_s + window - 1) / window + 1;
    const struct span span = {now - now % window, windows * window};

    return presign(s3, who, key, &span, url, err);
}
