#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/db_internal.h"
#include "common/db_param.h"
#include "common/str.h"

enum { PARAMS_MAX = 40 };

static bool shape_fits(const struct db_query *query, const PGresult *r, struct err *err)
{
    int n = PQntuples(r);

    if (query->shape != DB_ONE || n == 1)
        return true;
    if (n == 0)
        return err_set(err, ERR_NOT_FOUND, "%s: no such row", query->name);
    return err_set(err, ERR_INTERNAL, "%s: %d rows where one is due", query->name, n);
}

static bool judge(struct db_conn *c, const struct db_query *query, PGresult *r,
                  struct db_rows **rows, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *own = calloc(1, sizeof *own);
    ExecStatusType status = PQresultStatus(r);

    if (!own)
        abort();
    own->result = r;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return db_fail(c->pg, r, query->name, err);
    if (!shape_fits(query, r, err))
        return false;
    if (rows) {
        db_rows_free(rows); /* a loop may run into the same variable again */
        *rows = TAKE(own);
    }
    return true;
}

/* The next result in a pipeline, and the NULL behind it. */
static PGresult *next_result(PGconn *pg)
{
    PGresult *r = PQgetResult(pg),
             *end = r && PQresultStatus(r) != PGRES_PIPELINE_SYNC ? PQgetResult(pg) : NULL;

    PQclear(end);
    return r;
}

/* BEGIN and the first statement of a transaction in one trip. The result: that of the first of the
 * two that failed, or the statement's. */
static PGresult *exec_first(struct db_conn *c, const char *name, int n, const char *const *values)
{
    PGconn *pg = c->pg;
    PGresult *begin, *r = NULL;

    c->owed = false;
    if (PQenterPipelineMode(pg) == 0 ||
        PQsendQueryParams(pg, "BEGIN", 0, NULL, NULL, NULL, NULL, 0) == 0 ||
        PQsendQueryPrepared(pg, name, n, values, NULL, NULL, 0) == 0 || PQpipelineSync(pg) == 0)
        return NULL; /* the connection is lost, or out of step: db_release ends it */
    begin = next_result(pg);
    if (begin)
        r = next_result(pg);
    if (r)
        PQclear(next_result(pg)); /* the sync */
    if (begin && PQresultStatus(begin) != PGRES_COMMAND_OK) {
        PQclear(r);
        r = TAKE(begin);
    }
    PQclear(begin);
    PQexitPipelineMode(pg);
    return r;
}

bool db_exec(struct db_conn *conn, int q, const struct db_param *params, size_t n,
             struct db_rows **rows, struct err *err)
{
    const struct db_query *query = &conn->db->conf.queries[q];
    char numbers[PARAMS_MAX][DB_NUMBER_SIZE];
    struct str copies[PARAMS_MAX];
    const char *values[PARAMS_MAX];
    PGresult *r;

    if (n > PARAMS_MAX)
        return err_set(err, ERR_INTERNAL, "%s: %zu parameters", query->name, n);
    if (!db_prepare(conn, q, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        copies[i] = (struct str)STR_INIT(SIZE_MAX / 2);
        values[i] = db_param_text(&params[i], numbers[i], &copies[i]);
    }
    if (conn->owed)
        r = exec_first(conn, query->name, (int)n, values);
    else if (query->shape == DB_FRESH)
        r = PQexecParams(conn->pg, query->sql, (int)n, NULL, values, NULL, NULL, 0);
    else
        r = PQexecPrepared(conn->pg, query->name, (int)n, values, NULL, NULL, 0);
    for (size_t i = 0; i < n; i++)
        str_free(&copies[i]);
    return judge(conn, query, r, rows, err);
}

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
