#include "upload-svc/hub.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/relay.h"

enum { LISTEN_MS = 500, REOPEN_MS = 1000 };

struct hub {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    uint64_t seen;
    bool ended;
};

static bool is_ended(struct hub *h)
{
    bool ended;

    pthread_mutex_lock(&h->lock);
    ended = h->ended;
    pthread_mutex_unlock(&h->lock);
    return ended;
}

static void ring(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    h->seen++;
    pthread_cond_broadcast(&h->change);
    pthread_mutex_unlock(&h->lock);
    relay_wake(h->app->relay);
}

static bool listen_on(struct hub *h, struct err *err)
{
    AUTO(db_listen_close) struct db_listen *l = NULL;
    bool heard = false;

    if (!db_listen_open(&h->app->db_conf, "upload_events analysis_events upload_outbox", &l, err))
        return false;
    while (!is_ended(h)) {
        if (!db_listen_wait(l, LISTEN_MS, &heard, err))
            return false;
        if (heard)
            ring(h);
    }
    return true;
}

static void *run(void *arg)
{
    struct hub *h = arg;

    while (!is_ended(h)) {
        struct err err = ERR_INIT;

        if (listen_on(h, &err))
            break;
        log_warn("hub.deaf", "LISTEN broke; streams poll until it is back", KV_ERR(&err));
        hub_wait(h, UINT64_MAX, REOPEN_MS);
    }
    return NULL;
}

bool hub_open(struct app *app, struct hub **out, struct err *err)
{
    struct hub *h = calloc(1, sizeof *h);
    pthread_condattr_t mono;

    if (!h)
        abort();
    h->app = app;
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&h->change, &mono);
    pthread_condattr_destroy(&mono);
    *out = h;
    if (pthread_create(&h->thread, NULL, run, h) == 0)
        return true;
    h->thread = pthread_self();
    hub_close(out);
    return err_set(err, ERR_INTERNAL, "the thread that LISTENs cannot be started");
}

uint64_t hub_seen(struct hub *h)
{
    uint64_t seen;

    pthread_mutex_lock(&h->lock);
    seen = h->seen;
    pthread_mutex_unlock(&h->lock);
    return seen;
}

void hub_wait(struct hub *h, uint64_t seen, int64_t wait_ms)
{
    struct timespec until;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&h->lock);
    while (!h->ended && (h->seen == seen || seen == UINT64_MAX) && rc == 0)
        rc = pthread_cond_timedwait(&h->change, &h->lock, &until);
    pthread_mutex_unlock(&h->lock);
}

void hub_end(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    h->ended = true;
    pthread_cond_broadcast(&h->change);
    pthread_mutex_unlock(&h->lock);
}

void hub_close(struct hub **hub)
{
    struct hub *h = *hub;

    if (!h)
        return;
    hub_end(h);
    if (!pthread_equal(h->thread, pthread_self()))
        pthread_join(h->thread, NULL);
    pthread_cond_destroy(&h->change);
    pthread_mutex_destroy(&h->lock);
    free(h);
    *hub = NULL;
}
