/*
 * sweep.h - the broom (own thread): nothing that was not recorded stays longer than its time.
 *
 * Stale arrivals first, by their rows: parts, object, row. Then, more rarely, strays: the bucket is
 * listed under our own prefix, the database is asked afterwards, and only keys of our exact pattern
 * that no row knows and that are old enough count. Fuse: over SWEEP_FUSE_MAX of them, or over 1 %
 * of what was listed, deletes nothing at all, now and later, until an operator lifts it once
 * (--sweep-lift): the database may be empty, or yesterday's.
 */
#pragma once

#include "common/worker.h"
#include "upload-svc/app.h"

enum { SWEEP_FUSE_MAX = 100 };

/* A round now, and one every sweep_period. */
MUST_CHECK bool sweep_open(struct app *app, struct worker **out, struct err *err);

/* One round, as the thread does it. */
MUST_CHECK bool sweep_once(struct app *app, struct err *err);
/* Does the fuse blow? Pure. */
bool sweep_fuse_blows(size_t strays, size_t listed);
/* Let the next round delete what it finds, once. */
MUST_CHECK bool sweep_lift(struct app *app, struct err *err);

/* sweep_stray.c: objects and unfinished uploads that nobody knows. lifted: the fuse holds once.
 * *tripped: it blew, and nothing was deleted. */
MUST_CHECK bool sweep_strays(struct app *app, bool dry, bool lifted, bool *tripped,
                             struct err *err);
