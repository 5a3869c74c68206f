/* limits.c - one gauge per provider under one lock. */
#include "analysis-svc/limits.h"

#include <pthread.h>
#include <stdlib.h>

struct limits {
    pthread_mutex_t lock;
    struct limits_conf conf;
    struct gauge gauges[LIMITS_PLACES_MAX];
};

struct limits *limits_open(const struct limits_conf *conf)
{
    struct limits *l = calloc(1, sizeof *l);

    if (!l || conf->providers > LIMITS_PLACES_MAX)
        abort();
    pthread_mutex_init(&l->lock, NULL);
    l->conf = *conf;
    for (size_t i = 0; i < conf->providers; i++)
        gauge_init(&l->gauges[i], &conf->gauge, conf->requests_per_minute[i],
                   conf->tokens_per_minute[i]);
    return l;
}

void limits_close(struct limits **l)
{
    if (!*l)
        return;
    pthread_mutex_destroy(&(*l)->lock);
    free(*l);
    *l = NULL;
}

void limits_replicas(struct limits *l, size_t n, int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers; i++)
        rate_share(&l->gauges[i].rate, n, now_ms);
    pthread_mutex_unlock(&l->lock);
}

size_t limits_room(struct limits *l, int64_t now_ms)
{
    size_t room = 0;

    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers; i++)
        room += gauge_room(&l->gauges[i], 1, now_ms);
    pthread_mutex_unlock(&l->lock);
    return room;
}

int64_t limits_wait_ms(struct limits *l, int64_t most_ms, int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers; i++) {
        int64_t wait = gauge_wait_ms(&l->gauges[i], now_ms);

        if (wait >= 0 && wait < most_ms)
            most_ms = wait;
    }
    pthread_mutex_unlock(&l->lock);
    return most_ms > 0 ? most_ms : 1;
}

/* -1: none of them may be called. */
static int choose(struct limits *l, const struct limits_ask *ask, int64_t now_ms,
                  enum limits_no *no)
{
    *no = LIMITS_NO_ROOM;
    for (size_t i = 0; i < l->conf.providers; i++) {
        struct gauge *g = &l->gauges[i];

        if (ask->avoid & (1U << i) || gauge_room(g, ask->images, now_ms) == 0)
            continue;
        if (!ask->again || gauge_may_repeat(g, &l->conf.gauge, now_ms))
            return (int)i;
        *no = LIMITS_NO_BUDGET;
    }
    return -1;
}

bool limits_take(struct limits *l, const struct limits_ask *ask, int64_t now_ms,
                 struct limits_slip *out, enum limits_no *no)
{
    int place;

    pthread_mutex_lock(&l->lock);
    place = choose(l, ask, now_ms, no);
    if (place >= 0)
        gauge_take(&l->gauges[place], ask->images, ask->again, now_ms, out);
    pthread_mutex_unlock(&l->lock);
    out->place = place;
    return place >= 0;
}

void limits_cancel(struct limits *l, const struct limits_slip *slip)
{
    if (slip->place < 0)
        return;
    pthread_mutex_lock(&l->lock);
    gauge_cancel(&l->gauges[slip->place], slip);
    pthread_mutex_unlock(&l->lock);
}

void limits_give(struct limits *l, const struct limits_slip *slip, const struct limits_told *told,
                 int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    gauge_give(&l->gauges[slip->place], &l->conf.gauge, slip, told, now_ms);
    pthread_mutex_unlock(&l->lock);
}

bool limits_out(struct limits *l, int place, int64_t now_ms)
{
    bool out;

    pthread_mutex_lock(&l->lock);
    out = now_ms < l->gauges[place].out_until;
    pthread_mutex_unlock(&l->lock);
    return out;
}

int64_t limits_window(struct limits *l, int place)
{
    int64_t window;

    pthread_mutex_lock(&l->lock);
    window = (int64_t)l->gauges[place].window;
    pthread_mutex_unlock(&l->lock);
    return window;
}

struct rate_cost limits_expect(struct limits *l, int place, size_t images)
{
    struct rate_cost cost;

    pthread_mutex_lock(&l->lock);
    cost = gauge_expect(&l->gauges[place], images);
    pthread_mutex_unlock(&l->lock);
    return cost;
}
