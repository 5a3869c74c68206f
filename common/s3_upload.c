/*
 * s3_upload.c - the choice between the three ways, and the source that all read.
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

bool s3_upload_deceived(struct s3_upload_flow *flow, struct err *err)
{
    flow->doubt->deceived = true;
    return err_set(err, ERR_BUSY,
                   "the file has another length than its form foretold; send the form again");
}

/* Only where both sums are wanted does it pay to gather, and to wait for buffers. */
static bool upload_known(struct s3_upload_flow *flow, struct s3_object *out, struct err *err)
{
    AUTO(s3_kept_free) struct s3_kept kept;
    bool one_sum = flow->hash && s3_signs_whole(flow->plan->s3);

    if (s3_kept_open(&kept, flow->plan->pool, flow->plan->length, one_sum) && one_sum)
        return s3_upload_gather(flow, &kept, out, err);
    return s3_upload_stream(flow, &kept, out, err);
}

bool s3_upload(const struct s3_upload_plan *plan, struct s3_object *out,
               struct s3_upload_doubt *doubt, struct err *err)
{
    AUTO(crypto_hash_free) struct crypto_hash *hash = plan->no_hash ? NULL : crypto_hash_open();
    struct s3_upload_flow flow = {.plan = plan, .hash = hash, .doubt = doubt};
    struct s3_object object = {.sha256 = ""};

    *doubt = (struct s3_upload_doubt){false, false};
    if (!(plan->length > 0 ? upload_known : s3_upload_parts)(&flow, &object, err))
        return false;
    object.size = flow.came;
    if (hash && !*object.sha256)
        crypto_hash_end_hex(hash, object.sha256);
    *out = object;
    return true;
}
