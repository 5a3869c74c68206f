/* store.c - locks batch, sheet, job, images, in this order; the job's token is the fence. */
#include "analysis-svc/store.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/clean.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/sheet.h"
#include "common/json_write.h"
#include "common/utf8.h"

enum { WAIT_MS = 5000, NOTE_MAX = 512, LINES_MAX = 200 << 20 };

struct storing {
    struct app *app;
    struct db_conn *conn;
    const struct landing *l;
    struct stored done;
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

static bool lock(struct storing *s, struct err *err)
{
    const struct flight *f = s->l->flight;

    return db_run(s->conn, Q_BATCH_LOCK, NULL, err, P(f->batch_id)) &&
           db_run(s->conn, Q_SHEET_LOCK, NULL, err, P(f->set_id));
}

/* The fence: with our token still on it, the job takes its new state. */
static bool pass(struct storing *s, bool *through, struct err *err)
{
    const struct flight *f = s->l->flight;
    const struct ending *e = &s->l->end;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str tried = STR_INIT(256);
    AUTO(str_free) struct str refused = STR_INIT(256);
    const char *why = e->fail == FAIL_NONE ? NULL : fail_wire(e->fail);

    roster_array(&s->app->roster, e->tried, &tried);
    roster_array(&s->app->roster, e->refused, &refused);
    if (!db_run(s->conn, Q_STORE_JOB, &rows, err, P(f->job_id), P(f->token),
                P(job_state_wire(e->to)), P(e->judged), P(e->due_ms),
                P(transport_wire(e->transport)), P(tried.p), P(refused.p), P(e->waits), P(why),
                P(job_state_sources(e->to))))
        return false;
    *through = db_affected(rows) == 1;
    return true;
}

/* ---- pictures ---- */

/* All pictures of the call that end go in one statement, as lines of JSON. */
struct picture {
    int64_t snapshot_id;
    enum image_state state;
    enum fail_code fail;
    const char *note;
    double confidence; /* NAN: none */
    bool tried, kept;
};

static const char *why_of(enum fail_code fail)
{
    return fail == FAIL_NONE ? NULL : fail_wire(fail);
}

static void write_image(struct jw *w, const struct picture *p)
{
    char text[NOTE_MAX];
    const char *note = clean_copy(p->note, text, sizeof text);

    jw_open(w, '{');
    jw_int(w, "id", p->snapshot_id);
    jw_text(w, "state", image_state_wire(p->state));
    jw_text(w, "may", image_state_sources(p->state));
    jw_num(w, "confidence", p->confidence);
    jw_text(w, "fail", why_of(p->fail));
    jw_text(w, "note", note || p->fail == FAIL_NONE ? note : fail_text(p->fail));
    jw_int(w, "tried", p->tried);
    jw_bool(w, "kept", p->kept);
    jw_close(w);
}

static void write_kept(struct jw *w, const struct storing *s, size_t i)
{
    const struct extracted *e = &s->l->results[i].extracted;
    const struct picture p = {.snapshot_id = s->l->flight->images[i].snapshot_id,
                              .state = e->state,
                              .fail = e->fail,
                              .note = e->note,
                              .confidence = e->confidence,
                              .tried = s->l->flight->images[i].known == NULL,
                              .kept = true};

    write_image(w, &p);
}

static void write_failed(struct jw *w, const struct storing *s, size_t i)
{
    const char *said = s->l->note ? s->l->note : "";
    char note[NOTE_MAX];
    const struct picture p = {.snapshot_id = s->l->flight->images[i].snapshot_id,
                              .state = IMAGE_FAILED,
                              .fail = s->l->fates[i].fail,
                              .note = note,
                              .confidence = NAN,
                              .tried = s->l->end.judged};

    snprintf(note, sizeof note, "%s%s%s%s", fail_text(p.fail), said[0] ? " (" : "", said,
             said[0] ? ")" : "");
    write_image(w, &p);
}

static size_t write_images(const struct storing *s, struct str *out)
{
    struct jw w = jw_on(out);
    size_t n = 0;

    jw_open(&w, '[');
    for (size_t i = 0; i < s->l->flight->n; i++) {
        if (s->l->fates[i].todo == FATE_STORE)
            write_kept(&w, s, i);
        else if (s->l->fates[i].todo == FATE_FAIL)
            write_failed(&w, s, i);
        n += s->l->fates[i].todo != FATE_AGAIN;
    }
    jw_close(&w);
    return n;
}

static void write_extractions(const struct storing *s, struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '[');
    for (size_t i = 0; i < s->l->flight->n; i++) {
        const struct result *r = &s->l->results[i];
        const struct extracted *e = &r->extracted;

        if (s->l->fates[i].todo != FATE_STORE)
            continue;
        jw_open(&w, '{');
        jw_int(&w, "id", s->l->flight->images[i].snapshot_id);
        jw_text(&w, "state", image_state_wire(e->state));
        jw_text(&w, "fail", why_of(e->fail));
        jw_text(&w, "provider", r->provider);
        jw_text(&w, "model", r->model);
        jw_sv(&w, "answer", str_sv(&r->answer));
        jw_num(&w, "confidence", e->confidence);
        jw_raw(&w, "document", e->document.n ? str_sv(&e->document) : SV_LIT("{}"));
        jw_bool(&w, "reused", s->l->flight->images[i].known != NULL);
        jw_close(&w);
    }
    jw_close(&w);
}

