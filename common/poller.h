/*
 * poller.h - many descriptors that one thread waits for (epoll), and a bell to call it with.
 *
 * In:      descriptors and what each is waited for; they stay their owner's, who forgets one before
 *          closing it.
 * Out:     what is ready, as long as it is (level triggered); a broken one as if it could be read
 *          and written, where the fault is then found.
 * Threads: poller_ring from any; all else on the thread that waits.
 * Errors:  none. What fails here is a slip of ours, or the process is out of descriptors when it
 *          starts: it ends.
 */
#pragma once

#include "common/base.h"

struct poller {
    int epoll, bell;
};
struct poller_ready {
    int fd;
    bool in, out, broken;
};

void poller_open(struct poller *p);
void poller_close(struct poller *p);
/* From now on waits for this, and for nothing else of fd. known: fd is among them already. */
void poller_watch(struct poller *p, int fd, bool in, bool out, bool known);
void poller_forget(struct poller *p, int fd);
/* The wait that is on, or else the next one, ends at once. */
void poller_ring(struct poller *p);
/* How many of `ready` were filled, at most `room`; 0: ms are over, or the bell rang. */
size_t poller_wait(struct poller *p, int64_t ms, struct poller_ready *ready, size_t room);
