/*
 * s3_upload_parts.c - a body of unknown length: two buffers that change places, one fills on the
 * caller's thread, the other leaves on the upload's own.
 *
 * The courier thread is born with the first part. Courier and caller meet under one lock; the
 * caller hands over a part only when the last one has landed, so at most one is on its way and a
 * slow S3 slows the client down instead of filling memory.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/s3_upload_internal.h"

enum { ETAGS_STEP = 64 };

struct parts {
    const struct s3_upload_plan *plan;
    struct crypto_hash *hash; /* of all parts; NULL: not wanted */
    char *filling, *leaving;  /* of the pool */
    size_t filled, capacity;
    bool whole; /* nothing is left to abort */

    char id[S3_UPLOAD_ID_SIZE]; /* "" until the upload is multipart */
    struct s3_etag *etags;
    unsigned count; /* handed over so far */

    bool has_courier;
    pthread_t courier;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    /* under the lock: */
    bool in_flight, home; /* a part is on its way; the courier shall go home */
    size_t leaving_n;
    char leaving_sum[SHA256_HEX_SIZE]; /* "": not taken */
    bool failed;
    struct err why;
};

/* One part, from whichever thread. The etags do not move while a part is in flight. */
static bool send_part(struct parts *p, unsigned number, const struct s3_summed *part,
                      struct err *err)
{
    const struct s3_mpu mpu = {p->plan->key, p->id};

    return s3_mpu_part_summed(p->plan->s3, &mpu, number, part, &p->etags[number - 1], err);
}

/* Of a part and of the whole, which takes it, in one pass; sum "": the part's is not needed. */
static void sum_up(struct parts *p, struct sv part, char sum[static SHA256_HEX_SIZE])
{
    *sum = '\0';
    if (s3_signs_bodies(p->plan->s3))
        crypto_hash_add_summed(p->hash, part, sum);
    else if (p->hash)
        crypto_hash_add(p->hash, part);
}

static struct s3_summed summed(struct sv bytes, const char *sum)
{
    return (struct s3_summed){bytes, *sum ? sum : NULL};
}

static void *carry(void *arg)
{
    struct parts *p = arg;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        struct s3_summed part;
        struct err why = ERR_INIT;
        unsigned number;
        bool ok;

        while (!p->in_flight && !p->home)
            pthread_cond_wait(&p->turn, &p->lock);
        if (!p->in_flight)
            break;
        part = summed((struct sv){p->leaving, p->leaving_n}, p->leaving_sum);
        number = p->count;
        pthread_mutex_unlock(&p->lock);
        ok = send_part(p, number, &part, &why);
        pthread_mutex_lock(&p->lock);
        p->in_flight = false;
        if (!ok) {
            p->failed = true;
            p->why = why;
        }
        pthread_cond_signal(&p->turn);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Until the part on its way has landed; false: it, or one before it, did not arrive. */
static bool await_part(struct parts *p, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&p->lock);
    while (p->in_flight)
        pthread_cond_wait(&p->turn, &p->lock);
    ok = !p->failed;
    if (!ok)
        *err = p->why;
    pthread_mutex_unlock(&p->lock);
    return ok;
}

/* From one object in a buffer to a multipart upload. */
static bool begin_parts(struct parts *p, struct err *err)
{
    const struct s3_upload_plan *plan = p->plan;

    if (!p->leaving)
        return err_set(err, ERR_INTERNAL, "more than the %lld bytes came that were the most",
                       (long long)plan->most);
    if (!s3_mpu_create(plan->s3, plan->key, plan->type, p->id, err) ||
        (plan->began && !plan->began(plan->began_arg, p->id, err)))
        return false;
    p->has_courier = pthread_create(&p->courier, NULL, carry, p) == 0;
    return p->has_courier || err_set(err, ERR_BUSY, "no thread for the parts of an upload");
}

static bool count_part(struct parts *p, struct err *err)
{
    if (p->count == S3_PARTS_MAX)
        return err_set(err, ERR_FILE_TOO_LARGE, "an object of more than %d parts of %zu bytes",
                       S3_PARTS_MAX, p->capacity);
    if (p->count % ETAGS_STEP == 0) {
        p->etags = reallocarray(p->etags, p->count + ETAGS_STEP, sizeof *p->etags);
        if (!p->etags)
            abort();
    }
    p->count++;
    return true;
}

/* The full buffer goes to the courier; the other one is filled from now on. */
static void hand_over(struct parts *p)
{
    char *full = p->filling;

    sum_up(p, (struct sv){full, p->filled}, p->leaving_sum); /* none is in flight */
    p->filling = p->leaving;
    pthread_mutex_lock(&p->lock);
    p->leaving = full;
    p->leaving_n = p->filled;
    p->in_flight = true;
    pthread_cond_signal(&p->turn);
    pthread_mutex_unlock(&p->lock);
    p->filled = 0;
}

