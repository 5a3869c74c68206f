/* row.h - a row of the queries ONE and HISTORY as members of a JSON object. */
#pragma once

#include "common/db.h"
#include "common/json_write.h"

/* What the old front end's status call knows, and the finer words beside it. */
void row_write_status(struct jw *w, const struct db_rows *rows, size_t i);
/* What a list shows beside that. */
void row_write_list(struct jw *w, const struct db_rows *rows, size_t i);
/* Everything else that upload-svc knows. */
void row_write_rest(struct jw *w, const struct db_rows *rows, size_t i);
