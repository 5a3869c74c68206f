#include "upload-svc/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/embed.h"
#include "common/log.h"
#include "common/migrate.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/scribe.h"

extern const struct embed_file upload_migrations[];
extern const size_t upload_migrations_count;

static bool read_deployment(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_run0(conn, Q_DEPLOYMENT, &rows, err))
        return false;
    snprintf(app->deployment, sizeof app->deployment, "%s", db_text(rows, 0, "name"));
    snapshot_root(app->conf.s3_prefix, app->deployment, app->root);
    snapshot_prefix(app->conf.s3_prefix, app->deployment, app->key_prefix);
    return true;
}

bool app_open_db(const struct upload_conf *conf, struct app *app, struct err *err)
{
    int applied = 0;

    app->conf = *conf;
    app->db_conf = (struct db_conf){.url = conf->database_url,
                                    .app = "upload-svc",
                                    .connections = (size_t)conf->db_connections,
                                    .statement_ms = conf->db_timeout,
                                    .queries = upload_queries,
                                    .query_count = Q_COUNT_};
    if (!db_open(&app->db_conf, &app->db, err) ||
        !migrate_run(app->db, "upload", upload_migrations, upload_migrations_count, &applied, err))
        return false;
    if (applied > 0)
        log_info("migrate.done", "schema upload was brought up to date", KV_I("applied", applied));
    return db_check(app->db, err) && read_deployment(app, err);
}

static bool open_s3(struct app *app, struct err *err)
{
    const struct upload_conf *c = &app->conf;
    struct s3_conf s3 = {S3_CONF_OF(c),
                         .model_endpoint = "",
                         .browser_endpoint = c->s3_browser_endpoint,
                         .acl = c->s3_acl,
                         .encryption = c->s3_encryption,
                         .kms_key = c->s3_kms_key,
                         .content_md5 = c->s3_content_md5,
                         .checksum = c->s3_checksum,
                         .total_ms = c->s3_timeout};

    if (!s3_payload_parse(c->s3_payload, &s3.payload))
        return err_set(err, ERR_INTERNAL, "S3_PAYLOAD: \"%s\"", c->s3_payload);
    return s3_open(&s3, &app->s3, err) &&
           pool_open((size_t)c->part_size, (size_t)(c->buffers / c->part_size), &app->pool, err);
}

static void told_of_keys(const struct err *why)
{
    metric_add(M_JWKS, why ? 1 : 0, 1);
    if (why)
        log_warn("jwks.failed", "the keys for JWTs were not read; those that are known serve on",
                 KV_ERR(why));
}

/* A wrong file is told at the start; a URL may be there later. */
static bool open_jwt(struct app *app, struct err *err)
{
    const struct upload_conf *c = &app->conf;
    const struct jwt_conf conf = {.secret = c->jwt_secret,
                                  .jwks = c->jwt_jwks,
                                  .issuer = c->jwt_issuer,
                                  .audience = c->jwt_audience,
                                  .leeway_s = c->jwt_leeway / 1000,
                                  .cache_ms = c->jwt_cache,
                                  .retry_ms = c->jwt_retry,
                                  .told = told_of_keys};
    struct err why = ERR_INIT;

    if (!secret_is_set(c->jwt_secret) && *c->jwt_jwks == '\0')
        return true;
    if (!jwt_open(&conf, &app->jwt, err))
        return false;
    return jwt_load(app->jwt, &why) || strstr(c->jwt_jwks, "://") ||
           err_set(err, ERR_BAD_REQUEST, "JWT_JWKS: %s", why.msg);
}

bool app_open(const struct upload_conf *conf, struct app *app, struct err *err)
{
    if (!app_open_db(conf, app, err) || !open_s3(app, err) || !open_jwt(app, err) ||
        !scribe_open(app, err))
        return false;
    app->throttle = throttle_open(conf->login_failures, conf->login_failures_all);
    app->loopback = upload_config_loopback(conf->bind);
    if (secret_is_set(conf->token))
        crypto_sha256_hex(sv_of(secret_text(conf->token)), app->token_sha256);
    return true;
}

void app_close(struct app *app)
{
    together_close(&app->scribe);
    throttle_close(&app->throttle);
    jwt_close(&app->jwt);
    pool_close(&app->pool);
    s3_close(&app->s3);
    db_close(&app->db);
}
