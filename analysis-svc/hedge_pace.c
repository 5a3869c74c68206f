/* hedge_pace.c - see hedge_pace.h. */
#include "analysis-svc/hedge_pace.h"

#include <stdlib.h>
#include <string.h>

enum { HUNDRED = 100, SORT_EVERY = 8 };

void hedge_pace_init(struct hedge_pace *p, int64_t percentile, int64_t budget)
{
    *p = (struct hedge_pace){.percentile = percentile, .budget = budget, .slow_ms = -1};
}

static int by_size(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static int64_t percentile(const struct hedge_pace *p)
{
    int32_t sorted[PACE_CALLS];
    size_t at = (p->n * (size_t)p->percentile) / HUNDRED;

    memcpy(sorted, p->took_ms, p->n * sizeof *sorted);
    qsort(sorted, p->n, sizeof *sorted, by_size);
    return sorted[at < p->n ? at : p->n - 1];
}

void hedge_pace_answer(struct hedge_pace *p, int64_t took_ms)
{
    p->took_ms[p->at] = (int32_t)(took_ms < INT32_MAX ? took_ms : INT32_MAX);
    p->at = (p->at + 1) % PACE_CALLS;
    p->n += p->n < PACE_CALLS;
    if (p->n >= PACE_LEAST && (p->slow_ms < 0 || p->at % SORT_EVERY == 0))
        p->slow_ms = percentile(p) + 1;
}

bool hedge_pace_may(const struct hedge_pace *p)
{
    return (p->sent + 1) * HUNDRED <= p->budget * p->calls;
}
