#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/db_internal.h"

size_t db_count(const struct db_rows *rows) { return (size_t)PQntuples(rows->result); }

int64_t db_affected(const struct db_rows *rows)
{
    int64_t n = 0;

    return sv_int(sv_of(PQcmdTuples(rows->result)), &n) ? n : 0;
}

/* A column that is not there is a slip of ours, not of the data. */
static int column_of(const struct db_rows *rows, const char *column)
{
    int c = PQfnumber(rows->result, column);

    assert(c >= 0);
    return c;
}

bool db_null(const struct db_rows *rows, size_t row, const char *column)
{
    return PQgetisnull(rows->result, (int)row, column_of(rows, column)) == 1;
}

const char *db_text(const struct db_rows *rows, size_t row, const char *column)
{
    return PQgetvalue(rows->result, (int)row, column_of(rows, column));
}

struct sv db_sv(const struct db_rows *rows, size_t row, const char *column)
{
    int c = column_of(rows, column);

    return (struct sv){PQgetvalue(rows->result, (int)row, c),
                       (size_t)PQgetlength(rows->result, (int)row, c)};
}

int64_t db_int(const struct db_rows *rows, size_t row, const char *column)
{
    int64_t n = 0;

    return sv_int(db_sv(rows, row, column), &n) ? n : 0;
}

double db_num(const struct db_rows *rows, size_t row, const char *column)
{
    return strtod(db_text(rows, row, column), NULL);
}

bool db_bool(const struct db_rows *rows, size_t row, const char *column)
{
    return *db_text(rows, row, column) == 't';
}

void db_rows_free(struct db_rows **rows)
{
    if (!*rows)
        return;
    PQclear((*rows)->result);
    free(*rows);
    *rows = NULL;
}
