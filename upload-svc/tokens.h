/*
 * tokens.h - who is asking: bearer tokens, the setting UPLOAD_TOKEN, and session cookies.
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
MUST_CHECK bool tokens_who(struct app *app, const char *sha256, struct door_who *out,
                           struct err *err);
/* Is there any token? Without one, only a loopback door may be opened, and is open to all. */
MUST_CHECK bool tokens_any(struct app *app, bool *any, struct err *err);
/* Draw a token and keep its sum. ERR_CONFLICT: the name is taken. ERR_BAD_REQUEST: name or role. */
MUST_CHECK bool tokens_create(struct app *app, const char *name, const char *role,
                              char out[static TOKEN_SIZE], struct err *err);
void tokens_draw(char out[static TOKEN_SIZE]);
