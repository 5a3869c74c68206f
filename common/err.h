/*
 * err.h - why something failed: one value on the caller's stack, no allocation, no ownership.
 *
 * Promise of every function that can fail: true = *err untouched and outputs set; false = *err
 * filled and outputs untouched. err_set and err_wrap always return false, so a failure is one line:
 *     return err_set(err, ERR_TOO_LARGE, "the body is larger than %zu bytes", max);
 * A client is shown msg only when the status is below 500, so msg never holds a secret.
 */
#pragma once

#include "common/base.h"

enum err_code {
#define ERR(name, wire, http, again) ERR_##name,
#include "proto/err.def"
#undef ERR
    ERR_COUNT_
};

struct err {
    enum err_code code;
    int retry_s; /* a client may come back after so many seconds; 0: the table's word is enough */
    char msg[320];
};
#define ERR_INIT                                                                                   \
    {                                                                                              \
        .code = ERR_NONE                                                                           \
    }

bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with a Retry-After of its own. */
bool err_set_later(struct err *err, enum err_code code, int retry_s, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
bool err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3); /* "what: " before msg */

const char *err_wire(enum err_code code);
int err_http(enum err_code code);
bool err_again(enum err_code code);                   /* may the caller try the same again? */
bool err_parse(const char *wire, enum err_code *out); /* by wire name */
