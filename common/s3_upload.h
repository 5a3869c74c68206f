/*
 * s3_upload.h - one object, streamed to S3 while it is still arriving. Nothing touches a disk.
 *
 * In:      a source of views. Out: one object; nothing is visible under its key before the source
 *          has come to its own good end.
 * Length known: one PUT. It is gathered and hashed once where its sum is wanted and signs it too,
 *          and the pool has buffers to spare for all of it (after a short wait, at most). Else
 *          the PUT reads straight out of the source. What has gone is kept in buffers of the pool
 *          while it has some to spare, so that the PUT can be sent again; without, it is sent once.
 *          Its last bytes are held back until the source has ended where it should.
 * Not known: parts. Both buffers are taken before the first byte (or were lent by the caller), or
 *          waited for, so uploads cannot wait for each other; one fills while the other leaves on
 *          a thread of its own. What fits the first is stored by one PUT.
 * Keys:    one is this object's alone. What is sent again after an answer was lost makes no second
 *          version of it, where the store knows If-None-Match.
 * Threads: an upload runs on its caller's thread. struct s3 and struct pool are shared.
 * Errors:  the source's own pass through. ERR_BUSY: no buffer in time, or the length was wrong and
 *          what had gone is not there any more. After an error no object and no part of it is left,
 *          but see `uncertain`.
 */
#pragma once

#include "common/base.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/pool.h"
#include "common/s3.h"

struct s3_object {
    struct s3_etag etag;
    int64_t size;
    unsigned parts;               /* 0: stored by one PUT */
    char sha256[SHA256_HEX_SIZE]; /* of the bytes; "" when they were not hashed */
};

/* The next bytes, a view that lives until the next call; n 0: the end. They may be put into `room`,
 * where they are wanted, which saves a copy. */
typedef bool s3_upload_source_fn(void *arg, struct room room, struct sv *bytes, struct err *err);
/* Called once, before the first request that could leave parts behind, with the upload id: the
 * caller makes it durable. */
typedef bool s3_upload_began_fn(void *arg, const char *upload_id, struct err *err);

struct s3_upload_plan {
    struct s3 *s3;
    struct pool *pool;
    const char *key, *type; /* borrowed */
    s3_upload_source_fn *source;
    void *source_arg;
    int64_t length;    /* so many bytes are to come; below 1: nobody knows */
    int64_t most;      /* but never more than so many; below 1: nobody knows */
    char *const *lent; /* two buffers of the pool that the caller has taken; NULL: taken here */
    int64_t buffer_wait_ms;
    s3_upload_began_fn *began; /* NULL: nobody is told */
    void *began_arg;
    bool no_hash;
};

struct s3_upload_doubt {
    bool uncertain; /* it failed with all bytes on their way: S3 may store it after all */
    bool deceived;  /* the source did not end where `length` said */
};

MUST_CHECK bool s3_upload(const struct s3_upload_plan *plan, struct s3_object *out,
                          struct s3_upload_doubt *doubt, struct err *err);
