/*
 * tokens.h - who is asking: bearer tokens, the setting UPLOAD_TOKEN, JWTs, and session cookies.
 *
 * Only SHA-256 sums are kept and compared; a token is drawn from 256 random bits, so a plain hash
 * is enough. Errors: ERR_UNAUTHENTICATED without a word on which part was wrong.
 */
#pragma once

#include "common/crypto.h"
#include "common/door.h"
#include "upload-svc/app.h"

enum { TOKEN_SIZE = 72 }; /* "snk_" and 64 hex digits */

/* The door's auth function; app is a struct app. */
door_auth_fn tokens_auth;
/* What was shown to log in with, once it was found right. */
struct tokens_login {
    struct door_who who;
    bool jwt;
    double ends_s;                /* when the JWT expires, wall time */
    char sha256[SHA256_HEX_SIZE]; /* of what was shown */
};
/* ERR_UNAUTHENTICATED, counted for that address and logged without the token; ERR_RATE with the
 * time to wait, after too many of them; ERR_FORBIDDEN: a JWT of somebody who has no role here. */
MUST_CHECK bool tokens_login(struct app *app, struct sv token, const char *remote,
                             struct tokens_login *out, struct err *err);
/* Is there any token, or are JWTs taken? Without either, only a loopback door may be opened, and is
 * open to all. */
MUST_CHECK bool tokens_any(struct app *app, bool *any, struct err *err);
/* Draw a token and keep its sum. ERR_CONFLICT: the name is taken. ERR_BAD_REQUEST: name or role. */
MUST_CHECK bool tokens_create(struct app *app, const char *name, const char *role,
                              char out[static TOKEN_SIZE], struct err *err);
/* A line for each: role, when it was made, name, and since when it is revoked. */
MUST_CHECK bool tokens_list(struct app *app, struct str *out, struct err *err);
MUST_CHECK bool tokens_revoke(struct app *app, const char *name, struct err *err);
void tokens_draw(char out[static TOKEN_SIZE]);
