/* jwt_internal.h - what the two files of the room share: keys, and how one is found. */
#pragma once

#include <cjose/cjose.h>

#include "common/jwt.h"

enum jwt_alg { JWT_NONE, JWT_HS256, JWT_RS256, JWT_ES256 };
enum { JWT_KID_MAX = 255, JWT_KEYS_MAX = 64 };

struct jwt_key {
    cjose_jwk_t *jwk;
    enum jwt_alg alg; /* the only one that it serves */
    char kid[JWT_KID_MAX + 1];
};

/* Base64url without padding (RFC 7515 2), at least a byte of it. cjose ends the process over a text
 * of 4n + 1 letters, so it is given none that was not asked this. */
bool jwt_base64url(struct sv text);

/* One reading of a JWKS: never changed, shared by those who check with it. */
struct jwt_keys {
    size_t users; /* under jwt_store's lock */
    size_t count;
    struct jwt_key key[JWT_KEYS_MAX];
};

struct jwt_store;
bool jwt_store_open(const struct jwt_conf *conf, struct jwt_store **out, struct err *err);
void jwt_store_close(struct jwt_store **store);
/* The keys, read anew when they are old. missed: one that was looked for is not among them. */
MUST_CHECK bool jwt_store_take(struct jwt_store *store, bool missed, struct jwt_keys **out,
                               struct err *err);
void jwt_store_give(struct jwt_store *store, struct jwt_keys **keys);

/* Pure: what is usable of a JWKS document. ERR_UPSTREAM: nothing. */
MUST_CHECK bool jwt_keys_parse(struct sv text, struct jwt_keys **out, struct err *err);
void jwt_keys_free(struct jwt_keys **keys);
