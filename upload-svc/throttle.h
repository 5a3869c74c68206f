/*
 * throttle.h - failed logins: who fails too often has to wait, and so has everybody new when all
 * together do.
 *
 * Counts are kept in fixed memory, per window of a minute; what other replicas have counted is told
 * by throttle_told. An address is an IPv4
 * address or the first 64 bits of an IPv6 one, which is what one customer is given.
 * A token that was right lately is never held up: guessing by others shall lock nobody out.
 * Threads: any.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

struct throttle;

enum { THROTTLE_WINDOW_MS = 60 * 1000, THROTTLE_KNOWN_MS = 3600 * 1000 };

/* Failures that are allowed in a window, for one address and for all together. */
struct throttle *throttle_open(int64_t per_address, int64_t in_all);
void throttle_close(struct throttle **t); /* NULL is fine */

/* now_ms: monotonic. ERR_RATE with the time to wait: that address, or everybody, failed too often.
 */
MUST_CHECK bool throttle_admit(struct throttle *t, const char *address, int64_t now_ms,
                               struct err *err);
void throttle_failed(struct throttle *t, const char *address, int64_t now_ms);
/* All replicas together have so many, in a window that began so long ago. address NULL: of
 * everybody. Our own count is never lowered. */
struct throttle_count {
    int64_t failures, age_ms;
};
void throttle_told(struct throttle *t, const char *address, int64_t now_ms,
                   struct throttle_count all);
/* The address as it is counted, for a table that replicas share. */
enum { THROTTLE_WHO_SIZE = 19 };
void throttle_who(const char *address, char out[static THROTTLE_WHO_SIZE]);

/* sum: SHA-256 of a token as hex. Was it right within the last hour? */
bool throttle_known(struct throttle *t, const char *sum, int64_t now_ms);
void throttle_right(struct throttle *t, const char *sum, int64_t now_ms);
