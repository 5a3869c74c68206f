#include "upload-svc/tokens.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/person.h"
#include "upload-svc/queries.h"

#define TOKEN_LEAD "snk_"

static bool unknown(struct err *err)
{
    return err_set(err, ERR_UNAUTHENTICATED,
                   "a valid token is required: Authorization: Bearer ...");
}

bool tokens_any(struct app *app, bool *any, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (app->token_sha256[0] != '\0' || app->jwt) {
        *any = true;
        return true;
    }
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_run0(conn, Q_TOKEN_ANY, &rows, err))
        return false;
    *any = db_bool(rows, 0, "some");
    return true;
}

static bool by_sum(struct app *app, const char *sha256, struct door_who *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (crypto_equal(sv_of(sha256), sv_of(app->token_sha256))) {
        *out = (struct door_who){.role = DOOR_ADMIN, .name = "UPLOAD_TOKEN"};
        return true;
    }
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_TOKEN_WHO, &rows, err, P(sha256)))
        return false;
    if (db_count(rows) == 0)
        return unknown(err);
    out->id = db_int(rows, 0, "id");
    out->role = person_role(db_sv(rows, 0, "role"));
    snprintf(out->name, sizeof out->name, "%s", db_text(rows, 0, "name"));
    return true;
}

static bool by_jwt(struct app *app, struct sv token, struct tokens_login *out, struct err *err)
{
    AUTO(json_free) struct json *claims = NULL;

    if (!jwt_check(app->jwt, token, clock_wall_s(), &claims, err) ||
        !person_read(claims, app->conf.jwt_role_claim, &out->who, err))
        return false;
    out->ends_s = json_num_or(claims, "exp", 0);
    return true;
}

/* What kind of thing was shown; for the log and the count, never the thing itself. */
static void note_failure(const struct err *why, bool jwt, const char *remote)
{
    if (why->code == ERR_RATE) {
        metric_add(M_LOGINS_FAILED, LOGIN_LIMITED, 1);
        return;
    }
    metric_add(M_LOGINS_FAILED, jwt ? LOGIN_JWT : LOGIN_TOKEN, 1);
    log_warn("auth.failed", "a login failed", KV_S("remote", remote),
             KV_S("kind", jwt ? "jwt" : "token"), KV_ERR(why));
}

static bool share(struct app *app, const char *remote, struct db_rows **counts, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char address[THROTTLE_WHO_SIZE];

    throttle_who(remote, address);
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_LOGIN_FAILED, counts, err, P((const char *)address),
                  P((int64_t)THROTTLE_WINDOW_MS));
}

/* Counted here and for all replicas: each learns at a failure of its own what the others know, so
 * an address has as many guesses as it is allowed, and one more for each further replica. */
static void count_failure(struct app *app, const char *remote, int64_t now_ms)
{
    AUTO(db_rows_free) struct db_rows *counts = NULL;
    struct err why = ERR_INIT;

    throttle_failed(app->throttle, remote, now_ms);
    if (!share(app, remote, &counts, &why)) {
        log_warn("auth.share", "a failed login was counted by this replica only", KV_ERR(&why));
        return;
    }
    for (size_t i = 0; i < db_count(counts); i++)
        throttle_told(app->throttle, db_bool(counts, i, "everybody") ? NULL : remote, now_ms,
                      (struct throttle_count){.failures = db_int(counts, i, "failures"),
                                              .age_ms = db_int(counts, i, "age_ms")});
}

/* A right JWT is let in whoever else fails: it cannot be guessed. A token can, where it was chosen
 * by a person, so while logins are held up only those that were right lately are looked at. */
static bool try_login(struct app *app, struct sv token, const char *remote, bool *jwt,
                      struct tokens_login *out, struct err *err)
{
    int64_t now_ms = clock_mono_ms();

    crypto_sha256_hex(token, out->sha256);
    *jwt = app->jwt && jwt_shaped(token) &&
           !crypto_equal(sv_of(out->sha256), sv_of(app->token_sha256));
    if (!*jwt && !throttle_known(app->throttle, out->sha256, now_ms) &&
        !throttle_admit(app->throttle, remote, now_ms, err))
        return false;
    if (*jwt ? by_jwt(app, token, out, err) : by_sum(app, out->sha256, &out->who, err)) {
        throttle_right(app->throttle, out->sha256, now_ms);
        return true;
    }
    if (err->code == ERR_UNAUTHENTICATED &&
        (!*jwt || throttle_admit(app->throttle, remote, now_ms, err)))
        count_failure(app, remote, now_ms);
    return false;
}

