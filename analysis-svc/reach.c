/* reach.c - see reach.h. */
#include "analysis-svc/reach.h"

#include <pthread.h>
#include <stdlib.h>

enum { MEMORY_MS = 600000, PROBE_MS = 60000 }; /* a probe that is never heard of: the next one */

struct host {
    bool bad;
    int64_t bad_until, probe_until;
};
struct reach {
    pthread_mutex_t lock;
    struct host *hosts;
};

struct reach *reach_open(size_t providers)
{
    struct reach *r = calloc(1, sizeof *r);
    struct host *hosts = calloc(providers + 1, sizeof *hosts);

    if (!r || !hosts)
        abort();
    pthread_mutex_init(&r->lock, NULL);
    r->hosts = hosts;
    return r;
}

void reach_close(struct reach **r)
{
    if (!*r)
        return;
    pthread_mutex_destroy(&(*r)->lock);
    free((*r)->hosts);
    free(*r);
    *r = NULL;
}

bool reach_by_url(struct reach *r, int place, int64_t now_ms)
{
    struct host *h = &r->hosts[place];
    bool yes;

    pthread_mutex_lock(&r->lock);
    yes = !h->bad || (now_ms >= h->bad_until && now_ms >= h->probe_until);
    if (yes && h->bad)
        h->probe_until = now_ms + PROBE_MS;
    pthread_mutex_unlock(&r->lock);
    return yes;
}

void reach_worked(struct reach *r, int place)
{
    pthread_mutex_lock(&r->lock);
    r->hosts[place] = (struct host){.bad = false};
    pthread_mutex_unlock(&r->lock);
}

void reach_failed(struct reach *r, int place, int64_t now_ms)
{
    pthread_mutex_lock(&r->lock);
    r->hosts[place] = (struct host){.bad = true, .bad_until = now_ms + MEMORY_MS};
    pthread_mutex_unlock(&r->lock);
}

void reach_doubted(struct reach *r, int place, int64_t now_ms)
{
    pthread_mutex_lock(&r->lock);
    if (r->hosts[place].bad)
        r->hosts[place].bad_until = now_ms + MEMORY_MS;
    pthread_mutex_unlock(&r->lock);
}
