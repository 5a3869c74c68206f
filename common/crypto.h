/*
 * crypto.h - the only room that knows OpenSSL: SHA-256, HMAC-SHA-256 with kept mid-states, MD5,
 * random, compare, signatures.
 *
 * Threads: the functions may be called from any thread; a struct belongs to one.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65, MD5_SIZE = 16 };

void crypto_sha256(struct sv bytes, uint8_t out[static SHA256_SIZE]);
void crypto_sha256_hex(struct sv bytes, char out[static SHA256_HEX_SIZE]);
void crypto_hex(const uint8_t *bytes, size_t n, char *out); /* 2n + 1 characters */
void crypto_hmac(struct sv key, struct sv bytes, uint8_t out[static SHA256_SIZE]);

/*
 * An HMAC key of which the two padded blocks are hashed already (RFC 2104 section 4), so that each
 * message costs only its own blocks. Holds a secret: crypto_wipe it. Shared for reading.
 */
struct crypto_key {
    uint64_t inner[14], outer[14]; /* OpenSSL's SHA256_CTX, copied in and out */
};
void crypto_key_set(struct crypto_key *k, struct sv key);
void crypto_key_hmac(const struct crypto_key *k, struct sv bytes, uint8_t out[static SHA256_SIZE]);
/* The key together with what many messages begin with: hmac then takes the rest of each. */
void crypto_key_begin(const struct crypto_key *k, struct sv beginning, struct crypto_key *out);
void crypto_wipe(void *p, size_t n); /* zeroes that the compiler may not leave out */

void crypto_md5(struct sv bytes, uint8_t out[static MD5_SIZE]); /* for Content-MD5 only */
bool crypto_equal(struct sv a, struct sv b); /* constant time for equal lengths */
void crypto_random(void *out, size_t n);     /* aborts when the kernel gives none */

/* Incremental SHA-256. */
struct crypto_hash;
struct crypto_hash *crypto_hash_open(void);
void crypto_hash_add(struct crypto_hash *h, struct sv bytes);
void crypto_hash_end(struct crypto_hash *h, uint8_t out[static SHA256_SIZE]); /* and starts anew */
void crypto_hash_end_hex(struct crypto_hash *h, char hex[static SHA256_HEX_SIZE]);
uint64_t crypto_hash_count(const struct crypto_hash *h); /* bytes taken so far */
void crypto_hash_restart(struct crypto_hash *h);         /* what it took is forgotten */
/* The sum of these bytes, which `whole` takes too (NULL: nobody does): where the processor can and
 * whole has so far taken a multiple of 64 bytes, at 1.4 times the cost of one (crypto_pair.h), and
 * at that of one where whole has taken none. */
void crypto_hash_add_summed(struct crypto_hash *whole, struct sv bytes,
                            char hex[static SHA256_HEX_SIZE]);
void crypto_hash_free(struct crypto_hash **h);

/* A private key that signs: RSA (PKCS #1 v1.5) or ECDSA (DER), as PEM without a password. Shared by
 * threads. */
struct crypto_signer;
enum { CRYPTO_SIGNATURE_MAX = 1024 };
MUST_CHECK bool crypto_signer_open(struct sv pem, struct crypto_signer **out, struct err *err);
void crypto_signer_free(struct crypto_signer **s);
MUST_CHECK bool crypto_sign(const struct crypto_signer *s, bool sha256, struct sv text,
                            uint8_t out[static CRYPTO_SIGNATURE_MAX], size_t *n,
                            struct err *err); /* sha256 false: SHA-1 */
