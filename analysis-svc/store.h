/*
 * store.h - the end of calls, in one transaction, each behind its own fence: job, results,
 * children, sheet, attempt, batch, events. All of it, or nothing.
 *
 * fenced false: the lease had gone to another; of this call nothing was changed but its attempt's
 * own row and what it cost.
 * Threads: any. Errors: db.h's; ERR_UNCERTAIN may have happened: call again, the fence decides.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/decide.h"

/* One picture's result, for a fate of FATE_STORE. */
struct result {
    struct extracted extracted;
    struct str answer; /* the model's result for this picture */
    const char *provider, *model;
};
void results_free(struct result **r, size_t n);

/* The call itself, for analysis.attempts. */
struct call_report {
    const char *class;
    int status;
    const struct provider_answer *said; /* NULL: no call was made */
    int64_t cost_micro_usd;
};

struct landing {
    const struct flight *flight;
    struct ending end;
    const struct fate *fates;
    const struct result *results; /* one per image, used where the fate says so */
    struct call_report report;
    const char *note; /* of pictures that fail, beside the reason; "" none */
    bool pays_only;   /* the call is paid for, nothing else of it is stored */
};

struct stored {
    bool fenced;    /* false: the lease had gone */
    size_t images;  /* results written */
    size_t born;    /* of them, those that were not there already */
    size_t dropped; /* results whose picture was forgotten or sent again */
    size_t children;
};

/* Several at once: no job and no picture may be in two of them. out: as many. */
MUST_CHECK bool store_landings(struct app *app, const struct landing *l, size_t n,
                               struct stored *out, struct err *err);