bool tokens_login(struct app *app, struct sv token, const char *remote, struct tokens_login *out,
                  struct err *err)
{
    bool jwt = false;

    *out = (struct tokens_login){.who = {.role = DOOR_OPEN}};
    if (try_login(app, token, remote, &jwt, out, err)) {
        out->jwt = jwt;
        return true;
    }
    if (err->code == ERR_UNAUTHENTICATED || err->code == ERR_RATE)
        note_failure(err, jwt, remote);
    return false;
}

/* No token came. On a loopback door, while none exists, that is enough. */
static bool nobody(struct app *app, struct door_who *out, struct err *err)
{
    bool any = true;

    if (!app->loopback)
        return unknown(err);
    if (!tokens_any(app, &any, err))
        return false;
    if (any)
        return unknown(err);
    *out = (struct door_who){.role = DOOR_ADMIN, .name = "local"};
    return true;
}

/* A session leans on its token, which may have been revoked; one that began with a JWT says itself
 * who it is, and ends when JWTs are no longer taken. */
static bool by_session(struct app *app, const char *sha256, struct door_who *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_SESSION_WHO, &rows, err, P(sha256)))
        return false;
    db_release(&conn);
    if (db_count(rows) == 0 || (db_null(rows, 0, "token_sha256") && !app->jwt))
        return unknown(err);
    if (!db_null(rows, 0, "token_sha256"))
        return by_sum(app, db_text(rows, 0, "token_sha256"), out, err);
    *out = (struct door_who){.role = person_role(db_sv(rows, 0, "role"))};
    snprintf(out->name, sizeof out->name, "%s", db_text(rows, 0, "name"));
    return true;
}

bool tokens_auth(void *arg, const struct door_ask *ask, struct door_who *out, struct err *err)
{
    struct app *app = arg;
    struct tokens_login login;
    char sha256[SHA256_HEX_SIZE];

    if (ask->token.n == 0)
        return nobody(app, out, err);
    if (ask->cookie) {
        crypto_sha256_hex(ask->token, sha256);
        return by_session(app, sha256, out, err);
    }
    if (!tokens_login(app, ask->token, ask->remote, &login, err))
        return false;
    *out = login.who;
    return true;
}

void tokens_draw(char out[static TOKEN_SIZE])
{
    uint8_t bytes[32];

    crypto_random(bytes, sizeof bytes);
    snprintf(out, TOKEN_SIZE, "%s", TOKEN_LEAD);
    crypto_hex(bytes, sizeof bytes, out + strlen(TOKEN_LEAD));
}

bool tokens_create(struct app *app, const char *name, const char *role, char out[static TOKEN_SIZE],
                   struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char sha256[SHA256_HEX_SIZE];

    if (person_role(sv_of(role)) == DOOR_OPEN)
        return err_set(err, ERR_BAD_REQUEST, "\"%s\" is none of viewer, uploader, admin", role);
    if (*name == '\0' || strlen(name) > 63)
        return err_set(err, ERR_BAD_REQUEST, "a token's name has 1 to 63 characters");
    tokens_draw(out);
    crypto_sha256_hex(sv_of(out), sha256);
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    if (db_run(conn, Q_TOKEN_PUT, NULL, err, P(name), P(role), P((const char *)sha256)))
        return true;
    if (err->code == ERR_CONFLICT)
        err_set(err, ERR_CONFLICT, "a token named \"%s\" exists already; choose another name",
                name);
    return false;
}

bool tokens_list(struct app *app, struct str *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_run0(conn, Q_TOKEN_LIST, &rows, err))
        return false;
    for (size_t i = 0; i < db_count(rows); i++)
        str_addf(out, "%-8s  %s  %s%s%s\n", db_text(rows, i, "role"),
                 db_text(rows, i, "created_at"), db_text(rows, i, "name"),
                 db_null(rows, i, "revoked_at") ? "" : "  revoked ",
                 db_text(rows, i, "revoked_at"));
    return true;
}

bool tokens_revoke(struct app *app, const char *name, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_TOKEN_REVOKE, &rows, err, P(name)))
        return false;
    return db_affected(rows) > 0 ||
           err_set(err, ERR_NOT_FOUND, "no token that is in use is named \"%s\"; see --token-list",
                   name);
}
