#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/db_internal.h"
#include "common/db_param.h"
#include "common/str.h"

enum { PARAMS_MAX = 64 };

static bool shape_fits(const struct db_query *query, const PGresult *r, struct err *err)
{
    int n = PQntuples(r);

    if (query->shape != DB_ONE || n == 1)
        return true;
    if (n == 0)
        return err_set(err, ERR_NOT_FOUND, "%s: no such row", query->name);
    return err_set(err, ERR_INTERNAL, "%s: %d rows where one is due", query->name, n);
}

/* gcc 12 takes the rows that a list of steps points to for lost; the leak checker of ASan does not.
 */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static bool judge(struct db_conn *c, const struct db_query *query, PGresult *r,
                  struct db_rows **rows, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *own = calloc(1, sizeof *own);
    ExecStatusType status = PQresultStatus(r);

    if (!own)
        abort();
    own->result = r;
    own->nearest = &own->near;
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

#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic pop
#endif

/* ---- parameters as they travel ---- */

struct wire {
    int n;
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX]; /* format 1: binary */
    char numbers[PARAMS_MAX][DB_NUMBER_SIZE];
    struct str copies[PARAMS_MAX];
};

static void wire_free(struct wire *w)
{
    for (int i = 0; i < w->n; i++)
        str_free(&w->copies[i]);
    w->n = 0;
}

static bool load(struct wire *w, const char *name, const struct db_param *params, size_t n,
                 struct err *err)
{
    if (n > PARAMS_MAX)
        return err_set(err, ERR_INTERNAL, "%s: %zu parameters", name, n);
    for (size_t i = 0; i < n; i++) {
        bool list = params[i].type == DB_P_LIST;

        w->copies[i] = (struct str)STR_INIT(SIZE_MAX / 2);
        w->values[i] = db_param_text(&params[i], w->numbers[i], &w->copies[i]);
        w->lengths[i] = list ? (int)params[i].text.n : 0;
        w->formats[i] = list;
        w->n = (int)i + 1;
        if (list && !params[i].text.p)
            return err_set(err, ERR_TOO_LARGE, "%s: more values than one statement takes", name);
    }
    return true;
}

/* ---- one statement, or several in one trip ---- */

static bool is_fresh(const struct db_query *query)
{
    return query->shape == DB_FRESH || query->shape == DB_BYTES;
}

/* Of its result: 1 is binary. */
static int format_of(const struct db_query *query) { return query->shape == DB_BYTES; }

/* The next result in a pipeline, and the NULL behind it. */
static PGresult *next_result(PGconn *pg)
{
    PGresult *r = PQgetResult(pg),
             *end = r && PQresultStatus(r) != PGRES_PIPELINE_SYNC ? PQgetResult(pg) : NULL;

    PQclear(end);
    return r;
}

static bool send_step(struct db_conn *c, const struct db_step *step, struct err *err)
{
    const struct db_query *query = &c->db->conf.queries[step->q];
    AUTO(wire_free) struct wire w = {.n = 0};
    int sent, format = format_of(query);

    if (!load(&w, query->name, step->params, step->n, err))
        return false;
    if (is_fresh(query))
        sent =
            PQsendQueryParams(c->pg, query->sql, w.n, NULL, w.values, w.lengths, w.formats, format);
    else
        sent = PQsendQueryPrepared(c->pg, query->name, w.n, w.values, w.lengths, w.formats, format);
    return sent == 1 || db_fail(c->pg, NULL, query->name, err);
}

static bool send_plain(struct db_conn *c, const char *sql, struct err *err)
{
    return PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0) == 1 ||
           db_fail(c->pg, NULL, sql, err);
}

