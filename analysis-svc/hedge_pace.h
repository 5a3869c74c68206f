/*
 * hedge_pace.h - when is a call slow, and may it be asked a second time? Pure but for its own
 * memory.
 *
 * Slow: longer than that percentile of the last PACE_CALLS good answers; nobody is slow before
 * PACE_LEAST of them came. Budget: second calls are never more than so many in a hundred calls.
 */
#pragma once

#include "common/base.h"

enum { PACE_CALLS = 256, PACE_LEAST = 20 };

struct hedge_pace {
    int64_t percentile, budget; /* in a hundred */
    int32_t took_ms[PACE_CALLS];
    size_t n, at;        /* answers known; where the next one goes */
    int64_t calls, sent; /* first calls; second ones */
    int64_t slow_ms;     /* -1: not known yet */
};

void hedge_pace_init(struct hedge_pace *p, int64_t percentile, int64_t budget);
void hedge_pace_answer(struct hedge_pace *p, int64_t took_ms);
bool hedge_pace_may(const struct hedge_pace *p); /* one more second call */
