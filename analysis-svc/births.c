/* births.c - see births.h. */
#include "analysis-svc/births.h"

#include "analysis-svc/queries.h"

void births_free(struct births *b)
{
    db_list_free(&b->jobs);
    db_list_free(&b->providers);
    db_list_free(&b->models);
    db_list_free(&b->transports);
    db_list_free(&b->reserved);
    db_list_free(&b->jobs_of);
    db_list_free(&b->pictures);
}

void births_add(struct births *b, const struct provider *p, const struct flight *f,
                int64_t reserved)
{
    db_list_int(&b->jobs, f->job_id);
    db_list_text(&b->providers, p->name);
    db_list_text(&b->models, p->model);
    db_list_text(&b->transports, transport_wire(f->sent_by));
    db_list_int(&b->reserved, reserved);
    for (size_t i = 0; i < f->n; i++) {
        if (f->images[i].known)
            continue;
        db_list_int(&b->jobs_of, f->job_id);
        db_list_int(&b->pictures, f->images[i].snapshot_id);
    }
}

static void name(struct flight *const *flights, size_t n, int64_t job_id, int64_t attempt_id)
{
    for (size_t i = 0; i < n; i++)
        if (flights[i]->job_id == job_id)
            flights[i]->attempt_id = attempt_id;
}

bool births_write(struct db_conn *conn, struct births *b, struct flight *const *flights, size_t n,
                  struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (b->jobs.n == 0)
        return true;
    if (!db_run(conn, Q_ATTEMPTS_BORN, &rows, err, P(&b->jobs), P(&b->providers), P(&b->models),
                P(&b->transports), P(&b->reserved), P(&b->jobs_of), P(&b->pictures)))
        return false;
    if (db_count(rows) != b->jobs.n)
        return err_set(err, ERR_INTERNAL, "%zu of %u calls were born", db_count(rows), b->jobs.n);
    for (size_t i = 0; i < db_count(rows); i++)
        name(flights, n, db_int(rows, i, "job_id"), db_int(rows, i, "attempt_id"));
    return true;
}
