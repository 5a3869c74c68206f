/*
 * retry.h - when to try again: full jitter between a floor and a growing ceiling, and what
 * Retry-After says. Pure.
 *
 * Retry-After: retry-after-ms (OpenAI), seconds (whole or float), or an HTTP date (RFC
 * 9110 10.2.3).
 */
#pragma once

#include <stdatomic.h>

#include "common/base.h"

struct retry_plan {
    int64_t base_ms, cap_ms; /* ceiling of the n-th wait: min(cap, base * 2^n) */
};

/* unit: a random number 0 <= unit < 1. The wait is never under floor_ms. */
int64_t retry_wait_ms(const struct retry_plan *plan, unsigned attempt, int64_t floor_ms,
                      double unit);
/* -1: no such header. now: wall seconds, for dates. */
int64_t retry_after_ms(struct sv retry_after_ms_header, struct sv retry_after_header, int64_t now);

/*
 * What a client may spend on repeating calls: when most of them fail, trying each again only adds
 * to the load. A retry costs, a success gives back. Shared by threads, no lock.
 */
enum { RETRY_BUDGET_FULL = 500, RETRY_COST = 5, RETRY_COST_TIMEOUT = 10 };
struct retry_budget {
    _Atomic int64_t left;
};
void retry_budget_init(struct retry_budget *b);               /* full */
bool retry_budget_take(struct retry_budget *b, int64_t cost); /* false: not that much is left */
void retry_budget_give(struct retry_budget *b, int64_t n);    /* never above full */
