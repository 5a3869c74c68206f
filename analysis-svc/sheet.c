/* sheet.c - documents of a set -> merge.h -> sheet, leaderboard rows, profile. */
#include "analysis-svc/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/merge.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/sheet_rows.h"

enum { SHEET_MAX = 64 << 20, TOGETHER = 8, ASKS = 4, PLAIN = 4 };

static void inputs_free(struct merge_input **in)
{
    free(*in);
    *in = NULL;
}

static void edits_free(struct edit **edits)
{
    free(*edits);
    *edits = NULL;
}

/* What people said about the set, borrowed from the rows. */
static struct edit *edits_of(const struct db_rows *rows)
{
    struct edit *edits = calloc(db_count(rows) + 1, sizeof *edits);

    if (!edits)
        abort();
    for (size_t i = 0; i < db_count(rows); i++)
        edits[i] = (struct edit){.row_key = db_text(rows, i, "row_key"),
                                 .field = db_text(rows, i, "field"),
                                 .text = db_text(rows, i, "text"),
                                 .by = db_text(rows, i, "reviewer"),
                                 .at = db_text(rows, i, "at")};
    return edits;
}

/* What a sheet is made of, and what it was. */
struct parts {
    struct db_rows *sheet, *docs, *edits, *before;
};

static void parts_free(struct parts *p)
{
    db_rows_free(&p->sheet);
    db_rows_free(&p->docs);
    db_rows_free(&p->edits);
    db_rows_free(&p->before);
}

static const struct document *find_fresh(const struct fresh_list *fresh, int64_t snapshot_id)
{
    for (size_t i = 0; i < fresh->n; i++)
        if (fresh->items[i].snapshot_id == snapshot_id)
            return fresh->items[i].doc;
    return NULL;
}

static struct merge_set set_of(const struct parts *p, const struct fresh_list *fresh,
                               struct merge_input *in, const struct edit *edits)
{
    struct merge_set set = {.in = in, .n = db_count(p->docs)};

    for (size_t i = 0; i < set.n; i++) {
        in[i].snapshot_id = db_int(p->docs, i, "snapshot_id");
        in[i].document = db_sv(p->docs, i, "document");
        if (db_null(p->docs, i, "document")) /* only those that were said to be here are left out */
            in[i].read = find_fresh(fresh, in[i].snapshot_id);
    }
    set.edits = (struct edits){edits, db_count(p->edits), ""};
    if (set.edits.n > 0)
        set.edits.date = db_text(p->edits, 0, "date");
    if (db_count(p->before) > 0)
        set.before =
            (struct merge_before){db_sv(p->before, 0, "document"), db_text(p->before, 0, "date")};
    return set;
}

/* ---- sheets that are merged together ---- */

/* Their statements go in two trips, and one more for each that is to be judged. The plain rows of
 * all of them are written together, behind the documents. */
struct work {
    const char *set_id;
    struct parts parts;
    struct db_param asked[3], written[5];
    const struct extractor *x; /* NULL: nothing is to be written */
    struct str document;       /* empty: no picture of the set was read */
    struct db_list ids, fields;
    struct merge_said said;
};

struct merging {
    struct db_conn *conn;
    const struct extractors *extractors;
    const struct fresh_list *fresh;
    struct db_list ids, runs; /* of the fresh ones */
    struct work *works[TOGETHER];
    size_t n;
    struct sheet_rows rows;
};

static void work_free(struct work **w)
{
    parts_free(&(*w)->parts);
    str_free(&(*w)->document);
    db_list_free(&(*w)->ids);
    db_list_free(&(*w)->fields);
    free(*w);
    *w = NULL;
}

static void merging_free(struct merging *m)
{
    db_list_free(&m->ids);
    db_list_free(&m->runs);
    while (m->n > 0)
        work_free(&m->works[--m->n]);
    sheet_rows_free(&m->rows);
}

static struct merging merging_of(struct db_conn *conn, const struct extractors *extractors,
                                 const struct fresh_list *fresh)
{
    struct merging m = {.conn = conn,
                        .extractors = extractors,
                        .fresh = fresh,
                        .ids = DB_LIST(INT),
                        .runs = DB_LIST(INT)};

    sheet_rows_init(&m.rows);
    for (size_t i = 0; i < fresh->n; i++) {
        db_list_int(&m.ids, fresh->items[i].snapshot_id);
        db_list_int(&m.runs, fresh->items[i].run);
    }
    return m;
}

