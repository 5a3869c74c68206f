/*
 * test_jwt.c - tokens that another implementation made (tests/kit/jwt_vectors.h): the right ones
 * are taken, everything that is nearly right is not, and keys come and go. Covers: jwt jwt_keys
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base64.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/jwt.h"
#include "tests/kit/jwt_vectors.h"
#include "tests/kit/kit.h"
#include "tests/kit/place.h"
#include "tests/kit/wire.h"

#define SECRET "0123456789abcdef0123456789abcdef"

enum { NOW = 1795348800, STACK = 100 * 1024 };

static char folder[KIT_PLACE_SIZE], path[KIT_PLACE_SIZE + 16];
static _Atomic int told_good, told_bad; /* whichever thread reads the keys again tells */

static void told(const struct err *why) { *(why ? &told_bad : &told_good) += 1; }

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    fclose(f);
}

static int start(void **state)
{
    (void)state;
    told_good = 0;
    told_bad = 0;
    if (!kit_place("jwt", folder))
        return -1;
    snprintf(path, sizeof path, "%s/keys.json", folder);
    write_file("");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct jwt *open_with(struct jwt_conf conf)
{
    struct jwt *jwt = NULL;
    struct err err = ERR_INIT;

    conf.jwks = conf.jwks ? conf.jwks : "";
    conf.issuer = conf.issuer ? conf.issuer : "";
    conf.audience = conf.audience ? conf.audience : "";
    conf.leeway_s = 30;
    conf.cache_ms = conf.cache_ms ? conf.cache_ms : 600000;
    conf.retry_ms = conf.retry_ms ? conf.retry_ms : 30000;
    conf.told = told;
    assert_ok(jwt_open(&conf, &jwt, &err), err);
    return jwt;
}

static struct jwt *open_file(const char *text)
{
    write_file(text);
    return open_with((struct jwt_conf){.jwks = path, .secret = secret_of(SECRET)});
}

static bool good_at(struct jwt *jwt, const char *token, int64_t now)
{
    AUTO(json_free) struct json *claims = NULL;
    struct err err = ERR_INIT;

    if (!jwt_check(jwt, sv_of(token), now, &claims, &err)) {
        assert_int_equal(err.code, ERR_UNAUTHENTICATED);
        assert_null(claims);
        return false;
    }
    assert_string_equal(json_text_or(claims, "sub", ""), "ann");
    return true;
}
static bool good(struct jwt *jwt, const char *token) { return good_at(jwt, token, NOW); }

static void url_text(struct sv bytes, struct str *out)
{
    size_t from = out->n;

    base64_encode(bytes, out);
    for (size_t i = from; i < out->n; i++)
        out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
    while (out->n > from && out->p[out->n - 1] == '=')
        out->p[--out->n] = '\0';
}

/* HS256 by our own secret, of whatever header and claims. */
static const char *made_of(const char *header, const char *claims)
{
    static struct str token = STR_INIT(1 << 20);
    uint8_t mac[SHA256_SIZE];

    str_free(&token);
    url_text(sv_of(header), &token);
    str_addc(&token, '.');
    url_text(sv_of(claims), &token);
    crypto_hmac(SV_LIT(SECRET), str_sv(&token), mac);
    str_addc(&token, '.');
    url_text((struct sv){(const char *)mac, sizeof mac}, &token);
    return token.p;
}
static const char *made(const char *claims) { return made_of("{\"alg\":\"HS256\"}", claims); }

static void each_alg_is_taken_with_its_own_key(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = open_file(JWKS);

    (void)state;
    assert_true(good(jwt, RS_R1));
    assert_true(good(jwt, ES_E1));
    assert_true(good(jwt, RS_NO_KID));
    assert_true(good(jwt, made("{\"sub\":\"ann\",\"exp\":4102444800}")));
}

static void keys_without_names_are_all_tried(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = open_file(JWKS_NAMELESS);

    (void)state;
    assert_true(good(jwt, RS_R1));
    assert_true(good(jwt, RS_R2));
    assert_true(good(jwt, ES_E1));
    assert_false(good(jwt, RS_BY_THIEF));
}

static void what_is_nearly_right_is_refused(void **state)
{
    static const char *const tokens[] = {
        RS_R2,         RS_BY_THIEF,  RS_BRINGS_KEY,       RS_WEAK, RS_512, RS_CRIT,
        ES_DER,        ES_384,       HS_BY_PEM,           HS_BY_N, NONE,   NONE_SIGNED,
        RS_OTHER_TYPE, ES_OTHER_KEY, HS_BY_PUBLIC_SECRET, "",      ".",    "..",
        "a.b.c",       "a.b",        RS_R1 ".x"};
    AUTO(jwt_close) struct jwt *jwt = open_file(JWKS);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        if (good(jwt, tokens[i]))
            fail_msg("token %zu was taken", i);
}

static void no_single_letter_of_a_token_may_change(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = open_file(JWKS);
    char token[] = RS_R1;

    (void)state;
    for (size_t i = 0; i < sizeof token - 2; i += 5) { /* the very last letter holds spare bits */
        char was = token[i];

        token[i] = was == 'A' ? 'B' : 'A';
        assert_false(good(jwt, token));
        token[i] = was;
    }
    assert_true(good(jwt, token));
}

static void without_its_key_no_alg_is_taken(void **state)
{
    AUTO(jwt_close) struct jwt *keys = NULL;
    AUTO(jwt_close) struct jwt *secret = open_with((struct jwt_conf){.secret = secret_of(SECRET)});
    struct err err = ERR_INIT;

    (void)state;
    write_file(JWKS);
    keys = open_with((struct jwt_conf){.jwks = path});
    assert_false(good(keys, made("{\"sub\":\"ann\",\"exp\":4102444800}")));
    assert_false(good(keys, HS_BY_PEM));
    assert_true(good(keys, RS_R1));
    assert_false(good(secret, RS_R1));
    assert_true(good(secret, made("{\"sub\":\"ann\",\"exp\":4102444800}")));
    assert_ok(jwt_load(secret, &err), err);
}

static void time_issuer_and_audience_decide(void **state)
{
    static const struct {
        const char *claims;
        bool good;
    } cases[] = {
        {"\"exp\":1795348801", true},
        {"\"exp\":1795348771", true}, /* the leeway is 30 s */
        {"\"exp\":1795348770", false},
        {"\"exp\":1795348801.5", true},
        {"\"exp\":\"1795348801\"", false},
        {"\"exp\":null", false},
        {"\"iat\":1", false},
        {"\"exp\":4102444800,\"nbf\":1795348830", true},
        {"\"exp\":4102444800,\"nbf\":1795348831", false},
        {"\"exp\":4102444800,\"nbf\":\"now\"", false},
    };
    AUTO(jwt_close) struct jwt *jwt = open_with((struct jwt_conf){.secret = secret_of(SECRET)});
    char claims[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(claims, sizeof claims, "{\"sub\":\"ann\",%s}", cases[i].claims);
        if (good(jwt, made(claims)) != cases[i].good)
            fail_msg("%s", claims);
    }
    assert_false(good_at(jwt, made("{\"sub\":\"ann\",\"exp\":4102444800}"), 4102444831));
}

static void another_issuer_or_audience_is_refused(void **state)
{
    static const struct {
        const char *issuer, *audience;
        bool good;
    } cases[] = {{"https://issuer.example", "snapkey", true},
                 {"", "other", true},
                 {"https://issuer.example/", "", false},
                 {"", "snap", false},
                 {"", "third", false},
                 {"ann", "", false}};

    (void)state;
    write_file(JWKS);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(jwt_close)
        struct jwt *jwt = open_with((struct jwt_conf){.jwks = path,
                                                      .issuer = cases[i].issuer,
                                                      .audience = cases[i].audience,
                                                      .secret = secret_of(SECRET)});

        assert_int_equal(good(jwt, RS_R1), cases[i].good);
        if (*cases[i].audience != '\0') {
            assert_false(good(jwt, made("{\"sub\":\"ann\",\"exp\":4102444800}")));
            assert_false(good(jwt, made("{\"sub\":\"ann\",\"exp\":4102444800,\"aud\":7}")));
            assert_false(good(jwt, made("{\"sub\":\"ann\",\"exp\":4102444800,"
                                        "\"aud\":{\"a\":\"snapkey\",\"b\":\"other\"}}")));
        }
    }
}

