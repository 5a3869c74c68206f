/* s3_upload_internal.h - what the two ways of an upload share: its source, counted. */
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
MUST_CHECK bool s3_upload_stream(struct s3_upload_flow *flow, struct s3_object *out,
                                 struct err *err); /* plan->length bytes are to come */
/* May set out->sha256, when it was needed before the end. */
MUST_CHECK bool s3_upload_parts(struct s3_upload_flow *flow, struct s3_object *out,
                                struct err *err);
