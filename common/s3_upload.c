/*
 * s3_upload.c - two buffers that change places: one fills on the caller's thread, the other leaves
 * on the upload's own.
 *
 * The courier thread is born with the second buffer, when the pool has one to spare; until then the
 * caller's thread sends its only buffer itself. Courier and caller meet under one lock; the
 * caller hands over a part only when the last one has landed, so at most one is on its way and a
 * slow S3 slows the client down instead of filling memory.
 */
#include "common/s3_upload.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"

enum { ETAGS_STEP = 64 };

struct s3_upload {
    struct s3_upload_plan plan;
    struct crypto_hash *hash;
    char *filling, *leaving; /* of the pool; leaving: NULL until the first part goes */
    size_t filled, capacity;
    int64_t size;
    bool dead, finished;

    char id[S3_UPLOAD_ID_SIZE]; /* "" until the upload is multipart */
    struct s3_etag *etags;
    unsigned parts; /* handed over so far */

    bool has_courier;
    pthread_t courier;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    /* under the lock: */
    bool in_flight, home; /* a part is on its way; the courier shall go home */
    size_t leaving_n;
    bool failed;
    struct err why;
};

bool s3_upload_open(const struct s3_upload_plan *plan, struct s3_upload **out, struct err *err)
{
    AUTO(s3_upload_free) struct s3_upload *up = calloc(1, sizeof *up);

    if (!up)
        abort();
    up->plan = *plan;
    pthread_mutex_init(&up->lock, NULL);
    pthread_cond_init(&up->turn, NULL);
    up->hash = crypto_hash_open();
    up->capacity = pool_buffer_size(plan->pool);
    if (!pool_take(plan->pool, 1, plan->buffer_wait_ms, &up->filling, err))
        return false;
    *out = TAKE(up);
    return true;
}

/* One part, from whichever thread. The etags do not move while a part is in flight. */
static bool send_part(struct s3_upload *up, unsigned number, struct sv bytes, struct err *err)
{
    const struct s3_mpu mpu = {up->plan.key, up->id};

    return s3_mpu_part(up->plan.s3, &mpu, number, bytes, &up->etags[number - 1], err);
}

static void *carry(void *arg)
{
    struct s3_upload *up = arg;

    pthread_mutex_lock(&up->lock);
    for (;;) {
        struct sv bytes;
        struct err why = ERR_INIT;
        unsigned number;
        bool ok;

        while (!up->in_flight && !up->home)
            pthread_cond_wait(&up->turn, &up->lock);
        if (!up->in_flight)
            break;
        bytes = (struct sv){up->leaving, up->leaving_n};
        number = up->parts;
        pthread_mutex_unlock(&up->lock);
        ok = send_part(up, number, bytes, &why);
        pthread_mutex_lock(&up->lock);
        up->in_flight = false;
        if (!ok) {
            up->failed = true;
            up->why = why;
        }
        pthread_cond_signal(&up->turn);
    }
    pthread_mutex_unlock(&up->lock);
    return NULL;
}

/* Until the part on its way has landed; false: it, or one before it, did not arrive. */
static bool await_part(struct s3_upload *up, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&up->lock);
    while (up->in_flight)
        pthread_cond_wait(&up->turn, &up->lock);
    ok = !up->failed;
    if (!ok)
        *err = up->why;
    pthread_mutex_unlock(&up->lock);
    return ok;
}

/* From one object in a buffer to a multipart upload. */
static bool begin_parts(struct s3_upload *up, struct err *err)
{
    const struct s3_upload_plan *plan = &up->plan;

    return s3_mpu_create(plan->s3, plan->key, plan->type, up->id, err) &&
           (!plan->began || plan->began(plan->began_arg, up->id, err));
}

/* A second buffer, and a thread that sends it, only where one lies idle: uploads that hold a buffer
 * and wait for another would wait for each other. Without it a part is sent from here, and the
 * next time we look again. */
static void hire_courier(struct s3_upload *up)
{
    struct err none = ERR_INIT;

    if (up->has_courier || (!up->leaving && !pool_take(up->plan.pool, 1, 0, &up->leaving, &none)))
        return;
    up->has_courier = pthread_create(&up->courier, NULL, carry, up) == 0;
}

static bool count_part(struct s3_upload *up, struct err *err)
{
    if (up->parts == S3_PARTS_MAX)
        return err_set(err, ERR_FILE_TOO_LARGE, "an object of more than %d parts of %zu bytes",
                       S3_PARTS_MAX, up->capacity);
    if (up->parts % ETAGS_STEP == 0) {
        up->etags = reallocarray(up->etags, up->parts + ETAGS_STEP, sizeof *up->etags);
        if (!up->etags)
            abort();
    }
    up->parts++;
    return true;
}