static void headers_and_claims_are_read_strictly(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
                                          "{\"alg\":\"hs256\"}",
                                          "{}",
                                          "[]",
                                          "7",
                                          "x",
                                          "{\"alg\":[\"HS256\"]}",
                                          "{\"alg\":\"HS256\"} ,",
                                          "{\"alg\":\"HS256\",\"crit\":[]}"};
    static const char *const claims[] = {"[]", "\"ann\"", "{\"sub\":\"ann\",\"exp\":4102444800} x",
                                         "{\"sub\":\"ann\",\"exp\":4102444800,\"exp\":1}", "x"};
    AUTO(jwt_close) struct jwt *jwt = open_with((struct jwt_conf){.secret = secret_of(SECRET)});
    AUTO(str_free) struct str kid = STR_INIT(1000);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        if (good(jwt, made_of(headers[i], "{\"sub\":\"ann\",\"exp\":4102444800}")))
            fail_msg("%s", headers[i]);
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        if (good(jwt, made(claims[i])))
            fail_msg("%s", claims[i]);
    str_addz(&kid, "{\"alg\":\"HS256\",\"kid\":\"");
    for (int i = 0; i < 256; i++)
        str_addc(&kid, 'k');
    str_addz(&kid, "\"}");
    assert_false(good(jwt, made_of(kid.p, "{\"sub\":\"ann\",\"exp\":4102444800}")));
}

