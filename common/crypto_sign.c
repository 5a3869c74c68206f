/*
 * crypto_sign.c - signatures with a private key, through OpenSSL's EVP.
 *
 * What OpenSSL has to say about a bad key stays in its queue and is cleared: it may quote the key.
 */
#include "common/crypto.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

struct crypto_signer {
    EVP_PKEY *key;
};

static void bio_free(BIO **bio) { BIO_free(*bio); }
static void context_free(EVP_MD_CTX **ctx) { EVP_MD_CTX_free(*ctx); }

/* A key with a password is refused; nobody is asked at a terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return -1;
}

static EVP_PKEY *read_key(struct sv pem)
{
    AUTO(bio_free) BIO *bio = BIO_new_mem_buf(pem.n > 0 ? pem.p : "", (int)pem.n);

    return bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
}

bool crypto_signer_open(struct sv pem, struct crypto_signer **out, struct err *err)
{
    AUTO(crypto_signer_free) struct crypto_signer *s = calloc(1, sizeof *s);
    int kind;

    if (!s)
        abort();
    s->key = pem.n < 1 << 16 ? read_key(pem) : NULL;
    ERR_clear_error();
    kind = s->key ? EVP_PKEY_get_base_id(s->key) : EVP_PKEY_NONE;
    if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC)
        return err_set(err, ERR_BAD_REQUEST,
                       "not an RSA or ECDSA private key in PEM form without a password");
    if (EVP_PKEY_get_size(s->key) > CRYPTO_SIGNATURE_MAX)
        return err_set(err, ERR_BAD_REQUEST, "a private key of more than %d bits",
                       CRYPTO_SIGNATURE_MAX * 8);
    *out = TAKE(s);
    return true;
}

void crypto_signer_free(struct crypto_signer **s)
{
    if (*s)
        EVP_PKEY_free((*s)->key);
    free(*s);
    *s = NULL;
}

bool crypto_sign(const struct crypto_signer *s, bool sha256, struct sv text,
                 uint8_t out[static CRYPTO_SIGNATURE_MAX], size_t *n, struct err *err)
{
    AUTO(context_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t size = CRYPTO_SIGNATURE_MAX;

    if (!ctx)
        abort();
    if (EVP_DigestSignInit(ctx, NULL, sha256 ? EVP_sha256() : EVP_sha1(), NULL, s->key) != 1 ||
        EVP_DigestSign(ctx, out, &size, (const uint8_t *)text.p, text.n) != 1) {
        ERR_clear_error();
        return err_set(err, ERR_INTERNAL, "OpenSSL does not sign with this key and %s",
                       sha256 ? "SHA-256" : "SHA-1, which its policy may forbid");
    }
    *n = size;
    return true;
}
