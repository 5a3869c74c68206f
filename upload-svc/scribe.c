#include "upload-svc/scribe.h"

#include <stdio.h>
#include <string.h>

#include "common/db_list.h"
#include "upload-svc/answer.h"
#include "upload-svc/queries.h"
#include "upload-svc/record.h"

enum { BIRTH_COLUMNS = 22, ARRIVAL_COLUMNS = 2 };

/* One transaction of many: its parameters, column by column. */
struct page {
    struct db_conn *conn;
    struct scribe_job *jobs[TOGETHER_MAX];
    size_t n;
    struct db_list births[BIRTH_COLUMNS], arrivals[ARRIVAL_COLUMNS];
    struct db_rows *rows; /* of the pictures that were born */
};

static void page_free(struct page *p)
{
    for (size_t i = 0; i < BIRTH_COLUMNS; i++)
        db_list_free(&p->births[i]);
    for (size_t i = 0; i < ARRIVAL_COLUMNS; i++)
        db_list_free(&p->arrivals[i]);
    db_rows_free(&p->rows);
    db_release(&p->conn);
}

static void page_begin(struct page *p, struct together_job **jobs, size_t n)
{
    for (size_t i = 0; i < BIRTH_COLUMNS; i++)
        p->births[i] = (struct db_list)DB_LIST(TEXT);
    for (size_t i = 0; i < ARRIVAL_COLUMNS; i++)
        p->arrivals[i] = (struct db_list)DB_LIST(TEXT);
    for (size_t i = 0; i < n; i++)
        p->jobs[i] = (struct scribe_job *)(void *)jobs[i];
    p->n = n;
}

static void add_row(struct db_list *columns, const struct db_param *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool number = values[i].type == DB_P_INT;

        columns[i].type = number ? DB_LIST_INT : DB_LIST_TEXT;
        if (number)
            db_list_int(&columns[i], values[i].num);
        else
            db_list_sv(&columns[i], values[i].text);
    }
}

/* In the order of Q_SNAPSHOTS_BORN. */
static void add_birth(struct page *p, const struct scribe_job *job)
{
    const struct intake_file *f = &job->in->files[0];
    const struct form *form = &job->in->form;
    const char *sum = *f->object.sha256 ? f->object.sha256 : NULL;
    const struct db_param values[BIRTH_COLUMNS] = {P(job->uuid),
                                                   P((const char *)form->set_id.text),
                                                   P((const char *)job->batch.text),
                                                   P((const char *)f->name),
                                                   P(job->key),
                                                   P(image_mime(f->type)),
                                                   P(f->object.size),
                                                   P(sum),
                                                   P((const char *)f->object.etag.text),
                                                   P(f->width),
                                                   P(f->height),
                                                   P(form->platform),
                                                   P(form->type),
                                                   P(form->timeframe),
                                                   P(form->date),
                                                   P(form->campaign_id),
                                                   P(form->handle),
                                                   P(form->metadata),
                                                   P(job->in->who),
                                                   P(record_deadline_s(job->in)),
                                                   P(job->head),
                                                   P(job->tail)};

    add_row(p->births, values, BIRTH_COLUMNS);
}

static void add_arrival(struct page *p, const struct scribe_job *job)
{
    const struct db_param values[ARRIVAL_COLUMNS] = {P(job->uuid), P(job->key)};

    add_row(p->arrivals, values, ARRIVAL_COLUMNS);
}

static void set_params(struct db_param *params, struct db_list *columns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        params[i] = P(&columns[i]);
}

/* Where only files arrive, nobody waits for the disk. */
static bool write_page(struct page *p, struct err *err)
{
    struct db_param births[BIRTH_COLUMNS], arrivals[ARRIVAL_COLUMNS];
    bool ends = p->births[0].n > 0;
    struct db_step steps[2];
    size_t n = 0;

    set_params(births, p->births, BIRTH_COLUMNS);
    set_params(arrivals, p->arrivals, ARRIVAL_COLUMNS);
    if (ends)
        steps[n++] = (struct db_step){Q_SNAPSHOTS_BORN, births, BIRTH_COLUMNS, &p->rows};
    if (p->arrivals[0].n > 0)
        steps[n++] = (struct db_step){ends ? Q_ARRIVE_ALL : Q_ARRIVE_ALL_QUICK, arrivals,
                                      ARRIVAL_COLUMNS, NULL};
    if (!ends)
        return db_run_all(p->conn, steps, n, err);
    return db_begin(p->conn, err) && db_commit_all(p->conn, steps, n, err);
}

static struct scribe_job *form_of(const struct page *p, const char *uuid)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->jobs[i]->in && strcmp(p->jobs[i]->uuid, uuid) == 0)
            return p->jobs[i];
    return NULL;
}

/* Who is not among them is there already, or the sweeper has taken it. */
static void note_births(struct page *p)
{
    for (size_t row = 0; p->rows && row < db_count(p->rows); row++) {
        struct scribe_job *job = form_of(p, db_text(p->rows, row, "uuid"));

        if (!job)
            continue;
        job->born = true;
        job->id = db_int(p->rows, row, "id");
        snprintf(job->uploaded_at, sizeof job->uploaded_at, "%s",
                 db_text(p->rows, row, "uploaded_at"));
    }
}

static void work(void *arg, struct together_job **jobs, size_t n)
{
    AUTO(page_free) struct page p = {.conn = NULL};
    struct app *app = arg;
    struct err err = ERR_INIT;

    page_begin(&p, jobs, n);
    for (size_t i = 0; i < n; i++)
        (p.jobs[i]->in ? add_birth : add_arrival)(&p, p.jobs[i]);
    if (!db_lease(app->db, APP_DB_WAIT_MS, &p.conn, &err) || !write_page(&p, &err))
        for (size_t i = 0; i < n; i++)
            p.jobs[i]->err = err;
    note_births(&p);
}

bool scribe_open(struct app *app, struct err *err)
{
    return together_open(work, app, &app->scribe, err);
}

void scribe_arrive(struct app *app, struct scribe_job *job, const struct id *uuid, const char *key)
{
    *job = (struct scribe_job){.uuid = uuid->text, .key = key};
    together_put(app->scribe, &job->own);
}

bool scribe_wait(struct app *app, struct scribe_job *job, struct err *err)
{
    together_wait(app->scribe, &job->own);
    if (job->err.code == ERR_NONE)
        return true;
    *err = job->err;
    return false;
}

bool scribe_takes(const struct intake *in)
{
    return in->app->scribe && in->file_count == 1 && !in->form.set_given && !in->idem &&
           !in->forced;
}

bool scribe_record(struct intake *in, struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(FROZEN_WALL);
    struct intake_file *f = &in->files[0];
    struct scribe_job job = {.uuid = f->uuid.text, .key = f->key, .in = in, .batch = id_new()};
    struct err why = ERR_INIT;
    bool ok;

    record_batch_cut(in, job.batch.text, &body, &job.head, &job.tail);
    together_put(in->app->scribe, &job.own);
    ok = scribe_wait(in->app, &job, &why);
    if (why.code == ERR_UNCERTAIN) {
        f->fate = INTAKE_RECORDED; /* for who asks whether it is true */
        return err_set(err, ERR_UNCERTAIN, "%s", why.msg);
    }
    if (!ok || !job.born)
        return err_set(err, ERR_BUSY, "the page of many did not hold this picture");
    f->fate = INTAKE_RECORDED;
    f->id = job.id;
    memcpy(f->uploaded_at, job.uploaded_at, sizeof f->uploaded_at);
    answer_files(in);
    return true;
}