struct deep {
    struct jwt *jwt;
    const char *token;
    bool good;
};

static void *check_on_a_small_stack(void *arg)
{
    struct deep *d = arg;
    AUTO(json_free) struct json *claims = NULL;
    struct err err = ERR_INIT;

    d->good = jwt_check(d->jwt, sv_of(d->token), NOW, &claims, &err);
    return NULL;
}

/* cjose would follow it down, and off the end of a handler's stack. */
static void a_header_as_deep_as_the_token_is_long_is_refused(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = open_with((struct jwt_conf){.secret = secret_of(SECRET)});
    AUTO(str_free) struct str header = STR_INIT(8000);
    struct deep d = {jwt, NULL, true};
    pthread_attr_t small;
    pthread_t thread;

    (void)state;
    str_addz(&header, "{\"alg\":\"HS256\",\"x\":");
    for (int i = 0; i < 2000; i++)
        str_addc(&header, '[');
    for (int i = 0; i < 2000; i++)
        str_addc(&header, ']');
    str_addc(&header, '}');
    d.token = made_of(header.p, "{\"sub\":\"ann\",\"exp\":4102444800}");
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    assert_int_equal(pthread_create(&thread, &small, check_on_a_small_stack, &d), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&small);
    assert_false(d.good);
}

static void a_token_over_8_kib_is_not_looked_at(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = open_with((struct jwt_conf){.secret = secret_of(SECRET)});
    AUTO(str_free) struct str claims = STR_INIT(20000);

    (void)state;
    str_addz(&claims, "{\"sub\":\"ann\",\"exp\":4102444800,\"x\":\"");
    for (int i = 0; i < 5000; i++)
        str_addc(&claims, 'x');
    str_addz(&claims, "\"}");
    assert_true(good(jwt, made(claims.p)));
    claims.n -= 2;
    for (int i = 0; i < 2000; i++)
        str_addc(&claims, 'x');
    str_addz(&claims, "\"}");
    assert_false(good(jwt, made(claims.p)));
}

/* cjose's decoder ends the process over 4n + 1 letters. */
static void parts_that_no_base64_has_are_refused(void **state)
{
    static const char *const parts[] = {"a", "eyJhb", "eyJhbGciO"};
    static const char jwks[] =
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"abcde\",\"e\":\"AQAB\"},"
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"abcde\",\"y\":\"abcd\"},"
        "{\"kty\":\"RSA\",\"n\":\"a+/=\",\"e\":\"AQAB\"},{\"kty\":\"RSA\"}]}";
    AUTO(jwt_close) struct jwt *jwt = open_with((struct jwt_conf){.secret = secret_of(SECRET)});
    AUTO(jwt_close) struct jwt *keys = open_file(jwks);
    char token[200];
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        for (int at = 0; at < 3; at++) {
            snprintf(token, sizeof token, "%s.%s.%s", at == 0 ? parts[i] : "eyJhbGciOiJIUzI1NiJ9",
                     at == 1 ? parts[i] : "e30", at == 2 ? parts[i] : "AAAA");
            assert_false(good(jwt, token));
        }
    assert_fails(jwt_load(keys, &err), err, ERR_BUSY);
}

