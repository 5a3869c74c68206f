/*
 * crowd.c - a hash table of counters. The hash is keyed by a number drawn at the start, so that
 * nobody can choose addresses that fall together.
 */
#include "common/crowd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SLOTS = 1024 };

struct entry {
    struct entry *next;
    struct addr home;
    int64_t n;
};

struct crowd {
    pthread_mutex_t lock;
    uint64_t key;
    struct entry *slots[SLOTS];
};

struct crowd *crowd_open(void)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    if (!crowd || getrandom(&crowd->key, sizeof crowd->key, 0) != sizeof crowd->key)
        abort();
    pthread_mutex_init(&crowd->lock, NULL);
    return crowd;
}

void crowd_close(struct crowd **crowd)
{
    if (!*crowd)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        while ((*crowd)->slots[i]) {
            struct entry *gone = (*crowd)->slots[i];
            (*crowd)->slots[i] = gone->next;
            free(gone);
        }
    pthread_mutex_destroy(&(*crowd)->lock);
    free(*crowd);
    *crowd = NULL;
}

/* The multiply-and-fold of splitmix64 over both halves. */
static size_t slot_of(const struct crowd *crowd, const struct addr *home)
{
    uint64_t h = crowd->key;
    for (size_t i = 0; i < 2; i++) {
        uint64_t half;
        memcpy(&half, home->b + 8 * i, 8);
        h = (h ^ half) * UINT64_C(0x9e3779b97f4a7c15);
        h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
        h ^= h >> 32;
    }
    return h % SLOTS;
}

/* The link that holds the address's entry; it holds NULL when there is none. */
static struct entry **find(struct entry **at, const struct addr *home)
{
    while (*at && memcmp((*at)->home.b, home->b, sizeof home->b) != 0)
        at = &(*at)->next;
    return at;
}

static struct entry *make(const struct addr *home, struct entry *next)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        abort();
    entry->home = *home;
    entry->next = next;
    return entry;
}

bool crowd_enter(struct crowd *crowd, const struct addr *a, int64_t max)
{
    struct addr home = addr_home(a);
    struct entry **slot = &crowd->slots[slot_of(crowd, &home)];
    pthread_mutex_lock(&crowd->lock);
    struct entry *entry = *find(slot, &home);
    if (!entry)
        entry = *slot = make(&home, *slot);
    bool in = max <= 0 || entry->n < max;
    entry->n += in;
    pthread_mutex_unlock(&crowd->lock);
    return in;
}

static void drop(struct entry **at)
{
    struct entry *gone = *at;
    if (!gone || --gone->n > 0)
        return;
    *at = gone->next;
    free(gone);
}

void crowd_leave(struct crowd *crowd, const struct addr *a)
{
    struct addr home = addr_home(a);
    pthread_mutex_lock(&crowd->lock);
    drop(find(&crowd->slots[slot_of(crowd, &home)], &home));
    pthread_mutex_unlock(&crowd->lock);
}
