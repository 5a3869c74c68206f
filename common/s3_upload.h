/*
 * s3_upload.h - one object, streamed to S3 while it is still arriving. Nothing touches a disk.
 *
 * In:      bytes in whatever pieces the client sends. Out: one object; nothing is visible before
 * s3_upload_finish. Holds:   buffers of the pool: one while the object fits in it (stored by a
 * single PUT, which can be retried), a second from then on if the pool has one to spare (multipart:
 * one buffer fills while the other leaves on the upload's own thread). Threads: an upload belongs
 * to one thread. struct s3 and struct pool are shared. Errors:  after the first false the upload is
 * dead and may only be freed. ERR_BUSY: no buffer in time.
 */
#pragma once

#include "common/base.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/pool.h"
#include "common/s3.h"

struct s3_upload;

struct s3_object {
    struct s3_etag etag;
    int64_t size;
    unsigned parts;               /* 0: stored by one PUT */
    char sha256[SHA256_HEX_SIZE]; /* of the bytes */
};

/* Called once, before the first request that could leave parts behind, with the upload id: the
 * caller makes it durable. */
typedef bool s3_upload_began_fn(void *arg, const char *upload_id, struct err *err);

struct s3_upload_plan {
    struct s3 *s3;
    struct pool *pool;
    const char *key, *type; /* borrowed for the life of the upload */
    int64_t buffer_wait_ms;
    s3_upload_began_fn *began; /* NULL: nobody is told */
    void *began_arg;
};

MUST_CHECK bool s3_upload_open(const struct s3_upload_plan *plan, struct s3_upload **out,
                               struct err *err);
MUST_CHECK bool s3_upload_write(struct s3_upload *up, struct sv bytes, struct err *err);
MUST_CHECK bool s3_upload_finish(struct s3_upload *up, struct s3_object *out, struct err *err);
/* Gives buffers back. Without a successful finish the parts on S3 are aborted too. *up becomes
 * NULL; NULL is fine. */
void s3_upload_free(struct s3_upload **up);
