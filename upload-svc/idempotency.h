/*
 * idempotency.h - the same upload twice has the effect of one: the header Idempotency-Key.
 *
 * In:      the key (1 to 255 printable characters), who sent it, and the form as it is read.
 * Out:     the first answer again, byte for byte, for the same content within IDEMPOTENCY_TIME.
 * Content: SHA-256 over the fields and (name, file name, size, SHA-256) of the files, in any order;
 *          boundaries and part headers do not count.
 * Promise: one attempt at a time owns a key and keeps a heartbeat; when that is older than
 *          IDEMPOTENCY_STALE its process is taken for dead and the next attempt takes over. It
 * beats while bytes come, so the setting is longer than what one may wait without any (a buffer, a
 * PUT that S3 takes its time for); too short, it only costs work done twice. The answer is written
 * in the transaction that records the pictures, by the owner only. Errors:  ERR_IN_PROGRESS (409,
 * Retry-After) before the body is read, ERR_KEY_REUSED (422), ERR_BAD_REQUEST (no such key can be).
 * Follows: draft-ietf-httpapi-idempotency-key-header.
 */
#pragma once

#include "upload-svc/intake.h"

enum { IDEMPOTENCY_KEY_MAX = 255 };

/* Take the key of the request's header, before anything of its body is read. Without one: true and
 * in->idem stays NULL. */
MUST_CHECK bool idempotency_claim(struct intake *in, struct err *err);
/* Where the bytes of this form are summed up; NULL: nobody wants the sum. */
struct idempotency_print *idempotency_print_of(struct intake *in);
/* The claim stays young; does nothing if too soon. */
void idempotency_beat(struct intake *in);
/* Is this form only read and compared? */
bool idempotency_repeats(const struct intake *in);
/* The stored answer, once the whole form was read. */
MUST_CHECK bool idempotency_replay(struct intake *in, struct reply *reply, struct err *err);
/* Keep in->answer, within the transaction that makes it true. ERR_IN_PROGRESS: another attempt has
 * taken the key over. */
MUST_CHECK bool idempotency_keep(struct db_conn *conn, struct intake *in, struct err *err);
/* Of a form that recorded nothing. */
MUST_CHECK bool idempotency_keep_alone(struct intake *in, struct err *err);
/* The end: without in->answered nothing was answered that holds, and the key is free again. */
void idempotency_release(struct intake *in);

/* idempotency_print.c: what a form holds, as one sum. */
enum { IDEMPOTENCY_PARTS_MAX = 64 };
struct idempotency_print {
    struct crypto_hash *hash; /* of the present part's bytes */
    uint64_t size;            /* of them */
    uint8_t parts[IDEMPOTENCY_PARTS_MAX][SHA256_SIZE];
    size_t count;
};
/* The next part begins; file_name NULL: a text field. */
void idempotency_print_part(struct idempotency_print *p, const char *name, const char *file_name);
void idempotency_print_bytes(struct idempotency_print *p, struct sv bytes);
void idempotency_print_end(struct idempotency_print *p, bool forced,
                           char out[static SHA256_HEX_SIZE]);
void idempotency_print_free(struct idempotency_print *p);
