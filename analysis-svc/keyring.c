/* keyring.c - see keyring.h. */
#include "analysis-svc/keyring.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"

enum { KEYS_MAX = 16 };

struct bunch {  /* of one provider */
    char *text; /* the list, with NULs for its commas */
    size_t size;
    const char *keys[KEYS_MAX];
    int64_t aside_until[KEYS_MAX];
    size_t n, next;
};
struct keyring {
    pthread_mutex_t lock;
    int64_t aside_ms;
    struct bunch bunches[ROSTER_MAX];
    size_t n;
};

/* "a, b" -> two keys; "" is one empty key, which means that none is sent. */
static void cut(struct bunch *b, const char *list)
{
    char *rest = NULL;

    b->text = str_dup(list);
    b->size = strlen(list);
    for (char *word = strtok_r(b->text, ", ", &rest); word && b->n < KEYS_MAX;
         word = strtok_r(NULL, ", ", &rest))
        b->keys[b->n++] = word;
    if (b->n == 0)
        b->keys[b->n++] = "";
}

struct keyring *keyring_open(const struct roster *r, int64_t aside_ms)
{
    struct keyring *k = calloc(1, sizeof *k);

    if (!k)
        abort();
    pthread_mutex_init(&k->lock, NULL);
    k->aside_ms = aside_ms;
    k->n = r->n;
    for (size_t i = 0; i < r->n; i++)
        cut(&k->bunches[i], secret_text(r->items[i].key));
    return k;
}

void keyring_close(struct keyring **k)
{
    if (!*k)
        return;
    for (size_t i = 0; i < (*k)->n; i++) {
        crypto_wipe((*k)->bunches[i].text, (*k)->bunches[i].size);
        free((*k)->bunches[i].text);
    }
    pthread_mutex_destroy(&(*k)->lock);
    free(*k);
    *k = NULL;
}

struct secret keyring_take(struct keyring *k, int place, int64_t now_ms, int *key)
{
    struct bunch *b = &k->bunches[place];
    size_t best;

    pthread_mutex_lock(&k->lock);
    best = b->next % b->n;
    for (size_t i = 1; i < b->n && b->aside_until[best] > now_ms; i++) {
        size_t at = (b->next + i) % b->n;

        if (b->aside_until[at] <= now_ms || b->aside_until[at] < b->aside_until[best])
            best = at;
    }
    b->next = best + 1;
    pthread_mutex_unlock(&k->lock);
    *key = (int)best;
    return secret_of(b->keys[best]);
}

static size_t alive(const struct bunch *b, int64_t now_ms)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        n += b->aside_until[i] <= now_ms;
    return n;
}

bool keyring_give(struct keyring *k, int place, int key, enum answer_class class, int64_t after_ms,
                  int64_t now_ms)
{
    struct bunch *b = &k->bunches[place];
    bool others;

    if (class != ANSWER_AUTH && class != ANSWER_QUOTA)
        return false;
    pthread_mutex_lock(&k->lock);
    b->aside_until[key] = now_ms + (after_ms > k->aside_ms ? after_ms : k->aside_ms);
    others = alive(b, now_ms) > 0;
    pthread_mutex_unlock(&k->lock);
    return others;
}

size_t keyring_count(const struct keyring *k, int place) { return k->bunches[place].n; }

struct secret keyring_key(const struct keyring *k, int place, int no)
{
    return secret_of(k->bunches[place].keys[no]); /* the texts never change */
}

void keyring_mark(struct secret key, char out[static KEYRING_MARK_SIZE])
{
    char hex[SHA256_HEX_SIZE] = "";

    if (secret_is_set(key))
        crypto_sha256_hex(sv_of(secret_text(key)), hex);
    snprintf(out, KEYRING_MARK_SIZE, "%.8s", hex);
}

bool keyring_find(struct keyring *k, int place, const char *mark, struct secret *key, int *no)
{
    const struct bunch *b = &k->bunches[place]; /* the texts never change */

    for (size_t i = 0; i < b->n; i++) {
        char its[KEYRING_MARK_SIZE];

        keyring_mark(secret_of(b->keys[i]), its);
        if (strcmp(its, mark) != 0)
            continue;
        *key = secret_of(b->keys[i]);
        *no = (int)i;
        return true;
    }
    return false;
}
