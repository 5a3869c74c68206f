/*
 * sigv4.h - AWS Signature Version 4: canonical request, string to sign, signature; in a header and
 * in a query (presigned URL). The chunks of a streamed body: sigv4_chunk.h.
 *
 * In:      everything as values, the time too; no clock, no network. Only what is listed in a
 *          request's headers is signed, so the caller lists host, x-amz-date and, for S3,
 *          x-amz-content-sha256 (and x-amz-security-token with temporary keys) and sends just that.
 * Path:    S3 rules (the default): raw bytes of the path, encoded once, never normalised. Generic
 *          rules: the path as it is sent, encoded (again) and normalised; two switches.
 * Threads: a struct sigv4 is shared; the key of a day is derived once and kept as HMAC mid-states.
 *          Signing takes no lock and allocates nothing (beyond what `out` grows by).
 * Errors:  false: longer than the walls below.
 * Source:  AWS General Reference "Signing AWS API requests"; S3 API "Authenticating Requests".
 */
#pragma once

#include "common/base.h"
#include "common/crypto.h"
#include "common/str.h"

enum { SIGV4_QUERY_MAX = 32, SIGV4_HEADERS_MAX = 48, SIGV4_SIZE_MAX = 16 << 10 };
#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
#define SIGV4_EMPTY    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct sigv4_pair {
    struct sv name, value; /* raw: encoding, lower case and order are the signer's work */
};

struct sigv4_conf {
    struct sv access_key, secret_key;
    struct sv token; /* of temporary keys; empty: none */
    struct sv region, service;
    bool generic;     /* the path comes encoded: any service but S3 */
    bool normalise;   /* without empty, "." and ".." segments; never for S3 */
    bool token_after; /* presigned: the token is added after signing (some older services) */
};

struct sigv4_request {
    struct sv method, path;
    const struct sigv4_pair *query, *headers;
    size_t query_n, headers_n;
    struct sv payload; /* hex SHA-256 of the body, or one of the words above */
    int64_t now;       /* wall seconds, the date of the signature */
};

struct sigv4;
struct sigv4 *sigv4_open(const struct sigv4_conf *conf); /* texts are copied; no memory: abort */
void sigv4_free(struct sigv4 **s);

/* The value of the Authorization header, appended. signature may be NULL (chunks start from it). */
MUST_CHECK bool sigv4_authorize(struct sigv4 *s, const struct sigv4_request *req, struct str *out,
                                char *signature);
/* "/path?query&X-Amz-Signature=..." appended, ready to follow scheme and host. */
MUST_CHECK bool sigv4_presign(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                              struct str *out);

/*
 * The same for many URLs of one host, method, second and expiry: all but the path is made once and
 * kept in the mould. Gives the very bytes of sigv4_presign for any request; one with more headers
 * than Host, or with parameters, is made without the mould. A mould starts zeroed, belongs to one
 * thread, may outlive its signers, and holds the session token and the key of a day.
 */
enum { SIGV4_MOULD_SIZE = 3072 };
struct sigv4_mould {
    uint64_t serial; /* of the signer; 0: empty */
    int64_t now, expires_s;
    size_t method_n, query_at, query_n, host_at, host_n, payload_at, size;
    struct crypto_key key;        /* of the day, with the string to sign but for its last line */
    char bytes[SIGV4_MOULD_SIZE]; /* method, and what follows the path in a canonical request */
};
MUST_CHECK bool sigv4_presign_with(struct sigv4_mould *m, struct sigv4 *s,
                                   const struct sigv4_request *req, int64_t expires_s,
                                   struct str *out);

/* The steps, one by one. expires_s < 0: header mode. */
MUST_CHECK bool sigv4_canonical(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                                struct str *out);
void sigv4_string_to_sign(struct sigv4 *s, int64_t now, struct sv canonical, struct str *out);
void sigv4_signature(struct sigv4 *s, int64_t now, struct sv text,
                     char out[static SHA256_HEX_SIZE]); /* also of a POST policy, in Base64 */
/* "access key/day/region/service/aws4_request" appended: x-amz-credential of a POST policy's form.
 */
void sigv4_credential(struct sigv4 *s, int64_t now, struct str *out);
void sigv4_derive(const struct sigv4_conf *conf, const char *day,
                  uint8_t out[static SHA256_SIZE]); /* day: YYYYMMDD */

/* Percent-encoding by RFC 3986: all but unreserved characters, in capitals. */
void sigv4_encode(struct sv raw, bool keep_slashes, struct str *out);
