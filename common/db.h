/*
 * db.h - Postgres: a bounded pool of connections and prepared statements. The only room that knows
 * libpq (db.c, db_rows.c, db_listen.c).
 *
 * A service's queries.def is its whole conversation with Postgres: QUERY(NAME, SHAPE, LATE, "sql
 * with $1..."). A statement is prepared on a connection at its first use; db_check prepares all of
 * them once, so one that does not fit the schema stops the service at start (LATE ones excepted:
 * they read the other service's views, which may come later). Values never enter the text. Errors:
 * SQLSTATE decides, one table: 23505 ERR_CONFLICT; 57014 ERR_TIMEOUT; 40001 40P01 55P03 53xxx
 * ERR_BUSY; 08 57P and a lost connection ERR_DATABASE; no row where one is due ERR_NOT_FOUND; else
 * ERR_INTERNAL. A COMMIT whose answer was lost is ERR_UNCERTAIN: nothing may be undone, read back
 * on a fresh connection. Behind pgbouncer in transaction mode: needs its max_prepared_statements.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "common/secret.h"

enum db_shape {
    DB_NONE,  /* no rows wanted */
    DB_ONE,   /* exactly one row, else ERR_NOT_FOUND */
    DB_MANY,  /* any number */
    DB_FRESH, /* any number; planned anew for its values: where a NULL switches a filter off */
    DB_BYTES  /* as DB_FRESH; bytea comes as it is, and all others must be text or bytea */
};
struct db_query {
    const char *name, *sql;
    enum db_shape shape;
    bool late; /* not prepared by db_check */
};

struct db;
struct db_conn;
struct db_rows;

struct db_conf {
    struct secret url; /* postgresql://... */
    const char *app;   /* application_name */
    size_t connections;
    int64_t statement_ms; /* statement_timeout */
    const char *settings; /* further ones of each connection, "-c name=value ..."; NULL: none */
    const struct db_query *queries;
    size_t query_count;
};

MUST_CHECK bool db_open(const struct db_conf *conf, struct db **out,
                        struct err *err); /* connects lazily */
void db_close(struct db **db);
MUST_CHECK bool db_check(struct db *db,
                         struct err *err); /* connect and prepare all but the late ones */
MUST_CHECK bool db_ping(struct db *db, struct err *err); /* SELECT 1, for /readyz */

/* Take a connection, waiting at most wait_ms: ERR_BUSY. A broken one is reopened here. */
MUST_CHECK bool db_lease(struct db *db, int64_t wait_ms, struct db_conn **out, struct err *err);
void db_release(
    struct db_conn **conn); /* rolls back what was begun and not committed; NULL is fine */

MUST_CHECK bool db_begin(struct db_conn *conn, struct err *err);
MUST_CHECK bool db_commit(struct db_conn *conn, struct err *err); /* ERR_UNCERTAIN: see above */
void db_rollback(struct db_conn *conn);

struct db_list; /* db_list.h: many values in one parameter */
struct db_param {
    enum { DB_P_NULL, DB_P_INT, DB_P_TEXT, DB_P_BOOL, DB_P_NUM, DB_P_LIST } type;
    int64_t num;
    double dbl;
    struct sv text;
    bool ended; /* behind the text stands a NUL: it travels as it is */
};
struct db_param db_p_int(int64_t n);
struct db_param db_p_i32(int n);
struct db_param db_p_bool(bool b);
struct db_param db_p_num(double d);           /* not finite: NULL */
struct db_param db_p_text(const char *z);     /* NULL is NULL */
struct db_param db_p_sv(struct sv v);         /* p NULL is NULL */
struct db_param db_p_list(struct db_list *l); /* borrowed; no further value meanwhile */
#define P(v)                                                                                       \
    _Generic((v), int64_t: db_p_int, int: db_p_i32, bool: db_p_bool, double: db_p_num,             \
             char *: db_p_text, const char *: db_p_text, struct sv: db_p_sv,         \
             struct db_list *: db_p_list)(v)
#define P_NULL ((struct db_param){.type = DB_P_NULL})

/* Run query number q. rows may be NULL for DB_NONE. A failed statement inside a transaction spoils
 * it: release. */
MUST_CHECK bool db_exec(struct db_conn *conn, int q, const struct db_param *params, size_t n,
                        struct db_rows **rows, struct err *err);
#define db_run(conn, q, rows, err, ...)                                                            \
    db_exec(conn, q, (const struct db_param[]){__VA_ARGS__},                                       \
            COUNT_OF(((const struct db_param[]){__VA_ARGS__})), rows, err)
#define db_run0(conn, q, rows, err) db_exec(conn, q, NULL, 0, rows, err)

/* Several statements in one trip (libpq's pipeline), in their order; the first that fails is told,
 * and those behind it are not run. rows: as in db_exec; NULL: not wanted. */
struct db_step {
    int q;
    const struct db_param *params;
    size_t n;
    struct db_rows **rows;
};
#define DB_STEP(q_, rows_, ...)                                                                    \
    {                                                                                              \
        .q = (q_), .params = (const struct db_param[]){__VA_ARGS__},                               \
        .n = COUNT_OF(((const struct db_param[]){__VA_ARGS__})), .rows = (rows_)                   \
    }
MUST_CHECK bool db_run_all(struct db_conn *conn, const struct db_step *steps, size_t n,
                           struct err *err);
/* The same, and COMMIT behind them in that trip. A connection lost on it is ERR_UNCERTAIN, as in
 * db_commit; after any other error nothing was committed. */
MUST_CHECK bool db_commit_all(struct db_conn *conn, const struct db_step *steps, size_t n,
                              struct err *err);

/* Text of constants only (migrations); several statements may stand in it. */
MUST_CHECK bool db_script(struct db_conn *conn, const char *sql, struct err *err);

/* The same for one statement that gives one value; "" when it gives no row. */
MUST_CHECK bool db_script_value(struct db_conn *conn, const char *sql, char *out, size_t size,
                                struct err *err);

size_t db_count(const struct db_rows *rows);     /* rows returned */
int64_t db_affected(const struct db_rows *rows); /* rows changed by INSERT, UPDATE, DELETE */
bool db_null(const struct db_rows *rows, size_t row, const char *column);
const char *db_text(const struct db_rows *rows, size_t row,
                    const char *column); /* "" for NULL; lives with rows */
struct sv db_sv(const struct db_rows *rows, size_t row, const char *column);
int64_t db_int(const struct db_rows *rows, size_t row, const char *column);
double db_num(const struct db_rows *rows, size_t row, const char *column);
bool db_bool(const struct db_rows *rows, size_t row, const char *column);
void db_rows_free(struct db_rows **rows);

/* A connection of its own that LISTENs on channels ("jobs", or several with blanks between). */
struct db_listen;
MUST_CHECK bool db_listen_open(const struct db_conf *conf, const char *channels,
                               struct db_listen **out, struct err *err);
/* Wait for a notification; *heard false: none in wait_ms. On error: close and open again later. */
MUST_CHECK bool db_listen_wait(struct db_listen *l, int64_t wait_ms, bool *heard, struct err *err);
void db_listen_close(struct db_listen **l);
