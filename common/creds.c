/* creds.c - the chain, the present keys, and the thread that renews them. */
#include "common/creds.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/creds_internal.h"
#include "common/crypto.h"
#include "common/id.h"
#include "common/retry.h"
#include "common/worker.h"

enum { MARGIN_S = 300, SPREAD_S = 60, LEAST_MS = 500, LONGEST_MS = 3600000, CALM_MS = 10000 };

static const struct source {
    const char *name;
    creds_find_fn *find;
} sources[] = {{"settings", creds_given},
               {"web identity", creds_web},
               {"profile", creds_profile},
               {"container", creds_container},
               {"instance", creds_instance}};

enum { TEXTS = 18 };
struct creds {
    struct creds_conf conf; /* of our texts */
    char *texts[TEXTS];
    const struct source *source;
    struct worker *worker; /* NULL: given keys, which nobody can renew */
    _Atomic uint64_t serial;
    pthread_mutex_t lock;
    pthread_cond_t change;
    /* under the lock: */
    struct creds_key key;
    int64_t due_ms, asked_ms; /* monotonic: when to renew; when the source was asked last */
    bool wanted;              /* somebody waits in creds_renew */
    uint64_t rounds;          /* how often the source was asked */
    unsigned failures;        /* in a row */
    struct err why;           /* of the last of them */
};

void creds_wipe(struct str *s)
{
    crypto_wipe(s->p, s->n);
    str_free(s);
}

void creds_key_free(struct creds_key *key)
{
    creds_wipe(&key->id);
    creds_wipe(&key->secret);
    creds_wipe(&key->token);
}

bool creds_given(const struct creds_conf *conf, struct creds_key *key, bool *present,
                 struct err *err)
{
    *present = creds_set(conf->access_key);
    if (*present != secret_is_set(conf->secret_key))
        return err_set(err, ERR_BAD_REQUEST,
                       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: set both, or none");
    if (!*present)
        return true;
    str_addz(&key->id, conf->access_key);
    str_addz(&key->secret, secret_text(conf->secret_key));
    str_addz(&key->token, secret_text(conf->session_token));
    return true;
}

static void copy_texts(struct creds *creds)
{
    struct creds_conf *c = &creds->conf;
    const char **const all[TEXTS] = {&c->access_key,
                                     &c->secret_key.hidden_,
                                     &c->session_token.hidden_,
                                     &c->role_arn,
                                     &c->role_session,
                                     &c->token_file,
                                     &c->sts_endpoint,
                                     &c->region,
                                     &c->profile,
                                     &c->credentials_file,
                                     &c->config_file,
                                     &c->home,
                                     &c->container_relative,
                                     &c->container_full,
                                     &c->container_token.hidden_,
                                     &c->container_token_file,
                                     &c->container_host,
                                     &c->imds_endpoint};

    for (size_t i = 0; i < TEXTS; i++)
        *all[i] = creds->texts[i] = str_dup(*all[i]);
}

static bool is_usable(const struct creds_key *key, const char *source, struct err *err)
{
    struct sv id = str_sv(&key->id), secret = str_sv(&key->secret), token = str_sv(&key->token);

    if (str_ok(&key->id) && str_ok(&key->secret) && str_ok(&key->token) && id.n > 0 &&
        secret.n > 0 && creds_is_line(id) && creds_is_line(secret) && creds_is_line(token))
        return true;
    return err_set(err, ERR_STORAGE, "the keys of the %s are empty, too long or not plain text",
                   source);
}

/* The first that is set up. */
static bool choose(struct creds *c, struct err *err)
{
    bool present = false;

    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        if (!sources[i].find(&c->conf, &c->key, &present, err))
            return err_wrap(err, "S3 keys from the %s", sources[i].name);
        if (!present)
            continue;
        c->source = &sources[i];
        return is_usable(&c->key, sources[i].name, err);
    }
    return err_set(err, ERR_BAD_REQUEST,
                   "no keys for S3 are set up: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                   "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or AWS_PROFILE, or run with a "
                   "role of the container or the instance");
}

static int64_t until_due(const struct creds_key *key)
{
    int64_t left = key->expires_s - clock_wall_s(), ms;

    if (key->expires_s == 0)
        return LONGEST_MS * INT64_C(24 * 365);
    if (left > 2 * MARGIN_S)
        return (left - MARGIN_S - (int64_t)(rnd_unit() * SPREAD_S)) * 1000;
    ms = left * 1000 / 2;
    return ms > LEAST_MS ? ms : LEAST_MS;
}

static bool ask(const struct creds *c, struct creds_key *fresh, struct err *err)
{
    bool present = false;

    if (!c->source->find(&c->conf, fresh, &present, err))
        return false;
    if (!present)
        return err_set(err, ERR_STORAGE, "it is not set up any more");
    return is_usable(fresh, c->source->name, err);
}

