/*
 * s3_upload_gather.c - a body that the pool has room for, gathered first: the sum that the caller
 * wants signs it too, so its bytes are hashed once (docs/decisions/0008).
 */
#include "common/s3_upload_internal.h"

struct gather {
    struct s3_upload_flow *flow;
    struct s3_kept *kept;
    int64_t given; /* to this PUT */
};

/* Hashed while they are warm. */
static bool gather(const struct gather *g, struct err *err)
{
    struct sv bytes;

    while (!g->flow->ended) {
        if (!s3_upload_pull(g->flow, s3_kept_room(g->kept), &bytes, err))
            return false;
        crypto_hash_add(g->flow->hash, bytes);
        if (!s3_kept_add(g->kept, bytes))
            return s3_upload_deceived(g->flow, err);
    }
    return true;
}

static bool give(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct gather *g = arg;

    (void)err;
    *got = s3_kept_copy(g->kept, g->given, buf, n);
    g->given += (int64_t)*got;
    return true;
}

static bool begin_again(void *arg)
{
    struct gather *g = arg;

    g->given = 0;
    return true;
}

static bool put(struct gather *g, struct s3_object *out, struct err *err)
{
    const struct s3_upload_plan *plan = g->flow->plan;
    const struct s3_stream body = {.read = give,
                                   .rewind = begin_again,
                                   .arg = g,
                                   .length = g->kept->n,
                                   .once = true,
                                   .sha256 = out->sha256};

    return s3_put_stream(plan->s3, plan->key, plan->type, &body, &out->etag, err);
}

bool s3_upload_gather(struct s3_upload_flow *flow, struct s3_kept *kept, struct s3_object *out,
                      struct err *err)
{
    struct gather g = {.flow = flow, .kept = kept};

    if (!gather(&g, err))
        return false;
    crypto_hash_end_hex(flow->hash, out->sha256);
    flow->doubt->uncertain = true;
    if (!put(&g, out, err))
        return false;
    flow->doubt->uncertain = false;
    return true;
}
