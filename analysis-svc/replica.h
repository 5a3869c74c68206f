/*
 * replica.h - this process among its like (own thread): a row in analysis.replicas that lives as
 * long as we do and says what we can read and whom we ask.
 *
 * In:  the extractors and the roster. Out: the row, renewed every HEARTBEAT; silent for LEASE_TIME,
 *      we count as gone. The number of those that live is the metric analysis_replicas.
 * No secret is in it: no key, no URL.
 */
#pragma once

#include "analysis-svc/app.h"

struct replica;

/* The first row is written before this returns. */
MUST_CHECK bool replica_open(struct app *app, struct replica **out, struct err *err);
void replica_close(struct replica **replica); /* takes the row away; NULL is fine */
