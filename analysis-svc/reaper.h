/*
 * reaper.h - nothing stays in progress for ever: leases of dead workers, deadlines that have
 * passed, jobs that were claimed too often, rows of calls whose worker is gone, raw answers that
 * are old enough.
 */
#pragma once

#include "analysis-svc/app.h"

struct reaped {
    size_t expired; /* leases given to others */
    size_t ended;   /* jobs ended with a reason */
    bool more;      /* there may be more to end: come again at once */
};

enum { REAPER_SHEETS_MS = 1000 };
/* Between two turns: sheets that lack results for too long are merged. */
MUST_CHECK bool reaper_sheets(struct app *app, struct err *err);
/* Any replica may do it, any number at once. */
MUST_CHECK bool reaper_turn(struct app *app, struct reaped *out, struct err *err);
