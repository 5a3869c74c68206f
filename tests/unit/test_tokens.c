/*
 * test_tokens.c - who may come in, by token and by session; and what the database holds of it.
 * Covers: tokens session
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/talk.h"
#include "upload-svc/metrics.h"
#include "upload-svc/session.h"
#include "upload-svc/tokens.h"

#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)
#define OWN_PAGE     "Origin: http://127.0.0.1\r\n"
#define SECRET       "0123456789abcdef0123456789abcdef"
#define NOBODY       "X-Nobody: 1\r\n"

static struct app *app;
static char own_sum[SHA256_HEX_SIZE];
static char cookie[200]; /* "Cookie: snapkey_session=...\r\n" */

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    if (!app)
        return -1;
    memcpy(own_sum, app->token_sha256, sizeof own_sum);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    jwt_close(&app->jwt);
    throttle_close(&app->throttle);
    app->throttle = throttle_open(app->conf.login_failures, app->conf.login_failures_all);
    memcpy(app->token_sha256, own_sum, sizeof own_sum);
    app->loopback = true;
    return 0;
}

static enum err_code who(const char *token, bool in_cookie, struct door_who *out)
{
    struct err err = ERR_INIT;

    *out = (struct door_who){.role = DOOR_OPEN};
    return tokens_auth(app, &(struct door_ask){sv_of(token), in_cookie, "127.0.0.1"}, out, &err)
               ? ERR_NONE
               : err.code;
}

static void make(const char *name, const char *role, char out[static TOKEN_SIZE])
{
    struct err err = ERR_INIT;

    assert_ok(tokens_create(app, name, role, out, &err), err);
}

static void a_token_is_long_and_never_the_same(void **state)
{
    char a[TOKEN_SIZE], b[TOKEN_SIZE];

    (void)state;
    tokens_draw(a);
    tokens_draw(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 68);
    assert_memory_equal(a, "snk_", 4);
    assert_int_equal(strspn(a + 4, "0123456789abcdef"), 64);
}

static void the_tables_hold_sums_and_nothing_that_opens(void **state)
{
    char token[TOKEN_SIZE], sql[256], sum[SHA256_HEX_SIZE];

    (void)state;
    make("team", "admin", token);
    crypto_sha256_hex(sv_of(token), sum);
    assert_string_equal(kit_pg_value("SELECT sha256 FROM upload.api_tokens"), sum);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upload.api_tokens AS t WHERE t::text LIKE '%%%s%%'", token + 4);
    assert_string_equal(kit_pg_value(sql), "0");
}

static void each_role_is_what_its_token_was_made_for(void **state)
{
    static const struct {
        const char *word;
        enum door_role role;
    } roles[] = {{"viewer", DOOR_VIEWER}, {"uploader", DOOR_UPLOADER}, {"admin", DOOR_ADMIN}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        char token[TOKEN_SIZE];
        struct door_who w;

        make(roles[i].word, roles[i].word, token);
        assert_int_equal(who(token, false, &w), ERR_NONE);
        assert_int_equal(w.role, roles[i].role);
        assert_string_equal(w.name, roles[i].word);
        assert_true(w.id > 0);
    }
}

static void the_token_of_the_settings_is_an_admin(void **state)
{
    struct door_who w;

    (void)state;
    assert_int_equal(who(KIT_GATE_TOKEN, false, &w), ERR_NONE);
    assert_int_equal(w.role, DOOR_ADMIN);
    assert_string_equal(w.name, "UPLOAD_TOKEN");
}

