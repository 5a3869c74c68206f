/*
 * crypto.c - one-shot digests, hex, random and comparing.
 *
 * Random comes from the kernel itself (getrandom(2)), so no library state has to survive a fork.
 */
#include "common/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void crypto_hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

void crypto_sha256_hex(struct sv bytes, char out[static SHA256_HEX_SIZE])
{
    uint8_t sum[SHA256_SIZE];

    crypto_sha256(bytes, sum);
    crypto_hex(sum, sizeof sum, out);
}

void crypto_hmac(struct sv key, struct sv bytes, uint8_t out[static SHA256_SIZE])
{
    struct crypto_key k;

    crypto_key_set(&k, key);
    crypto_key_hmac(&k, bytes, out);
    crypto_wipe(&k, sizeof k);
}

void crypto_md5(struct sv bytes, uint8_t out[static MD5_SIZE])
{
    /* Fails only where a policy forbids MD5, and then nothing sensible can go on. */
    if (!EVP_Digest(bytes.n ? bytes.p : "", bytes.n, out, NULL, EVP_md5(), NULL))
        abort();
}

bool crypto_equal(struct sv a, struct sv b)
{
    return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

void crypto_wipe(void *p, size_t n) { OPENSSL_cleanse(p, n); }

void crypto_random(void *out, size_t n)
{
    uint8_t *at = out;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);

        if (got < 0 && errno != EINTR)
            abort();
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}