/* The buffer is full, and more is to come. */
static bool part_leave(struct parts *p, struct err *err)
{
    if ((!*p->id && !begin_parts(p, err)) || !await_part(p, err) || !count_part(p, err))
        return false;
    hand_over(p);
    return true;
}

static struct room room_of(const struct parts *p)
{
    return (struct room){p->filling + p->filled, p->capacity - p->filled};
}

static bool fill(struct parts *p, struct sv bytes, struct err *err)
{
    while (bytes.n > 0) {
        size_t space = p->capacity - p->filled;
        size_t n = bytes.n < space ? bytes.n : space;

        if (n == 0) { /* full, and more is coming: so this part is not the last one */
            if (!part_leave(p, err))
                return false;
            continue;
        }
        if (bytes.p != p->filling + p->filled)
            memcpy(p->filling + p->filled, bytes.p, n);
        p->filled += n;
        bytes = (struct sv){bytes.p + n, bytes.n - n};
    }
    return true;
}

/* The last part goes from here: nothing is left to fill meanwhile. */
static bool complete(struct parts *p, struct s3_etag *etag, struct err *err)
{
    const struct s3_mpu mpu = {p->plan->key, p->id};
    struct sv rest = {p->filling, p->filled};
    char sum[SHA256_HEX_SIZE];
    struct s3_summed last;

    sum_up(p, rest, sum);
    last = summed(rest, sum);
    return await_part(p, err) && count_part(p, err) && send_part(p, p->count, &last, err) &&
           s3_mpu_complete(p->plan->s3, &mpu, p->etags, p->count, etag, err);
}

/* All is in one buffer: what is stored and what signs it have the same sum. */
static bool put_whole(struct parts *p, struct s3_object *out, struct err *err)
{
    const struct s3_upload_plan *plan = p->plan;
    struct s3_object_in in = {
        .key = plan->key, .type = plan->type, .body = {p->filling, p->filled}, .once = true};

    if (p->hash) {
        crypto_hash_add(p->hash, in.body);
        crypto_hash_end_hex(p->hash, out->sha256);
        in.sha256 = out->sha256;
    }
    return s3_put_object(plan->s3, &in, &out->etag, err);
}

static bool finish(struct parts *p, struct s3_object *out, struct err *err)
{
    p->whole = *p->id ? complete(p, &out->etag, err) : put_whole(p, out, err);
    out->parts = p->count;
    return p->whole;
}

static void send_home(struct parts *p)
{
    pthread_mutex_lock(&p->lock);
    p->home = true;
    pthread_cond_signal(&p->turn);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->courier, NULL);
}

/* Nobody is left to be told of a failure here; the sweeper knows the upload id and comes again. */
static void abort_parts(const struct parts *p)
{
    struct err ignored = ERR_INIT;

    if (*p->id && !p->whole && !s3_mpu_abort(p->plan->s3, p->plan->key, p->id, &ignored))
        return;
}

static void parts_free(struct parts *p)
{
    if (p->has_courier)
        send_home(p);
    abort_parts(p);
    if (!p->plan->lent) {
        pool_give(p->plan->pool, &p->filling);
        pool_give(p->plan->pool, &p->leaving);
    }
    pthread_cond_destroy(&p->turn);
    pthread_mutex_destroy(&p->lock);
    free(p->etags);
}

static bool take_buffers(struct parts *p, struct err *err)
{
    char *both[2] = {NULL, NULL};
    bool one = p->plan->most > 0 && p->plan->most <= (int64_t)p->capacity;

    if (p->plan->lent)
        memcpy(both, p->plan->lent, sizeof both);
    else if (!pool_take(p->plan->pool, one ? 1 : 2, p->plan->buffer_wait_ms, both, err))
        return false;
    p->filling = both[0];
    p->leaving = both[1];
    return true;
}

bool s3_upload_parts(struct s3_upload_flow *flow, struct s3_object *out, struct err *err)
{
    AUTO(parts_free)
    struct parts p = {.plan = flow->plan,
                      .hash = flow->hash,
                      .capacity = pool_buffer_size(flow->plan->pool),
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .turn = PTHREAD_COND_INITIALIZER};
    struct sv bytes;

    if (!take_buffers(&p, err))
        return false;
    do {
        if (!s3_upload_pull(flow, room_of(&p), &bytes, err) || !fill(&p, bytes, err))
            return false;
    } while (!flow->ended);
    flow->doubt->uncertain = true;
    if (!finish(&p, out, err))
        return false;
    flow->doubt->uncertain = false;
    return true;
}
