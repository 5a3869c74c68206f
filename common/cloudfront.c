/*
 * cloudfront.c - policies, their signatures, and the URLs that carry both.
 */
#include "common/cloudfront.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/crypto.h"
#include "common/json_write.h"
#include "common/sigv4.h"

enum { TEXT_MAX = 8192, SLOTS = 256, KEY_ID_MAX = 128 };

struct slot {
    char *policy, *signature; /* NULL: empty */
};

struct cloudfront {
    struct str origin;
    char *key_id;
    bool sha1;
    struct crypto_signer *signer;
    pthread_mutex_t lock;
    struct slot slots[SLOTS]; /* under the lock: a policy has one place, the newest has it */
};

static bool is_word(const char *z)
{
    for (; *z; z++)
        if (!(*z >= '0' && *z <= '9') && !(*z >= 'A' && *z <= 'Z') && !(*z >= 'a' && *z <= 'z'))
            return false;
    return true;
}

static bool check(const struct cloudfront_conf *conf, struct err *err)
{
    struct sv origin = sv_of(conf->origin);
    size_t scheme = sv_starts(origin, "https://") ? 8 : 7;

    if ((scheme == 7 && !sv_starts(origin, "http://")) || origin.n <= scheme ||
        origin.n > TEXT_MAX / 8 || strpbrk(conf->origin + scheme, "/?#\"\\ "))
        return err_set(err, ERR_BAD_REQUEST,
                       "the distribution \"%.100s\" is not of the form https://host", conf->origin);
    if (!*conf->key_id || strlen(conf->key_id) > KEY_ID_MAX || !is_word(conf->key_id))
        return err_set(err, ERR_BAD_REQUEST,
                       "the id of the public key is letters and digits, such as K2JCJMDEHXQW5F");
    return true;
}

/* An .env file cannot hold line ends: there they are written \n. */
static bool open_key(const char *pem, struct crypto_signer **out, struct err *err)
{
    struct str text = STR_INIT(1 << 16);
    bool ok;

    for (const char *at = pem; *at; at++) {
        if (at[0] == '\\' && at[1] == 'n') {
            str_addc(&text, '\n');
            at++;
        } else {
            str_addc(&text, *at);
        }
    }
    ok = crypto_signer_open(str_sv(&text), out, err);
    crypto_wipe(text.p, text.n);
    str_free(&text);
    return ok;
}

bool cloudfront_open(const struct cloudfront_conf *conf, struct cloudfront **out, struct err *err)
{
    AUTO(cloudfront_free) struct cloudfront *cf = NULL;

    if (!check(conf, err))
        return false;
    cf = calloc(1, sizeof *cf);
    if (!cf)
        abort();
    pthread_mutex_init(&cf->lock, NULL);
    cf->origin = (struct str)STR_INIT(TEXT_MAX);
    str_addz(&cf->origin, conf->origin);
    cf->key_id = str_dup(conf->key_id);
    cf->sha1 = conf->sha1;
    if (!open_key(secret_text(conf->private_key), &cf->signer, err))
        return err_wrap(err, "the private key of the distribution");
    *out = TAKE(cf);
    return true;
}

static void slot_free(struct slot *slot)
{
    free(slot->policy);
    free(slot->signature);
    *slot = (struct slot){NULL, NULL};
}

void cloudfront_free(struct cloudfront **cloudfront)
{
    struct cloudfront *cf = *cloudfront;

    if (!cf)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        slot_free(&cf->slots[i]);
    crypto_signer_free(&cf->signer);
    pthread_mutex_destroy(&cf->lock);
    str_free(&cf->origin);
    free(cf->key_id);
    free(cf);
    *cloudfront = NULL;
}

/* Base64 as a query takes it. */
static void add_safe(struct sv bytes, struct str *out)
{
    static const char from[] = "+=/", to[] = "-_~";
    size_t begin = out->n;

    base64_encode(bytes, out);
    for (size_t i = begin; i < out->n; i++) {
        const char *at = strchr(from, out->p[i]);

        if (at && *at)
            out->p[i] = to[at - from];
    }
}

