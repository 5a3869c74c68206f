/*
 * hear.h - what the http loop brought, or why no call was made, becomes a judged landing; and all
 * that keeps an ear on the providers learns of it: limits, keys, reach, hedging, metrics.
 *
 * Threads: keepers, each with a flight of its own.
 */
#pragma once

#include "analysis-svc/land.h"
#include "analysis-svc/run.h"

/* The flight stays the caller's; the landing points into it. */
void hear(struct run *run, const struct flight *f, struct land *out);
/* Calls, tokens and cost of one that was made; hear does it. */
void hear_count(const struct land *l);
