/*
 * crypto_hash.c - SHA-256 in steps, and HMAC (RFC 2104, FIPS 180-4) from kept mid-states.
 *
 * OpenSSL's low-level SHA256_CTX is used on purpose: it is a plain struct that can be copied, while
 * an EVP context allocates with each copy. Signing a URL is two such copies and must not allocate.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "common/crypto.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto_pair.h"

enum { SHA256_BLOCK = 64 };

struct crypto_hash {
    SHA256_CTX ctx;
};

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct crypto_key *)0)->inner),
               "crypto_key keeps a whole SHA256_CTX");

static void add(SHA256_CTX *ctx, struct sv bytes)
{
    if (bytes.n > 0)
        SHA256_Update(ctx, bytes.p, bytes.n);
}

void crypto_sha256(struct sv bytes, uint8_t out[static SHA256_SIZE])
{
    SHA256_CTX ctx;

    SHA256_Init(&ctx);
    add(&ctx, bytes);
    SHA256_Final(out, &ctx);
}

/* The state after one block of the key, each byte mixed with `pad`. */
static void keyed(uint64_t state[static 14], const uint8_t key[static SHA256_BLOCK], uint8_t pad)
{
    uint8_t block[SHA256_BLOCK];
    SHA256_CTX ctx;

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ pad;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, block, sizeof block);
    memcpy(state, &ctx, sizeof ctx);
    crypto_wipe(block, sizeof block);
    crypto_wipe(&ctx, sizeof ctx);
}

void crypto_key_set(struct crypto_key *k, struct sv key)
{
    uint8_t block[SHA256_BLOCK] = {0};

    if (key.n > sizeof block)
        crypto_sha256(key, block);
    else if (key.n > 0)
        memcpy(block, key.p, key.n);
    keyed(k->inner, block, 0x36);
    keyed(k->outer, block, 0x5c);
    crypto_wipe(block, sizeof block);
}

void crypto_key_hmac(const struct crypto_key *k, struct sv bytes, uint8_t out[static SHA256_SIZE])
{
    uint8_t sum[SHA256_SIZE];
    SHA256_CTX ctx;

    memcpy(&ctx, k->inner, sizeof ctx);
    add(&ctx, bytes);
    SHA256_Final(sum, &ctx);
    memcpy(&ctx, k->outer, sizeof ctx);
    SHA256_Update(&ctx, sum, sizeof sum);
    SHA256_Final(out, &ctx);
}

void crypto_key_begin(const struct crypto_key *k, struct sv beginning, struct crypto_key *out)
{
    SHA256_CTX ctx;

    memcpy(&ctx, k->inner, sizeof ctx);
    add(&ctx, beginning);
    *out = *k;
    memcpy(out->inner, &ctx, sizeof ctx);
    crypto_wipe(&ctx, sizeof ctx);
}

struct crypto_hash *crypto_hash_open(void)
{
    struct crypto_hash *h = malloc(sizeof *h);

    if (!h)
        abort();
    SHA256_Init(&h->ctx);
    return h;
}

void crypto_hash_add(struct crypto_hash *h, struct sv bytes) { add(&h->ctx, bytes); }

void crypto_hash_restart(struct crypto_hash *h) { SHA256_Init(&h->ctx); }

uint64_t crypto_hash_count(const struct crypto_hash *h)
{
    return ((uint64_t)h->ctx.Nh << (sizeof h->ctx.Nl * 8) | h->ctx.Nl) / 8;
}

/* Whole blocks were taken, and nothing waits for the rest of one. */
static void count_blocks(SHA256_CTX *ctx, size_t blocks)
{
    enum { HALF = sizeof ctx->Nl * 8 };
    uint64_t bits = ((uint64_t)ctx->Nh << HALF | ctx->Nl) + (uint64_t)blocks * SHA256_BLOCK * 8;

    ctx->Nl = (SHA_LONG)bits;
    ctx->Nh = (SHA_LONG)(bits >> HALF);
}

/* As many bytes as both can take together; none where they cannot. */
static size_t add_together(SHA256_CTX *a, SHA256_CTX *b, struct sv bytes)
{
    size_t blocks = bytes.n / SHA256_BLOCK;

    if (a->num != 0 || b->num != 0 || !crypto_pair_able())
        return 0;
    crypto_pair_blocks(a->h, b->h, (const uint8_t *)bytes.p, blocks);
    count_blocks(a, blocks);
    count_blocks(b, blocks);
    return blocks * SHA256_BLOCK;
}

void crypto_hash_add_summed(struct crypto_hash *whole, struct sv bytes,
                            char hex[static SHA256_HEX_SIZE])
{
    uint8_t sum[SHA256_SIZE];
    SHA256_CTX own;
    size_t both;

    SHA256_Init(&own);
    if (!whole || crypto_hash_count(whole) == 0) { /* one sum is both */
        add(&own, bytes);
        if (whole)
            whole->ctx = own;
    } else {
        both = add_together(&whole->ctx, &own, bytes);
        bytes = (struct sv){bytes.p + both, bytes.n - both};
        add(&own, bytes);
        add(&whole->ctx, bytes);
    }
    SHA256_Final(sum, &own);
    crypto_hex(sum, sizeof sum, hex);
}

void crypto_hash_end(struct crypto_hash *h, uint8_t out[static SHA256_SIZE])
{
    SHA256_Final(out, &h->ctx);
    SHA256_Init(&h->ctx);
}

void crypto_hash_end_hex(struct crypto_hash *h, char hex[static SHA256_HEX_SIZE])
{
    uint8_t sum[SHA256_SIZE];

    crypto_hash_end(h, sum);
    crypto_hex(sum, sizeof sum, hex);
}

void crypto_hash_free(struct crypto_hash **h)
{
    free(*h);
    *h = NULL;
}
