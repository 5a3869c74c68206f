/*
 * bulk_rows.h - what Postgres knows of providers' batches: analysis.bulks and its calls.
 *
 * Threads: any. Errors: db.h's; ERR_CONFLICT: the lease of the row has gone to another.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/flight.h"
#include "analysis-svc/provider_bulk.h"

enum bulk_state { BULK_PLANNED, BULK_CREATING, BULK_SENT, BULK_CANCELLING, BULK_OVER };

struct bulk_row {
    int64_t id, calls, births, faults, since; /* since: wall seconds of its first birth */
    char marker[40], token[40], key_mark[16];
    enum bulk_state state;
    int place; /* of its provider and model in the roster; -1: they are in use no more */
    char provider[32];
    char input_file[BULK_ID_SIZE], remote_id[BULK_ID_SIZE];
    char note[240];
    bool late, too_late; /* to wait for; to ask about it even */
};

/* Gather what is held into a new bulk for this provider. *calls: how many; 0: none is due, or all
 * went the ordinary way. place -1: those that are due go the ordinary way. */
MUST_CHECK bool bulk_gather(struct app *app, int place, size_t *calls, struct err *err);
/* The next one that is due, under a lease of ours. *any false: none. */
MUST_CHECK bool bulk_take(struct app *app, struct bulk_row *out, bool *any, struct err *err);
MUST_CHECK bool bulk_keep(struct app *app, const struct bulk_row *row, struct err *err);
/* next_ms: until somebody looks again. */
MUST_CHECK bool bulk_write(struct app *app, const struct bulk_row *row, int64_t next_ms,
                           bool let_go, struct err *err);
/* All calls, or one, go the ordinary way. Once the provider was asked to create it they are lost,
 * not unsent: they may be billed. */
MUST_CHECK bool bulk_release(struct app *app, const struct bulk_row *row, const struct flight *one,
                             struct err *err);
MUST_CHECK bool bulk_alive(struct app *app, const struct bulk_row *row, int64_t *calls,
                           struct err *err);
/* Of those found at a provider, the ones that no row of ours has. */
MUST_CHECK bool bulk_unknown(struct app *app, const struct bulk_row *row, struct bulk_found *found,
                             struct err *err);

struct bulk_flight {
    struct flight *flight;
    bool alive; /* its job waits for it */
};
struct bulk_flights {
    struct bulk_flight *items;
    size_t n;
};
/* The calls that nobody has judged. sendable: only such that are alive, with the pictures that are
 * still ours; else with all that were asked about. */
MUST_CHECK bool bulk_load(struct app *app, const struct bulk_row *row, bool sendable,
                          struct bulk_flights *out, struct err *err);
void bulk_flights_free(struct bulk_flights *f);
