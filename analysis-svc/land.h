/*
 * land.h - a call that ended, from the provider's words to what is stored: read, decide, then
 * land_store. No clock, no threads: answer.c brings those.
 */
#pragma once

#include "analysis-svc/read.h"

struct land {
    const struct flight *flight;
    struct provider_answer said;
    struct readout reading;
    struct fate *fates;
    struct landing landing;
};

/* said: taken over. unit: random, for the backoff. */
void land_open(const struct app *app, const struct flight *f, struct provider_answer *said,
               double unit, struct land *out);
void land_free(struct land *l);
/* Decide otherwise: every picture fails with this reason. */
void land_fail(struct land *l, enum fail_code why, const char *note);
MUST_CHECK bool land_store(struct app *app, const struct land *l, struct stored *out,
                           struct err *err);
enum { LANDS_MAX = 16 };
/* Several in one transaction, at most LANDS_MAX (store.h says which may go together). */
MUST_CHECK bool lands_store(struct app *app, const struct land *l, size_t n, struct stored *out,
                            struct err *err);
