/*
 * claim.h - leases on jobs: claim, heartbeat, release. Lease times are Postgres's clock.
 *
 * Every claim draws a new token; heartbeat, store and release carry it, and 0 rows means that the
 * job is somebody else's by now. The row of the call is born in the claim's transaction.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/flight.h"

enum { DELIVERIES_MAX = 20, ATTEMPTS_MAX = 4, CLAIM_MAX = 32 };

enum wait_for {
#define WAIT(name, wire, text) WAIT_##name,
#include "analysis-svc/wait.def"
#undef WAIT
    WAIT_COUNT_
};
const char *claim_wait_wire(enum wait_for w);

/* Lease up to `want` jobs that are due, in the order of the queue's virtual time. out: at least
 * CLAIM_MAX places; the caller owns the flights, and each holds a slip of limits.h unless its place
 * is -1. */
MUST_CHECK bool claim_jobs(struct app *app, size_t want, struct flight **out, size_t *n,
                           struct err *err);
/* How long until a deferred job is due; most_ms when none is before, 0 when one is. */
MUST_CHECK bool claim_next_due(struct app *app, int64_t most_ms, int64_t *ms, struct err *err);
/* A leased job's row, with its sheet's facts, as a flight without pictures; the caller's. */
struct flight *claim_flight(const struct app *app, const struct db_rows *rows, size_t i);
/* The opaque id of a call's i-th picture. Drawn anew for each call, so that no text inside a
 * picture can name another picture. */
enum { CLAIM_TAG_SIZE = 32 };
void claim_tag(size_t i, char out[static CLAIM_TAG_SIZE]);
/* What a heartbeat needs of a flight, by value. */
struct claim_lease {
    int64_t job_id;
    char token[40];
};
void claim_lease_of(const struct flight *f, struct claim_lease *out);
/* Renew leases. *lost: how many had gone to others. */
MUST_CHECK bool claim_heartbeat(struct app *app, const struct claim_lease *list, size_t n,
                                size_t *lost, struct err *err);
/* Give a lease back unused: its delivery does not count. */
MUST_CHECK bool claim_release(struct app *app, const struct flight *f, int64_t due_ms,
                              struct err *err);
