/*
 * s3_upload.c - the choice between the two ways, and the source that both read.
 */
#include "common/s3_upload.h"

#include "common/s3_upload_internal.h"

bool s3_upload_pull(struct s3_upload_flow *flow, struct room room, struct sv *bytes,
                    struct err *err)
{
    if (!flow->plan->source(flow->plan->source_arg, room, bytes, err))
        return false;
    flow->came += (int64_t)bytes->n;
    flow->ended = bytes->n == 0;
    return true;
}

bool s3_upload(const struct s3_upload_plan *plan, struct s3_object *out,
               struct s3_upload_doubt *doubt, struct err *err)
{
    AUTO(crypto_hash_free) struct crypto_hash *hash = plan->no_hash ? NULL : crypto_hash_open();
    struct s3_upload_flow flow = {.plan = plan, .hash = hash, .doubt = doubt};
    struct s3_object object = {.sha256 = ""};

    *doubt = (struct s3_upload_doubt){false, false};
    if (!(plan->length > 0 ? s3_upload_stream : s3_upload_parts)(&flow, &object, err))
        return false;
    object.size = flow.came;
    if (hash && !*object.sha256)
        crypto_hash_end_hex(hash, object.sha256);
    *out = object;
    return true;
}
