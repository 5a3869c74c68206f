/* sheet.c - documents of a set -> merge.h -> sheet, leaderboard rows, profile. */
#include "analysis-svc/sheet.h"

#include <stdlib.h>

#include "analysis-svc/merge.h"
#include "analysis-svc/queries.h"

enum { SHEET_MAX = 64 << 20 };

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

/* The document, and the plain rows beside it. A third extractor's sheet has none: it stays JSON. */
static bool write_sheet(struct db_conn *conn, int64_t sheet_id, const char *document,
                        struct db_param confidence, struct db_list *ids, struct err *err)
{
    const struct db_step steps[] = {
        DB_STEP(Q_SHEET_WRITE, NULL, P(sheet_id), P(document), confidence, P(ids)),
        DB_STEP(Q_LEADERBOARD_CLEAR, NULL, P(sheet_id)),
        DB_STEP(Q_PROFILE_CLEAR, NULL, P(sheet_id)),
        DB_STEP(Q_LEADERBOARD_WRITE, NULL, P(sheet_id)),
        DB_STEP(Q_PROFILE_WRITE, NULL, P(sheet_id))};

    return db_run_all(conn, steps, document ? COUNT_OF(steps) : 3, err);
}

/* Pictures that were good alone need a look while their sheet does. */
static bool judge(struct db_conn *conn, const char *set_id, const struct extractor *x,
                  const struct parts *p, const struct merge_said *said, struct err *err)
{
    bool was =
        !db_null(p->sheet, 0, "confidence") && db_num(p->sheet, 0, "confidence") < x->review_below;

    if (!was && !said->note[0])
        return true;
    return db_run(conn, Q_SHEET_JUDGE, NULL, err, P(set_id), P(x->name),
                  said->note[0] ? P((const char *)said->note) : P_NULL);
}

static bool write_merged(struct db_conn *conn, const char *set_id, const struct extractor *x,
                         const struct parts *p, const struct fresh_list *fresh, struct err *err)
{
    AUTO(inputs_free) struct merge_input *in = calloc(db_count(p->docs) + 1, sizeof *in);
    AUTO(edits_free) struct edit *edits = edits_of(p->edits);
    AUTO(str_free) struct str document = STR_INIT(SHEET_MAX);
    AUTO(db_list_free) struct db_list ids = DB_LIST(INT);
    struct merge_said said;
    struct merge_set set;

    if (!in)
        abort();
    set = set_of(p, fresh, in, edits);
    for (size_t i = 0; i < set.n; i++)
        db_list_int(&ids, in[i].snapshot_id);
    return merge_documents(x, &set, &document, &said, err) &&
           write_sheet(conn, db_int(p->sheet, 0, "sheet_id"), document.p, P(said.confidence), &ids,
                       err) &&
           judge(conn, set_id, x, p, &said, err);
}

static struct db_list *list_fresh(const struct fresh_list *fresh, struct db_list *ids,
                                  struct db_list *runs)
{
    for (size_t i = 0; i < fresh->n; i++) {
        db_list_int(ids, fresh->items[i].snapshot_id);
        db_list_int(runs, fresh->items[i].run);
    }
    return ids;
}

static bool merge_set(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                      const struct fresh_list *fresh, struct err *err)
{
    AUTO(parts_free) struct parts p = {.sheet = NULL};
    AUTO(db_list_free) struct db_list none = DB_LIST(INT);
    AUTO(db_list_free) struct db_list ids = DB_LIST(INT);
    AUTO(db_list_free) struct db_list runs = DB_LIST(INT);
    const struct db_step steps[] = {
        DB_STEP(Q_SHEET_LOCK, &p.sheet, P(set_id)),
        DB_STEP(Q_SHEET_DOCUMENTS, &p.docs, P(set_id), P(list_fresh(fresh, &ids, &runs)), P(&runs)),
        DB_STEP(Q_EDITS_OF_SET, &p.edits, P(set_id)),
        DB_STEP(Q_SHEET_BEFORE, &p.before, P(set_id))};
    const struct extractor *x;

    if (!db_run_all(conn, steps, COUNT_OF(steps), err))
        return false;
    if (db_count(p.sheet) == 0)
        return true;
    x = extractors_find(extractors, db_text(p.sheet, 0, "extractor"));
    if (!x) /* its folder is gone for now: what was merged stays */
        return true;
    if (db_count(p.docs) > 0)
        return write_merged(conn, set_id, x, &p, fresh, err);
    return write_sheet(conn, db_int(p.sheet, 0, "sheet_id"), NULL, P_NULL, &none, err);
}

bool sheet_merge(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                 struct err *err)
{
    return merge_set(conn, extractors, set_id, &(struct fresh_list){NULL, 0}, err);
}

bool sheets_merge(struct db_conn *conn, const struct extractors *extractors,
                  const struct db_rows *due, const struct fresh_list *fresh, struct err *err)
{
    for (size_t i = 0; i < db_count(due); i++)
        if (db_bool(due, i, "due") &&
            !merge_set(conn, extractors, db_text(due, i, "set_id"), fresh, err))
            return false;
    return true;
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
