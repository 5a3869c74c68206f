#include "upload-svc/record.h"

#include <stdio.h>
#include <string.h>

#include "upload-svc/answer.h"
#include "upload-svc/frozen.h"
#include "upload-svc/idempotency.h"
#include "upload-svc/queries.h"
#include "upload-svc/scribe.h"

enum { TRIES = 4 };

static struct db_param campaign_of(const struct form *f)
{
    return f->campaign_id == 0 ? P_NULL : P(f->campaign_id);
}

/* NULL where pictures are not hashed: such rows are never the same as another. */
static struct db_param sum_of(const struct intake_file *f)
{
    return *f->object.sha256 ? P((const char *)f->object.sha256) : P_NULL;
}

/* One attempt. */
struct record {
    struct db_conn *conn;
    struct intake *in;
    bool packed;       /* nobody else joins its set: it brings its own batch */
    struct id batch;   /* which that is */
    size_t file_count; /* rows[i] is of files[i]; NULL: nothing was asked for it */
    struct db_rows *set, *rows[FORM_FILES_MAX];
};

static void record_free(struct record *r)
{
    for (size_t i = 0; i < r->file_count; i++)
        db_rows_free(&r->rows[i]);
    db_rows_free(&r->set);
    db_release(&r->conn);
}

enum { SET_PARAMS = 10, BIRTH_PARAMS = 20 };

static struct db_step set_step(struct record *r, struct db_param p[static SET_PARAMS])
{
    const struct form *f = &r->in->form;
    int64_t linger = f->set_given ? r->in->app->conf.set_linger : 0;
    const struct db_param all[SET_PARAMS] = {P((const char *)f->set_id.text),
                                             P(f->platform),
                                             P(f->type),
                                             P(f->timeframe),
                                             P(f->date),
                                             campaign_of(f),
                                             P(f->handle),
                                             P(record_deadline_s(r->in)),
                                             P(linger),
                                             P((bool)!r->packed)};

    memcpy(p, all, sizeof all);
    return (struct db_step){Q_SET_OPEN, p, SET_PARAMS, &r->set};
}

static struct db_step birth_step(struct record *r, const struct intake_file *f,
                                 struct db_param p[static BIRTH_PARAMS], struct db_rows **rows)
{
    const struct intake *in = r->in;
    const struct form *form = &in->form;
    const struct db_param all[BIRTH_PARAMS] = {P((const char *)f->uuid.text),
                                               P((const char *)form->set_id.text),
                                               P((const char *)f->name),
                                               P((const char *)f->key),
                                               P(image_mime(f->type)),
                                               P(f->object.size),
                                               sum_of(f),
                                               P((const char *)f->object.etag.text),
                                               P(f->width),
                                               P(f->height),
                                               P(form->platform),
                                               P(form->type),
                                               P(form->timeframe),
                                               P(form->date),
                                               campaign_of(form),
                                               P(form->handle),
                                               P(form->metadata),
                                               P(in->who),
                                               P(in->forced),
                                               r->packed ? P((const char *)r->batch.text) : P_NULL};

    memcpy(p, all, sizeof all);
    return (struct db_step){Q_SNAPSHOT_BORN, p, BIRTH_PARAMS, rows};
}

/* All of it in one trip. The set's row is locked first: whoever packs it waits for us, and sees all
 * of this form. */
static bool ask_for_all(struct record *r, struct err *err)
{
    struct intake *in = r->in;
    struct db_param set[SET_PARAMS], births[FORM_FILES_MAX][BIRTH_PARAMS];
    struct db_step steps[FORM_FILES_MAX + 1];
    size_t n = 0;

    steps[n++] = set_step(r, set);
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_STORED)
            steps[n++] = birth_step(r, &in->files[i], births[i], &r->rows[i]);
    if (!db_run_all(r->conn, steps, n, err))
        return false;
    if (db_count(r->set) == 1)
        return true;
    form_fault(&in->form, "setId", ERR_BAD_SET,
               "that set was opened with another platform, type, date, campaign or handle");
    return err_set(err, ERR_BAD_SET, "the set holds pictures of another kind");
}