/* The documents of the pictures that were still ours. */
static bool keep_documents(struct storing *s, const char *ids, struct err *err)
{
    AUTO(str_free) struct str lines = STR_INIT(LINES_MAX);

    write_extractions(s, &lines);
    if (!str_ok(&lines))
        return err_set(err, ERR_TOO_LARGE, "the documents of a call are larger than %d bytes",
                       LINES_MAX);
    return db_run(s->conn, Q_EXTRACTIONS_BORN, NULL, err, P(lines.p), P(ids),
                  P(s->l->flight->extractor->name), P(s->l->flight->extractor->version));
}

/* Those that are not written back were forgotten, or a later batch has taken them over. */
static bool end_pictures(struct storing *s, struct err *err)
{
    AUTO(str_free) struct str lines = STR_INIT(LINES_MAX);
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    size_t n = write_images(s, &lines);

    if (n == 0)
        return true;
    if (!db_run(s->conn, Q_STORE_IMAGES, &rows, err, P(lines.p), P(s->l->flight->job_id)))
        return false;
    s->done.dropped = n - (size_t)db_int(rows, 0, "written");
    s->done.images = (size_t)db_int(rows, 0, "kept");
    return s->done.images == 0 || keep_documents(s, db_text(rows, 0, "ids"), err);
}

static bool settle_pictures(struct storing *s, struct err *err)
{
    if (!end_pictures(s, err))
        return false;
    return s->l->end.judged == 0 ||
           db_run(s->conn, Q_IMAGES_TRIED, NULL, err, P(s->l->flight->job_id));
}

/* ---- children ---- */

static bool child(struct storing *s, unsigned group, struct err *err)
{
    AUTO(str_free) struct str ids = STR_INIT(4096);
    AUTO(str_free) struct str tried = STR_INIT(256);
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    enum transport transport = TRANSPORT_URL;
    const char *comma = "{";

    for (size_t i = 0; i < s->l->flight->n; i++) {
        if (s->l->fates[i].todo != FATE_AGAIN || s->l->fates[i].group != group)
            continue;
        str_addf(&ids, "%s%" PRId64, comma, s->l->flight->images[i].snapshot_id);
        transport = s->l->fates[i].transport;
        comma = ",";
    }
    str_addc(&ids, '}');
    roster_array(&s->app->roster, s->l->end.tried, &tried);
    if (!db_run(s->conn, Q_CHILD_BORN, &rows, err, P(s->l->flight->job_id), P(ids.p),
                P(transport_wire(transport)), P(s->l->end.due_ms), P(tried.p)))
        return false;
    s->done.children += (size_t)db_int(rows, 0, "n");
    return true;
}

static bool children(struct storing *s, struct err *err)
{
    if (s->l->end.to != JOB_DONE)
        return true;
    for (unsigned group = 0; group < s->l->end.groups; group++)
        if (!child(s, group, err))
            return false;
    return true;
}

