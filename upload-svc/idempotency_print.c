/* idempotency_print.c - what a form holds, as one sum, whatever its order and its boundaries. */
#include <stdlib.h>
#include <string.h>

#include "upload-svc/idempotency.h"

static void add_text(struct crypto_hash *h, const char *text)
{
    uint8_t sum[SHA256_SIZE];

    crypto_sha256(sv_of(text), sum);
    crypto_hash_add(h, (struct sv){(const char *)sum, sizeof sum});
}

/* The present part's bytes are all there: seal them with what was put down when it began. Every
 * piece has a fixed length, so no two parts can be written alike. */
static void seal(struct idempotency_print *p)
{
    uint8_t *slot = p->parts[p->count - 1], bytes[SHA256_SIZE];
    AUTO(crypto_hash_free) struct crypto_hash *h = crypto_hash_open();

    crypto_hash_end(p->hash, bytes);
    crypto_hash_add(h, (struct sv){(const char *)slot, SHA256_SIZE});
    crypto_hash_add(h, (struct sv){(const char *)&p->size, sizeof p->size});
    crypto_hash_add(h, (struct sv){(const char *)bytes, sizeof bytes});
    crypto_hash_end(h, slot);
    p->size = 0;
}

void idempotency_print_part(struct idempotency_print *p, const char *name, const char *file_name)
{
    AUTO(crypto_hash_free) struct crypto_hash *h = crypto_hash_open();

    if (!p->hash)
        p->hash = crypto_hash_open();
    if (p->count > 0)
        seal(p);
    if (p->count == IDEMPOTENCY_PARTS_MAX)
        abort(); /* the reader of the form allows no more */
    add_text(h, name);
    crypto_hash_add(h, file_name ? SV_LIT("f") : SV_LIT("t"));
    add_text(h, file_name);
    crypto_hash_end(h, p->parts[p->count++]);
}

void idempotency_print_bytes(struct idempotency_print *p, struct sv bytes)
{
    crypto_hash_add(p->hash, bytes);
    p->size += bytes.n;
}

static int by_sum(const void *a, const void *b) { return memcmp(a, b, SHA256_SIZE); }

void idempotency_print_end(struct idempotency_print *p, bool forced,
                           char out[static SHA256_HEX_SIZE])
{
    AUTO(crypto_hash_free) struct crypto_hash *h = crypto_hash_open();
    uint8_t sum[SHA256_SIZE];

    if (p->count > 0)
        seal(p);
    qsort(p->parts, p->count, SHA256_SIZE, by_sum);
    crypto_hash_add(h, forced ? SV_LIT("forced") : SV_LIT("plain"));
    crypto_hash_add(h, (struct sv){(const char *)p->parts, p->count * SHA256_SIZE});
    crypto_hash_end(h, sum);
    crypto_hex(sum, sizeof sum, out);
    p->count = 0;
}

void idempotency_print_free(struct idempotency_print *p) { crypto_hash_free(&p->hash); }