static bool give_birth_again(struct record *r, const struct intake_file *f, struct db_rows **rows,
                             struct err *err)
{
    struct db_param params[BIRTH_PARAMS];
    const struct db_step step = birth_step(r, f, params, rows);

    return db_run_all(r->conn, &step, 1, err);
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

/* rows: what came of the first birth. */
static bool record_file(struct record *r, struct intake_file *f, struct db_rows **rows,
                        struct err *err)
{
    bool again = true;

    for (int i = 0; again && i < TRIES; i++) {
        again = false;
        if (i > 0 && !give_birth_again(r, f, rows, err))
            return false;
        if (db_int(*rows, 0, "born") == 1) {
            born(f, *rows);
        } else if (db_int(*rows, 0, "gone") == 0) {
            f->fate = INTAKE_REJECTED;
            err_set(&f->err, ERR_TIMEOUT,
                    "the form took so long that this file was given up; send it again");
        } else if (!same(r->conn, r->in, f, &again, err)) {
            return false;
        }
    }
    return !again || err_set(err, ERR_BUSY, "the same picture comes and goes elsewhere");
}

static size_t recorded(const struct intake *in)
{
    size_t n = 0;

    for (size_t i = 0; i < in->file_count; i++)
        n += in->files[i].fate == INTAKE_RECORDED;
    return n;
}

/* The end: with the batch of what was recorded. A set that this form opened and gave nothing to is
 * none. */
static bool commit(struct record *r, struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(FROZEN_WALL);
    const char *set_id = r->in->form.set_id.text;
    size_t n = recorded(r->in);

    if (n > 0 && !r->packed)
        return db_commit(r->conn, err);
    if (n > 0)
        record_batch(r->in, r->batch.text,
                     db_null(r->set, 0, "campaign_title") ? NULL
                                                          : db_text(r->set, 0, "campaign_title"),
                     &body);
    const struct db_step put = DB_STEP(Q_OUTBOX_PUT, NULL, P((const char *)r->batch.text),
                                       P(set_id), P((const char *)body.p), P((int64_t)n));
    const struct db_step none = DB_STEP(Q_SET_EMPTY, NULL, P(set_id));
    return db_commit_all(r->conn, n > 0 ? &put : &none, 1, err);
}

static bool transact(struct record *r, struct err *err)
{
    struct intake *in = r->in;

    if (!db_begin(r->conn, err) || !ask_for_all(r, err))
        return false;
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_STORED && !record_file(r, &in->files[i], &r->rows[i], err))
            return false;
    answer_files(in);
    return (!answer_lasts(in) || idempotency_keep(r->conn, in, err)) && commit(r, err);
}

/* stored: which files this form wants to record; an attempt that failed leaves no trace in them. */
static void forget_attempt(struct intake *in, const bool stored[static FORM_FILES_MAX])
{
    for (size_t i = 0; i < in->file_count; i++)
        if (stored[i])
            in->files[i].fate = INTAKE_STORED;
}

static bool alone(struct intake *in, struct err *err)
{
    AUTO(record_free)
    struct record r = {
        .in = in, .packed = !in->form.set_given, .batch = id_new(), .file_count = in->file_count};

    return db_lease(in->app->db, APP_DB_WAIT_MS, &r.conn, err) && transact(&r, err);
}

/* One attempt; the first may go with others' forms. again: it surely left nothing, and may be
 * repeated. */
static bool attempt(struct intake *in, bool first, bool *again, struct err *err)
{
    bool committed = false, many = first && scribe_takes(in);

    *again = false;
    if (many ? scribe_record(in, err) : alone(in, err))
        return true;
    *again = err->code == ERR_BUSY || err->code == ERR_DATABASE;
    if (err->code != ERR_UNCERTAIN)
        return false;
    if (!record_ask(in, &committed, err))
        return false;
    *again = !committed;
    if (committed && many)
        answer_files(in);
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
        if (attempt(in, i == 0, &again, &last))
            return true;
    }
    if (last.code != ERR_UNCERTAIN)
        forget_attempt(in, stored);
    *err = last;
    return false;
}
