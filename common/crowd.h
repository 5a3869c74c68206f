/*
 * crowd.h - how many of something each address has, and no more than so many.
 *
 * IPv4 addresses count for themselves, IPv6 ones by their /64. Memory: one entry for each address
 * that has any. Threads: any.
 */
#pragma once

#include "common/addr.h"

struct crowd;
struct crowd *crowd_open(void);
void crowd_close(struct crowd **crowd); /* NULL is fine */

/* One more for that address; false: it has `max` already. max 0: no limit. */
MUST_CHECK bool crowd_enter(struct crowd *crowd, const struct addr *a, int64_t max);
void crowd_leave(struct crowd *crowd, const struct addr *a);
