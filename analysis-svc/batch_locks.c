/* batch_locks.c - what a batch's operation holds of the queue while it works, and lets go in order.
 */
#include "analysis-svc/batch_locks.h"

#include "analysis-svc/fail.h"
#include "analysis-svc/queries.h"

void batch_locks_free(struct batch_locks *l)
{
    str_free(&l->ids);
    str_free(&l->jobs);
    db_rows_free(&l->batches);
    db_rows_free(&l->sheets);
}

bool batch_lock(struct db_conn *conn, const struct batch *b, struct batch_locks *l, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *jobs = NULL;

    batch_ids(b, &l->ids);
    if (!db_run(conn, Q_BATCHES_LOCK, &l->batches, err, P(b->id.text), P(l->ids.p)) ||
        !db_run(conn, Q_SHEETS_LOCK, &l->sheets, err,
                b->op == BATCH_EXTRACT ? P((const char *)b->set_id.text) : P_NULL, P(l->ids.p)) ||
        !db_run(conn, Q_JOBS_OF_IMAGES, &jobs, err, P(l->ids.p)))
        return false;
    str_addc(&l->jobs, '{');
    for (size_t i = 0; i < db_count(jobs); i++)
        str_addf(&l->jobs, "%s%s", i ? "," : "", db_text(jobs, i, "job_id"));
    str_addc(&l->jobs, '}');
    return true;
}

bool batch_settle(struct db_conn *conn, const struct batch_locks *l, struct err *err)
{
    if (!db_run(conn, Q_JOBS_EMPTY, NULL, err, P(l->jobs.p), P(job_state_sources(JOB_CANCELLED))))
        return false;
    for (size_t i = 0; i < db_count(l->batches); i++)
        if (!db_run(conn, Q_BATCH_END, NULL, err, P(db_text(l->batches, i, "batch_id"))))
            return false;
    return true;
}
