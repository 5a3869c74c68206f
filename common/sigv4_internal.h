/* sigv4_internal.h - what the files of sigv4 share: the signer, a day of it, and fixed scratch. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/sigv4.h"

enum { SIGV4_STAMP_SIZE = 17, SIGV4_SCOPE_SIZE = 160 };

/* All that a signature needs of one day and that is the same for each request of it. */
struct sigv4_day {
    struct sigv4_day *next;
    int64_t number; /* days since 1970 */
    char date[9];
    char scope[SIGV4_SCOPE_SIZE]; /* date/region/service/aws4_request */
    size_t scope_n;
    struct str credential; /* access key/scope, percent-encoded */
    struct crypto_key key;
};

struct sigv4 {
    uint64_t serial; /* of this process: unlike an address, never used again */
    char *access_key, *secret_key, *region, *service;
    struct str token; /* percent-encoded */
    bool generic, normalise, token_after;
    pthread_mutex_t deriving;
    struct sigv4_day *_Atomic days; /* newest first; only ever grows, by one a day */
};

/* A str on the caller's stack: it never allocates, and is never str_free'd. */
#define SIGV4_SCRATCH(buf)                                                                         \
    {                                                                                              \
        .p = (buf), .cap = sizeof(buf), .wall = sizeof(buf) - 1                                    \
    }

const struct sigv4_day *sigv4_day(struct sigv4 *s, int64_t now);
void sigv4_stamp(const struct sigv4_day *day, int64_t now,
                 char out[static SIGV4_STAMP_SIZE]); /* 20261122T100000Z */

/* The parts of a canonical request. */
struct sigv4_parts {
    struct str *path, *query, *names; /* names: "host;x-amz-date" */
};
MUST_CHECK bool sigv4_parts(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                            struct sigv4_parts *parts);
MUST_CHECK bool sigv4_join(const struct sigv4_request *req, const struct sigv4_parts *parts,
                           struct str *out);
/* Canonical request -> string to sign -> signature. */
MUST_CHECK bool sigv4_sign(struct sigv4 *s, const struct sigv4_request *req,
                           const struct sigv4_parts *parts, char out[static SHA256_HEX_SIZE]);
/* sigv4_encode into memory with room for three bytes of each; gives its end. */
char *sigv4_encode_to(char *out, struct sv raw, bool keep_slashes);
