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

/* What both operations do inside their transaction. */
struct accept_locks {
    struct str ids;  /* the items' snapshot ids, as an SQL array */
    struct str jobs; /* jobs that read them at present */
    struct db_rows *batches, *sheets;
};
#define ACCEPT_LOCKS_INIT                                                                          \
    {                                                                                              \
        .ids = STR_INIT(1 << 16), .jobs = STR_INIT(1 << 16)                                        \
    }
void accept_locks_free(struct accept_locks *l);
/* Lock batches, sheets and jobs of the pictures, in this order. */
MUST_CHECK bool accept_lock(struct db_conn *conn, const struct batch *b, struct accept_locks *l,
                            struct err *err);
/* End jobs and batches that have no picture left to wait for. */
MUST_CHECK bool accept_settle(struct db_conn *conn, const struct accept_locks *l, struct err *err);
