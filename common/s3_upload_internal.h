/* s3_upload_internal.h - what the three ways of an upload share: its source, counted, and
 * what is kept of it. */
#pragma once

#include "common/s3_upload.h"

struct s3_upload_flow {
    const struct s3_upload_plan *plan;
    struct crypto_hash *hash; /* to be given all bytes that are stored; NULL: not wanted */
    struct s3_upload_doubt *doubt;
    int64_t came; /* bytes from the source so far */
    bool ended;   /* it has no more */
};

MUST_CHECK bool s3_upload_pull(struct s3_upload_flow *flow, struct room room, struct sv *bytes,
                               struct err *err);
bool s3_upload_deceived(struct s3_upload_flow *flow, struct err *err); /* always false */

enum { S3_KEPT_MAX = 4 };

/* Bytes in buffers of the pool, in their order. */
struct s3_kept {
    struct pool *pool;
    char *buffers[S3_KEPT_MAX];
    size_t count; /* 0: none are kept */
    int64_t n;    /* bytes there */
};
/* Buffers for so many bytes; false: the pool has none to spare. wait: a little, if some move. */
bool s3_kept_open(struct s3_kept *k, struct pool *pool, int64_t length, bool wait);
void s3_kept_free(struct s3_kept *k);
struct room s3_kept_room(const struct s3_kept *k);         /* where the next bytes are wanted */
bool s3_kept_add(struct s3_kept *k, struct sv bytes);      /* false: no room for all of them */
struct sv s3_kept_at(const struct s3_kept *k, int64_t at); /* up to the end of that buffer */
size_t s3_kept_copy(const struct s3_kept *k, int64_t at, char *buf, size_t n); /* at most n */

/* plan->length bytes are to come; of the first two ways. */
MUST_CHECK bool s3_upload_gather(struct s3_upload_flow *flow, struct s3_kept *kept,
                                 struct s3_object *out, struct err *err);
MUST_CHECK bool s3_upload_stream(struct s3_upload_flow *flow, struct s3_kept *kept,
                                 struct s3_object *out, struct err *err);
/* May set out->sha256, when it was needed before the end. */
MUST_CHECK bool s3_upload_parts(struct s3_upload_flow *flow, struct s3_object *out,
                                struct err *err);