/* The full buffer goes to the courier; the other one is filled from now on. */
static void hand_over(struct s3_upload *up)
{
    char *full = up->filling;

    up->filling = up->leaving;
    pthread_mutex_lock(&up->lock);
    up->leaving = full;
    up->leaving_n = up->filled;
    up->in_flight = true;
    pthread_cond_signal(&up->turn);
    pthread_mutex_unlock(&up->lock);
}

/* The buffer is full, and more is to come. */
static bool part_leave(struct s3_upload *up, struct err *err)
{
    struct sv full = {up->filling, up->filled};

    if (!*up->id && !begin_parts(up, err))
        return false;
    hire_courier(up);
    if (!await_part(up, err) || !count_part(up, err))
        return false;
    if (up->has_courier)
        hand_over(up);
    else if (!send_part(up, up->parts, full, err))
        return false;
    up->filled = 0;
    return true;
}

static bool is_alive(const struct s3_upload *up, struct err *err)
{
    if (!up->dead && !up->finished)
        return true;
    return err_set(err, ERR_INTERNAL, "this upload has ended and may only be freed");
}

static bool write_all(struct s3_upload *up, struct sv bytes, struct err *err)
{
    while (bytes.n > 0) {
        size_t space = up->capacity - up->filled;
        size_t n = bytes.n < space ? bytes.n : space;

        if (n == 0) { /* full, and more is coming: so this part is not the last one */
            if (!part_leave(up, err))
                return false;
            continue;
        }
        memcpy(up->filling + up->filled, bytes.p, n);
        up->filled += n;
        up->size += (int64_t)n;
        crypto_hash_add(up->hash, (struct sv){bytes.p, n});
        bytes = (struct sv){bytes.p + n, bytes.n - n};
    }
    return true;
}

bool s3_upload_write(struct s3_upload *up, struct sv bytes, struct err *err)
{
    if (!is_alive(up, err))
        return false;
    up->dead = !write_all(up, bytes, err);
    return !up->dead;
}

/* The last part goes from here: nothing is left to fill meanwhile. */
static bool complete(struct s3_upload *up, struct s3_etag *etag, struct err *err)
{
    const struct s3_mpu mpu = {up->plan.key, up->id};
    struct sv rest = {up->filling, up->filled};

    return await_part(up, err) && count_part(up, err) && send_part(up, up->parts, rest, err) &&
           s3_mpu_complete(up->plan.s3, &mpu, up->etags, up->parts, etag, err);
}

bool s3_upload_finish(struct s3_upload *up, struct s3_object *out, struct err *err)
{
    const struct s3_upload_plan *plan = &up->plan;
    struct s3_object object = {.size = up->size};
    struct sv all = {up->filling, up->filled};
    uint8_t sum[SHA256_SIZE];

    if (!is_alive(up, err))
        return false;
    up->finished = *up->id ? complete(up, &object.etag, err)
                           : s3_put(plan->s3, plan->key, plan->type, all, &object.etag, err);
    up->dead = !up->finished;
    if (up->dead)
        return false;
    object.parts = up->parts;
    crypto_hash_end(up->hash, sum);
    crypto_hex(sum, sizeof sum, object.sha256);
    *out = object;
    return true;
}

static void send_home(struct s3_upload *up)
{
    pthread_mutex_lock(&up->lock);
    up->home = true;
    pthread_cond_signal(&up->turn);
    pthread_mutex_unlock(&up->lock);
    pthread_join(up->courier, NULL);
}

/* Nobody is left to be told of a failure here; the sweeper knows the upload id and comes again. */
static void abort_parts(const struct s3_upload *up)
{
    struct err ignored = ERR_INIT;

    if (*up->id && !up->finished && !s3_mpu_abort(up->plan.s3, up->plan.key, up->id, &ignored))
        return;
}

void s3_upload_free(struct s3_upload **upload)
{
    struct s3_upload *up = *upload;

    if (!up)
        return;
    if (up->has_courier)
        send_home(up);
    abort_parts(up);
    pool_give(up->plan.pool, &up->filling);
    pool_give(up->plan.pool, &up->leaving);
    crypto_hash_free(&up->hash);
    pthread_cond_destroy(&up->turn);
    pthread_mutex_destroy(&up->lock);
    free(up->etags);
    free(up);
    *upload = NULL;
}
