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

/* The plain rows beside the document. A third extractor's sheet has none: it stays JSON. */
static bool write_rows(struct db_conn *conn, int64_t sheet_id, bool any, struct err *err)
{
    if (!db_run(conn, Q_LEADERBOARD_CLEAR, NULL, err, P(sheet_id)) ||
        !db_run(conn, Q_PROFILE_CLEAR, NULL, err, P(sheet_id)))
        return false;
    return !any || (db_run(conn, Q_LEADERBOARD_WRITE, NULL, err, P(sheet_id)) &&
                    db_run(conn, Q_PROFILE_WRITE, NULL, err, P(sheet_id)));
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

static bool write_merged(struct db_conn *conn, int64_t sheet_id, const struct extractor *x,
                         const struct db_rows *docs, const struct db_rows *edited, struct err *err)
{
    AUTO(inputs_free) struct merge_input *in = calloc(db_count(docs), sizeof *in);
    AUTO(edits_free) struct edit *edits = edits_of(edited);
    const struct merge_set set = {in, db_count(docs), {edits, db_count(edited)}};
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
    return db_run(conn, Q_SHEET_WRITE, NULL, err, P(sheet_id), P(document.p), P(confidence),
                  P(ids.p)) &&
           write_rows(conn, sheet_id, true, err);
}

bool sheet_merge(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                 struct err *err)
{
    AUTO(db_rows_free) struct db_rows *sheet = NULL;
    AUTO(db_rows_free) struct db_rows *docs = NULL;
    AUTO(db_rows_free) struct db_rows *edits = NULL;
    const struct extractor *x;
    int64_t sheet_id;

    if (!db_run(conn, Q_SHEET_LOCK, &sheet, err, P(set_id)))
        return false;
    if (db_count(sheet) == 0)
        return true;
    sheet_id = db_int(sheet, 0, "sheet_id");
    x = extractors_find(extractors, db_text(sheet, 0, "extractor"));
    if (!x) /* its folder is gone for now: what was merged stays */
        return true;
    if (!db_run(conn, Q_SHEET_DOCUMENTS, &docs, err, P(set_id),
                P(db_text(sheet, 0, "extractor"))) ||
        !db_run(conn, Q_EDITS_OF_SET, &edits, err, P(set_id)))
        return false;
    if (db_count(docs) > 0)
        return write_merged(conn, sheet_id, x, docs, edits, err);
    return db_run(conn, Q_SHEET_WRITE, NULL, err, P(sheet_id), P_NULL, P_NULL, P("{}")) &&
           write_rows(conn, sheet_id, false, err);
}

bool sheet_touch(struct db_conn *conn, const struct extractors *extractors, const char *set_id,
                 bool changed, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_run(conn, Q_SHEET_DUE, &rows, err, P(set_id), P(changed), P((int64_t)SHEET_PAUSE_MS)))
        return false;
    if (db_count(rows) == 0 || !db_bool(rows, 0, "due"))
        return true;
    return sheet_merge(conn, extractors, set_id, err);
}
