/*
 * batch_locks.h - what every operation of a batch does first and last inside its transaction.
 *
 * First it locks, always in the same order, so that no two of them wait for each other; last it
 * ends what has no picture left to wait for. Threads: the transaction's. Errors: db.h's.
 */
#pragma once

#include "analysis-svc/batch.h"
#include "common/db.h"
#include "common/str.h"

struct batch_locks {
    struct str ids;  /* the items' snapshot ids, as an SQL array */
    struct str jobs; /* jobs that read them at present */
    struct db_rows *batches, *sheets;
};
#define BATCH_LOCKS_INIT                                                                           \
    {                                                                                              \
        .ids = STR_INIT(1 << 16), .jobs = STR_INIT(1 << 16)                                        \
    }
void batch_locks_free(struct batch_locks *l);
/* Lock batches, sheets and jobs of the pictures, in this order. */
MUST_CHECK bool batch_lock(struct db_conn *conn, const struct batch *b, struct batch_locks *l,
                           struct err *err);
/* End jobs and batches that have no picture left to wait for. */
MUST_CHECK bool batch_settle(struct db_conn *conn, const struct batch_locks *l, struct err *err);