static void its_shape_tells_a_jwt_from_other_tokens(void **state)
{
    (void)state;
    assert_true(jwt_shaped(SV_LIT("aa.bbb.cccc")));
    assert_false(jwt_shaped(SV_LIT("aa.bbb.ccccc"))); /* no base64 has 4n + 1 letters */
    assert_false(jwt_shaped(SV_LIT("")));
    assert_false(jwt_shaped(SV_LIT("snk_0123456789")));
    assert_false(jwt_shaped(SV_LIT("aa.bb")));
    assert_false(jwt_shaped(SV_LIT("aa..cc")));
    assert_false(jwt_shaped(SV_LIT("aa.bb.cc.dd")));
    assert_false(jwt_shaped(SV_LIT("aa.bb.cc=")));
    assert_false(jwt_shaped(SV_LIT("aa.bb.")));
    assert_false(jwt_shaped(SV_LIT("aa.bb.cc.")));
}

/* ---- keys come and go ---- */
static void a_secret_that_is_short_or_a_jwks_without_a_key_is_told(void **state)
{
    static const char *const texts[] = {
        JWKS_USELESS, "{\"keys\":[]}", "{\"keys\":{}}", "[]", "", "{\"keys\":[", "{}"};
    const struct jwt_conf conf = {
        .secret = secret_of("short"), .jwks = "", .issuer = "", .audience = ""};
    struct jwt *none = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(jwt_open(&conf, &none, &err), err, ERR_BAD_REQUEST);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO(jwt_close) struct jwt *jwt = open_file(texts[i]);

        assert_fails(jwt_load(jwt, &err), err, ERR_BUSY);
        assert_true(err.retry_s > 0);
    }
    assert_int_equal(told_bad, COUNT_OF(texts));
    {
        AUTO(jwt_close) struct jwt *jwt = open_with((struct jwt_conf){.jwks = "/nowhere/keys"});

        assert_fails(jwt_load(jwt, &err), err, ERR_BUSY);
        assert_non_null(strstr(err.msg, "/nowhere/keys"));
    }
}

static void the_keys_are_fetched_once_and_again_for_one_that_is_new(void **state)
{
    static const struct kit_step steps[] = {{KIT_ANSWER, 200, NULL, JWKS},
                                            {KIT_ANSWER, 200, NULL, JWKS_LATER}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 2);
    AUTO(jwt_close)
    struct jwt *jwt = open_with((struct jwt_conf){.jwks = kit_wire_url(wire), .retry_ms = 150});

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(good(jwt, RS_R1));
    assert_int_equal(kit_wire_count(wire), 1);
    clock_sleep_ms(160);
    assert_true(good(jwt, RS_R2)); /* a kid that was not there */
    assert_int_equal(kit_wire_count(wire), 2);
    assert_true(good(jwt, ES_E1));
    clock_sleep_ms(160);
    assert_false(good(jwt, RS_R1)); /* it has been withdrawn */
    assert_int_equal(kit_wire_count(wire), 3);
    for (int i = 0; i < 20; i++)
        assert_false(good(jwt, RS_R1)); /* asked for no oftener than that */
    assert_int_equal(kit_wire_count(wire), 3);
    assert_int_equal(told_good, 3);
}