/* ---- the call ---- */

static bool pay(struct storing *s, struct err *err)
{
    AUTO(str_free) struct str ids = STR_INIT(4096);
    const struct flight *f = s->l->flight;
    const char *comma = "{";
    int64_t asked = (int64_t)f->asked;

    if (asked == 0 || s->l->report.cost_micro_usd == 0)
        return true;
    for (size_t i = 0; i < f->n; i++) {
        if (f->images[i].known)
            continue;
        str_addf(&ids, "%s%" PRId64, comma, f->images[i].snapshot_id);
        comma = ",";
    }
    str_addc(&ids, '}');
    return db_run(s->conn, Q_IMAGES_PAY, NULL, err, P(ids.p),
                  P((s->l->report.cost_micro_usd + asked - 1) / asked));
}

/* The model's words, unless a picture was forgotten meanwhile: it is in them too. */
static struct db_param words_of(const struct storing *s, const struct provider_answer *a)
{
    bool keep_them = a->text.n > 0 && s->done.fenced && s->done.dropped == 0;

    return keep_them && utf8_ok(str_sv(&a->text)) ? P(a->text.p) : P_NULL;
}

/* *mine false: it was ended before, by a transaction whose COMMIT had seemed lost. */
static bool end_attempt(struct storing *s, const char *class, bool *mine, struct err *err)
{
    static const struct provider_answer silence = {.text = STR_INIT(0)};
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct call_report *r = &s->l->report;
    const struct provider_answer *a = r->said ? r->said : &silence;
    const struct http_answer *h = &s->l->flight->answer;
    char id[96], model[96], said[256];

    *mine = false;
    if (s->l->flight->attempt_id == 0)
        return true;
    if (!db_run(s->conn, Q_ATTEMPT_END, &rows, err, P(s->l->flight->attempt_id), P(class),
                r->status ? P(r->status) : P_NULL, P(clean_copy(a->request_id, id, sizeof id)),
                P(clean_copy(a->model, model, sizeof model)), P(a->usage.input), P(a->usage.cached),
                P(a->usage.cache_write), P(a->usage.output), P(a->usage.reasoning),
                P(r->cost_micro_usd), P(h->connect_us), P(h->first_byte_us), P(h->total_us),
                P(clean_copy(a->message, said, sizeof said)), words_of(s, a)))
        return false;
    *mine = db_affected(rows) == 1;
    return true;
}

/* The answer came too late: only what it cost is kept. */
static bool drop(struct storing *s, struct err *err)
{
    bool mine;

    db_rollback(s->conn);
    return db_begin(s->conn, err) && end_attempt(s, "stale", &mine, err) &&
           (!mine || pay(s, err)) && db_commit(s->conn, err);
}

/* There is a job that another replica could take. */
static bool call_others(struct storing *s, struct err *err)
{
    return (s->done.children == 0 && s->l->end.to == JOB_DONE) ||
           db_run0(s->conn, Q_NOTIFY_JOBS, NULL, err);
}

static bool write_all(struct storing *s, struct err *err)
{
    const struct flight *f = s->l->flight;
    bool mine;

    if (!settle_pictures(s, err) || !children(s, err) || !pay(s, err) ||
        !end_attempt(s, s->l->report.class, &mine, err))
        return false;
    return sheet_touch(s->conn, &s->app->extractors, f->set_id, s->done.images > 0, err) &&
           db_run(s->conn, Q_BATCH_END, NULL, err, P(f->batch_id)) && call_others(s, err) &&
           db_commit(s->conn, err);
}

bool store_landing(struct app *app, const struct landing *l, struct stored *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct storing s = {.app = app, .l = l};
    bool through = false;

    if (!db_lease(app->db, WAIT_MS, &conn, err) || !db_begin(conn, err))
        return false;
    s.conn = conn;
    if (!lock(&s, err) || !pass(&s, &through, err))
        return false;
    s.done.fenced = through;
    if (!(through ? write_all(&s, err) : drop(&s, err)))
        return false;
    *out = s.done;
    return true;
}
