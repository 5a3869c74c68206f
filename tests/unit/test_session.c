/* test_session.c - who may come in: tokens, roles, sessions, and the door without a lock. On a real
 * Postgres, through the public door. Covers: session tokens */
#include <stdio.h>
#include <string.h>

#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/talk.h"
#include "upload-svc/tokens.h"

#define OWN_PAGE "Origin: http://127.0.0.1\r\n"

static struct app *app;
static char cookie[200]; /* "Cookie: snapkey_session=...\r\n" */

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    kit_gate_close();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    app->loopback = false;
    crypto_sha256_hex(SV_LIT(KIT_GATE_TOKEN), app->token_sha256);
    cookie[0] = '\0';
    return 0;
}

static int ask(const char *method, const char *path, const char *headers, const char *body)
{
    return talk_status(kit_ask(method, path, headers, sv_of(body)));
}

static int as(const char *token, const char *method, const char *path, const char *body)
{
    char header[160];

    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", token);
    return ask(method, path, header, body);
}

static void create(const char *name, const char *role, char out[static TOKEN_SIZE])
{
    struct err err = ERR_INIT;

    assert_ok(tokens_create(app, name, role, out, &err), err);
}

static void a_token_is_printed_once_and_kept_as_a_sum(void **state)
{
    AUTO(str_free) struct str sql = STR_INIT(1024);
    char token[TOKEN_SIZE], other[TOKEN_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    create("ann", "viewer", token);
    create("ben", "admin", other);
    assert_string_not_equal(token, other);
    assert_int_equal(strlen(token), TOKEN_SIZE - 4);
    str_addf(&sql, "SELECT count(*) FROM upload.api_tokens t WHERE t::text LIKE '%%%s%%'", token);
    assert_string_equal(kit_pg_value(sql.p), "0");
    assert_fails(tokens_create(app, "ann", "admin", other, &err), err, ERR_CONFLICT);
    assert_fails(tokens_create(app, "eve", "root", other, &err), err, ERR_BAD_REQUEST);
    assert_fails(tokens_create(app, "", "admin", other, &err), err, ERR_BAD_REQUEST);
}

static void each_role_may_do_its_own_and_less(void **state)
{
    static const struct {
        const char *method, *path, *body;
        int viewer, uploader, admin;
    } doors[] = {
        {"GET", "/api/admin/snapshots/platforms", "", 200, 200, 200},
        {"POST", "/api/admin/snapshots/upload", "x", 403, 415, 415},
        {"POST", "/api/admin/campaigns", "{\"title\":\"a\",\"platformSource\":\"arbus\"}", 403, 403,
         201},
    };
    char viewer[TOKEN_SIZE], uploader[TOKEN_SIZE], admin[TOKEN_SIZE];

    (void)state;
    create("v", "viewer", viewer);
    create("u", "uploader", uploader);
    create("a", "admin", admin);
    for (size_t i = 0; i < COUNT_OF(doors); i++) {
        assert_int_equal(as(viewer, doors[i].method, doors[i].path, doors[i].body),
                         doors[i].viewer);
        assert_int_equal(as(uploader, doors[i].method, doors[i].path, doors[i].body),
                         doors[i].uploader);
        assert_int_equal(as(admin, doors[i].method, doors[i].path, doors[i].body), doors[i].admin);
    }
}

static void without_a_valid_token_nothing_is_told(void **state)
{
    char token[TOKEN_SIZE];

    (void)state;
    create("ann", "viewer", token);
    assert_int_equal(ask("GET", "/api/meta", "", ""), 401);
    assert_int_equal(as("wrong", "GET", "/api/meta", ""), 401);
    assert_int_equal(as(token, "GET", "/api/meta", ""), 200);
    kit_pg_sql("UPDATE upload.api_tokens SET revoked_at = now()");
    assert_int_equal(as(token, "GET", "/api/meta", ""), 401);
}

static void without_any_token_only_a_loopback_door_is_open(void **state)
{
    bool any = true;
    char token[TOKEN_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    app->token_sha256[0] = '\0';
    assert_ok(tokens_any(app, &any, &err), err);
    assert_false(any);
    assert_int_equal(ask("GET", "/api/session", "", ""), 401);
    app->loopback = true;
    assert_int_equal(ask("GET", "/api/session", "", ""), 200);
    assert_int_equal(as("wrong", "GET", "/api/session", ""), 401); /* a lie is still one */
    create("ann", "viewer", token);
    assert_int_equal(ask("GET", "/api/session", "", ""), 401);
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

static void a_browser_gets_a_cookie_that_scripts_cannot_read(void **state)
{
    AUTO(str_free) struct str sql = STR_INIT(1024);
    const char *answer = log_in(KIT_GATE_TOKEN);

    (void)state;
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200\r\n"));
    assert_non_null(strstr(answer, "\"role\":\"admin\""));
    assert_null(strstr(answer, KIT_GATE_TOKEN));
    assert_int_equal(with_cookie("GET", "/api/meta", ""), 200);
    str_addf(&sql, "SELECT count(*) FROM upload.sessions s WHERE s::text LIKE '%%%.40s%%'",
             strchr(cookie, '=') + 1);
    assert_string_equal(kit_pg_value(sql.p), "0"); /* what the table holds opens nothing */
    answer = kit_ask("POST", "/api/session", "X-Forwarded-Proto: https\r\n",
                     SV_LIT("{\"token\":\"" KIT_GATE_TOKEN "\"}"));
    assert_non_null(strstr(answer, "; Secure\r\n"));
}

static void a_wrong_token_opens_no_session(void **state)
{
    (void)state;
    assert_int_equal(talk_status(log_in("wrong")), 401);
    assert_int_equal(ask("POST", "/api/session", "", "{}"), 422);
    assert_int_equal(ask("POST", "/api/session", "", "token"), 400);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM upload.sessions"), "0");
}

static void a_session_ends_by_word_by_time_and_with_its_token(void **state)
{
    char token[TOKEN_SIZE];

    (void)state;
    log_in(KIT_GATE_TOKEN);
    assert_int_equal(with_cookie("DELETE", "/api/session", OWN_PAGE), 200);
    assert_int_equal(with_cookie("GET", "/api/session", ""), 401);
    log_in(KIT_GATE_TOKEN);
    kit_pg_sql("UPDATE upload.sessions SET expires_at = now() - interval '1 s'");
    assert_int_equal(with_cookie("GET", "/api/session", ""), 401);
    create("ann", "viewer", token);
    log_in(token);
    assert_int_equal(with_cookie("GET", "/api/session", ""), 200);
    kit_pg_sql("UPDATE upload.api_tokens SET revoked_at = now()");
    assert_int_equal(with_cookie("GET", "/api/session", ""), 401);
}

static void another_sites_page_cannot_use_the_cookie(void **state)
{
    (void)state;
    log_in(KIT_GATE_TOKEN);
    assert_int_equal(with_cookie("DELETE", "/api/session", "Origin: https://evil.example\r\n"),
                     403);
    assert_int_equal(with_cookie("DELETE", "/api/session", ""), 403);
    assert_int_equal(with_cookie("GET", "/api/session", ""), 200);
}

static void a_cookie_is_no_bearer_token_and_the_other_way_round(void **state)
{
    char header[300];

    (void)state;
    log_in(KIT_GATE_TOKEN);
    snprintf(header, sizeof header, "Authorization: Bearer %.68s\r\n", strchr(cookie, '=') + 1);
    assert_int_equal(ask("GET", "/api/session", header, ""), 401);
    assert_int_equal(
        ask("GET", "/api/session", "Cookie: snapkey_session=" KIT_GATE_TOKEN "\r\n", ""), 401);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_token_is_printed_once_and_kept_as_a_sum, fresh),
        cmocka_unit_test_setup(each_role_may_do_its_own_and_less, fresh),
        cmocka_unit_test_setup(without_a_valid_token_nothing_is_told, fresh),
        cmocka_unit_test_setup(without_any_token_only_a_loopback_door_is_open, fresh),
        cmocka_unit_test_setup(a_browser_gets_a_cookie_that_scripts_cannot_read, fresh),
        cmocka_unit_test_setup(a_wrong_token_opens_no_session, fresh),
        cmocka_unit_test_setup(a_session_ends_by_word_by_time_and_with_its_token, fresh),
        cmocka_unit_test_setup(another_sites_page_cannot_use_the_cookie, fresh),
        cmocka_unit_test_setup(a_cookie_is_no_bearer_token_and_the_other_way_round, fresh),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
