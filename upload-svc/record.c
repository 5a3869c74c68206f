#include "upload-svc/record.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/answer.h"
#include "upload-svc/idempotency.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"

enum { TRIES = 4, ASK_FOR_MS = 10000, ASK_EVERY_MS = 500 };

static struct db_param campaign_of(const struct form *f)
{
    return f->campaign_id == 0 ? P_NULL : P(f->campaign_id);
}

/* NULL where pictures are not hashed: such rows are never the same as another. */
static struct db_param sum_of(const struct intake_file *f)
{
    return *f->object.sha256 ? P((const char *)f->object.sha256) : P_NULL;
}

static int64_t deadline_of(const struct intake *in)
{
    return in->form.deadline_s > 0 ? in->form.deadline_s : in->app->conf.deadline / 1000;
}

/* The set's row is locked first: whoever packs it waits for us, and sees all of this form. */
static bool open_set(struct db_conn *conn, struct intake *in, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct form *f = &in->form;
    int64_t linger = f->set_given ? in->app->conf.set_linger : 0;

    if (!db_run(conn, Q_SET_OPEN, &rows, err, P((const char *)f->set_id.text), P(f->platform),
                P(f->type), P(f->timeframe), P(f->date), campaign_of(f), P(f->handle),
                P(deadline_of(in)), P(linger)))
        return false;
    if (db_count(rows) == 1)
        return true;
    form_fault(&in->form, "setId", ERR_BAD_SET,
               "that set was opened with another platform, type, date, campaign or handle");
    return err_set(err, ERR_BAD_SET, "the set holds pictures of another kind");
}

static bool give_birth(struct db_conn *conn, const struct intake *in, const struct intake_file *f,
                       struct db_rows **rows, struct err *err)
{
    const struct form *form = &in->form;

    return db_run(conn, Q_SNAPSHOT_BORN, rows, err, P((const char *)f->uuid.text),
                  P((const char *)form->set_id.text), P((const char *)f->name),
                  P((const char *)f->key), P(image_mime(f->type)), P(f->object.size), sum_of(f),
                  P((const char *)f->object.etag.text), P(f->width), P(f->height),
                  P(form->platform), P(form->type), P(form->timeframe), P(form->date),
                  campaign_of(form), P(form->handle), P(form->metadata), P(in->who), P(in->forced));
}

/* A query on the analysis's views, which may not be there yet (*rows stays NULL): its failure must
 * not spoil the transaction. */
static bool late(struct db_conn *conn, int query, int64_t id, struct db_rows **rows,
                 struct err *err)
{
    struct err why = ERR_INIT;

    if (!db_script(conn, "SAVEPOINT late", err))
        return false;
    if (!db_run(conn, query, rows, &why, P(id)))
        return db_script(conn, "ROLLBACK TO SAVEPOINT late", err);
    return db_script(conn, "RELEASE SAVEPOINT late", err);
}

/* A picture whose analysis has failed does not count as there. */
static bool retire(struct db_conn *conn, int64_t id, bool *retired, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!late(conn, Q_SNAPSHOT_RETIRE, id, &rows, err))
        return false;
    *retired = rows && db_affected(rows) > 0;
    return true;
}

static bool read_word(struct db_conn *conn, struct intake_file *f, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!late(conn, Q_ONE, f->id, &rows, err) ||
        (!rows && !db_run(conn, Q_ONE_ALONE, &rows, err, P(f->id))))
        return false;
    f->same_word = snapshot_word_of(db_text(rows, 0, "state"));
    return true;
}

static bool arrival_again(struct db_conn *conn, const struct intake_file *f, const char *state,
                          struct err *err)
{
    return db_run(conn, Q_ARRIVAL_AGAIN, NULL, err, P((const char *)f->uuid.text),
                  P((const char *)f->key), P(state));
}

static bool is_same(struct db_conn *conn, struct intake_file *f, const struct db_rows *rows,
                    size_t i, struct err *err)
{
    f->fate = INTAKE_SAME;
    f->id = db_int(rows, i, "id");
    snprintf(f->same_uuid.text, sizeof f->same_uuid.text, "%s", db_text(rows, i, "uuid"));
    snprintf(f->same_key, sizeof f->same_key, "%s", db_text(rows, i, "s3_key"));
    snprintf(f->uploaded_at, sizeof f->uploaded_at, "%s", db_text(rows, i, "uploaded_at"));
    return read_word(conn, f, err) && arrival_again(conn, f, "dead", err);
}

/* The same bytes for the same purpose are there: the oldest that did not fail is the answer.
 * again: all of them did, or went away in between; give birth once more. */
static bool same(struct db_conn *conn, const struct intake *in, struct intake_file *f, bool *again,
                 struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct form *form = &in->form;

    if (!db_run(conn, Q_SNAPSHOT_SAME, &rows, err, sum_of(f), P(form->platform), P(form->type),
                P(form->date), campaign_of(form), P(form->handle)))
        return false;
    *again = true;
    for (size_t i = 0; i < db_count(rows); i++) {
        if (!retire(conn, db_int(rows, i, "id"), again, err))
            return false;
        if (!*again)
            return is_same(conn, f, rows, i, err);
    }
    return arrival_again(conn, f, "open", err);
}

static void born(struct intake_file *f, const struct db_rows *rows)
{
    f->fate = INTAKE_RECORDED;
    f->id = db_int(rows, 0, "id");
    snprintf(f->uploaded_at, sizeof f->uploaded_at, "%s", db_text(rows, 0, "uploaded_at"));
}

