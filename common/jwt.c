/* jwt.c - a token: its shape, its header, its signature, its time. */
#include "common/jwt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/jwt_internal.h"

enum { PARTS = 3 };

struct jwt {
    struct jwt_conf conf;
    struct jwt_key secret;   /* jwk NULL: no HS256 */
    struct jwt_store *store; /* NULL: neither RS256 nor ES256 */
};

static bool no(struct err *err, const char *why)
{
    return err_set(err, ERR_UNAUTHENTICATED, "the JWT %s", why);
}

bool jwt_open(const struct jwt_conf *conf, struct jwt **out, struct err *err)
{
    AUTO(jwt_close) struct jwt *jwt = calloc(1, sizeof *jwt);
    const char *secret = secret_text(conf->secret);
    cjose_err why;

    if (!jwt)
        abort();
    jwt->conf = *conf;
    if (secret_is_set(conf->secret)) {
        if (strlen(secret) < JWT_SECRET_MIN)
            return err_set(err, ERR_BAD_REQUEST, "a secret for HS256 has %d bytes or more",
                           JWT_SECRET_MIN);
        jwt->secret.alg = JWT_HS256;
        jwt->secret.jwk = cjose_jwk_create_oct_spec((const uint8_t *)secret, strlen(secret), &why);
        if (!jwt->secret.jwk)
            return err_set(err, ERR_INTERNAL, "the secret for HS256 is not taken");
    }
    if (*conf->jwks != '\0' && !jwt_store_open(&jwt->conf, &jwt->store, err))
        return false;
    *out = TAKE(jwt);
    return true;
}

void jwt_close(struct jwt **jwt)
{
    if (!*jwt)
        return;
    if ((*jwt)->secret.jwk)
        cjose_jwk_release((*jwt)->secret.jwk);
    jwt_store_close(&(*jwt)->store);
    free(*jwt);
    *jwt = NULL;
}

bool jwt_load(struct jwt *jwt, struct err *err)
{
    struct jwt_keys *keys = NULL;

    if (!jwt->store)
        return true;
    if (!jwt_store_take(jwt->store, false, &keys, err))
        return false;
    jwt_store_give(jwt->store, &keys);
    return true;
}

/* ---- shape ---- */
bool jwt_base64url(struct sv text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t i = 0; i < text.n; i++)
        if (!memchr(letters, text.p[i], sizeof letters - 1))
            return false;
    return text.n > 0 && text.n % 4 != 1;
}

static bool split(struct sv token, struct sv parts[static PARTS])
{
    for (size_t n = 0; n < PARTS; n++) {
        const char *dot = token.n > 0 ? memchr(token.p, '.', token.n) : NULL;
        size_t len = dot ? (size_t)(dot - token.p) : token.n;

        parts[n] = (struct sv){token.p, len};
        if (!jwt_base64url(parts[n]) || !dot != (n == PARTS - 1))
            return false;
        len += dot ? 1 : 0;
        token = (struct sv){token.p + len, token.n - len};
    }
    return true;
}

bool jwt_shaped(struct sv token)
{
    struct sv parts[PARTS];

    return split(token, parts);
}

/* ---- header (RFC 7515 4.1) ---- */
struct head {
    enum jwt_alg alg;
    char kid[JWT_KID_MAX + 1];
};

static enum jwt_alg alg_named(const char *name)
{
    static const char *const names[] = {
        [JWT_NONE] = "", [JWT_HS256] = "HS256", [JWT_RS256] = "RS256", [JWT_ES256] = "ES256"};

