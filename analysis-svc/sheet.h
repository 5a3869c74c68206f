/* sheet.h - the pictures of one set, merged into their one sheet, inside the caller's transaction.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/db.h"

/* The sheet's row must be locked already (batch before sheet). Merging twice changes nothing. */
MUST_CHECK bool sheet_merge(struct db_conn *conn, const struct extractors *extractors,
                            const char *set_id, struct err *err);
