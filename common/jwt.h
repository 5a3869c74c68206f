/*
 * jwt.h - JSON Web Tokens that somebody else made: is the signature right, and does it still count?
 * The only room that knows cjose (jwt.c, jwt_keys.c).
 *
 * In:      a compact JWS (RFC 7515, RFC 7519), at most JWT_MAX bytes. Out: its claims.
 * Taken:   HS256 by the shared secret; RS256 (2048 to 8192 bits) and ES256 (P-256) by the keys of a
 *          JWKS (RFC 7517), a file or a URL, read again when it is older than cache_ms, or for a
 * kid that it lacks, at most once in retry_ms. While it cannot be read the keys that are known
 *          serve on, for a day.
 * Refused: every other alg, "none" above all; a key of another kind than its alg (RFC 8725 2.1);
 *          crit; keys that the token brings along or points to (jwk, jku, x5u are never looked at);
 *          a token without exp, over it, before nbf, of another issuer or audience.
 * Threads: any. Our own strict reader takes header and claims, and every base64 is judged before
 *          cjose sees it (docs/decisions/0007).
 * Errors:  ERR_UNAUTHENTICATED with a reason that holds nothing of the token; ERR_BUSY (with a time
 *          to come back) while no key could be read yet.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "common/json.h"
#include "common/secret.h"

enum { JWT_MAX = 8192, JWT_SECRET_MIN = 32 };

/* Told of each reading of the JWKS; why is NULL when it went well. */
typedef void jwt_told_fn(const struct err *why);

struct jwt_conf {
    struct secret secret; /* not set: no HS256 */
    const char *jwks;     /* path or http(s) URL; "": neither RS256 nor ES256 */
    const char *issuer;   /* "": any */
    const char *audience; /* "": any */
    int64_t leeway_s, cache_ms, retry_ms;
    jwt_told_fn *told; /* NULL: nobody is told */
};

struct jwt;

/* Texts are borrowed. Reads nothing yet. */
MUST_CHECK bool jwt_open(const struct jwt_conf *conf, struct jwt **out, struct err *err);
void jwt_close(struct jwt **jwt); /* no check may be running; NULL is fine */
/* Read the JWKS now; true when there is none to be read. */
MUST_CHECK bool jwt_load(struct jwt *jwt, struct err *err);
/* Has it the shape of one? Three parts with dots between, of base64url's letters. */
bool jwt_shaped(struct sv token);
/* *claims belongs to the caller. */
MUST_CHECK bool jwt_check(struct jwt *jwt, struct sv token, int64_t now_s, struct json **claims,
                          struct err *err);
