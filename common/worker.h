/*
 * worker.h - a thread that takes turns: it works, waits, and is woken when there is more to do.
 *
 * In:      a turn, which says how many ms to wait until the next one (0: at once).
 * Threads: one of its own for the turns; worker_wake and worker_ending from any.
 * A wake during a turn makes another one follow. Ending waits for the turn that runs; a long one
 * asks worker_ending in between.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

struct worker;
typedef int64_t worker_turn_fn(void *arg);

/* The first turn begins at once; *out is set before it does. arg is borrowed. */
MUST_CHECK bool worker_open(worker_turn_fn *turn, void *arg, struct worker **out, struct err *err);
void worker_wake(struct worker *w);        /* NULL is fine */
bool worker_ending(struct worker *w);      /* no further turn will come */
void worker_end(struct worker *w);         /* the last turn is over; wakes are idle. NULL is fine */
void worker_close(struct worker **worker); /* ends it too; nobody may wake it now. NULL is fine */
