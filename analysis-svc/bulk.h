/*
 * bulk.h - half price when there is time: calls that may wait go in batches of the providers' own
 * (provider_bulk.h; "bulk" here, since a batch is what upload-svc sends).
 *
 * Jobs of batches with time enough are born held. When one has waited HALF_PRICE_GATHER, all that
 * are held go away together: rows first, then the provider. Every step is a row in analysis.bulks
 * under a lease, so that any replica goes on after a kill -9. A provider is asked twice to create
 * one only when nobody saw the answer and its list shows none that could be it; that is counted.
 * What comes back is judged and stored as any call. What does not, or failed, goes the ordinary
 * way; so does everything when no provider takes batches.
 * Pictures travel as bytes: a URL lives an hour, a batch a day (docs/decisions). Threads: one.
 */
#pragma once

#include "analysis-svc/run.h"

struct bulk;

/* Do the jobs of a batch with this deadline go that way? */
bool bulk_wanted(const struct app *app, int64_t deadline_s);

MUST_CHECK bool bulk_start(struct run *run, struct bulk **out, struct err *err);
void bulk_end(struct bulk *b);    /* the present step is over; takes no more. NULL is fine */
void bulk_close(struct bulk **b); /* NULL is fine */
