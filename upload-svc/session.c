/*
 * session.c - a browser exchanges a token for a cookie that scripts cannot read.
 *
 * The cookie holds a random value of its own; the table holds that value's sum and the token's, so
 * a session ends with its token. SameSite=Strict and the door's Origin rule keep other sites out.
 */
#include <inttypes.h>
#include <string.h>

#include "common/json.h"
#include "common/json_write.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/session.h"
#include "upload-svc/tokens.h"

static const char *role_word(enum door_role role)
{
    static const char *const words[] = {"open", "viewer", "uploader", "admin"};

    return words[role];
}

static bool write_who(const struct door_who *who, struct reply *reply)
{
    struct jw w = jw_on(&reply->body);

    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "name", who->name);
    jw_text(&w, "role", role_word(who->role));
    jw_close(&w);
    return true;
}

bool get_session(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    return write_who(req_who(req), reply);
}

static bool read_token(struct req *req, char sha256[static SHA256_HEX_SIZE], struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    const char *token;
    struct sv body;

    if (!req_body(req, &body, err) || !json_parse(body, &doc, err) ||
        !json_need_text(doc, "token", &token, err))
        return false;
    crypto_sha256_hex(sv_trim(sv_of(token)), sha256);
    return true;
}

static bool keep(struct app *app, const char *value, const char *token_sha256, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char sha256[SHA256_HEX_SIZE];

    crypto_sha256_hex(sv_of(value), sha256);
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_SESSION_PUT, NULL, err, P((const char *)sha256), P(token_sha256),
                  P(app->conf.session_time));
}

/* value "": the cookie goes. Secure only where TLS ends in front of us, or it would never be kept.
 */
static void set_cookie(struct req *req, struct reply *reply, const char *value, int64_t seconds)
{
    bool tls = sv_ieqz(req_header(req, "X-Forwarded-Proto"), "https");

    reply_header(reply, "Set-Cookie",
                 arena_printf(req_arena(req),
                              SESSION_COOKIE
                              "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%" PRId64 "%s",
                              value, seconds, tls ? "; Secure" : ""));
}

bool post_session(struct req *req, struct reply *reply, struct err *err)
{
    struct app *app = req_app(req);
    struct door_who who = {.role = DOOR_OPEN};
    char token_sha256[SHA256_HEX_SIZE], value[TOKEN_SIZE];

    if (!read_token(req, token_sha256, err) || !tokens_who(app, token_sha256, &who, err))
        return false;
    tokens_draw(value);
    if (!keep(app, value, token_sha256, err))
        return false;
    set_cookie(req, reply, value, app->conf.session_time / 1000);
    return write_who(&who, reply);
}

static bool forget(struct app *app, struct sv value, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char sha256[SHA256_HEX_SIZE];

    crypto_sha256_hex(value, sha256);
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_SESSION_END, NULL, err, P((const char *)sha256));
}

bool delete_session(struct req *req, struct reply *reply, struct err *err)
{
    if (!forget(req_app(req), req_cookie(req, SESSION_COOKIE), err))
        return false;
    set_cookie(req, reply, "", 0);
    str_addz(&reply->body, "{\"success\":true}");
    return true;
}
