/*
 * s3_signer.c - the signer of the present keys. It is made anew when they change; who signs with
 * the old one meanwhile keeps it until he gives it back.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "common/s3_internal.h"

static struct s3_signer *make(const struct s3 *s3, const struct creds_key *key, uint64_t serial)
{
    struct s3_signer *s = calloc(1, sizeof *s);
    const struct sigv4_conf conf = {.access_key = str_sv(&key->id),
                                    .secret_key = str_sv(&key->secret),
                                    .token = str_sv(&key->token),
                                    .region = sv_of(s3->region),
                                    .service = SV_LIT("s3")};

    if (!s)
        abort();
    atomic_init(&s->users, 1); /* the bucket itself */
    s->serial = serial;
    s->expires_s = key->expires_s;
    s->token = (struct str)STR_INIT(SIGV4_SIZE_MAX);
    str_addv(&s->token, str_sv(&key->token));
    s->sigv4 = sigv4_open(&conf);
    return s;
}

void s3_signer_give(struct s3_signer **signer)
{
    struct s3_signer *s = *signer;

    *signer = NULL;
    if (!s || atomic_fetch_sub(&s->users, 1) > 1)
        return;
    sigv4_free(&s->sigv4);
    crypto_wipe(s->token.p, s->token.n);
    str_free(&s->token);
    free(s);
}

/* Under the lock. */
static bool is_current(const struct s3 *s3)
{
    const struct s3_signer *s = s3->signer;

    return s && s->serial == creds_serial(s3->creds) &&
           (s->expires_s == 0 || clock_wall_s() < s->expires_s);
}

static bool renew(struct s3 *s3, struct err *err)
{
    AUTO(creds_key_free) struct creds_key key = CREDS_KEY_INIT;
    uint64_t serial;

    if (!creds_get(s3->creds, &key, &serial, err))
        return false;
    s3_signer_give(&s3->signer);
    s3->signer = make(s3, &key, serial);
    return true;
}

bool s3_signer_take(struct s3 *s3, struct s3_signer **out, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&s3->signing);
    ok = is_current(s3) || renew(s3, err);
    if (ok) {
        atomic_fetch_add(&s3->signer->users, 1);
        *out = s3->signer;
    }
    pthread_mutex_unlock(&s3->signing);
    return ok;
}
