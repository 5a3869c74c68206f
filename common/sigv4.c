/*
 * sigv4.c - keys of a day, strings to sign, and the Authorization header.
 */
#include "common/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sigv4_internal.h"

enum { DAY_S = 86400, TEXT_MAX = 512 };

static char *copy(struct sv v)
{
    char *z = malloc(v.n + 1);

    if (!z)
        abort();
    if (v.n > 0)
        memcpy(z, v.p, v.n);
    z[v.n] = '\0';
    return z;
}

struct sigv4 *sigv4_open(const struct sigv4_conf *conf)
{
    static _Atomic uint64_t opened;
    struct sigv4 *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    s->serial = atomic_fetch_add(&opened, 1) + 1;
    s->access_key = copy(conf->access_key);
    s->secret_key = copy(conf->secret_key);
    s->region = copy(conf->region);
    s->service = copy(conf->service);
    s->token = (struct str)STR_INIT(SIGV4_SIZE_MAX);
    sigv4_encode(conf->token, false, &s->token);
    s->generic = conf->generic;
    s->normalise = conf->normalise;
    s->token_after = conf->token_after;
    pthread_mutex_init(&s->deriving, NULL);
    atomic_init(&s->days, NULL);
    return s;
}

static void day_free(struct sigv4_day **day)
{
    str_free(&(*day)->credential);
    crypto_wipe(*day, sizeof **day);
    free(*day);
    *day = NULL;
}

void sigv4_free(struct sigv4 **signer)
{
    struct sigv4 *s = *signer;

    if (!s)
        return;
    for (struct sigv4_day *day = atomic_load(&s->days), *next; day; day = next) {
        next = day->next;
        day_free(&day);
    }
    crypto_wipe(s->secret_key, strlen(s->secret_key));
    pthread_mutex_destroy(&s->deriving);
    str_free(&s->token);
    free(s->access_key);
    free(s->secret_key);
    free(s->region);
    free(s->service);
    free(s);
    *signer = NULL;
}

static struct sv bytes_of(const uint8_t *p, size_t n) { return (struct sv){(const char *)p, n}; }

void sigv4_derive(const struct sigv4_conf *conf, const char *day, uint8_t out[static SHA256_SIZE])
{
    const struct sv steps[] = {conf->region, conf->service, SV_LIT("aws4_request")};
    AUTO(str_free) struct str first = STR_INIT(SIGV4_SIZE_MAX);

    str_addz(&first, "AWS4");
    str_addv(&first, conf->secret_key);
    crypto_hmac(str_sv(&first), sv_of(day), out);
    crypto_wipe(first.p, first.n);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        uint8_t key[SHA256_SIZE];

        memcpy(key, out, sizeof key);
        crypto_hmac(bytes_of(key, sizeof key), steps[i], out);
        crypto_wipe(key, sizeof key);
    }
}

static struct sigv4_day *make_day(const struct sigv4 *s, int64_t number)
{
    const struct sigv4_conf conf = {.secret_key = sv_of(s->secret_key),
                                    .region = sv_of(s->region),
                                    .service = sv_of(s->service)};
    struct sigv4_day *day = calloc(1, sizeof *day);
    char stamp[CLOCK_AMZ_SIZE];
    uint8_t key[SHA256_SIZE];
    int n;

    if (!day)
        abort();
    clock_amz(number * DAY_S, stamp);
    day->number = number;
    memcpy(day->date, stamp, 8);
    n = snprintf(day->scope, sizeof day->scope, "%s/%s/%s/aws4_request", day->date, s->region,
                 s->service);
    day->scope_n = n > 0 ? strlen(day->scope) : 0;
    day->credential = (struct str)STR_INIT(4 * TEXT_MAX);
    sigv4_encode(sv_of(s->access_key), false, &day->credential);
    str_addz(&day->credential, "%2F");
    sigv4_encode((struct sv){day->scope, day->scope_n}, false, &day->credential);
    sigv4_derive(&conf, day->date, key);
    crypto_key_set(&day->key, bytes_of(key, sizeof key));
    crypto_wipe(key, sizeof key);
    return day;
}

static struct sigv4_day *known_day(struct sigv4 *s, int64_t number)
{
    struct sigv4_day *day = atomic_load_explicit(&s->days, memory_order_acquire);

    while (day && day->number != number)
        day = day->next;
    return day;
}