/* After false the connection is out of step: db_release ends it. */
static bool send_all(struct db_conn *c, const struct db_step *steps, size_t n, bool commit,
                     struct err *err)
{
    if (PQenterPipelineMode(c->pg) == 0)
        return db_fail(c->pg, NULL, "pipeline", err);
    if (c->owed && !send_plain(c, "BEGIN", err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!send_step(c, &steps[i], err))
            return false;
    if (commit && !send_plain(c, "COMMIT", err))
        return false;
    return PQpipelineSync(c->pg) == 1 || db_fail(c->pg, NULL, "pipeline", err);
}

static bool begun(struct db_conn *c, struct err *err)
{
    PGresult *r = next_result(c->pg);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || db_fail(c->pg, r, "BEGIN", err);

    PQclear(r);
    return ok;
}

static bool read_commit(struct db_conn *c, bool ok, struct err *err)
{
    PGresult *r = next_result(c->pg);

    if (ok) {
        c->begun = false;
        return db_committed(c, r, err);
    }
    PQclear(r);
    return false;
}

/* All are read, also those behind one that failed, so that the connection is in step again. */
static bool read_all(struct db_conn *c, const struct db_step *steps, size_t n, bool commit,
                     struct err *err)
{
    bool ok = !c->owed || begun(c, err);

    c->owed = false;
    for (size_t i = 0; i < n; i++) {
        PGresult *r = next_result(c->pg);

        if (ok)
            ok = judge(c, &c->db->conf.queries[steps[i].q], r, steps[i].rows, err);
        else
            PQclear(r);
    }
    if (commit)
        ok = read_commit(c, ok, err);
    PQclear(next_result(c->pg)); /* the sync */
    PQexitPipelineMode(c->pg);
    return ok;
}

static bool prepare_all(struct db_conn *conn, const struct db_step *steps, size_t n,
                        struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!db_prepare(conn, steps[i].q, err))
            return false;
    return true;
}

bool db_run_all(struct db_conn *conn, const struct db_step *steps, size_t n, struct err *err)
{
    return prepare_all(conn, steps, n, err) && send_all(conn, steps, n, false, err) &&
           read_all(conn, steps, n, false, err);
}

bool db_commit_all(struct db_conn *conn, const struct db_step *steps, size_t n, struct err *err)
{
    if (!prepare_all(conn, steps, n, err))
        return false;
    if (send_all(conn, steps, n, true, err) && read_all(conn, steps, n, true, err))
        return true;
    if (PQstatus(conn->pg) != CONNECTION_OK) /* it may have arrived, whatever was being read */
        err_set(err, ERR_UNCERTAIN, "the connection was lost during COMMIT");
    return false;
}

bool db_exec(struct db_conn *conn, int q, const struct db_param *params, size_t n,
             struct db_rows **rows, struct err *err)
{
    const struct db_query *query = &conn->db->conf.queries[q];
    const struct db_step step = {q, params, n, rows};
    AUTO(wire_free) struct wire w = {.n = 0};
    int format = format_of(query);
    PGresult *r;

    if (conn->owed) /* BEGIN goes along */
        return db_run_all(conn, &step, 1, err);
    if (!db_prepare(conn, q, err) || !load(&w, query->name, params, n, err))
        return false;
    if (is_fresh(query))
        r = PQexecParams(conn->pg, query->sql, w.n, NULL, w.values, w.lengths, w.formats, format);
    else
        r = PQexecPrepared(conn->pg, query->name, w.n, w.values, w.lengths, w.formats, format);
    return judge(conn, query, r, rows, err);
}

size_t db_count(const struct db_rows *rows) { return (size_t)PQntuples(rows->result); }

int64_t db_affected(const struct db_rows *rows)
{
    int64_t n = 0;

    return sv_int(sv_of(PQcmdTuples(rows->result)), &n) ? n : 0;
}

/* A column that is not there is a slip of ours, not of the data. Who reads a row goes along its
 * columns, so the search begins where the last one ended. By hand, as PQfnumber copies the name
 * each time to fold its case. */
static int column_of(const struct db_rows *rows, const char *column)
{
    int n = PQnfields(rows->result), c = *rows->nearest, left = n;

    for (; left > 0 && strcmp(PQfname(rows->result, c), column) != 0; left--)
        c = c + 1 < n ? c + 1 : 0;
    assert(left > 0);
    *rows->nearest = c;
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