static bool is_same(const struct creds_key *a, const struct creds_key *b)
{
    return crypto_equal(str_sv(&a->id), str_sv(&b->id)) &&
           crypto_equal(str_sv(&a->secret), str_sv(&b->secret)) &&
           crypto_equal(str_sv(&a->token), str_sv(&b->token));
}

/* Under the lock. */
static void settle(struct creds *c, struct creds_key *fresh)
{
    const struct creds_key old = c->key;

    if (!is_same(&old, fresh))
        atomic_fetch_add(&c->serial, 1);
    c->key = *fresh;
    *fresh = old;
    c->failures = 0;
    c->due_ms = clock_mono_ms() + until_due(&c->key);
}

static void renew(struct creds *c)
{
    static const struct retry_plan again = {.base_ms = 1000, .cap_ms = 60000};
    AUTO(creds_key_free) struct creds_key fresh = CREDS_KEY_INIT;
    struct err err = ERR_INIT;
    bool ok = ask(c, &fresh, &err);

    pthread_mutex_lock(&c->lock);
    if (ok) {
        settle(c, &fresh);
    } else {
        c->why = err;
        c->due_ms = clock_mono_ms() + retry_wait_ms(&again, c->failures++, LEAST_MS, rnd_unit());
    }
    c->wanted = false;
    c->asked_ms = clock_mono_ms();
    c->rounds++;
    pthread_cond_broadcast(&c->change);
    pthread_mutex_unlock(&c->lock);
}

static int64_t turn(void *arg)
{
    struct creds *c = arg;
    int64_t left;
    bool due;

    pthread_mutex_lock(&c->lock);
    left = c->due_ms - clock_mono_ms();
    due = c->wanted || left <= 0;
    pthread_mutex_unlock(&c->lock);
    if (!due)
        return left < LONGEST_MS ? left : LONGEST_MS;
    renew(c);
    return 0;
}

static void init_change(pthread_cond_t *change)
{
    pthread_condattr_t mono;

    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(change, &mono);
    pthread_condattr_destroy(&mono);
}

bool creds_open(const struct creds_conf *conf, struct creds **out, struct err *err)
{
    AUTO(creds_close) struct creds *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->key = (struct creds_key)CREDS_KEY_INIT;
    c->conf = *conf;
    copy_texts(c);
    atomic_store(&c->serial, 1);
    pthread_mutex_init(&c->lock, NULL);
    init_change(&c->change);
    if (!choose(c, err))
        return false;
    c->asked_ms = clock_mono_ms() - CALM_MS;
    c->due_ms = clock_mono_ms() + until_due(&c->key);
    if (c->source->find != creds_given && !worker_open(turn, c, &c->worker, err))
        return false;
    *out = TAKE(c);
    return true;
}

static void text_free(char *text)
{
    if (text)
        crypto_wipe(text, strlen(text));
    free(text);
}

void creds_close(struct creds **creds)
{
    struct creds *c = *creds;

    if (!c)
        return;
    worker_close(&c->worker);
    creds_key_free(&c->key);
    for (size_t i = 0; i < TEXTS; i++)
        text_free(c->texts[i]);
    pthread_cond_destroy(&c->change);
    pthread_mutex_destroy(&c->lock);
    free(c);
    *creds = NULL;
}

const char *creds_source(const struct creds *c) { return c->source->name; }

uint64_t creds_serial(const struct creds *c) { return atomic_load(&c->serial); }

static void copy_key(const struct creds_key *from, struct creds_key *to)
{
    str_reset(&to->id);
    str_reset(&to->secret);
    str_reset(&to->token);
    str_addv(&to->id, str_sv(&from->id));
    str_addv(&to->secret, str_sv(&from->secret));
    str_addv(&to->token, str_sv(&from->token));
    to->expires_s = from->expires_s;
}

bool creds_get(struct creds *c, struct creds_key *out, uint64_t *serial, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&c->lock);
    ok = c->key.expires_s == 0 || clock_wall_s() < c->key.expires_s;
    if (ok) {
        copy_key(&c->key, out);
        *serial = atomic_load(&c->serial);
    } else {
        err_set(err, ERR_STORAGE, "the keys of the %s have run out and cannot be renewed: %s",
                c->source->name, c->failures > 0 ? c->why.msg : "the renewal is late");
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}

bool creds_renew(struct creds *c, uint64_t serial, int64_t wait_ms)
{
    struct timespec until;
    uint64_t round;
    int rc = 0;

    if (!c->worker)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    pthread_mutex_lock(&c->lock);
    round = c->rounds;
    if (atomic_load(&c->serial) == serial && clock_mono_ms() - c->asked_ms >= CALM_MS) {
        c->wanted = true;
        worker_wake(c->worker);
        while (c->rounds == round && rc == 0)
            rc = pthread_cond_timedwait(&c->change, &c->lock, &until);
    }
    pthread_mutex_unlock(&c->lock);
    return atomic_load(&c->serial) != serial;
}