static void add_time(struct jw *w, const char *condition, int64_t at)
{
    jw_key(w, condition);
    jw_open(w, '{');
    jw_int(w, "AWS:EpochTime", at);
    jw_close(w);
}

/* {"Statement":[{"Resource":"...","Condition":{...}}]}, without a blank: CloudFront makes the
 * canned one itself and must come to the same bytes. */
static void write_policy(const struct cloudfront_policy *p, struct sv resource, struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_key(&w, "Statement");
    jw_open(&w, '[');
    jw_open(&w, '{');
    jw_sv(&w, "Resource", resource);
    jw_key(&w, "Condition");
    jw_open(&w, '{');
    add_time(&w, "DateLessThan", p->expires);
    if (p->not_before > 0)
        add_time(&w, "DateGreaterThan", p->not_before);
    if (p->source_ip.n > 0) {
        jw_key(&w, "IpAddress");
        jw_open(&w, '{');
        jw_sv(&w, "AWS:SourceIp", p->source_ip);
        jw_close(&w);
    }
    while (w.depth > 0)
        jw_close(&w);
}

static struct slot *slot_of(struct cloudfront *cf, const char *policy)
{
    return &cf->slots[sv_hash(sv_of(policy)) % SLOTS];
}

static bool known(struct cloudfront *cf, const char *policy, struct str *out)
{
    const struct slot *slot = slot_of(cf, policy);
    bool found;

    pthread_mutex_lock(&cf->lock);
    found = slot->policy && strcmp(slot->policy, policy) == 0;
    if (found)
        str_addz(out, slot->signature);
    pthread_mutex_unlock(&cf->lock);
    return found;
}

static void remember(struct cloudfront *cf, const char *policy, const char *signature)
{
    struct slot fresh = {str_dup(policy), str_dup(signature)}, *slot = slot_of(cf, policy), old;

    pthread_mutex_lock(&cf->lock);
    old = *slot;
    *slot = fresh;
    pthread_mutex_unlock(&cf->lock);
    slot_free(&old);
}

/* The signature of a policy: of the last time, or a new one, made outside the lock. */
static bool signature(struct cloudfront *cf, const struct str *policy, struct str *out,
                      struct err *err)
{
    uint8_t bytes[CRYPTO_SIGNATURE_MAX];
    size_t n;

    if (known(cf, policy->p, out))
        return true;
    if (!crypto_sign(cf->signer, !cf->sha1, str_sv(policy), bytes, &n, err))
        return false;
    add_safe((struct sv){(const char *)bytes, n}, out);
    remember(cf, policy->p, out->p);
    return true;
}

static bool is_canned(const struct cloudfront_policy *p)
{
    return p->resource.n == 0 && p->not_before <= 0 && p->source_ip.n == 0;
}

bool cloudfront_sign(struct cloudfront *cf, struct sv path, const struct cloudfront_policy *policy,
                     struct str *out, struct err *err)
{
    AUTO(str_free) struct str url = STR_INIT(TEXT_MAX), text = STR_INIT(TEXT_MAX);
    AUTO(str_free) struct str sig = STR_INIT(TEXT_MAX);

    str_addv(&url, str_sv(&cf->origin));
    sigv4_encode(path, true, &url);
    write_policy(policy, policy->resource.n > 0 ? policy->resource : str_sv(&url), &text);
    if (!str_ok(&url) || !str_ok(&text))
        return err_set(err, ERR_INTERNAL, "the address is too long for a signed URL");
    if (!signature(cf, &text, &sig, err))
        return false;
    if (is_canned(policy)) {
        str_addf(&url, "?Expires=%lld", (long long)policy->expires);
    } else {
        str_addz(&url, "?Policy=");
        add_safe(str_sv(&text), &url);
    }
    str_addf(&url, "&Signature=%s&Key-Pair-Id=%s%s", sig.p, cf->key_id,
             cf->sha1 ? "" : "&Hash-Algorithm=SHA256");
    str_addv(out, str_sv(&url));
    return (str_ok(&url) && str_ok(out)) ||
           err_set(err, ERR_INTERNAL, "no room for a signed URL in %zu bytes", out->wall);
}
