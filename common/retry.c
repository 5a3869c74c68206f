/*
 * retry.c - full jitter: a wait is drawn evenly between nothing and a ceiling that doubles, so that
 * many who failed together do not come back together.
 */
#include "common/retry.h"

#include <math.h>
#include <stdlib.h>

#include "common/clock.h"

enum { DOUBLINGS = 40, HEADER_MAX = 63 };
static const int64_t WAIT_MAX_MS = INT64_C(7) * 24 * 3600 * 1000;

int64_t retry_wait_ms(const struct retry_plan *plan, unsigned attempt, int64_t floor_ms,
                      double unit)
{
    int64_t ceiling = plan->base_ms;

    for (unsigned i = 0; i < attempt && i < DOUBLINGS && ceiling < plan->cap_ms; i++)
        ceiling *= 2;
    if (ceiling > plan->cap_ms)
        ceiling = plan->cap_ms;
    int64_t wait = (int64_t)((double)ceiling * unit);
    return wait > floor_ms ? wait : floor_ms;
}

/* A plain decimal number, or -1. strtod alone would take "inf", "0x10" and blanks. */
static double number(struct sv text)
{
    char copy[HEADER_MAX + 1];
    size_t n = 0, dots = 0;

    if (text.n == 0 || text.n > HEADER_MAX)
        return -1;
    for (; n < text.n; n++) {
        dots += text.p[n] == '.';
        if (dots > 1 || (text.p[n] != '.' && (text.p[n] < '0' || text.p[n] > '9')))
            return -1;
        copy[n] = text.p[n];
    }
    copy[n] = '\0';
    return dots == n ? -1 : strtod(copy, NULL);
}

static int64_t bounded(double ms)
{
    return ms > (double)WAIT_MAX_MS ? WAIT_MAX_MS : (int64_t)ceil(ms);
}

static int64_t until_date(struct sv text, int64_t now)
{
    char copy[HEADER_MAX + 1];
    int64_t at;

    if (text.n > HEADER_MAX)
        return -1;
    for (size_t i = 0; i < text.n; i++)
        copy[i] = text.p[i];
    copy[text.n] = '\0';
    if (!clock_parse_http(copy, &at))
        return -1;
    return at <= now ? 0 : bounded((double)(at - now) * 1000);
}

int64_t retry_after_ms(struct sv retry_after_ms_header, struct sv retry_after_header, int64_t now)
{
    double ms = number(sv_trim(retry_after_ms_header));
    struct sv text = sv_trim(retry_after_header);

    if (ms >= 0)
        return bounded(ms);
    ms = number(text);
    if (ms >= 0)
        return bounded(ms * 1000);
    return text.n > 0 ? until_date(text, now) : -1;
}

void retry_budget_init(struct retry_budget *b) { atomic_store(&b->left, RETRY_BUDGET_FULL); }

bool retry_budget_take(struct retry_budget *b, int64_t cost)
{
    int64_t left = atomic_load(&b->left);

    while (left >= cost)
        if (atomic_compare_exchange_weak(&b->left, &left, left - cost))
            return true;
    return false;
}

void retry_budget_give(struct retry_budget *b, int64_t n)
{
    int64_t left = atomic_load(&b->left);

    while (left < RETRY_BUDGET_FULL) {
        int64_t more = left + n < RETRY_BUDGET_FULL ? left + n : RETRY_BUDGET_FULL;

        if (atomic_compare_exchange_weak(&b->left, &left, more))
            return;
    }
}
