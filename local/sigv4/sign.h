/*
 * sign.h - a raw request and the options -> everything that people compare when a signature is not
 * accepted.
 *
 * Errors: ERR_BAD_REQUEST: no Host, or longer than the signer's walls (sigv4.h).
 */
#pragma once

#include "common/str.h"
#include "local/sigv4/options.h"
#include "local/sigv4/raw.h"

struct signing {
    struct str canonical, text; /* text: the string to sign */
    struct str authorization, query, request;
    char signature[SHA256_HEX_SIZE];
};
#define SIGNING_INIT                                                                               \
    {                                                                                              \
        .canonical = STR_INIT(1 << 20), .text = STR_INIT(1 << 20),                                 \
        .authorization = STR_INIT(1 << 20), .query = STR_INIT(1 << 20),                            \
        .request = STR_INIT((size_t)1 << 30)                                                       \
    }

MUST_CHECK bool sign_raw(const struct raw *raw, const struct options *o, struct signing *out,
                         struct err *err);
void sign_json(const struct signing *s, bool query, struct str *out); /* one object and a newline */
struct sv sign_names(const struct signing *s);                        /* "host;x-amz-date" */
void sign_free(struct signing *s);

/* Does the request itself say when it was signed? */
bool sign_says_time(const struct raw *raw);