    for (unsigned i = JWT_HS256; i < COUNT_OF(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum jwt_alg)i;
    return JWT_NONE;
}

static bool is_jwt_type(const char *typ)
{
    return *typ == '\0' || strcasecmp(typ, "JWT") == 0 || strcasecmp(typ, "at+jwt") == 0;
}

static void octets_free(uint8_t **p) { free(*p); }

static bool parse_head(struct sv text, struct json **out, struct err *err)
{
    AUTO(octets_free) uint8_t *bytes = NULL;
    size_t n = 0;
    struct err why = ERR_INIT;
    cjose_err bad;

    if (!cjose_base64url_decode(text.p, text.n, &bytes, &n, &bad) ||
        !json_parse((struct sv){(const char *)bytes, n}, out, &why) ||
        json_type(*out) != JSON_OBJECT)
        return no(err, "has no header that can be read");
    return true;
}

static bool read_head(struct sv text, struct head *head, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    const char *kid;

    if (!parse_head(text, &doc, err))
        return false;
    if (json_find(doc, "crit"))
        return no(err, "asks for extensions (crit) that are not known here");
    if (!is_jwt_type(json_text_or(doc, "typ", "")))
        return no(err, "is of another type");
    head->alg = alg_named(json_text_or(doc, "alg", ""));
    if (head->alg == JWT_NONE)
        return no(err, "is not signed by HS256, RS256 or ES256");
    kid = json_text_or(doc, "kid", "");
    if (strlen(kid) > JWT_KID_MAX)
        return no(err, "has a kid of more than 255 bytes");
    memcpy(head->kid, kid, strlen(kid) + 1);
    return true;
}

/* ---- signature ---- */
static void jws_free(cjose_jws_t **jws)
{
    if (*jws)
        cjose_jws_release(*jws);
}

/* The claims, if that key made the signature. */
static bool signed_by(const struct jwt_key *key, struct sv token, struct json **claims)
{
    AUTO(jws_free) cjose_jws_t *jws = NULL;
    struct err why = ERR_INIT;
    uint8_t *bytes = NULL;
    size_t n = 0;
    cjose_err bad;

    jws = cjose_jws_import(token.p, token.n, &bad);
    if (!jws || !cjose_jws_verify(jws, key->jwk, &bad) ||
        !cjose_jws_get_plaintext(jws, &bytes, &n, &bad))
        return false;
    return json_parse((struct sv){(const char *)bytes, n}, claims, &why);
}

/* Keys of the token's own kind only: an RSA key is never taken for a shared secret. missing: none
 * bears its kid. */
static bool try_keys(const struct jwt_keys *keys, const struct head *head, struct sv token,
                     struct json **claims, bool *missing)
{
    *missing = true;
    for (size_t i = 0; i < keys->count; i++) {
        const struct jwt_key *key = &keys->key[i];

        if (key->alg != head->alg ||
            (head->kid[0] != '\0' && key->kid[0] != '\0' && strcmp(key->kid, head->kid) != 0))
            continue;
        *missing = false;
        if (signed_by(key, token, claims))
            return true;
    }
    return false;
}

static bool by_store(struct jwt *jwt, const struct head *head, struct sv token,
                     struct json **claims, struct err *err)
{
    bool missing = false, good = false;

    for (int i = 0; i < 2 && !good && (i == 0 || missing); i++) {
        struct jwt_keys *keys = NULL;

        if (!jwt_store_take(jwt->store, missing, &keys, err))
            return false;
        good = try_keys(keys, head, token, claims, &missing);
        jwt_store_give(jwt->store, &keys);
    }
    return good || no(err, missing ? "was signed with a key that is not known"
                                   : "was not signed with the key that it names");
}

static bool verify(struct jwt *jwt, const struct head *head, struct sv token, struct json **claims,
                   struct err *err)
{
    if (head->alg != JWT_HS256)
        return jwt->store ? by_store(jwt, head, token, claims, err)
                          : no(err, "is signed by RS256 or ES256, and there is no JWKS");
    if (!jwt->secret.jwk)
        return no(err, "is signed by HS256, and there is no shared secret");
    return signed_by(&jwt->secret, token, claims) || no(err, "was not signed with our secret");
}

/* ---- claims (RFC 7519 4.1) ---- */
static bool has_time(const struct json *claims, const char *name)
{
    const struct json *n = json_find(claims, name);

    return n && json_type(n) == JSON_NUMBER && isfinite(json_number(n));
}

static bool check_time(const struct jwt_conf *c, const struct json *claims, double now,
                       struct err *err)
{
    double leeway = (double)c->leeway_s;

    if (!has_time(claims, "exp"))
        return no(err, "has no end (exp)");
    if (now - leeway >= json_num_or(claims, "exp", 0))
        return no(err, "has expired");
    if (json_find(claims, "nbf") &&
        (!has_time(claims, "nbf") || now + leeway < json_num_or(claims, "nbf", 0)))
        return no(err, "does not count yet (nbf)");
    return true;
}

static bool holds(const struct json *texts, const char *wanted)
{
    const char *text = json_text(texts);

    if (text)
        return strcmp(text, wanted) == 0;
    for (const struct json *one = json_first(texts); one; one = json_next(one))
        if (json_text(one) && strcmp(json_text(one), wanted) == 0)
            return true;
    return false;
}

static bool check_claims(const struct jwt_conf *c, const struct json *claims, double now,
                         struct err *err)
{
    const struct json *audience = json_find(claims, "aud");

    if (json_type(claims) != JSON_OBJECT)
        return no(err, "holds no claims");
    if (!check_time(c, claims, now, err))
        return false;
    if (*c->issuer != '\0' && strcmp(json_text_or(claims, "iss", ""), c->issuer) != 0)
        return no(err, "comes from another issuer (iss)");
    if (*c->audience != '\0' &&
        (!audience || json_type(audience) == JSON_OBJECT || !holds(audience, c->audience)))
        return no(err, "is meant for another audience (aud)");
    return true;
}

bool jwt_check(struct jwt *jwt, struct sv token, int64_t now_s, struct json **claims,
               struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    struct sv parts[PARTS];
    struct head head = {.alg = JWT_NONE};

    if (token.n > JWT_MAX)
        return no(err, "is longer than 8 KiB");
    if (!split(token, parts))
        return no(err, "has not three parts of base64url");
    if (!read_head(parts[0], &head, err) || !verify(jwt, &head, token, &doc, err) ||
        !check_claims(&jwt->conf, doc, (double)now_s, err))
        return false;
    *claims = TAKE(doc);
    return true;
}
