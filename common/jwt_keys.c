/* jwt_keys.c - the keys of a JWKS: which of them serve, and when they are read again. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/jwt_internal.h"

enum {
    TEXT_MAX = 1 << 20,
    CONNECT_MS = 2000,
    TOTAL_MS = 5000,
    STALE_MS = 24 * 3600 * 1000,
    RSA_MIN = 2048,
    RSA_MAX = 8192
};

struct jwt_store {
    const struct jwt_conf *conf;
    pthread_mutex_t lock;
    struct jwt_keys *keys; /* NULL: none yet */
    int64_t read_ms;       /* when those were read; monotonic */
    int64_t tried_ms;      /* when somebody last tried to */
    bool tried, reading;
};

void jwt_keys_free(struct jwt_keys **keys)
{
    struct jwt_keys *k = *keys;

    if (!k)
        return;
    for (size_t i = 0; i < k->count; i++)
        cjose_jwk_release(k->key[i].jwk);
    free(k);
    *keys = NULL;
}

static bool is(const struct json *key, const char *name, const char *value)
{
    return strcmp(json_text_or(key, name, ""), value) == 0;
}

static bool is_or_absent(const struct json *key, const char *name, const char *value)
{
    return !json_find(key, name) || is(key, name, value);
}

/* RFC 7517 4.2, 4.4; RFC 7518 6.2, 6.3. A shared secret ("oct") has no place in a JWKS. */
static enum jwt_alg alg_of(const struct json *key)
{
    if (!is_or_absent(key, "use", "sig"))
        return JWT_NONE;
    if (is(key, "kty", "RSA") && is_or_absent(key, "alg", "RS256"))
        return JWT_RS256;
    if (is(key, "kty", "EC") && is(key, "crv", "P-256") && is_or_absent(key, "alg", "ES256"))
        return JWT_ES256;
    return JWT_NONE;
}

static bool size_ok(const cjose_jwk_t *jwk, enum jwt_alg alg)
{
    cjose_err why;
    size_t bits = cjose_jwk_get_keysize(jwk, &why);

    return alg != JWT_RS256 || (bits >= RSA_MIN && bits <= RSA_MAX);
}

/* ,"name":"value" */
static bool copy(const struct json *json, const char *name, struct str *out)
{
    struct sv value = sv_of(json_text_or(json, name, ""));

    str_addf(out, ",\"%s\":\"%.*s\"", name, SV(value));
    return jwt_base64url(value);
}

/* The public members of the key and nothing else of it, for cjose. */
static bool write_jwk(const struct json *json, enum jwt_alg alg, struct str *out)
{
    bool ok;

    str_addz(out, alg == JWT_RS256 ? "{\"kty\":\"RSA\"" : "{\"kty\":\"EC\",\"crv\":\"P-256\"");
    ok = alg == JWT_RS256 ? copy(json, "n", out) && copy(json, "e", out)
                          : copy(json, "x", out) && copy(json, "y", out);
    str_addc(out, '}');
    return ok && str_ok(out);
}

static void add(struct jwt_keys *keys, const struct json *json)
{
    AUTO(str_free) struct str text = STR_INIT(8192);
    struct jwt_key *key = &keys->key[keys->count];
    const char *kid = json_text_or(json, "kid", "");
    enum jwt_alg alg = alg_of(json);
    cjose_err why;

    if (alg == JWT_NONE || strlen(kid) > JWT_KID_MAX || !write_jwk(json, alg, &text))
        return;
    key->jwk = cjose_jwk_import(text.p, text.n, &why);
    if (!key->jwk)
        return;
    if (!size_ok(key->jwk, alg)) {
        cjose_jwk_release(key->jwk);
        return;
    }
    key->alg = alg;
    snprintf(key->kid, sizeof key->kid, "%s", kid);
    keys->count++;
}

bool jwt_keys_parse(struct sv text, struct jwt_keys **out, struct err *err)
{
    AUTO(jwt_keys_free) struct jwt_keys *keys = calloc(1, sizeof *keys);
    AUTO(json_free) struct json *doc = NULL;
    const struct json *list = NULL, *one = NULL;

    if (!keys)
        abort();
    if (!json_parse(text, &doc, err) || !json_need(doc, "keys", JSON_ARRAY, &list, err))
        return err_set(err, ERR_UPSTREAM, "it is no JWKS, {\"keys\":[...]}");
    for (one = json_first(list); one && keys->count < JWT_KEYS_MAX; one = json_next(one))
        add(keys, one);
    if (keys->count == 0)
        return err_set(err, ERR_UPSTREAM,
                       "no key in it is RSA of %d bits or more, or EC on P-256, for signatures",
                       RSA_MIN);
    *out = TAKE(keys);
    return true;
}

