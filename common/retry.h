/*
 * retry.h - when to try again: full jitter between a floor and a growing ceiling, and what
 * Retry-After says. Pure.
 *
 * Retry-After: retry-after-ms (OpenAI), seconds (whole or float), or an HTTP date (RFC
 * 9110 10.2.3).
 */
#pragma once

#include "common/base.h"

struct retry_plan {
    int64_t base_ms, cap_ms; /* ceiling of the n-th wait: min(cap, base * 2^n) */
};

/* unit: a random number 0 <= unit < 1. The wait is never under floor_ms. */
int64_t retry_wait_ms(const struct retry_plan *plan, unsigned attempt, int64_t floor_ms,
                      double unit);
/* -1: no such header. now: wall seconds, for dates. */
int64_t retry_after_ms(struct sv retry_after_ms_header, struct sv retry_after_header, int64_t now);
