/*
 * accept.h - the first corridor: a batch that came in becomes rows, once. validate, plan, persist.
 *
 * One transaction, idempotent by batch id: what was answered is stored. Threads: any. Errors:
 * batch.h's; ERR_CONFLICT (same id, other bytes), ERR_BUSY (the queue is full), db.h's.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/batch.h"
#include "common/str.h"

struct accepted {
    bool known;     /* it had been accepted before */
    char state[16]; /* accepted, running, done */
    size_t items;
};

/* On ERR_UNPROCESSABLE *batch still tells which items are at fault. The caller frees it. */
MUST_CHECK bool accept_batch(struct app *app, struct sv body, struct batch *batch,
                             struct accepted *out, struct err *err);
