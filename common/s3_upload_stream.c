/*
 * s3_upload_stream.c - a body of foretold length, from the source straight into one PUT.
 *
 * S3 takes an object only when all bytes of its Content-Length are there. So the last piece leaves
 * this function only after the source has said that it was the last: whoever foretold too little or
 * too much has an unfinished request, which S3 forgets.
 */
#include <stdlib.h>
#include <string.h>

#include "common/s3_upload_internal.h"

enum {
    KEPT_MAX = 4,   /* buffers that one upload may keep its bytes in */
    LEFT_ALONE = 2, /* buffers that stay for uploads of unknown length, which cannot do without */
};

struct stream {
    struct s3_upload_flow *flow;
    struct sv view; /* has come, and is still to be given */
    int64_t length; /* of this PUT */
    int64_t given;  /* to this PUT */
    bool wrong;     /* the source does not end at length */
    bool kept_all;  /* all that came lies in kept */
    int64_t kept_n; /* bytes there */
    char *kept[KEPT_MAX];
    size_t buffers;
};

static void stream_free(struct stream *s)
{
    for (size_t i = 0; i < s->buffers; i++)
        pool_give(s->flow->plan->pool, &s->kept[i]);
    s->buffers = 0;
}

static void take_buffers(struct stream *s)
{
    struct pool *pool = s->flow->plan->pool;
    int64_t size = (int64_t)pool_buffer_size(pool);
    int64_t want = (s->length + size - 1) / size;

    s->kept_all = want <= KEPT_MAX && pool_spare(pool, (size_t)want, LEFT_ALONE, s->kept);
    s->buffers = s->kept_all ? (size_t)want : 0;
}

static void keep(struct stream *s, struct sv bytes)
{
    int64_t size = (int64_t)pool_buffer_size(s->flow->plan->pool);

    if (!s->kept_all)
        return;
    if (s->kept_n + (int64_t)bytes.n > size * (int64_t)s->buffers) {
        s->kept_all = false;
        stream_free(s); /* others can use them */
        return;
    }
    while (bytes.n > 0) {
        int64_t room = size - s->kept_n % size;
        size_t n = (int64_t)bytes.n < room ? bytes.n : (size_t)room;

        memcpy(s->kept[s->kept_n / size] + s->kept_n % size, bytes.p, n);
        s->kept_n += (int64_t)n;
        bytes = (struct sv){bytes.p + n, bytes.n - n};
    }
}

static bool pull(struct stream *s, struct room room, struct err *err)
{
    if (!s3_upload_pull(s->flow, room, &s->view, err))
        return false;
    keep(s, s->view);
    return true;
}

/* Of bytes that went with an earlier attempt. */
static size_t give_kept(struct stream *s, char *buf, size_t n)
{
    int64_t size = (int64_t)pool_buffer_size(s->flow->plan->pool);
    int64_t end = s->flow->came - (int64_t)s->view.n, at = s->given % size, most = size - at;

    most = end - s->given < most ? end - s->given : most;
    n = most < (int64_t)n ? (size_t)most : n;
    memcpy(buf, s->kept[s->given / size] + at, n);
    return n;
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
    s->wrong = s->flow->doubt->deceived = true;
    return err_set(err, ERR_BUSY,
                   "the file has another length than its form foretold; send the "
                   "form again");
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
        *got = give_kept(s, buf, n);
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

    if (!s->kept_all)
        return false;
    s->given = 0;
    s->view.n = 0;
    return true;
}

static bool put(struct stream *s, struct s3_object *out, struct err *err)
{
    const struct s3_upload_plan *plan = s->flow->plan;
    const struct s3_stream body = {.once = s->kept_all,
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
    while (s->kept_all && !s->flow->ended)
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
    int64_t size = (int64_t)pool_buffer_size(s->flow->plan->pool);

    if (!hash || crypto_hash_count(hash) == (uint64_t)s->length)
        return true;
    if (!s->kept_all)
        return err_set(err, ERR_STORAGE, "S3 agreed before it had all bytes");
    crypto_hash_restart(hash);
    for (int64_t at = 0; at < s->length; at += size)
        crypto_hash_add(hash, (struct sv){s->kept[at / size],
                                          (size_t)(s->length - at < size ? s->length - at : size)});
    return true;
}

bool s3_upload_stream(struct s3_upload_flow *flow, struct s3_object *out, struct err *err)
{
    AUTO(stream_free) struct stream s = {.flow = flow, .length = flow->plan->length};
    struct err why = ERR_INIT;
    bool ok;

    take_buffers(&s);
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
