/*
 * store.c - locks batches, sheets, jobs, images, in this order; each job's token is its fence.
 *
 * Calls that are ready together go in one transaction (a commit costs as much as all the rest), in
 * three trips: locks and STORE_CALLS; batches and sheets that are through; COMMIT. Between them
 * children and the merging of sheets, where there are any.
 */
#include "analysis-svc/store.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analysis-svc/document.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/sheet.h"
#include "analysis-svc/store_lists.h"

enum { WAIT_MS = 5000 };

struct storing {
    struct app *app;
    struct db_conn *conn;
    const struct landing *l;
    struct stored *done; /* as many */
    size_t n;
};

void results_free(struct result **r, size_t n)
{
    for (size_t i = 0; *r && i < n; i++) {
        extracted_free(&(*r)[i].extracted);
        str_free(&(*r)[i].answer);
    }
    free(*r);
    *r = NULL;
}

/* ---- calls, pictures, documents ---- */

static void note_done(struct storing *s, const struct db_rows *rows)
{
    for (size_t r = 0; r < db_count(rows); r++)
        for (size_t i = 0; i < s->n; i++)
            if (s->l[i].flight->job_id == db_int(rows, r, "job"))
                s->done[i] = (struct stored){.fenced = db_bool(rows, r, "fenced"),
                                             .images = (size_t)db_int(rows, r, "kept"),
                                             .born = (size_t)db_int(rows, r, "born"),
                                             .dropped = (size_t)db_int(rows, r, "dropped")};
}

static bool store_calls(struct storing *s, struct db_list *batches, struct db_list *sets,
                        struct err *err)
{
    AUTO(store_lists_free) struct store_lists lists;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct db_param params[STORE_LISTS];

    store_lists_init(&lists);
    for (size_t i = 0; i < s->n; i++)
        store_lists_add(&lists, &s->app->roster, &s->l[i]);
    for (size_t i = 0; i < STORE_LISTS; i++)
        params[i] = P(&lists.items[i]);
    const struct db_step steps[] = {DB_STEP(Q_CALLS_BATCHES, NULL, P(batches)),
                                    DB_STEP(Q_CALLS_SHEETS, NULL, P(sets)),
                                    {Q_STORE_CALLS, params, STORE_LISTS, &rows}};

    if (!db_run_all(s->conn, steps, COUNT_OF(steps), err))
        return false;
    note_done(s, rows);
    return true;
}

/* ---- children ---- */

static bool child(struct storing *s, size_t at, unsigned group, struct err *err)
{
    AUTO(db_list_free) struct db_list ids = DB_LIST(INT);
    AUTO(str_free) struct str tried = STR_INIT(256);
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct landing *l = &s->l[at];
    enum transport transport = TRANSPORT_URL;

    for (size_t i = 0; i < l->flight->n; i++) {
        if (l->fates[i].todo != FATE_AGAIN || l->fates[i].group != group)
            continue;
        db_list_int(&ids, l->flight->images[i].snapshot_id);
        transport = l->fates[i].transport;
    }
    roster_array(&s->app->roster, l->end.tried, &tried);
    if (!db_run(s->conn, Q_CHILD_BORN, &rows, err, P(l->flight->job_id), P(&ids),
                P(transport_wire(transport)), P(l->end.due_ms), P(tried.p)))
        return false;
    s->done[at].children += (size_t)db_int(rows, 0, "n");
    return true;
}

static bool children(struct storing *s, struct err *err)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->l[i].end.to != JOB_DONE || !s->done[i].fenced)
            continue;
        for (unsigned group = 0; group < s->l[i].end.groups; group++)
            if (!child(s, i, group, err))
                return false;
    }
    return true;
}

/* ---- all of it ---- */

/* Is there a job that another replica could take? */
static bool call_others(struct storing *s, struct err *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->done[i].fenced && (s->done[i].children > 0 || s->l[i].end.to != JOB_DONE))
            return db_run0(s->conn, Q_NOTIFY_JOBS, NULL, err);
    return true;
}

/* ---- what was written just now ---- */

static void fresh_free(struct fresh **list)
{
    free(*list);
    *list = NULL;
}

/* Of calls all of whose results were stored, and none of which had been there before. */
static bool is_fresh(const struct stored *done)
{
    return done->fenced && done->dropped == 0 && done->born == done->images;
}

static struct fresh *list_fresh(const struct storing *s, size_t *n)
{
    struct fresh *list;
    size_t room = 0;

    for (size_t i = 0; i < s->n; i++)
        room += s->l[i].flight->n;
    list = calloc(room + 1, sizeof *list);
    if (!list)
        abort();
    *n = 0;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; is_fresh(&s->done[i]) && k < s->l[i].flight->n; k++) {
            const struct flight_image *image = &s->l[i].flight->images[k];

            if (s->l[i].fates[k].todo == FATE_STORE && s->l[i].results[k].extracted.as_read)
                list[(*n)++] = (struct fresh){image->snapshot_id, image->run,
                                              &s->l[i].results[k].extracted.paper->doc};
        }
    return list;
}

/* Batches that are through, and sheets: results came for those where changed says so. */
static bool end_batches(struct storing *s, struct db_list *batches, struct db_list *sets,
                        struct db_list *changed, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *due = NULL;
    size_t n;
    AUTO(fresh_free) struct fresh *fresh = list_fresh(s, &n);
    const struct db_step steps[] = {DB_STEP(Q_CALLS_BATCHES_END, NULL, P(batches)),
                                    DB_STEP(Q_SHEETS_DUE, &due, P(sets), P(changed), P_NULL)};

    return db_run_all(s->conn, steps, COUNT_OF(steps), err) &&
           sheets_merge(s->conn, &s->app->extractors, due, &(struct fresh_list){fresh, n}, err);
}

static bool write_all(struct storing *s, struct err *err)
{
    AUTO(db_list_free) struct db_list batches = DB_LIST(TEXT);
    AUTO(db_list_free) struct db_list sets = DB_LIST(TEXT);
    AUTO(db_list_free) struct db_list changed = DB_LIST(BOOL);

    for (size_t i = 0; i < s->n; i++) {
        db_list_text(&batches, s->l[i].flight->batch_id);
        db_list_text(&sets, s->l[i].flight->set_id);
    }
    if (!store_calls(s, &batches, &sets, err) || !children(s, err))
        return false;
    for (size_t i = 0; i < s->n; i++)
        db_list_bool(&changed, s->done[i].images > 0);
    return end_batches(s, &batches, &sets, &changed, err) && call_others(s, err) &&
           db_commit(s->conn, err);
}

bool store_landings(struct app *app, const struct landing *l, size_t n, struct stored *out,
                    struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct storing s = {.app = app, .l = l, .done = out, .n = n};

    if (!db_lease(app->db, WAIT_MS, &conn, err) || !db_begin(conn, err))
        return false;
    s.conn = conn;
    return write_all(&s, err);
}