const struct sigv4_day *sigv4_day(struct sigv4 *s, int64_t now)
{
    int64_t number = now / DAY_S;
    struct sigv4_day *day = known_day(s, number);

    if (day)
        return day;
    pthread_mutex_lock(&s->deriving);
    day = known_day(s, number);
    if (!day) {
        day = make_day(s, number);
        day->next = atomic_load(&s->days);
        atomic_store_explicit(&s->days, day, memory_order_release);
    }
    pthread_mutex_unlock(&s->deriving);
    return day;
}

static char *two(char *at, int64_t n)
{
    *at++ = (char)('0' + n / 10);
    *at++ = (char)('0' + n % 10);
    return at;
}

void sigv4_stamp(const struct sigv4_day *day, int64_t now, char out[static SIGV4_STAMP_SIZE])
{
    int64_t s = now - day->number * DAY_S;
    char *at = mempcpy(out, day->date, 8);

    *at++ = 'T';
    at = two(two(two(at, s / 3600), s / 60 % 60), s % 60);
    *at++ = 'Z';
    *at = '\0';
}

void sigv4_string_to_sign(struct sigv4 *s, int64_t now, struct sv canonical, struct str *out)
{
    const struct sigv4_day *day = sigv4_day(s, now);
    char stamp[SIGV4_STAMP_SIZE], sum[SHA256_HEX_SIZE];

    sigv4_stamp(day, now, stamp);
    crypto_sha256_hex(canonical, sum);
    str_addv(out, SV_LIT("AWS4-HMAC-SHA256\n"));
    str_add(out, stamp, sizeof stamp - 1);
    str_addc(out, '\n');
    str_add(out, day->scope, day->scope_n);
    str_addc(out, '\n');
    str_add(out, sum, sizeof sum - 1);
}

void sigv4_signature(struct sigv4 *s, int64_t now, struct sv text, char out[static SHA256_HEX_SIZE])
{
    uint8_t mac[SHA256_SIZE];

    crypto_key_hmac(&sigv4_day(s, now)->key, text, mac);
    crypto_hex(mac, sizeof mac, out);
}

/* Canonical request -> string to sign -> signature. */
bool sigv4_sign(struct sigv4 *s, const struct sigv4_request *req, const struct sigv4_parts *parts,
                char out[static SHA256_HEX_SIZE])
{
    AUTO(str_free) struct str canonical = STR_INIT(SIGV4_SIZE_MAX);
    char text_buf[TEXT_MAX];
    struct str text = SIGV4_SCRATCH(text_buf);

    if (!sigv4_join(req, parts, &canonical))
        return false;
    sigv4_string_to_sign(s, req->now, str_sv(&canonical), &text);
    sigv4_signature(s, req->now, str_sv(&text), out);
    return str_ok(&text);
}

void sigv4_credential(struct sigv4 *s, int64_t now, struct str *out)
{
    str_addf(out, "%s/%s", s->access_key, sigv4_day(s, now)->scope);
}

bool sigv4_canonical(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                     struct str *out)
{
    char names_buf[TEXT_MAX * 2];
    AUTO(str_free) struct str path = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(str_free) struct str query = STR_INIT(SIGV4_SIZE_MAX);
    struct str names = SIGV4_SCRATCH(names_buf);
    struct sigv4_parts parts = {&path, &query, &names};

    return sigv4_parts(s, req, expires_s, &parts) && sigv4_join(req, &parts, out);
}

bool sigv4_authorize(struct sigv4 *s, const struct sigv4_request *req, struct str *out,
                     char *signature)
{
    char names_buf[TEXT_MAX * 2];
    AUTO(str_free) struct str path = STR_INIT(SIGV4_SIZE_MAX);
    AUTO(str_free) struct str query = STR_INIT(SIGV4_SIZE_MAX);
    struct str names = SIGV4_SCRATCH(names_buf);
    struct sigv4_parts parts = {&path, &query, &names};
    char sig[SHA256_HEX_SIZE];

    if (!sigv4_parts(s, req, -1, &parts) || !sigv4_sign(s, req, &parts, sig))
        return false;
    str_addz(out, "AWS4-HMAC-SHA256 Credential=");
    sigv4_credential(s, req->now, out);
    str_addf(out, ", SignedHeaders=%s, Signature=%s", names.p, sig);
    if (signature)
        memcpy(signature, sig, sizeof sig);
    return str_ok(out);
}
