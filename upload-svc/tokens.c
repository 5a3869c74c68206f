#include "upload-svc/tokens.h"

#include <stdio.h>
#include <string.h>

#include "upload-svc/queries.h"

#define TOKEN_LEAD "snk_"

static const struct {
    const char *word;
    enum door_role role;
} roles[] = {{"viewer", DOOR_VIEWER}, {"uploader", DOOR_UPLOADER}, {"admin", DOOR_ADMIN}};

static enum door_role role_of(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (strcmp(roles[i].word, word) == 0)
            return roles[i].role;
    return DOOR_OPEN;
}

static bool unknown(struct err *err)
{
    return err_set(err, ERR_UNAUTHENTICATED,
                   "a valid token is required: Authorization: Bearer ...");
}

bool tokens_any(struct app *app, bool *any, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (app->token_sha256[0] != '\0') {
        *any = true;
        return true;
    }
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_run0(conn, Q_TOKEN_ANY, &rows, err))
        return false;
    *any = db_bool(rows, 0, "some");
    return true;
}

bool tokens_who(struct app *app, const char *sha256, struct door_who *out, struct err *err)
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
    out->role = role_of(db_text(rows, 0, "role"));
    snprintf(out->name, sizeof out->name, "%s", db_text(rows, 0, "name"));
    return true;
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

static bool by_session(struct app *app, const char *sha256, struct door_who *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_SESSION_TOKEN, &rows, err, P(sha256)))
        return false;
    db_release(&conn);
    if (db_count(rows) == 0)
        return unknown(err);
    return tokens_who(app, db_text(rows, 0, "token_sha256"), out, err);
}

bool tokens_auth(void *arg, const struct door_ask *ask, struct door_who *out, struct err *err)
{
    struct app *app = arg;
    char sha256[SHA256_HEX_SIZE];

    if (ask->token.n == 0)
        return nobody(app, out, err);
    crypto_sha256_hex(ask->token, sha256);
    if (ask->cookie)
        return by_session(app, sha256, out, err);
    return tokens_who(app, sha256, out, err);
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

    if (role_of(role) == DOOR_OPEN)
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
