/*
 * session.c - a browser exchanges a token for a cookie that scripts cannot read.
 *
 * The cookie holds a random value of its own; the table holds that value's sum and the token's, so
 * a session ends with its token; one that began with a JWT ends when that would have expired.
 * SameSite=Strict and the door's Origin rule keep other sites out.
 */
#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/json_write.h"
#include "upload-svc/handlers.h"
#include "upload-svc/person.h"
#include "upload-svc/queries.h"
#include "upload-svc/session.h"
#include "upload-svc/tokens.h"

static bool write_who(const struct door_who *who, struct reply *reply)
{
    struct jw w = jw_on(&reply->body);

    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "name", who->name);
    jw_text(&w, "role", person_word(who->role));
    jw_close(&w);
    return true;
}

bool get_session(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    return write_who(req_who(req), reply);
}

static bool log_in(struct req *req, struct tokens_login *out, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    const char *token;
    struct sv body;

    return req_body(req, &body, err) && json_parse(body, &doc, err) &&
           json_need_text(doc, "token", &token, err) &&
           tokens_login(req_app(req), sv_trim(sv_of(token)), req_remote(req), out, err);
}

/* No longer than the JWT that it began with. */
static int64_t life_ms(const struct app *app, const struct tokens_login *login)
{
    double left_ms = (login->ends_s - (double)clock_wall_s()) * 1000;

    if (!login->jwt || left_ms >= (double)app->conf.session_time)
        return app->conf.session_time;
    return left_ms > 1000 ? (int64_t)left_ms : 1000;
}

static bool keep(struct app *app, const char *value, const struct tokens_login *login,
                 struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char sha256[SHA256_HEX_SIZE];

    crypto_sha256_hex(sv_of(value), sha256);
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_SESSION_PUT, NULL, err, P((const char *)sha256),
                  login->jwt ? P_NULL : P((const char *)login->sha256),
                  login->jwt ? P((const char *)login->who.name) : P_NULL,
                  login->jwt ? P(person_word(login->who.role)) : P_NULL, P(life_ms(app, login)));
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
    struct tokens_login login;
    char value[TOKEN_SIZE];

    if (!req_own_page(req) &&
        (req_header(req, "Origin").n > 0 || req_header(req, "Sec-Fetch-Site").n > 0))
        return err_set(err, ERR_FORBIDDEN, "another site's page cannot log anybody in");
    if (!log_in(req, &login, err))
        return false;
    tokens_draw(value);
    if (!keep(app, value, &login, err))
        return false;
    set_cookie(req, reply, value, life_ms(app, &login) / 1000);
    return write_who(&login.who, reply);
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