static void add_work(struct merging *m, const char *set_id)
{
    struct work *w = m->works[m->n++] = calloc(1, sizeof *w);

    if (!w)
        abort();
    *w = (struct work){.set_id = set_id,
                       .document = STR_INIT(SHEET_MAX),
                       .ids = DB_LIST(INT),
                       .fields = DB_LIST(TEXT)};
}

static bool load(struct merging *m, struct err *err)
{
    struct db_step steps[TOGETHER * ASKS];

    for (size_t i = 0; i < m->n; i++) {
        struct work *w = m->works[i];
        struct db_step *to = &steps[i * ASKS];

        w->asked[0] = P(w->set_id);
        w->asked[1] = P(&m->ids);
        w->asked[2] = P(&m->runs);
        to[0] = (struct db_step){Q_SHEET_LOCK, w->asked, 1, &w->parts.sheet};
        to[1] = (struct db_step){Q_SHEET_DOCUMENTS, w->asked, 3, &w->parts.docs};
        to[2] = (struct db_step){Q_EDITS_OF_SET, w->asked, 1, &w->parts.edits};
        to[3] = (struct db_step){Q_SHEET_BEFORE, w->asked, 1, &w->parts.before};
    }
    return db_run_all(m->conn, steps, m->n * ASKS, err);
}

static int64_t sheet_of(const struct work *w) { return db_int(w->parts.sheet, 0, "sheet_id"); }

struct seeing {
    struct sheet_rows *rows;
    struct work *work;
};

static void see(void *arg, const struct document *sheet)
{
    struct seeing *s = arg;

    sheet_rows_add(s->rows, sheet_of(s->work), sheet);
    sheet_fields(sheet, &s->work->fields);
}

static bool merge_parts(struct merging *m, struct work *w, struct err *err)
{
    AUTO(inputs_free) struct merge_input *in = calloc(db_count(w->parts.docs) + 1, sizeof *in);
    AUTO(edits_free) struct edit *edits = edits_of(w->parts.edits);
    struct seeing seeing = {&m->rows, w};
    struct merge_set set;

    if (!in)
        abort();
    set = set_of(&w->parts, m->fresh, in, edits);
    set.see = see;
    set.arg = &seeing;
    for (size_t i = 0; i < set.n; i++)
        db_list_int(&w->ids, in[i].snapshot_id);
    return merge_documents(w->x, &set, &w->document, &w->said, err);
}

static bool merge_one(struct merging *m, struct work *w, struct err *err)
{
    if (db_count(w->parts.sheet) > 0) /* its folder may be gone for now: what was merged stays */
        w->x = extractors_find(m->extractors, db_text(w->parts.sheet, 0, "extractor"));
    if (w->x && db_count(w->parts.docs) > 0)
        return merge_parts(m, w, err);
    if (w->x)
        sheet_rows_add(&m->rows, sheet_of(w), NULL);
    return true;
}

static struct db_step document_step(struct work *w)
{
    bool any = w->document.n > 0;

    w->written[0] = P(sheet_of(w));
    w->written[1] = any ? P(w->document.p) : P_NULL;
    w->written[2] = any ? P(w->said.confidence) : P_NULL;
    w->written[3] = P(&w->ids);
    w->written[4] = P(&w->fields);
    return (struct db_step){Q_SHEET_WRITE, w->written, COUNT_OF(w->written), NULL};
}

/* A third extractor's sheet has no plain rows: it stays JSON. */
static size_t plain_steps(struct sheet_rows *r, struct db_param cleared[static 2],
                          struct db_param written[static 1 + ROW_LISTS], struct db_step *to)
{
    cleared[0] = P(&r->sheets);
    cleared[1] = P(&r->counts);
    to[0] = (struct db_step){Q_LEADERBOARD_CLEAR, cleared, 2, NULL};
    to[1] = (struct db_step){Q_PROFILE_CLEAR, cleared, 1, NULL};
    to[2] = (struct db_step){Q_PROFILE_WRITE, cleared, 1, NULL};
    if (r->items[0].n == 0)
        return PLAIN - 1;
    written[0] = P(&r->from);
    for (size_t i = 0; i < ROW_LISTS; i++)
        written[1 + i] = P(&r->items[i]);
    to[3] = (struct db_step){Q_LEADERBOARD_WRITE, written, 1 + ROW_LISTS, NULL};
    return PLAIN;
}

