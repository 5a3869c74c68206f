/*
 * queue.h - a bounded queue of pointers between threads.
 *
 * Pushing passes ownership. Any number of threads on both sides.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

struct queue;

MUST_CHECK bool queue_open(size_t room, struct queue **out, struct err *err);
void queue_close(struct queue **q); /* the queue must be empty and nobody waiting; NULL is fine */

MUST_CHECK bool queue_push(struct queue *q, void *item);     /* waits for room; false: ended */
MUST_CHECK bool queue_try_push(struct queue *q, void *item); /* false: full or ended */
MUST_CHECK void *queue_pop(struct queue *q,
                           int wait_ms); /* NULL: nothing came, or ended and empty */
void queue_end(struct queue *q);         /* no more pushes; waiters wake */
size_t queue_count(struct queue *q);
