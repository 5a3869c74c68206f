/* limits.c - one gauge per key of a provider, under one lock. */
#include "analysis-svc/limits.h"

#include <pthread.h>
#include <stdlib.h>

struct place {
    struct gauge keys[LIMITS_KEYS_MAX];
    size_t n, next; /* next: whose turn it is */
};
struct limits {
    pthread_mutex_t lock;
    struct limits_conf conf;
    struct place places[LIMITS_PLACES_MAX];
};

static void init_place(struct limits *l, size_t i)
{
    struct place *p = &l->places[i];

    p->n = l->conf.keys[i] > 0 ? l->conf.keys[i] : 1;
    if (p->n > LIMITS_KEYS_MAX)
        abort();
    for (size_t k = 0; k < p->n; k++)
        gauge_init(&p->keys[k], &l->conf.gauge, l->conf.requests_per_minute[i],
                   l->conf.tokens_per_minute[i]);
}

struct limits *limits_open(const struct limits_conf *conf)
{
    struct limits *l = calloc(1, sizeof *l);

    if (!l || conf->providers > LIMITS_PLACES_MAX)
        abort();
    pthread_mutex_init(&l->lock, NULL);
    l->conf = *conf;
    for (size_t i = 0; i < conf->providers; i++)
        init_place(l, i);
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
        for (size_t k = 0; k < l->places[i].n; k++)
            rate_share(&l->places[i].keys[k].rate, n, now_ms);
    pthread_mutex_unlock(&l->lock);
}

/* ---- room ---- */

/* Calls at a time that the place has left, whatever its keys would bear. */
static size_t slots_left(const struct limits *l, const struct place *p)
{
    int64_t left = l->conf.gauge.slots;

    for (size_t k = 0; k < p->n; k++)
        left -= p->keys[k].busy;
    return left > 0 ? (size_t)left : 0;
}

static size_t room_of(struct limits *l, struct place *p, int64_t now_ms)
{
    size_t room = 0, most = slots_left(l, p);

    for (size_t k = 0; k < p->n; k++)
        room += gauge_room(&p->keys[k], 1, now_ms);
    return room < most ? room : most;
}

size_t limits_room(struct limits *l, int64_t now_ms)
{
    size_t room = 0;

    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers; i++)
        room += room_of(l, &l->places[i], now_ms);
    pthread_mutex_unlock(&l->lock);
    return room;
}

static int64_t least_wait(struct place *p, int64_t most_ms, int64_t now_ms)
{
    for (size_t k = 0; k < p->n; k++) {
        int64_t wait = gauge_wait_ms(&p->keys[k], now_ms);

        if (wait >= 0 && wait < most_ms)
            most_ms = wait;
    }
    return most_ms;
}

int64_t limits_wait_ms(struct limits *l, int64_t most_ms, int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers; i++)
        if (slots_left(l, &l->places[i]) > 0)
            most_ms = least_wait(&l->places[i], most_ms, now_ms);
    pthread_mutex_unlock(&l->lock);
    return most_ms > 0 ? most_ms : 1;
}

/* ---- take and give ---- */

/* The key with the most room, in turn; -1: none has any. */
static int choose_key(struct limits *l, struct place *p, const struct limits_ask *ask,
                      int64_t now_ms, enum limits_no *no)
{
    size_t most = 0;
    int best = -1;

    for (size_t i = 0; i < p->n && slots_left(l, p) > 0; i++) {
        size_t k = (p->next + i) % p->n, room = gauge_room(&p->keys[k], ask->images, now_ms);

        if (room <= most)
            continue;
        if (ask->again && !gauge_may_repeat(&p->keys[k], &l->conf.gauge, now_ms)) {
            *no = LIMITS_NO_BUDGET;
            continue;
        }
        most = room;
        best = (int)k;
    }
    return best;
}

bool limits_take(struct limits *l, const struct limits_ask *ask, int64_t now_ms,
                 struct limits_slip *out, enum limits_no *no)
{
    int key = -1;

    *no = LIMITS_NO_ROOM;
    out->place = -1;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->conf.providers && key < 0; i++) {
        struct place *p = &l->places[i];

        if (ask->avoid & (1U << i))
            continue;
        key = choose_key(l, p, ask, now_ms, no);
        if (key < 0)
            continue;
        p->next = (size_t)key + 1;
        gauge_take(&p->keys[key], ask->images, ask->again, now_ms, out);
        out->place = (int)i;
        out->key = key;
    }
    pthread_mutex_unlock(&l->lock);
    return key >= 0;
}

void limits_cancel(struct limits *l, const struct limits_slip *slip)
{
    if (slip->place < 0)
        return;
    pthread_mutex_lock(&l->lock);
    gauge_cancel(&l->places[slip->place].keys[slip->key], slip);
    pthread_mutex_unlock(&l->lock);
}

/* A picture costs the same with any key, and a model that is gone is gone for all. */
static void tell_others(struct limits *l, const struct limits_slip *slip, enum answer_class class,
                        int64_t now_ms)
{
    struct place *p = &l->places[slip->place];
    const struct gauge *its = &p->keys[slip->key];

    for (size_t k = 0; k < p->n; k++) {
        p->keys[k].input_each = its->input_each;
        p->keys[k].output_each = its->output_each;
        if (class == ANSWER_MODEL && k != (size_t)slip->key)
            gauge_block(&p->keys[k], &l->conf.gauge, now_ms);
    }
}

void limits_give(struct limits *l, const struct limits_slip *slip, const struct limits_told *told,
                 int64_t now_ms)
{
    pthread_mutex_lock(&l->lock);
    gauge_give(&l->places[slip->place].keys[slip->key], &l->conf.gauge, slip, told, now_ms);
    tell_others(l, slip, told->class, now_ms);
    pthread_mutex_unlock(&l->lock);
}

/* ---- for people, and for money ---- */

size_t limits_keys(struct limits *l, int place, int64_t now_ms)
{
    size_t n = 0;

    pthread_mutex_lock(&l->lock);
    for (size_t k = 0; k < l->places[place].n; k++)
        n += now_ms >= l->places[place].keys[k].out_until;
    pthread_mutex_unlock(&l->lock);
    return n;
}

bool limits_out(struct limits *l, int place, int64_t now_ms)
{
    return limits_keys(l, place, now_ms) == 0;
}

int64_t limits_window(struct limits *l, int place)
{
    int64_t window = 0;

    pthread_mutex_lock(&l->lock);
    for (size_t k = 0; k < l->places[place].n; k++)
        window += (int64_t)l->places[place].keys[k].window;
    pthread_mutex_unlock(&l->lock);
    return window < l->conf.gauge.slots ? window : l->conf.gauge.slots;
}

struct rate_cost limits_expect(struct limits *l, int place, size_t images)
{
    struct rate_cost cost;

    pthread_mutex_lock(&l->lock);
    cost = gauge_expect(&l->places[place].keys[0], images);
    pthread_mutex_unlock(&l->lock);
    return cost;
}
