/*
 * sheet_rows.h - the plain rows of leaderboards, as lists for Q_LEADERBOARD_WRITE and _CLEAR: many
 * sheets in one statement, and nothing that Postgres would have to take out of a document again.
 *
 * What the columns hold: proto/README.md, view `leaderboard`. Pure. One thread.
 */
#pragma once

#include "analysis-svc/document.h"
#include "common/db_list.h"

/* Of each row: sheet, number, key, the columns, confidence, doubtful, sources, notes, edited. */
enum { ROW_COLUMNS = 12, ROW_LISTS = 3 + ROW_COLUMNS + 5 };

struct sheet_rows {
    struct db_list items[ROW_LISTS];
    struct db_list from;           /* sources that differ from those of the row before; counted */
    struct db_list sheets, counts; /* of every sheet how many rows it has now */
    struct str last;               /* of from */
};
void sheet_rows_init(struct sheet_rows *r);
void sheet_rows_free(struct sheet_rows *r);

/* d NULL: nothing was read. Only leaderboards have plain rows; the others count as none. */
void sheet_rows_add(struct sheet_rows *r, int64_t sheet_id, const struct document *d);
/* The names of the fields that some row of the sheet has, sorted. */
void sheet_fields(const struct document *d, struct db_list *out);