static void while_the_keys_cannot_be_fetched_those_that_are_known_serve_on(void **state)
{
    static const struct kit_step steps[] = {
        {KIT_ANSWER, 200, NULL, JWKS},
        {KIT_ANSWER, 500, NULL, "oops"},
        {KIT_ANSWER, 302, "Location: http://127.0.0.1:9/\r\n", ""},
        {KIT_ANSWER, 200, NULL, "<html>"},
        {KIT_RESET, 0, NULL, NULL}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 5);
    AUTO(jwt_close)
    struct jwt *jwt =
        open_with((struct jwt_conf){.jwks = kit_wire_url(wire), .cache_ms = 1, .retry_ms = 1});

    (void)state;
    for (int i = 0; i < 8; i++) {
        assert_true(good(jwt, RS_R1));
        clock_sleep_ms(3);
    }
    assert_true(kit_wire_count(wire) >= 5);
    assert_int_equal(told_good, 1);
    assert_true(told_bad >= 4);
}

static void before_the_first_key_one_is_told_to_come_back(void **state)
{
    static const struct kit_step steps[] = {{KIT_ANSWER, 503, NULL, ""},
                                            {KIT_ANSWER, 200, NULL, JWKS}};
    AUTO(kit_wire_close) struct kit_wire *wire = kit_wire_open(steps, 2);
    AUTO(jwt_close)
    struct jwt *jwt = open_with((struct jwt_conf){.jwks = kit_wire_url(wire), .retry_ms = 100});
    AUTO(json_free) struct json *claims = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(jwt_check(jwt, SV_LIT(RS_R1), NOW, &claims, &err), err, ERR_BUSY);
    assert_fails(jwt_check(jwt, SV_LIT(RS_R1), NOW, &claims, &err), err, ERR_BUSY);
    assert_true(err.retry_s > 0);
    assert_int_equal(kit_wire_count(wire), 1);
    clock_sleep_ms(110);
    assert_true(good(jwt, RS_R1));
}

static void a_file_that_changes_is_read_again(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = NULL;

    (void)state;
    write_file(JWKS);
    jwt = open_with((struct jwt_conf){.jwks = path, .cache_ms = 20, .retry_ms = 1});
    assert_true(good(jwt, RS_R1));
    write_file(JWKS_LATER);
    clock_sleep_ms(25);
    assert_true(good(jwt, RS_R2));
    assert_false(good(jwt, RS_R1));
}

/* ---- many at once ---- */
static void *check_many(void *arg)
{
    for (int i = 0; i < 60; i++) {
        AUTO(json_free) struct json *claims = NULL;
        struct err err = ERR_INIT;
        struct sv token = i % 3 == 0   ? SV_LIT(RS_R1)
                          : i % 3 == 1 ? SV_LIT(ES_E1)
                                       : SV_LIT(RS_BY_THIEF);

        if (jwt_check(arg, token, NOW, &claims, &err) != (i % 3 != 2))
            return arg;
    }
    return NULL;
}

static void many_threads_check_while_keys_are_read_again(void **state)
{
    AUTO(jwt_close) struct jwt *jwt = NULL;
    struct err err = ERR_INIT;
    pthread_t threads[6];

    (void)state;
    write_file(JWKS);
    jwt = open_with((struct jwt_conf){.jwks = path, .cache_ms = 1, .retry_ms = 1});
    assert_ok(jwt_load(jwt, &err), err);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_many, jwt), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *wrong = NULL;

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    assert_true(told_good > 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        T(each_alg_is_taken_with_its_own_key),
        T(keys_without_names_are_all_tried),
        T(what_is_nearly_right_is_refused),
        T(no_single_letter_of_a_token_may_change),
        T(without_its_key_no_alg_is_taken),
        T(time_issuer_and_audience_decide),
        T(another_issuer_or_audience_is_refused),
        T(headers_and_claims_are_read_strictly),
        T(a_header_as_deep_as_the_token_is_long_is_refused),
        T(a_token_over_8_kib_is_not_looked_at),
        T(parts_that_no_base64_has_are_refused),
        T(its_shape_tells_a_jwt_from_other_tokens),
        T(a_secret_that_is_short_or_a_jwks_without_a_key_is_told),
        T(the_keys_are_fetched_once_and_again_for_one_that_is_new),
        T(while_the_keys_cannot_be_fetched_those_that_are_known_serve_on),
        T(before_the_first_key_one_is_told_to_come_back),
        T(a_file_that_changes_is_read_again),
        T(many_threads_check_while_keys_are_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
