/*
 * limits.h - may this provider be called now? For each key of each place of the roster (a provider
 * and model): calls at a time, requests and tokens a minute, a breaker, a budget for repeated
 * calls, and times until which it is left alone. A key that is refused, or whose money is gone, is
 * out alone; a model that is gone is so for every key. Calls go to the key with the most room, in
 * turn where they are equal; all keys of a place together bear gauge.slots calls at a time.
 *
 * A call takes a slip and gives it back with what its answer meant. Threads: any; one lock inside.
 * Times are monotonic milliseconds, given by the caller. gauge.h and rate.h hold the arithmetic.
 */
#pragma once

#include "analysis-svc/gauge.h"

struct limits;

struct limits_conf {
    size_t providers; /* places in the roster, at most LIMITS_PLACES_MAX */
    size_t keys[8];   /* of each place, at most LIMITS_KEYS_MAX; 0 is one */
    struct gauge_conf gauge;
    double requests_per_minute[8], tokens_per_minute[8]; /* of each key; 0: learnt from headers */
};
enum { LIMITS_PLACES_MAX = 8, LIMITS_KEYS_MAX = 16 };

struct limits *limits_open(const struct limits_conf *conf);
void limits_close(struct limits **l); /* NULL is fine */

/* So many processes share each account: every one keeps to its part. */
void limits_replicas(struct limits *l, size_t n, int64_t now_ms);

size_t limits_room(struct limits *l, int64_t now_ms); /* calls that could start now */
/* How long until there is room where time alone brings it; most_ms when none is before. */
int64_t limits_wait_ms(struct limits *l, int64_t most_ms, int64_t now_ms);

struct limits_ask {
    unsigned avoid; /* places to pass over, as bits */
    size_t images;
    bool again; /* a call that is repeated: paid from the retry budget */
};
enum limits_no { LIMITS_NO_ROOM, LIMITS_NO_BUDGET };
/* The first place that may be called and is not to be avoided; false: none, *no says why. */
bool limits_take(struct limits *l, const struct limits_ask *ask, int64_t now_ms,
                 struct limits_slip *out, enum limits_no *no);
void limits_cancel(struct limits *l, const struct limits_slip *slip); /* not sent */
void limits_give(struct limits *l, const struct limits_slip *slip, const struct limits_told *told,
                 int64_t now_ms);
bool limits_out(struct limits *l, int place, int64_t now_ms); /* no key may be used at present */
/* Keys that may. */
size_t limits_keys(struct limits *l, int place, int64_t now_ms);
/* For /metrics: calls at a time that are allowed at present. */
int64_t limits_window(struct limits *l, int place);
/* What a call of so many pictures uses, as far as former ones tell. */
struct rate_cost limits_expect(struct limits *l, int place, size_t images);
