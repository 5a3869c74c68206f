/*
 * s3_upload_stream.c - a body of foretold length, from the source straight into one PUT.
 *
 * S3 takes an object only when all bytes of its Content-Length are there. So the last piece leaves
 * this function only after the source has said that it was the last: whoever foretold too little or
 * too much has an unfinished request, which S3 forgets.
 */
#include <string.h>

#include "common/s3_upload_internal.h"

struct stream {
    struct s3_upload_flow *flow;
    struct sv view;       /* has come, and is still to be given */
    int64_t length;       /* of this PUT */
    int64_t given;        /* to this PUT */
    bool wrong;           /* the source does not end at length */
    struct s3_kept *kept; /* all that came; or nothing */
};

static bool kept_all(const struct stream *s) { return s->kept->count > 0; }

static bool pull(struct stream *s, struct room room, struct err *err)
{
    if (!s3_upload_pull(s->flow, room, &s->view, err))
        return false;
    if (kept_all(s) && !s3_kept_add(s->kept, s->view))
        s3_kept_free(s->kept); /* others can use them */
    return true;
}

static bool give_new(struct stream *s, char *buf, size_t n, size_t *got, struct err *err)
{
    if (s->view.n == 0 && !s->flow->ended && !pull(s, (struct room){buf, n}, err))
        return false;
    n = s->view.n < n ? s->view.n : n;
    if (s->view.p != buf)
        memcpy(buf, s->view.p, n);
    s->view = (struct sv){s->view.p + n, s->view.n - n};
    *got = n;
    return true;
}

static bool is_deceived(struct stream *s, struct err *err)
{
    s->wrong = true;
    return s3_upload_deceived(s->flow, err);
}

/* All is in hand, and nothing has said so far that it is the end. */
static bool confirm(struct stream *s, struct err *err)
{
    if (s->view.n == 0 && !s->flow->ended && !pull(s, NO_ROOM, err))
        return false;
    s->flow->doubt->uncertain = s->view.n == 0;
    return s->view.n == 0 || is_deceived(s, err);
}

static bool give(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct stream *s = arg;
    int64_t rest = s->length - s->given;

    n = rest < (int64_t)n ? (size_t)rest : n;
    if (s->given < s->flow->came - (int64_t)s->view.n)
        *got = s3_kept_copy(s->kept, s->given, buf, n); /* went with an earlier attempt */
    else if (!give_new(s, buf, n, got, err))
        return false;
    s->given += (int64_t)*got;
    if (*got == 0)
        return is_deceived(s, err);
    return s->given < s->length || confirm(s, err);
}

static bool begin_again(void *arg)
{
    struct stream *s = arg;

    if (!kept_all(s))
        return false;
    s->given = 0;
    s->view.n = 0;
    return true;
}

static bool put(struct stream *s, struct s3_object *out, struct err *err)
{
    const struct s3_upload_plan *plan = s->flow->plan;
    const struct s3_stream body = {.once = kept_all(s),
                                   .read = give,
                                   .rewind = begin_again,
                                   .arg = s,
                                   .length = s->length,
                                   .hash = s->flow->hash};

    return s3_put_stream(plan->s3, plan->key, plan->type, &body, &out->etag, err);
}

/* The foretold length was wrong, so the right one is found out first; S3 forgets the rest of the
 * request that went out. */
static bool put_again(struct stream *s, struct s3_object *out, struct err *err)
{
    while (kept_all(s) && !s->flow->ended)
        if (!pull(s, NO_ROOM, err))
            return false;
    if (!begin_again(s))
        return is_deceived(s, err);
    s->length = s->flow->came;
    s->wrong = false;
    return put(s, out, err);
}

/* A try that found its object there already has not sent all of it. */
static bool hash_all(struct stream *s, struct err *err)
{
    struct crypto_hash *hash = s->flow->hash;
    struct sv bytes;

    if (!hash || crypto_hash_count(hash) == (uint64_t)s->length)
        return true;
    if (!kept_all(s))
        return err_set(err, ERR_STORAGE, "S3 agreed before it had all bytes");
    crypto_hash_restart(hash);
    for (int64_t at = 0; at < s->length; at += (int64_t)bytes.n) {
        bytes = s3_kept_at(s->kept, at);
        crypto_hash_add(hash, bytes);
    }
    return true;
}

bool s3_upload_stream(struct s3_upload_flow *flow, struct s3_kept *kept, struct s3_object *out,
                      struct err *err)
{
    struct stream s = {.flow = flow, .length = flow->plan->length, .kept = kept};
    struct err why = ERR_INIT;
    bool ok;

    ok = put(&s, out, &why);
    if (!ok && s.wrong)
        ok = put_again(&s, out, &why);
    if (ok)
        ok = hash_all(&s, &why);
    if (!ok)
        return err_set(err, why.code, "%s", why.msg);
    flow->doubt->uncertain = false;
    return true;
}
