/*
 * sweep.h - the broom (own thread): nothing that was not recorded stays longer than its time.
 *
 * Stale arrivals first, by their rows: parts, object, row. Then, more rarely, strays: the bucket is
 * listed under our own deployment prefix, the database is asked afterwards, and only keys of our
 * exact patterns that no row knows and that are old enough count; then unfinished uploads that no
 * arrival knows.
 *
 * Fuses (docs/decisions/0005): too many strays delete no stray, now and later, until an operator
 * lifts it once (--sweep-lift). A database that is older than the bucket, found by a mark that the
 * sweeper leaves in both, deletes nothing at all: neither strays nor arrivals, since what it takes
 * for abandoned may have been recorded in the time that it has lost.
 */
#pragma once

#include "common/worker.h"
#include "upload-svc/app.h"

enum { SWEEP_FUSE_MAX = 100, SWEEP_FUSE_FLOOR = 3 };

/* A round now, and one every sweep_period. */
MUST_CHECK bool sweep_open(struct app *app, struct worker **out, struct err *err);

/* One round, as the thread does it. */
MUST_CHECK bool sweep_once(struct app *app, struct err *err);

struct sweep_counts {
    size_t arrivals; /* abandoned uploads */
    size_t listed;   /* objects of our patterns in the bucket */
    size_t strays;   /* of them, in no row */
    size_t parts;    /* unfinished uploads that nobody knows */
    bool foreign;    /* this database is older than the bucket, or another's */
    bool blown;      /* a fuse: nothing (foreign), or no stray, would be deleted */
};
/* What a round would find now; nothing is changed, anywhere. */
MUST_CHECK bool sweep_dry_run(struct app *app, struct sweep_counts *out, struct err *err);

/* Are these too many strays to be true? Pure. */
bool sweep_fuse_blows(size_t strays, size_t listed);
/* Let the next round delete what it finds, once. */
MUST_CHECK bool sweep_lift(struct app *app, struct err *err);

/* sweep_stray.c: objects and unfinished uploads that nobody knows, counted, and deleted unless the
 * fuse blows. */
enum sweep_mode { SWEEP_DRY, SWEEP_FUSED, SWEEP_LIFTED };
MUST_CHECK bool sweep_strays(struct app *app, enum sweep_mode mode, struct sweep_counts *counts,
                             struct err *err);

/* sweep_mark.c: is this the database that swept this bucket last? An absent mark says nothing. */
MUST_CHECK bool sweep_mark_is_ours(struct app *app, bool *ours, struct err *err);
/* A new one, in both. */
MUST_CHECK bool sweep_mark_renew(struct app *app, struct err *err);
