/*
 * cloudfront.h - signed URLs of a CloudFront distribution that stands before the bucket.
 *
 * In:      a private key (RSA 2048 or ECDSA P-256, PEM) whose public half CloudFront knows under
 *          the key id. Out: a URL with a canned policy, or with a custom one where the resource is
 *          another than the URL (wildcards), or a first second or an address is asked for.
 * Holds:   the last signatures by policy: an RSA signature costs a quarter of a millisecond.
 * Threads: shared. Errors: ERR_BAD_REQUEST (the settings), ERR_INTERNAL (too long).
 * Source:  CloudFront Developer Guide, "Create a signed URL using a canned policy", "... custom".
 */
#pragma once

#include "common/err.h"
#include "common/secret.h"
#include "common/str.h"

struct cloudfront;

struct cloudfront_conf {
    const char *origin;        /* "https://d111111abcdef8.cloudfront.net", or a name of one's own */
    const char *key_id;        /* "K2JCJMDEHXQW5F" */
    struct secret private_key; /* PEM; line ends may be the two letters \n, as in an .env file */
    bool sha1;                 /* the hash of old; else SHA-256 and Hash-Algorithm=SHA256 */
};

struct cloudfront_policy {
    int64_t expires;     /* wall seconds: the last one is the one before */
    int64_t not_before;  /* 0: at once */
    struct sv resource;  /* may hold '*' and '?'; empty: the URL */
    struct sv source_ip; /* "192.0.2.0/24"; empty: anybody */
};

MUST_CHECK bool cloudfront_open(const struct cloudfront_conf *conf, struct cloudfront **out,
                                struct err *err); /* texts are copied */
void cloudfront_free(struct cloudfront **cf);

/* path: raw, "/key", encoded here. The URL is appended: it holds a signature, never log it. */
MUST_CHECK bool cloudfront_sign(struct cloudfront *cf, struct sv path,
                                const struct cloudfront_policy *policy, struct str *out,
                                struct err *err);
