/*
 * crypto.c - one-shot digests, hex, random and comparing.
 *
 * Random comes from the kernel itself (getrandom(2)), so no library state has to survive a fork.
 */
#include "common/crypto.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char digits[] = "0123456789abcdef";

#ifdef __SSE2__
/* Sixteen bytes a step: a presigned URL spends two hashes' worth of this. */
static size_t hex_blocks(const uint8_t *bytes, size_t n, char *out)
{
    const __m128i low = _mm_set1_epi8(15), nine = _mm_set1_epi8(9), zero = _mm_set1_epi8('0');
    const __m128i letter = _mm_set1_epi8('a' - '0' - 10);
    size_t i = 0;

    for (; n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m128i high = _mm_and_si128(_mm_srli_epi16(v, 4), low);
        __m128i half[2];

        v = _mm_and_si128(v, low);
        half[0] = _mm_unpacklo_epi8(high, v);
        half[1] = _mm_unpackhi_epi8(high, v);
        for (size_t k = 0; k < 2; k++) {
            __m128i more = _mm_and_si128(_mm_cmpgt_epi8(half[k], nine), letter);

            half[k] = _mm_add_epi8(_mm_add_epi8(half[k], zero), more);
            _mm_storeu_si128((__m128i *)(void *)(out + 2 * i + 16 * k), half[k]);
        }
    }
    return i;
}
#else
static size_t hex_blocks(const uint8_t *bytes, size_t n, char *out)
{
    (void)bytes, (void)n, (void)out;
    return 0;
}
#endif

void crypto_hex(const uint8_t *bytes, size_t n, char *out)
{
    size_t i = hex_blocks(bytes, n, out);

    for (; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
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