static void file_close(FILE **file)
{
    if (*file)
        fclose(*file);
}

static bool read_file(const char *path, struct str *out, struct err *err)
{
    AUTO(file_close) FILE *file = fopen(path, "re");
    char buf[4096];
    size_t n;

    if (!file)
        return err_set(err, ERR_UPSTREAM, "%s cannot be opened", path);
    while ((n = fread(buf, 1, sizeof buf, file)) > 0)
        str_add(out, buf, n);
    if (ferror(file) || !str_ok(out))
        return err_set(err, ERR_UPSTREAM, "%s cannot be read, or is over 1 MiB", path);
    return true;
}

static bool fetch(const char *url, struct str *out, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct http_req req = {.method = "GET",
                                 .url = url,
                                 .connect_ms = CONNECT_MS,
                                 .total_ms = TOTAL_MS,
                                 .answer_max = TEXT_MAX};

    if (!http_perform(&req, &answer, err))
        return false;
    if (answer.status != 200)
        return err_set(err, ERR_UPSTREAM, "the answer was %d", answer.status);
    str_addv(out, str_sv(&answer.body));
    return true;
}

static bool read_keys(const char *jwks, struct jwt_keys **out, struct err *err)
{
    AUTO(str_free) struct str text = STR_INIT(TEXT_MAX);
    bool url = strncmp(jwks, "http://", 7) == 0 || strncmp(jwks, "https://", 8) == 0;

    return (url ? fetch(jwks, &text, err) : read_file(jwks, &text, err)) &&
           jwt_keys_parse(str_sv(&text), out, err);
}

bool jwt_store_open(const struct jwt_conf *conf, struct jwt_store **out, struct err *err)
{
    struct jwt_store *store = calloc(1, sizeof *store);

    (void)err;
    if (!store)
        abort();
    store->conf = conf;
    pthread_mutex_init(&store->lock, NULL);
    *out = store;
    return true;
}

void jwt_store_close(struct jwt_store **store)
{
    if (!*store)
        return;
    jwt_keys_free(&(*store)->keys);
    pthread_mutex_destroy(&(*store)->lock);
    free(*store);
    *store = NULL;
}

/* With the lock held: is it this caller's turn to read? One at a time, and not too often. */
static bool my_turn(struct jwt_store *s, bool missed, int64_t now)
{
    bool old = !s->keys || now - s->read_ms >= s->conf->cache_ms;

    if (s->reading || !(old || missed) || (s->tried && now - s->tried_ms < s->conf->retry_ms))
        return false;
    s->tried = s->reading = true;
    s->tried_ms = now;
    return true;
}

/* With the lock held: the last of a reading's users, its store among them, frees it. */
static void let_go(struct jwt_keys **keys)
{
    if (*keys && --(*keys)->users == 0)
        jwt_keys_free(keys);
    *keys = NULL;
}

static void read_again(struct jwt_store *s, struct err *why)
{
    struct jwt_keys *fresh = NULL;
    bool ok = read_keys(s->conf->jwks, &fresh, why) || err_wrap(why, "JWKS");

    pthread_mutex_lock(&s->lock);
    s->reading = false;
    if (ok) {
        let_go(&s->keys);
        s->keys = fresh;
        s->keys->users = 1;
        s->read_ms = clock_mono_ms();
    }
    pthread_mutex_unlock(&s->lock);
    if (s->conf->told)
        s->conf->told(ok ? NULL : why);
}

bool jwt_store_take(struct jwt_store *s, bool missed, struct jwt_keys **out, struct err *err)
{
    struct err why = ERR_INIT;
    bool turn;

    pthread_mutex_lock(&s->lock);
    turn = my_turn(s, missed, clock_mono_ms());
    pthread_mutex_unlock(&s->lock);
    if (turn)
        read_again(s, &why);
    pthread_mutex_lock(&s->lock);
    if (s->keys && clock_mono_ms() - s->read_ms > s->conf->cache_ms + STALE_MS)
        let_go(&s->keys);
    *out = s->keys;
    if (*out)
        (*out)->users++;
    pthread_mutex_unlock(&s->lock);
    if (*out)
        return true;
    if (why.code != ERR_NONE)
        *err = why;
    else
        err_set(err, ERR_BUSY, "the keys for JWTs cannot be read yet");
    err->code = ERR_BUSY;
    err->retry_s = (int)(s->conf->retry_ms / 1000) + 1;
    return false;
}

void jwt_store_give(struct jwt_store *s, struct jwt_keys **keys)
{
    pthread_mutex_lock(&s->lock);
    let_go(keys);
    pthread_mutex_unlock(&s->lock);
}
