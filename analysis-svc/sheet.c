/* sheet.c - documents of a set -> merge.h -> sheet, leaderboard rows, profile. */
#include "analysis-svc/sheet.h"

#include <inttypes.h>
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

/* The document, and the plain rows beside it. A third extractor's sheet has none: it stays JSON. */
static bool write_sheet(struct db_conn *conn, int64_t sheet_id, const char *document,
                        struct db_param confidence, const char *ids, struct err *err)
{
    const struct db_step steps[] = {
        DB_STEP(Q_SHEET_WRITE, NULL, P(sheet_id), P(document), confidence, P(ids)),
        DB_STEP(Q_LEADERBOARD_CLEAR, NULL, P(sheet_id)),
        DB_STEP(Q_PROFILE_CLEAR, NULL, P(sheet_id)),
        DB_STEP(Q_LEADERBOARD_WRITE, NULL, P(sheet_id)),
        DB_STEP(Q_PROFILE_WRITE, NULL, P(sheet_id))};

    return db_run_all(conn, steps, document ? COUNT_OF(steps) : 3, err);
}

static bool write_merged(struct db_conn *conn, int64_t sheet_id, const struct extractor *x,
                         const struct db_rows *docs, const struct db_rows *edited, struct err *err)
{
    AUTO(inputs_free) struct merge_input *in = calloc(db_count(docs), sizeof *in);
    AUTO(edits_free) struct edit *edits = edits_of(edited);
    const struct merge_set set = {
        in,
        db_count(docs),
        {edits, db_count(edited), db_count(edited) > 0 ? db_text(edited, 0, "date") : ""}};
    AUTO(str_free) struct str document = STR_INIT(SHEET_MAX);
    AUTO(str_free) struct str ids = STR_INIT(1 << 20);
    double confidence = 0;

    if (!in)
        abort();
    for (size_t i = 0; i < db_count(docs); i++) {
        in[i] = (struct merge_input){db_int(docs, i, "snapshot_id"), db_sv(docs, i, "document")};
        str_addf(&ids, "%s%" PRId64, i ? "," : "{", in[i].snapshot_id);
    }
    str_addc(&ids, '}');
    if (!merge_documents(x, &set, &document, &confidence, err))
        return false;
    return write_sheet(conn, sheet_id, document.p, P(confidence), ids.p, err);
}

bool sheet_merge(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                 struct err *err)
{
    AUTO(db_rows_free) struct db_rows *sheet = NULL;
    AUTO(db_rows_free) struct db_rows *docs = NULL;
    AUTO(db_rows_free) struct db_rows *edits = NULL;
    const struct db_step steps[] = {DB_STEP(Q_SHEET_LOCK, &sheet, P(set_id)),
                                    DB_STEP(Q_SHEET_DOCUMENTS, &docs, P(set_id)),
                                    DB_STEP(Q_EDITS_OF_SET, &edits, P(set_id))};
    const struct extractor *x;

    if (!db_run_all(conn, steps, COUNT_OF(steps), err))
        return false;
    if (db_count(sheet) == 0)
        return true;
    x = extractors_find(extractors, db_text(sheet, 0, "extractor"));
    if (!x) /* its folder is gone for now: what was merged stays */
        return true;
    if (db_count(docs) > 0)
        return write_merged(conn, db_int(sheet, 0, "sheet_id"), x, docs, edits, err);
    return write_sheet(conn, db_int(sheet, 0, "sheet_id"), NULL, P_NULL, "{}", err);
}

/* pause: NULL, only sets that are through; else also those that lack results for so long. */
static bool touch(struct db_conn *conn, const struct extractors *extractors, struct db_list *sets,
                  struct db_list *changed, struct db_param pause, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_run(conn, Q_SHEETS_DUE, &rows, err, P(sets), P(changed), pause))
        return false;
    for (size_t i = 0; i < db_count(rows); i++)
        if (db_bool(rows, i, "due") &&
            !sheet_merge(conn, extractors, db_text(rows, i, "set_id"), err))
            return false;
    return true;
}

bool sheets_touch(struct db_conn *conn, const struct extractors *extractors, struct db_list *sets,
                  struct db_list *changed, struct err *err)
{
    return touch(conn, extractors, sets, changed, P_NULL, err);
}

static bool touch_one(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                      bool changed, struct db_param pause, struct err *err)
{
    AUTO(db_list_free) struct db_list sets = DB_LIST(TEXT);
    AUTO(db_list_free) struct db_list came = DB_LIST(BOOL);

    db_list_text(&sets, set_id);
    db_list_bool(&came, changed);
    return touch(conn, extractors, &sets, &came, pause, err);
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
