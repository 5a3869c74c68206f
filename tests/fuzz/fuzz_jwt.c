/*
 * fuzz_jwt.c - whatever a bearer shows: no token that is not ours is taken, one that is taken
 * counts now and speaks of somebody, and whatever a JWKS holds, its keys serve one alg each.
 *
 * Input: a letter, then: t a token as it comes; s header, line end and claims, which are signed
 * with our secret; k a JWKS; a an address. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/crypto.h"
#include "common/jwt_internal.h"
#include "common/utf8.h"
#include "upload-svc/person.h"
#include "upload-svc/throttle.h"

enum { NOW = 1795348800, WALL = 1 << 20 };
#define SECRET "0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct jwt *opened(void)
{
    static const struct jwt_conf conf = {
        .secret = {SECRET}, .jwks = "", .issuer = "", .audience = "", .leeway_s = 30};
    static struct jwt *jwt;
    struct err err = ERR_INIT;

    if (!jwt && !jwt_open(&conf, &jwt, &err))
        abort();
    return jwt;
}

static void check(struct sv token, bool may_pass)
{
    AUTO(json_free) struct json *claims = NULL;
    struct door_who who = {.role = DOOR_OPEN};
    struct err err = ERR_INIT;
    double exp;

    if (!jwt_check(opened(), token, NOW, &claims, &err)) {
        if (claims || err.code != ERR_UNAUTHENTICATED)
            abort();
        return;
    }
    exp = json_num_or(claims, "exp", 0);
    if (!may_pass || !jwt_shaped(token) || !(exp > NOW - 30))
        abort();
    if (person_read(claims, "realm.role", &who, &err) &&
        (who.role == DOOR_OPEN || !utf8_ok(sv_of(who.name)) || strlen(who.name) < 5))
        abort();
}

static void url_text(struct sv bytes, struct str *out)
{
    size_t from = out->n;

    base64_encode(bytes, out);
    for (size_t i = from; i < out->n; i++)
        out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
    while (out->n > from && out->p[out->n - 1] == '=')
        out->p[--out->n] = '\0';
}

static void check_signed(struct sv text)
{
    AUTO(str_free) struct str token = STR_INIT(WALL);
    const char *line = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
    uint8_t mac[SHA256_SIZE];
    size_t head = line ? (size_t)(line - text.p) : text.n;

    url_text((struct sv){text.p, head}, &token);
    str_addc(&token, '.');
    if (line)
        url_text((struct sv){line + 1, text.n - head - 1}, &token);
    crypto_hmac(SV_LIT(SECRET), str_sv(&token), mac);
    str_addc(&token, '.');
    url_text((struct sv){(const char *)mac, sizeof mac}, &token);
    check(str_sv(&token), true);
}

static void check_keys(struct sv text)
{
    AUTO(jwt_keys_free) struct jwt_keys *keys = NULL;
    struct err err = ERR_INIT;

    if (!jwt_keys_parse(text, &keys, &err))
        return;
    if (keys->count == 0 || keys->count > JWT_KEYS_MAX)
        abort();
    for (size_t i = 0; i < keys->count; i++)
        if (keys->key[i].alg != JWT_RS256 && keys->key[i].alg != JWT_ES256)
            abort();
}

/* An address that failed three times waits, whatever it is. */
static void check_address(struct sv text)
{
    AUTO(throttle_close) struct throttle *t = throttle_open(3, 100);
    AUTO(str_free) struct str address = STR_INIT(WALL);
    struct err err = ERR_INIT;

    str_addv(&address, text);
    for (int i = 0; i < 3; i++)
        throttle_failed(t, address.p, NOW);
    if (throttle_admit(t, address.p, NOW, &err) || err.retry_s != 60)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sv rest = {(const char *)data + 1, n - 1};

    if (n == 0)
        return 0;
    switch (data[0]) {
    case 's':
        check_signed(rest);
        break;
    case 'k':
        check_keys(rest);
        break;
    case 'a':
        check_address(rest);
        break;
    default:
        check(rest, false);
    }
    return 0;
}
