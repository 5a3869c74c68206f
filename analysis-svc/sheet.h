/*
 * sheet.h - the pictures of one set, merged into their one sheet, inside the caller's transaction.
 *
 * The last picture of a set that ends merges it. Before that a big set is merged now and then only:
 * its sheet is `dirty` meanwhile, and the reaper sees to it that none stays so.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/db.h"

enum { SHEET_PAUSE_MS = 5000 };

/* Results came (or a picture of the set ended without): merge if it is time. Locks as below. */
MUST_CHECK bool sheet_touch(struct db_conn *conn, const struct extractors *extractors,
                            const char *set_id, bool changed, struct err *err);
/* The sheet's row must be locked already (batch before sheet). Merging twice changes nothing. */
MUST_CHECK bool sheet_merge(struct db_conn *conn, const struct extractors *extractors,
                            const char *set_id, struct err *err);
