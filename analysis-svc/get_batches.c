/* get_batches.c - GET /internal/v1/batches/:id: how far, with how many calls, for how much. */
#include <string.h>

#include "analysis-svc/app.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/routes.h"
#include "common/id.h"
#include "common/json_write.h"

enum { WAIT_MS = 2000 };

struct view {
    struct db_rows *batch, *images, *jobs, *waits, *failures, *classes;
};

static void view_free(struct view *v)
{
    db_rows_free(&v->batch);
    db_rows_free(&v->images);
    db_rows_free(&v->jobs);
    db_rows_free(&v->waits);
    db_rows_free(&v->failures);
    db_rows_free(&v->classes);
}

static bool look(struct db_conn *conn, const char *id, struct view *v, struct err *err)
{
    if (!db_run(conn, Q_BATCH_GET, &v->batch, err, P(id)))
        return false;
    if (db_count(v->batch) == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no batch %s", id);
    return db_run(conn, Q_BATCH_IMAGES, &v->images, err, P(id)) &&
           db_run(conn, Q_BATCH_JOBS, &v->jobs, err, P(id)) &&
           db_run(conn, Q_BATCH_WAITS, &v->waits, err, P(id)) &&
           db_run(conn, Q_BATCH_FAILURES, &v->failures, err, P(id)) &&
           db_run(conn, Q_BATCH_CLASSES, &v->classes, err, P(id));
}

/* {"waiting":3,"extracted":1,...}: every state is there, with 0 when nobody is in it. */
static int64_t write_counts(struct jw *w, const char *key, const struct db_rows *rows,
                            const char *const *states, size_t n)
{
    int64_t all = 0;

    jw_key(w, key);
    jw_open(w, '{');
    for (size_t s = 0; s < n; s++) {
        int64_t count = 0;

        for (size_t i = 0; i < db_count(rows); i++)
            if (strcmp(db_text(rows, i, "state"), states[s]) == 0)
                count = db_int(rows, i, "n");
        jw_int(w, states[s], count);
        all += count;
    }
    jw_close(w);
    return all;
}

/* {"retry":3}: only those that there are. */
static void write_reasons(struct jw *w, const char *key, const struct db_rows *rows,
                          const char *column)
{
    jw_key(w, key);
    jw_open(w, '{');
    for (size_t i = 0; i < db_count(rows); i++)
        jw_int(w, db_text(rows, i, column), db_int(rows, i, "n"));
    jw_close(w);
}

static const char *text_or_null(const struct db_rows *rows, const char *column)
{
    return db_null(rows, 0, column) ? NULL : db_text(rows, 0, column);
}

static void write_view(struct str *out, const struct view *v)
{
    static const char *const image_states[] = {
#define IMAGE_STATE(name, wire, to) wire,
#include "proto/image_state.def"
#undef IMAGE_STATE
    };
    static const char *const job_states[] = {
#define JOB_STATE(name, wire, to) wire,
#include "proto/job_state.def"
#undef JOB_STATE
    };
    struct jw w = jw_on(out);
    int64_t items = db_int(v->batch, 0, "item_count"), here;

    jw_open(&w, '{');
    jw_text(&w, "batch_id", db_text(v->batch, 0, "batch_id"));
    jw_text(&w, "op", db_text(v->batch, 0, "op"));
    jw_text(&w, "state", db_text(v->batch, 0, "state"));
    jw_int(&w, "items", items);
    here = write_counts(&w, "images", v->images, image_states, COUNT_OF(image_states));
    jw_int(&w, "moved", items > here ? items - here : 0); /* sent again in a later batch */
    write_counts(&w, "jobs", v->jobs, job_states, COUNT_OF(job_states));
    write_reasons(&w, "deferred", v->waits, "waits_for");
    write_reasons(&w, "failures", v->failures, "fail_code");
    jw_int(&w, "attempts", db_int(v->batch, 0, "calls"));
    write_reasons(&w, "attempt_classes", v->classes, "class");
    jw_int(&w, "cost_micro_usd", db_int(v->batch, 0, "cost"));
    jw_int(&w, "input_tokens", db_int(v->batch, 0, "input")); /* cached and cache writes too */
    jw_int(&w, "cached_tokens", db_int(v->batch, 0, "cached"));
    jw_int(&w, "cache_write_tokens", db_int(v->batch, 0, "cache_write"));
    jw_int(&w, "output_tokens", db_int(v->batch, 0, "output")); /* reasoning too */
    jw_int(&w, "reasoning_tokens", db_int(v->batch, 0, "reasoning"));
    jw_text(&w, "accepted_at", db_text(v->batch, 0, "accepted"));
    jw_text(&w, "deadline_at", text_or_null(v->batch, "deadline"));
    jw_text(&w, "ended_at", text_or_null(v->batch, "ended"));
    jw_close(&w);
}

bool get_batch(struct req *req, struct reply *reply, struct err *err)
{
    struct app *app = req_app(req);
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(view_free) struct view v = {.batch = NULL};
    struct id id;

    if (!id_parse(sv_of(req_param(req, "id")), &id))
        return err_set(err, ERR_NOT_FOUND, "a batch is named by a UUID");
    if (!db_lease(app->db, WAIT_MS, &conn, err) || !look(conn, id.text, &v, err))
        return false;
    reply_json(reply, 200);
    write_view(&reply->body, &v);
    return true;
}
