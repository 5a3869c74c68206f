/* linger.c - see linger.h. */
#include "analysis-svc/linger.h"

#include <stdatomic.h>

#include "common/clock.h"

void linger_heard(struct linger *l, int64_t call_us)
{
    atomic_store_explicit(&l->call_us, call_us, memory_order_relaxed);
}

int64_t linger_ms(const struct linger *l)
{
    int64_t ms =
        atomic_load_explicit(&l->call_us, memory_order_relaxed) / (1000 * (int64_t)LINGER_PART);

    return ms < l->most_ms ? ms : l->most_ms;
}

void linger(const struct linger *l)
{
    int64_t ms = linger_ms(l);

    if (ms > 0)
        clock_sleep_ms(ms);
}