static void other_words_open_nothing(void **state)
{
    char token[TOKEN_SIZE], sum[SHA256_HEX_SIZE];
    struct door_who w;

    (void)state;
    make("team", "admin", token);
    crypto_sha256_hex(sv_of(token), sum);
    assert_int_equal(who(sum, false, &w), ERR_UNAUTHENTICATED); /* the sum is no token */
    assert_int_equal(who(own_sum, false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(who("", false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(who(KIT_GATE_TOKEN "x", false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(who("kit-upload-token-012", false, &w), ERR_UNAUTHENTICATED);
    token[67] = token[67] == '0' ? '1' : '0';
    assert_int_equal(who(token, false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(w.role, DOOR_OPEN);
}

static void a_token_is_no_cookie_and_a_cookie_no_token(void **state)
{
    char token[TOKEN_SIZE];
    struct door_who w;

    (void)state;
    make("team", "admin", token);
    assert_int_equal(who(token, true, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(who(KIT_GATE_TOKEN, true, &w), ERR_UNAUTHENTICATED);
}

static void a_revoked_token_is_over_and_its_sessions_with_it(void **state)
{
    char token[TOKEN_SIZE], sum[SHA256_HEX_SIZE], sql[400];
    struct door_who w;

    (void)state;
    make("team", "uploader", token);
    crypto_sha256_hex(SV_LIT("cookie-value"), sum);
    snprintf(sql, sizeof sql,
             "INSERT INTO upload.sessions (sha256, token_sha256, expires_at) SELECT '%s', sha256,"
             " now() + interval '1 h' FROM upload.api_tokens",
             sum);
    kit_pg_sql(sql);
    assert_int_equal(who("cookie-value", true, &w), ERR_NONE);
    assert_int_equal(w.role, DOOR_UPLOADER);
    kit_pg_sql("UPDATE upload.api_tokens SET revoked_at = now()");
    assert_int_equal(who(token, false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(who("cookie-value", true, &w), ERR_UNAUTHENTICATED);
}

static void a_token_is_revoked_by_name_once(void **state)
{
    AUTO(str_free) struct str list = STR_INIT(65536);
    char token[TOKEN_SIZE];
    struct err err = ERR_INIT;
    struct door_who w;

    (void)state;
    make("team", "uploader", token);
    make("other", "viewer", token);
    assert_ok(tokens_revoke(app, "other", &err), err);
    assert_int_equal(who(token, false, &w), ERR_UNAUTHENTICATED);
    assert_fails(tokens_revoke(app, "other", &err), err, ERR_NOT_FOUND);
    assert_fails(tokens_revoke(app, "nobody", &err), err, ERR_NOT_FOUND);
    assert_ok(tokens_list(app, &list, &err), err);
    assert_memory_equal(list.p, "uploader  20", 12);
    assert_non_null(strstr(list.p, "Z  team\nviewer    20"));
    assert_non_null(strstr(list.p, "Z  other  revoked 20"));
    assert_null(strstr(list.p, token + 4));
}

static void a_name_serves_once_and_a_role_must_exist(void **state)
{
    char token[TOKEN_SIZE], name[80];
    struct err err = ERR_INIT;

    (void)state;
    make("team", "viewer", token);
    assert_fails(tokens_create(app, "team", "viewer", token, &err), err, ERR_CONFLICT);
    assert_fails(tokens_create(app, "x", "root", token, &err), err, ERR_BAD_REQUEST);
    assert_fails(tokens_create(app, "x", "", token, &err), err, ERR_BAD_REQUEST);
    assert_fails(tokens_create(app, "x", "open", token, &err), err, ERR_BAD_REQUEST);
    assert_fails(tokens_create(app, "", "viewer", token, &err), err, ERR_BAD_REQUEST);
    memset(name, 'n', sizeof name);
    name[64] = '\0';
    assert_fails(tokens_create(app, name, "viewer", token, &err), err, ERR_BAD_REQUEST);
    name[63] = '\0';
    assert_ok(tokens_create(app, name, "viewer", token, &err), err);
    assert_string_equal(COUNT("api_tokens"), "2");
}

static void without_any_token_only_this_machine_comes_in(void **state)
{
    char token[TOKEN_SIZE];
    struct door_who w;
    struct err err = ERR_INIT;
    bool any = true;

    (void)state;
    app->token_sha256[0] = '\0';
    assert_ok(tokens_any(app, &any, &err), err);
    assert_false(any);
    assert_int_equal(who("", false, &w), ERR_NONE);
    assert_int_equal(w.role, DOOR_ADMIN);
    assert_string_equal(w.name, "local");
    assert_int_equal(talk_status(kit_ask("GET", "/api/session", NOBODY, SV_LIT(""))), 200);
    app->loopback = false;
    assert_int_equal(who("", false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(talk_status(kit_ask("GET", "/api/session", NOBODY, SV_LIT(""))), 401);
    app->loopback = true;
    make("team", "viewer", token);
    assert_ok(tokens_any(app, &any, &err), err);
    assert_true(any);
    assert_int_equal(who("", false, &w), ERR_UNAUTHENTICATED);
    assert_int_equal(who("x", false, &w), ERR_UNAUTHENTICATED);
}

/* ---- sessions, through the door ---- */
static const char *post(const char *body)
{
    return kit_ask("POST", "/api/session", "Content-Type: application/json\r\n", sv_of(body));
}

/* "Cookie: name=value\r\n" of the last Set-Cookie. */
static const char *cookie_line(const char *answer)
{
    static char line[300];
    const char *at = strstr(answer, "Set-Cookie: " SESSION_COOKIE "=");

    assert_non_null(at);
    snprintf(line, sizeof line, "Cookie: other=1; %.*s; more=2\r\n", (int)strcspn(at + 12, ";"),
             at + 12);
    return line;
}

static void a_token_is_exchanged_for_a_cookie_that_scripts_cannot_read(void **state)
{
    const char *answer = post("{\"token\":\" " KIT_GATE_TOKEN " \"}");
    char line[300], bearer[120], sum[SHA256_HEX_SIZE];

    (void)state;
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200\r\n"));
    assert_non_null(strstr(answer, "\"role\":\"admin\""));
    assert_null(strstr(answer, KIT_GATE_TOKEN));
    snprintf(line, sizeof line, "%s", cookie_line(answer));
    crypto_sha256_hex((struct sv){strstr(line, "snk_"), 68}, sum);
    assert_string_equal(kit_pg_value("SELECT sha256 FROM upload.sessions"), sum);
    assert_string_equal(kit_pg_value("SELECT token_sha256 FROM upload.sessions"), own_sum);
    answer = kit_ask("GET", "/api/session", line, SV_LIT(""));
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "\"name\":\"UPLOAD_TOKEN\""));
    /* and it is no bearer token, nor is a token a cookie */
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %.68s\r\n", strstr(line, "snk_"));
    assert_int_equal(talk_status(kit_ask("GET", "/api/session", bearer, SV_LIT(""))), 401);
    assert_int_equal(
        talk_status(kit_ask("GET", "/api/session",
                            "Cookie: " SESSION_COOKIE "=" KIT_GATE_TOKEN "\r\n", SV_LIT(""))),
        401);
}

static void behind_tls_the_cookie_is_secure(void **state)
{
    const char *answer = kit_ask("POST", "/api/session",
                                 "Content-Type: application/json\r\nX-Forwarded-Proto: https\r\n",
                                 SV_LIT("{\"token\":\"" KIT_GATE_TOKEN "\"}"));

    (void)state;
    assert_non_null(strstr(answer, "; Secure\r\n"));
}

static void a_wrong_token_gets_no_cookie(void **state)
{
    static const char *const bodies[] = {"{\"token\":\"wrong-token-wrong-token\"}",
                                         "{\"token\":\"\"}",
                                         "{\"token\":7}",
                                         "{}",
                                         "[]",
                                         "x"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const char *answer = post(bodies[i]);

        assert_true(talk_status(answer) >= 400 && talk_status(answer) < 500);
        assert_null(strstr(answer, "Set-Cookie"));
    }
    assert_int_equal(talk_status(post(bodies[0])), 401);
    assert_int_equal(talk_status(post("{}")), 422);
    assert_int_equal(talk_status(post("x")), 400);
    assert_string_equal(COUNT("sessions"), "0");
}

static void a_session_ends_when_it_is_told_to_or_when_its_time_is_over(void **state)
{
    char line[400];

    (void)state;
    snprintf(line, sizeof line, "%sOrigin: http://127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n",
             cookie_line(post("{\"token\":\"" KIT_GATE_TOKEN "\"}")));
    kit_pg_sql("UPDATE upload.sessions SET expires_at = now()");
    assert_int_equal(talk_status(kit_ask("GET", "/api/session", line, SV_LIT(""))), 401);
    kit_pg_sql("UPDATE upload.sessions SET expires_at = now() + interval '1 h'");
    assert_int_equal(talk_status(kit_ask("DELETE", "/api/session", line, SV_LIT(""))), 200);
    assert_string_equal(COUNT("sessions"), "0");
    assert_int_equal(talk_status(kit_ask("GET", "/api/session", line, SV_LIT(""))), 401);
}

static int as(const char *token, const char *method, const char *path, const char *body)
{
    char line[800];

    snprintf(line, sizeof line, "Authorization: Bearer %s\r\n", token);
    return talk_status(kit_ask(method, path, line, sv_of(body)));
}

static void each_route_asks_for_its_role(void **state)
{
    static const struct {
        const char *method, *path, *body;
        int nobody, viewer, uploader, admin;
    } doors[] = {
        {"GET", "/api/admin/snapshots/platforms", "", 401, 200, 200, 200},
        {"POST", "/api/admin/snapshots/upload", "x", 401, 403, 415, 415},
        {"POST", "/api/admin/campaigns", "{\"title\":\"a\",\"platformSource\":\"arbus\"}", 401, 403,
         403, 201},
    };
    char viewer[TOKEN_SIZE], uploader[TOKEN_SIZE], admin[TOKEN_SIZE];

    (void)state;
    make("v", "viewer", viewer);
    make("u", "uploader", uploader);
    make("a", "admin", admin);
    for (size_t i = 0; i < COUNT_OF(doors); i++) {
        const char *method = doors[i].method, *path = doors[i].path, *body = doors[i].body;

        assert_int_equal(talk_status(kit_ask(method, path, NOBODY, sv_of(body))), doors[i].nobody);
        assert_int_equal(as(viewer, method, path, body), doors[i].viewer);
        assert_int_equal(as(uploader, method, path, body), doors[i].uploader);
        assert_int_equal(as(admin, method, path, body), doors[i].admin);
    }
}

static void another_sites_page_cannot_use_the_cookie(void **state)
{
    char mine[300], line[400];

    (void)state;
    snprintf(mine, sizeof mine, "%s", cookie_line(post("{\"token\":\"" KIT_GATE_TOKEN "\"}")));
    snprintf(line, sizeof line, "%sOrigin: https://evil.example\r\n", mine);
    assert_int_equal(talk_status(kit_ask("DELETE", "/api/session", line, SV_LIT(""))), 403);
    assert_int_equal(talk_status(kit_ask("DELETE", "/api/session", mine, SV_LIT(""))), 403);
    assert_int_equal(talk_status(kit_ask("GET", "/api/session", mine, SV_LIT(""))), 200);
}

static int ask(const char *method, const char *path, const char *headers, const char *body)
{
    return talk_status(kit_ask(method, path, headers, sv_of(body)));
}

/* Log in, and keep the cookie. */
static const char *log_in(const char *token)
{
    AUTO(str_free) struct str body = STR_INIT(1024);
    const char *answer, *at;

    str_addf(&body, "{\"token\":\"%s\"}", token);
    answer = kit_ask("POST", "/api/session", "", str_sv(&body));
    at = strstr(answer, "Set-Cookie: ");
    if (at)
        snprintf(cookie, sizeof cookie, "Cookie: %.*s\r\n", (int)strcspn(at + 12, ";"), at + 12);
    return answer;
}

static int with_cookie(const char *method, const char *path, const char *more)
{
    char headers[400];

    snprintf(headers, sizeof headers, "%s%s", cookie, more);
    return ask(method, path, headers, "");
}

/* ---- JWTs ---- */
static void take_jwts(void)
{
    const struct jwt_conf conf = {
        .secret = secret_of(SECRET), .jwks = "", .issuer = "", .audience = "", .leeway_s = 0};
    struct err err = ERR_INIT;

    assert_ok(jwt_open(&conf, &app->jwt, &err), err);
}

static void url_text(struct sv bytes, struct str *out)
{
    size_t from = out->n;

    base64_encode(bytes, out);
    for (size_t i = from; i < out->n; i++)
        out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
    while (out->p[out->n - 1] == '=')
        out->p[--out->n] = '\0';
}

static const char *jwt_of(const char *sub, const char *role, int64_t for_s)
{
    static char token[600];
    AUTO(str_free) struct str t = STR_INIT(sizeof token - 1), claims = STR_INIT(300);
    uint8_t mac[SHA256_SIZE];

    str_addf(&claims, "{\"sub\":\"%s\",\"role\":\"%s\",\"exp\":%lld}", sub, role,
             (long long)(clock_wall_s() + for_s));
    url_text(SV_LIT("{\"alg\":\"HS256\"}"), &t);
    str_addc(&t, '.');
    url_text(str_sv(&claims), &t);
    crypto_hmac(SV_LIT(SECRET), str_sv(&t), mac);
    str_addc(&t, '.');
    url_text((struct sv){(const char *)mac, sizeof mac}, &t);
    assert_true(str_ok(&t));
    memcpy(token, t.p, t.n + 1);
    return token;
}

static void a_jwt_opens_what_its_role_may(void **state)
{
    (void)state;
    assert_int_equal(as(jwt_of("ann", "viewer", 60), "GET", "/api/meta", ""), 401);
    take_jwts();
    assert_int_equal(as(jwt_of("ann", "viewer", 60), "GET", "/api/meta", ""), 200);
    assert_int_equal(as(jwt_of("ann", "viewer", 60), "POST", "/api/admin/snapshots/upload", "x"),
                     403);
    assert_int_equal(as(jwt_of("ann", "uploader", 60), "POST", "/api/admin/snapshots/upload", "x"),
                     415);
    assert_int_equal(as(jwt_of("ann", "nobody", 60), "GET", "/api/meta", ""), 403);
    assert_int_equal(as(jwt_of("ann", "admin", -1), "GET", "/api/meta", ""), 401);
    assert_int_equal(as(KIT_GATE_TOKEN, "GET", "/api/meta", ""), 200); /* beside the tokens */
}

static void a_jwt_may_be_exchanged_for_a_session_that_ends_with_it(void **state)
{
    const char *answer, *age;

    (void)state;
    take_jwts();
    answer = log_in(jwt_of("ann", "uploader", 600));
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "\"name\":\"jwt:ann\""));
    assert_non_null(strstr(answer, "\"role\":\"uploader\""));
    age = strstr(answer, "Max-Age=");
    assert_in_range(strtol(age + 8, NULL, 10), 595, 600);
    assert_int_equal(with_cookie("GET", "/api/meta", ""), 200);
    assert_int_equal(with_cookie("POST", "/api/admin/campaigns", OWN_PAGE), 403);
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM upload.sessions WHERE token_sha256 IS NULL"
                     " AND expires_at BETWEEN now() + interval '595 s'"
                     " AND now() + interval '600 s'"),
        "1");
    kit_pg_sql("UPDATE upload.sessions SET expires_at = now()");
    assert_int_equal(with_cookie("GET", "/api/meta", ""), 401);
    log_in(jwt_of("ann", "uploader", 600));
    jwt_close(&app->jwt); /* they are taken no longer */
    assert_int_equal(with_cookie("GET", "/api/meta", ""), 401);
}

static void where_jwts_are_taken_a_loopback_door_is_locked_too(void **state)
{
    struct err err = ERR_INIT;
    bool any = false;

    (void)state;
    app->token_sha256[0] = '\0';
    app->loopback = true;
    assert_int_equal(ask("GET", "/api/session", NOBODY, ""), 200);
    take_jwts();
    assert_ok(tokens_any(app, &any, &err), err);
    assert_true(any);
    assert_int_equal(ask("GET", "/api/session", NOBODY, ""), 401);
}

/* ---- those who guess ---- */
static int64_t failures(size_t kind) { return metric_value(M_LOGINS_FAILED, kind); }

/* Another replica is one with a count of its own. */
static void failures_at_one_replica_count_at_the_others(void **state)
{
    struct throttle *first = app->throttle;

    (void)state;
    for (int i = 0; i < 9; i++)
        assert_int_equal(as("wrong", "GET", "/api/meta", ""), 401);
    app->throttle = throttle_open(app->conf.login_failures, app->conf.login_failures_all);
    assert_int_equal(as("wrong", "GET", "/api/meta", ""), 401); /* the tenth of all */
    assert_int_equal(as("wrong", "GET", "/api/meta", ""), 429);
    throttle_close(&first);
    kit_pg_sql("UPDATE upload.login_failures SET began_at = now() - interval '61 s'");
    throttle_close(&app->throttle);
    app->throttle = throttle_open(app->conf.login_failures, app->conf.login_failures_all);
    assert_int_equal(as("wrong", "GET", "/api/meta", ""), 401); /* a new window */
    assert_string_equal(
        kit_pg_value("SELECT count(*) || ' ' || max(failures) FROM upload.login_failures"), "2 1");
}

static void who_guesses_has_to_wait_and_who_was_right_has_not(void **state)
{
    char token[TOKEN_SIZE], late[TOKEN_SIZE];
    int64_t wrong = failures(LOGIN_TOKEN), held = failures(LOGIN_LIMITED);
    const char *answer;

    (void)state;
    make("ann", "viewer", token);
    make("ben", "viewer", late);
    assert_int_equal(as(token, "GET", "/api/meta", ""), 200);
    log_in(token);
    for (int i = 0; i < 10; i++)
        assert_int_equal(i % 2 ? as("wrong", "GET", "/api/meta", "")
                               : talk_status(kit_ask("POST", "/api/session", "",
                                                     SV_LIT("{\"token\":\"wrong\"}"))),
                         401);
    answer = kit_ask("POST", "/api/session", "", SV_LIT("{\"token\":\"" KIT_GATE_TOKEN "\"}"));
    assert_int_equal(talk_status(answer), 429); /* right, but not known: no guess is answered */
    assert_non_null(strstr(answer, "\"rate_limited\""));
    assert_in_range(strtol(strstr(answer, "Retry-After: ") + 13, NULL, 10), 50, 60);
    assert_int_equal(as(late, "GET", "/api/meta", ""), 429);
    assert_int_equal(as(token, "GET", "/api/meta", ""), 200);
    assert_int_equal(with_cookie("GET", "/api/meta", ""), 200);
    assert_int_equal(ask("GET", "/api/meta", NOBODY, ""), 401); /* nothing shown, nothing guessed */
    assert_int_equal(failures(LOGIN_TOKEN), wrong + 10);
    assert_int_equal(failures(LOGIN_LIMITED), held + 2);
    kit_pg_sql("UPDATE upload.api_tokens SET revoked_at = now()");
    assert_int_equal(as(token, "GET", "/api/meta", ""),
                     401); /* known, but looked at all the same */
}

static void wrong_jwts_count_and_right_ones_are_let_in(void **state)
{
    int64_t wrong = failures(LOGIN_JWT);

    (void)state;
    take_jwts();
    for (int i = 0; i < 10; i++)
        assert_int_equal(as("bad.bad.bad", "GET", "/api/meta", ""), 401);
    assert_int_equal(as("bad.bad.bad", "GET", "/api/meta", ""), 429);
    assert_int_equal(as(jwt_of("ann", "viewer", 60), "GET", "/api/meta", ""), 200);
    assert_int_equal(failures(LOGIN_JWT), wrong + 10);
}

static void old_cookies_lock_nobody_out(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++)
        assert_int_equal(ask("GET", "/api/meta", "Cookie: snapkey_session=old\r\n", ""), 401);
    assert_int_equal(as(KIT_GATE_TOKEN, "GET", "/api/meta", ""), 200);
}

static void another_sites_page_cannot_log_anybody_in(void **state)
{
    static const char *const pages[] = {"Origin: https://evil.example\r\n", "Origin: null\r\n",
                                        "Sec-Fetch-Site: cross-site\r\n",
                                        "Sec-Fetch-Site: same-site\r\n"};
    static const char body[] = "{\"token\":\"" KIT_GATE_TOKEN "\"}";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        assert_int_equal(ask("POST", "/api/session", pages[i], body), 403);
    assert_int_equal(ask("POST", "/api/session", OWN_PAGE, body), 200);
    assert_int_equal(ask("POST", "/api/session", "Sec-Fetch-Site: same-origin\r\n", body), 200);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(a_token_is_long_and_never_the_same),
        T(the_tables_hold_sums_and_nothing_that_opens),
        T(each_role_is_what_its_token_was_made_for),
        T(the_token_of_the_settings_is_an_admin),
        T(other_words_open_nothing),
        T(a_token_is_no_cookie_and_a_cookie_no_token),
        T(a_revoked_token_is_over_and_its_sessions_with_it),
        T(a_token_is_revoked_by_name_once),
        T(a_name_serves_once_and_a_role_must_exist),
        T(without_any_token_only_this_machine_comes_in),
        T(a_token_is_exchanged_for_a_cookie_that_scripts_cannot_read),
        T(behind_tls_the_cookie_is_secure),
        T(a_wrong_token_gets_no_cookie),
        T(a_session_ends_when_it_is_told_to_or_when_its_time_is_over),
        T(each_route_asks_for_its_role),
        T(another_sites_page_cannot_use_the_cookie),
        T(a_jwt_opens_what_its_role_may),
        T(a_jwt_may_be_exchanged_for_a_session_that_ends_with_it),
        T(where_jwts_are_taken_a_loopback_door_is_locked_too),
        T(failures_at_one_replica_count_at_the_others),
        T(who_guesses_has_to_wait_and_who_was_right_has_not),
        T(wrong_jwts_count_and_right_ones_are_let_in),
        T(old_cookies_lock_nobody_out),
        T(another_sites_page_cannot_log_anybody_in),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
