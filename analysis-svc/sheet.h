/*
 * sheet.h - the pictures of one set, merged into their one sheet, inside the caller's transaction.
 *
 * The last picture of a set that ends merges it. A merge looks at all of a set, so before that it
 * is merged now and then only: its sheet is `dirty` meanwhile, and sheets_turn, which does a few at
 * a time, sees to it that none stays so, whoever died.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/db.h"
#include "common/db_list.h"

enum { SHEET_PAUSE_MS = 1000 }; /* people see what came so far */

/* What this transaction wrote: documents that need not be read back. */
struct document;
struct fresh {
    int64_t snapshot_id, run;
    const struct document *doc;
};
struct fresh_list {
    const struct fresh *items;
    size_t n;
};

/* due: what Q_SHEETS_DUE said of sets for which results came (or a picture ended without), and that
 * are locked. Merge those that are through. */
MUST_CHECK bool sheets_merge(struct db_conn *conn, const struct extractors *extractors,
                             const struct db_rows *due, const struct fresh_list *fresh,
                             struct err *err);
/* Both for one set. */
MUST_CHECK bool sheet_touch(struct db_conn *conn, const struct extractors *extractors,
                            const char *set_id, bool changed, struct err *err);
/* Merge what has been dirty for too long, each in a transaction of its own. */
MUST_CHECK bool sheets_turn(struct db_conn *conn, const struct extractors *extractors,
                            struct err *err);
/* The sheet's row must be locked already (batch before sheet). Merging twice changes nothing. */
MUST_CHECK bool sheet_merge(struct db_conn *conn, const struct extractors *extractors,
                            const char *set_id, struct err *err);
