/*
 * options.h - the tool's command line and the credentials of its environment.
 *
 * Texts are borrowed from argv and the environment. Errors: ERR_BAD_REQUEST with a sentence; a
 * credential stands in none of them.
 */
#pragma once

#include "common/err.h"
#include "common/secret.h"
#include "common/sigv4.h"

enum { OPTIONS_PAIRS_MAX = 16 };
enum said { UNSAID, NO, YES };

struct options {
    bool help, presign;
    bool query; /* --mode query */
    const char *service, *region;
    int64_t time;    /* wall seconds; -1: not given */
    int64_t expires; /* seconds; -1: not given */
    bool normalise, double_encode, unsigned_payload, omit_token;
    enum said sign_body;
    const char *diff; /* file; NULL: none */

    /* presign METHOD BUCKET KEY */
    const char *words[3];
    size_t words_n;
    const char *endpoint; /* "": AWS */
    enum said path_style;
    struct sigv4_pair queries[OPTIONS_PAIRS_MAX], headers[OPTIONS_PAIRS_MAX];
    size_t queries_n, headers_n;

    const char *access_key;
    struct secret secret_key, token;
};

MUST_CHECK bool options_read(int argc, char **argv, struct options *out, struct err *err);
/* 20150830T123600Z or 2015-08-30T12:36:00Z */
MUST_CHECK bool options_time(struct sv text, int64_t *wall_s);
extern const char options_help[];
