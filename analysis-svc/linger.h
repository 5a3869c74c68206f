/*
 * linger.h - how long what has come waits for what comes next, so that both go in one transaction
 * (docs/decisions/0020).
 *
 * A sixteenth of what a call takes, and at most LINGER_MAX_MS: nobody who waited for a provider
 * feels it, and Postgres and this process are asked less often.
 * Threads: any.
 */
#pragma once

#include "common/base.h"

enum { LINGER_PART = 16, LINGER_MAX_MS = 8 };

struct linger {
    _Atomic int64_t call_us; /* what the last call took; 0: none came back yet */
    int64_t most_ms;
};
#define LINGER_INIT                                                                                \
    {                                                                                              \
        .most_ms = LINGER_MAX_MS                                                                   \
    }
void linger_heard(struct linger *l, int64_t call_us);
int64_t linger_ms(const struct linger *l);
void linger(const struct linger *l); /* for so long */