static bool record_file(struct db_conn *conn, const struct intake *in, struct intake_file *f,
                        struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    bool again = true;

    for (int i = 0; again && i < TRIES; i++) {
        again = false;
        if (!give_birth(conn, in, f, &rows, err))
            return false;
        if (db_int(rows, 0, "born") == 1) {
            born(f, rows);
        } else if (db_int(rows, 0, "gone") == 0) {
            f->fate = INTAKE_REJECTED;
            err_set(&f->err, ERR_TIMEOUT,
                    "the form took so long that this file was given up; send it again");
        } else if (!same(conn, in, f, &again, err)) {
            return false;
        }
    }
    return !again || err_set(err, ERR_BUSY, "the same picture comes and goes elsewhere");
}

/* A set that this form opened and gave nothing to is none. */
static bool close_set(struct db_conn *conn, const struct intake *in, struct err *err)
{
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_RECORDED)
            return true;
    return db_run(conn, Q_SET_EMPTY, NULL, err, P((const char *)in->form.set_id.text));
}

static bool transact(struct db_conn *conn, struct intake *in, struct err *err)
{
    if (!db_begin(conn, err) || !open_set(conn, in, err))
        return false;
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_STORED && !record_file(conn, in, &in->files[i], err))
            return false;
    answer_files(in);
    return close_set(conn, in, err) && (!answer_lasts(in) || idempotency_keep(conn, in, err)) &&
           db_commit(conn, err);
}

static bool is_recorded(const struct db_rows *rows, struct intake_file *f)
{
    for (size_t i = 0; i < db_count(rows); i++) {
        if (strcmp(db_text(rows, i, "uuid"), f->uuid.text) != 0)
            continue;
        f->id = db_int(rows, i, "id");
        snprintf(f->uploaded_at, sizeof f->uploaded_at, "%s", db_text(rows, i, "uploaded_at"));
        return true;
    }
    return false;
}

static bool any_open(const struct db_rows *arrivals)
{
    for (size_t i = 0; i < db_count(arrivals); i++)
        if (strcmp(db_text(arrivals, i, "state"), "open") == 0)
            return true;
    return false;
}

/* Did it commit? The lost transaction holds its arrivals locked while it lives, so asking for their
 * locks waits for its end, and what is read after that is the truth. */
static bool ask(struct intake *in, bool *committed, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *arrivals = NULL, *rows = NULL;
    AUTO(str_free) struct str uuids = STR_INIT(1024);
    bool all = true;

    str_addc(&uuids, '{');
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].announced)
            str_addf(&uuids, "%s%s", uuids.n > 1 ? "," : "", in->files[i].uuid.text);
    str_addc(&uuids, '}');
    if (!db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_ARRIVALS_LOCK, &arrivals, err, P((const char *)uuids.p)) ||
        !db_run(conn, Q_SNAPSHOTS_BACK, &rows, err, P((const char *)uuids.p)))
        return false;
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_RECORDED)
            all = is_recorded(rows, &in->files[i]) && all;
    *committed = all && !any_open(arrivals);
    return true;
}

static bool ask_long(struct intake *in, bool *committed, struct err *err)
{
    int64_t end = clock_mono_ms() + ASK_FOR_MS;
    struct err why = ERR_INIT;

    metric_add(M_UNCERTAIN, 0, 1);
    do {
        if (ask(in, committed, &why))
            return true;
        log_warn("record.uncertain", "COMMIT stayed without an answer; asking again", KV_ERR(&why));
        clock_sleep_ms(ASK_EVERY_MS);
    } while (clock_mono_ms() < end);
    for (size_t i = 0; i < in->file_count; i++)
        in->files[i].announced = false; /* nothing may be undone: now the sweeper's */
    return err_set(err, ERR_UNCERTAIN,
                   "whether the pictures were recorded cannot be told now; ask for them later");
}

/* stored: which files this form wants to record; an attempt that failed leaves no trace in them. */
static void forget_attempt(struct intake *in, const bool stored[static FORM_FILES_MAX])
{
    for (size_t i = 0; i < in->file_count; i++)
        if (stored[i])
            in->files[i].fate = INTAKE_STORED;
}

/* One attempt. again: it surely left nothing, and may be repeated. */
static bool attempt(struct intake *in, bool *again, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    bool committed = false;

    *again = false;
    if (db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err) && transact(conn, in, err))
        return true;
    *again = err->code == ERR_BUSY || err->code == ERR_DATABASE;
    if (err->code != ERR_UNCERTAIN)
        return false;
    db_release(&conn);
    if (!ask_long(in, &committed, err))
        return false;
    *again = !committed;
    return committed || err_set(err, ERR_DATABASE, "the transaction was lost");
}

bool record_form(struct intake *in, struct err *err)
{
    bool stored[FORM_FILES_MAX] = {false}, again = true;
    struct err last = ERR_INIT;

    for (size_t i = 0; i < in->file_count; i++)
        stored[i] = in->files[i].fate == INTAKE_STORED;
    for (int i = 0; again && i < TRIES; i++) {
        forget_attempt(in, stored);
        if (attempt(in, &again, &last))
            return true;
    }
    if (last.code != ERR_UNCERTAIN)
        forget_attempt(in, stored);
    *err = last;
    return false;
}
