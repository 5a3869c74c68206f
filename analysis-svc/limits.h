/*
 * limits.h - may this provider be called now? Slots, a breaker, and times until which it is left
 * alone.
 *
 * Every call takes a slot and gives it back with what its answer meant. Failures in a row open the
 * breaker; when its time is over one call probes, and its success closes it. Threads: any; one lock
 * inside. Times are monotonic milliseconds, given by the caller.
 */
#pragma once

#include "analysis-svc/provider.h"

struct limits;

struct limits_conf {
    size_t providers;    /* places in the roster */
    int64_t slots;       /* calls at a time, each */
    int64_t break_after; /* failures in a row */
    int64_t break_ms;    /* first pause; doubles up to 12 times that */
    int64_t block_ms;    /* after a refusal of key, model or quota */
};

struct limits *limits_open(const struct limits_conf *conf);
void limits_close(struct limits **l); /* NULL is fine */

size_t limits_room(struct limits *l, int64_t now_ms); /* calls that could start now */
/* The first provider that may be called and is not in `avoid` (bits); takes a slot. -1: none. */
int limits_take(struct limits *l, unsigned avoid, int64_t now_ms);
void limits_cancel(struct limits *l, int place); /* the slot was not used for a call */
void limits_give(struct limits *l, int place, enum answer_class class, int64_t retry_after_ms,
                 int64_t now_ms);
bool limits_out(struct limits *l, int place, int64_t now_ms); /* left alone at present */

/* Presigned URLs failed with this provider and bytes did not: for ten minutes it gets bytes. */
void limits_url_failed(struct limits *l, int place, int64_t now_ms);
bool limits_url_works(struct limits *l, int place, int64_t now_ms);