static const char *date_of(const struct work *w)
{
    return db_count(w->parts.sheet) > 0 ? db_text(w->parts.sheet, 0, "date") : "";
}

/* A day's sheet was compared with what the day before had been until now. When that one is among
 * them and is written last, it says that the day after it is to be merged again. */
static int later_first(const void *a, const void *b)
{
    const struct work *const *x = a, *const *y = b;

    return strcmp(date_of(*y), date_of(*x));
}

static bool write_all(struct merging *m, struct err *err)
{
    struct db_step steps[TOGETHER + PLAIN];
    struct db_param cleared[2], written[1 + ROW_LISTS];
    size_t n = 0;

    qsort(m->works, m->n, sizeof(struct work *), later_first);
    for (size_t i = 0; i < m->n; i++)
        if (m->works[i]->x)
            steps[n++] = document_step(m->works[i]);
    if (n == 0)
        return true;
    n += plain_steps(&m->rows, cleared, written, &steps[n]);
    return db_run_all(m->conn, steps, n, err);
}

/* Pictures that were good alone need a look while their sheet does. */
static bool judge(struct merging *m, const struct work *w, struct err *err)
{
    const struct db_rows *sheet = w->parts.sheet;
    const char *note = w->said.note;

    if (w->document.n == 0)
        return true;
    if (!note[0] &&
        (db_null(sheet, 0, "confidence") || db_num(sheet, 0, "confidence") >= w->x->review_below))
        return true;
    return db_run(m->conn, Q_SHEET_JUDGE, NULL, err, P(w->set_id), P(w->x->name),
                  note[0] ? P(note) : P_NULL);
}

static bool merge_works(struct merging *m, struct err *err)
{
    if (m->n == 0)
        return true;
    if (!load(m, err))
        return false;
    for (size_t i = 0; i < m->n; i++)
        if (!merge_one(m, m->works[i], err))
            return false;
    if (!write_all(m, err))
        return false;
    for (size_t i = 0; i < m->n; i++)
        if (!judge(m, m->works[i], err))
            return false;
    while (m->n > 0)
        work_free(&m->works[--m->n]);
    sheet_rows_free(&m->rows);
    return true;
}

bool sheet_merge(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                 struct err *err)
{
    AUTO(merging_free)
    struct merging m = merging_of(conn, extractors, &(struct fresh_list){NULL, 0});

    add_work(&m, set_id);
    return merge_works(&m, err);
}

bool sheets_merge(struct db_conn *conn, const struct extractors *extractors,
                  const struct db_rows *due, const struct fresh_list *fresh, struct err *err)
{
    AUTO(merging_free) struct merging m = merging_of(conn, extractors, fresh);

    for (size_t i = 0; i < db_count(due); i++) {
        if (m.n == TOGETHER && !merge_works(&m, err))
            return false;
        if (db_bool(due, i, "due"))
            add_work(&m, db_text(due, i, "set_id"));
    }
    return merge_works(&m, err);
}

/* pause: NULL, only a set that is through; else also one that lacks results for so long. */
static bool touch_one(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                      bool changed, struct db_param pause, struct err *err)
{
    AUTO(db_list_free) struct db_list sets = DB_LIST(TEXT);
    AUTO(db_list_free) struct db_list came = DB_LIST(BOOL);
    AUTO(db_rows_free) struct db_rows *due = NULL;

    db_list_text(&sets, set_id);
    db_list_bool(&came, changed);
    return db_run(conn, Q_SHEETS_DUE, &due, err, P(&sets), P(&came), pause) &&
           sheets_merge(conn, extractors, due, &(struct fresh_list){NULL, 0}, err);
}

bool sheet_touch(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                 bool changed, struct err *err)
{
    return touch_one(conn, extractors, set_id, changed, P_NULL, err);
}

/* A set whose last pictures take long, or whose worker died: what came so far is shown. */
bool sheets_turn(struct db_conn *conn, const struct extractors *extractors, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_run(conn, Q_SHEETS_DIRTY, &rows, err, P((int64_t)SHEET_PAUSE_MS)))
        return false;
    for (size_t i = 0; i < db_count(rows); i++) {
        const char *set = db_text(rows, i, "set_id");

        if (!db_begin(conn, err) || !db_run(conn, Q_SHEET_LOCK, NULL, err, P(set)) ||
            !touch_one(conn, extractors, set, false, P((int64_t)SHEET_PAUSE_MS), err) ||
            !db_commit(conn, err))
            return false;
    }
    return true;
}
