/*
 * reach.h - can a provider fetch presigned URLs from our bucket's host? Remembered per provider.
 *
 * A host that URLs did not work with, where bytes did, gets bytes for ten minutes; then one call
 * probes with URLs while the others go on with bytes. Threads: any; one lock inside. Times are
 * monotonic milliseconds.
 */
#pragma once

#include "common/base.h"

struct reach;

struct reach *reach_open(size_t providers);
void reach_close(struct reach **r); /* NULL is fine */

/* May this call go by URL? A yes after the ten minutes is the probe. */
bool reach_by_url(struct reach *r, int place, int64_t now_ms);
/* A call that went by URL was answered with pictures read: forget what was remembered. */
void reach_worked(struct reach *r, int place);
/* Bytes worked where URLs had not. */
void reach_failed(struct reach *r, int place, int64_t now_ms);
/* A call by URL could not be fetched: if that was the probe, ten minutes more. */
void reach_doubted(struct reach *r, int place, int64_t now_ms);
