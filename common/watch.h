/*
 * watch.h - one thread that cuts connections whose time is up.
 *
 * For libraries that hide their sockets and wait in them without an end. A thread that is about to
 * wait says until when and on which connection; when it is late, the socket is found by the two
 * ends of its connection and shut down, which wakes the waiting call. Precision: WATCH_TICK_MS.
 * Threads: any number may be between watch_begin and watch_end.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum { WATCH_TICK_MS = 100 };

struct watch;

/* One wait; it lives on the waiting thread's stack from watch_begin to watch_end. */
struct watch_item {
    struct watch_item *prev, *next;
    const char *far_address; /* numeric text, borrowed */
    int far_port, near_port;
    int64_t until_ms; /* of clock_mono_ms */
    int how;          /* of shutdown(2) */
    bool cut;         /* read it after watch_end */
};

MUST_CHECK bool watch_open(struct watch **out, struct err *err);
void watch_close(struct watch **watch); /* nobody may be waiting; NULL is fine */

void watch_begin(struct watch *watch, struct watch_item *item);
void watch_end(struct watch *watch, struct watch_item *item);
