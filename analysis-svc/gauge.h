/*
 * gauge.h - the state of one key of a provider (and model): how many calls at a time it bears, what
 * a minute lets through, whether it is well. Pure but for its own memory; limits.c holds the lock.
 *
 * Calls at a time (window): doubles a round trip from a small start until the first sign of too
 * many, then one more a round trip; halved by an overload or a timeout, cut to 0.8 by a 429, at
 * most once for all calls that were out together (TCP's slow start and AIMD, RFC 5681).
 * Breaker: opens after break_after failures in a row, or when half of at least 20 calls of the last
 * 30 s failed. When its pause is over one call probes; its success opens a tenth of the former
 * window, which grows from there; its failure doubles the pause, up to 12 times the first.
 * Retry budget: a repeated call takes 1, its success gives it back, any success adds 0.1, a second
 * adds 2: when most calls fail, repeating them does not add to the load.
 */
#pragma once

#include "analysis-svc/provider.h"
#include "analysis-svc/rate.h"

struct gauge_conf {
    int64_t slots;       /* most calls at a time */
    int64_t start;       /* calls at a time in the beginning */
    int64_t break_after; /* failures in a row */
    int64_t break_ms;    /* first pause */
    int64_t block_ms;    /* after a refusal of key, model or quota */
};

/* What a call holds from take to give. */
struct limits_slip {
    int place; /* in the roster; -1: nothing is held */
    int key;   /* which of its keys */
    bool again, probe;
    bool full;             /* a quarter of the window or more was in use */
    int64_t at;            /* when it was taken */
    struct rate_cost cost; /* as it was thought to be */
    struct rate_cost sent; /* all that had been sent before it, itself included */
    size_t images;
};

/* What its answer meant. */
struct limits_told {
    enum answer_class class;
    int64_t retry_after_ms;            /* -1: not said */
    const struct provider_usage *used; /* NULL: not said */
    const struct rate_said *rate;      /* NULL: no headers */
};

enum { GAUGE_SPANS = 6 };
struct gauge {
    struct rate rate;
    int64_t busy; /* calls that are out */
    double window, threshold;
    int64_t cut_at;   /* calls taken before say nothing new about too many at a time, */
    int64_t eased_at; /* nor these about too many a minute */

    int64_t failures; /* in a row */
    struct {
        int64_t no, calls, failures;
    } spans[GAUGE_SPANS]; /* of 5 s each */
    int64_t pause_ms;     /* the breaker's last pause, 0: closed */
    int64_t opened_at;    /* calls taken before say nothing new about health */
    int64_t out_until;    /* nobody calls before */
    bool probing;         /* open, and one call is out to see */

    double budget;
    int64_t budget_at;
    double input_each, output_each; /* tokens of a picture, learnt */
};

void gauge_init(struct gauge *g, const struct gauge_conf *conf, double requests_per_minute,
                double tokens_per_minute);
struct rate_cost gauge_expect(const struct gauge *g, size_t images);
size_t gauge_room(struct gauge *g, size_t images, int64_t now_ms);
int64_t gauge_wait_ms(struct gauge *g, int64_t now_ms); /* -1: time alone brings no room */
bool gauge_may_repeat(struct gauge *g, const struct gauge_conf *conf, int64_t now_ms);
/* Room, and budget for a repeated call, were asked for before. */
void gauge_take(struct gauge *g, size_t images, bool again, int64_t now_ms,
                struct limits_slip *out);
/* Out for the time of a block, then one call probes. */
void gauge_block(struct gauge *g, const struct gauge_conf *conf, int64_t now_ms);
void gauge_cancel(struct gauge *g, const struct limits_slip *slip);
void gauge_give(struct gauge *g, const struct gauge_conf *conf, const struct limits_slip *slip,
                const struct limits_told *told, int64_t now_ms);
