/* limits.c - one small record per provider under one lock. */
#include "analysis-svc/limits.h"

#include <pthread.h>
#include <stdlib.h>

enum { URL_MEMORY_MS = 600000, BREAK_GROWTH_MAX = 12, RATE_PAUSE_MS = 500 };

struct gauge {
    int64_t busy;      /* slots taken */
    int64_t failures;  /* in a row */
    int64_t pause_ms;  /* the breaker's last pause, 0: closed */
    int64_t out_until; /* nobody calls before */
    bool probing;      /* open, and one call is out to see */
    int64_t url_bad_until;
};
struct limits {
    pthread_mutex_t lock;
    struct limits_conf conf;
    struct gauge *gauges;
};

struct limits *limits_open(const struct limits_conf *conf)
{
    struct limits *l = calloc(1, sizeof *l);
    struct gauge *gauges = calloc(conf->providers, sizeof *gauges);

    if (!l || !gauges)
        abort();
    pthread_mutex_init(&l->lock, NULL);
    l->conf = *conf;
    l->gauges = gauges;
    return l;
}

void limits_close(struct limits **l)
{
    if (!*l)
        return;
    pthread_mutex_destroy(&(*l)->lock);
    free((*l)->gauges);
    free(*l);
    *l = NULL;
}

static int64_t free_slots(const struct limits *l, const struct gauge *g, int64_t now)
{
    if (now < g->out_until)
        return 0;
    if (g->pause_ms > 0)
        return g->probing ? 0 : 1;
    return l->conf.slots > g->busy ? l->conf.slots - g->busy : 0;
}

size_t limits_room(struct limits *l, int64_t now_ms)
{
    size_t room = 0;

    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers; i++)
        room += (size_t)free_slots(l, &l->gauges[i], now_ms);
    pthread_mutex_unlock(&l->lock);
    return room;
}

static void occupy(struct gauge *g)
{
    g->busy++;
    g->probing = g->pause_ms > 0;
}

int limits_take(struct limits *l, unsigned avoid, int64_t now_ms)
{
    int place = -1;

    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers && place < 0; i++)
        if (!(avoid & (1U << i)) && free_slots(l, &l->gauges[i], now_ms) > 0)
            place = (int)i;
    if (place >= 0)
        occupy(&l->gauges[place]);
    pthread_mutex_unlock(&l->lock);
    return place;
}

void limits_cancel(struct limits *l, int place)
{
    pthread_mutex_lock(&l->lock);
    l->gauges[place].busy--;
    l->gauges[place].probing = false;
    pthread_mutex_unlock(&l->lock);
}

static void out_for(struct gauge *g, int64_t until)
{
    if (until > g->out_until)
        g->out_until = until;
}

static void open_breaker(const struct limits *l, struct gauge *g, int64_t pause, int64_t now)
{
    int64_t most = l->conf.break_ms * BREAK_GROWTH_MAX;

    g->pause_ms = pause > most ? most : pause;
    out_for(g, now + g->pause_ms);
}

static void failed(const struct limits *l, struct gauge *g, int64_t now)
{
    g->failures++;
    if (now < g->out_until) /* calls that were out already when it opened say nothing new */
        return;
    if (g->pause_ms > 0)
        open_breaker(l, g, g->pause_ms * 2, now);
    else if (g->failures >= l->conf.break_after)
        open_breaker(l, g, l->conf.break_ms, now);
}

/* An answer, whatever it said about the pictures: the provider is well. */
static void well(struct gauge *g)
{
    g->failures = 0;
    g->pause_ms = 0;
}

static void weigh(const struct limits *l, struct gauge *g, enum answer_class class, int64_t after,
                  int64_t now)
{
    if (answer_breaks(class))
        failed(l, g, now);
    else
        well(g);
    if (answer_do(class) == DO_BLOCK) {
        g->pause_ms = l->conf.break_ms; /* one call probes when the time is over */
        out_for(g, now + l->conf.block_ms);
    }
    if (answer_do(class) == DO_RETRY)
        out_for(g, now + (after > 0 ? after : RATE_PAUSE_MS));
    else if (after > 0)
        out_for(g, now + after);
}

void limits_give(struct limits *l, int place, enum answer_class class, int64_t retry_after_ms,
                 int64_t now_ms)
{
    struct gauge *g = &l->gauges[place];

    pthread_mutex_lock(&l->lock);
    g->busy--;
    g->probing = false;
    weigh(l, g, class, retry_after_ms, now_ms);
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

void limits_url_failed(struct limits *l, int place, int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    l->gauges[place].url_bad_until = now_ms + URL_MEMORY_MS;
    pthread_mutex_unlock(&l->lock);
}

bool limits_url_works(struct limits *l, int place, int64_t now_ms)
{
    bool works;

    pthread_mutex_lock(&l->lock);
    works = now_ms >= l->gauges[place].url_bad_until;
    pthread_mutex_unlock(&l->lock);
    return works;
}
