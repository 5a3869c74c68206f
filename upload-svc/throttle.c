#include "upload-svc/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"

_Static_assert(THROTTLE_WHO_SIZE == 2 * 9 + 1, "hex of an address");
enum { SETS = 1024, WAYS = 4, KNOWN = 1024, ADDRESS_SIZE = 9 };

struct count {
    uint8_t address[ADDRESS_SIZE]; /* family, then its bytes; all 0: free */
    int64_t began_ms;              /* of the window */
    int64_t failures;
};
struct known {
    char sum[SHA256_HEX_SIZE];
    int64_t at_ms;
};

struct throttle {
    pthread_mutex_t lock;
    int64_t per_address, in_all;
    uint8_t salt[16]; /* so that nobody can choose which addresses share a set */
    struct count all;
    struct count address[SETS][WAYS];
    struct known known[KNOWN];
};

struct throttle *throttle_open(int64_t per_address, int64_t in_all)
{
    struct throttle *t = calloc(1, sizeof *t);

    if (!t)
        abort();
    pthread_mutex_init(&t->lock, NULL);
    t->per_address = per_address;
    t->in_all = in_all;
    crypto_random(t->salt, sizeof t->salt);
    return t;
}

void throttle_close(struct throttle **t)
{
    if (!*t)
        return;
    pthread_mutex_destroy(&(*t)->lock);
    free(*t);
    *t = NULL;
}

/* Whatever is no address counts as one and the same. */
static void read_address(const char *text, uint8_t out[static ADDRESS_SIZE])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint8_t v6[16];

    memset(out, 0, ADDRESS_SIZE);
    out[0] = 1;
    if (inet_pton(AF_INET, text, out + 1) == 1) {
        out[0] = 4;
    } else if (inet_pton(AF_INET6, text, v6) == 1) {
        bool v4 = memcmp(v6, mapped, sizeof mapped) == 0;

        out[0] = v4 ? 4 : 6;
        memcpy(out + 1, v4 ? v6 + sizeof mapped : v6, v4 ? 4 : 8);
    }
}

static struct count *set_of(struct throttle *t, const uint8_t address[static ADDRESS_SIZE])
{
    uint8_t sum[SHA256_SIZE];

    crypto_hmac((struct sv){(const char *)t->salt, sizeof t->salt},
                (struct sv){(const char *)address, ADDRESS_SIZE}, sum);
    return t->address[(sum[0] | sum[1] << 8) % SETS];
}

static bool is_over(const struct count *c, int64_t now_ms)
{
    return now_ms - c->began_ms >= THROTTLE_WINDOW_MS;
}

/* The count of that address; NULL: it has not failed lately. */
static struct count *find(struct throttle *t, const uint8_t address[static ADDRESS_SIZE],
                          int64_t now_ms)
{
    struct count *set = set_of(t, address);

    for (size_t i = 0; i < WAYS; i++)
        if (memcmp(set[i].address, address, ADDRESS_SIZE) == 0 && !is_over(&set[i], now_ms))
            return &set[i];
    return NULL;
}

/* A place for it: one whose window is over, else that of whoever failed least. */
static struct count *place(struct throttle *t, const uint8_t address[static ADDRESS_SIZE],
                           int64_t now_ms)
{
    struct count *set = set_of(t, address), *least = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].address[0] == 0 || is_over(&set[i], now_ms)) {
            least = &set[i];
            break;
        }
        if (set[i].failures < least->failures)
            least = &set[i];
    }
    *least = (struct count){.began_ms = now_ms};
    memcpy(least->address, address, ADDRESS_SIZE);
    return least;
}

static int wait_s(const struct count *c, int64_t now_ms)
{
    return (int)((c->began_ms + THROTTLE_WINDOW_MS - now_ms + 999) / 1000);
}

static int must_wait(struct throttle *t, const uint8_t address[static ADDRESS_SIZE], int64_t now_ms)
{
    const struct count *own = find(t, address, now_ms);

    if (own && own->failures >= t->per_address)
        return wait_s(own, now_ms);
    if (t->all.failures >= t->in_all && !is_over(&t->all, now_ms))
        return wait_s(&t->all, now_ms);
    return 0;
}

bool throttle_admit(struct throttle *t, const char *address, int64_t now_ms, struct err *err)
{
    uint8_t key[ADDRESS_SIZE];
    int wait;

    read_address(address, key);
    pthread_mutex_lock(&t->lock);
    wait = must_wait(t, key, now_ms);
    pthread_mutex_unlock(&t->lock);
    return wait == 0 || err_set_later(err, ERR_RATE, wait, "too many failed logins; wait a moment");
}

void throttle_failed(struct throttle *t, const char *address, int64_t now_ms)
{
    uint8_t key[ADDRESS_SIZE];
    struct count *own;

    read_address(address, key);
    pthread_mutex_lock(&t->lock);
    own = find(t, key, now_ms);
    if (!own)
        own = place(t, key, now_ms);
    own->failures++;
    if (is_over(&t->all, now_ms))
        t->all = (struct count){.began_ms = now_ms};
    t->all.failures++;
    pthread_mutex_unlock(&t->lock);
}

void throttle_told(struct throttle *t, const char *address, int64_t now_ms,
                   struct throttle_count all)
{
    uint8_t key[ADDRESS_SIZE];
    struct count *own = &t->all;

    pthread_mutex_lock(&t->lock);
    if (address) {
        read_address(address, key);
        own = find(t, key, now_ms);
        if (!own)
            own = place(t, key, now_ms);
    }
    if (is_over(own, now_ms) || all.failures > own->failures) {
        own->failures = all.failures;
        own->began_ms = now_ms - all.age_ms;
    }
    pthread_mutex_unlock(&t->lock);
}

void throttle_who(const char *address, char out[static THROTTLE_WHO_SIZE])
{
    uint8_t key[ADDRESS_SIZE];

    read_address(address, key);
    crypto_hex(key, sizeof key, out);
}

/* The first digits of a sum are as good as any number drawn. */
static struct known *slot_of(struct throttle *t, const char *sum)
{
    char digits[9] = "";

    memcpy(digits, sum, 8);
    return &t->known[strtoul(digits, NULL, 16) % KNOWN];
}

bool throttle_known(struct throttle *t, const char *sum, int64_t now_ms)
{
    const struct known *k = slot_of(t, sum);
    bool known;

    pthread_mutex_lock(&t->lock);
    known = crypto_equal(sv_of(k->sum), sv_of(sum)) && now_ms - k->at_ms < THROTTLE_KNOWN_MS;
    pthread_mutex_unlock(&t->lock);
    return known;
}

void throttle_right(struct throttle *t, const char *sum, int64_t now_ms)
{
    struct known *k = slot_of(t, sum);

    pthread_mutex_lock(&t->lock);
    memcpy(k->sum, sum, sizeof k->sum);
    k->at_ms = now_ms;
    pthread_mutex_unlock(&t->lock);
}
