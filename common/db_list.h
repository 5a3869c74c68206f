/*
 * db_list.h - a column of values for unnest($n::type[]): many rows in one statement.
 *
 * The values travel in Postgres's binary form of an array (array_send in its arrayfuncs.c: number
 * of dimensions, NULLs or none, type, length, lower bound; then length and bytes of each value), so
 * a text needs no quoting whatever it holds. Pure. One thread.
 *
 *   AUTO(db_list_free) struct db_list ids = DB_LIST(INT);
 *   db_list_int(&ids, 41);
 *   db_run(conn, Q_X, &rows, err, P(&ids));
 */
#pragma once

#include "common/db.h"
#include "common/str.h"

enum db_list_type { DB_LIST_INT, DB_LIST_NUM, DB_LIST_BOOL, DB_LIST_TEXT, DB_LIST_JSON };
struct db_list {
    enum db_list_type type; /* bigint[], float8[], bool[], text[], jsonb[] */
    uint32_t n;
    bool nulls;
    struct str bytes;
    size_t opened; /* where the value of db_list_open begins */
};
enum { DB_LIST_MAX = 1 << 30 }; /* Postgres takes no larger value */
#define DB_LIST(what)                                                                              \
    {                                                                                              \
        .type = DB_LIST_##what, .bytes = STR_INIT(DB_LIST_MAX)                                     \
    }
void db_list_free(struct db_list *l);

void db_list_int(struct db_list *l, int64_t n);
void db_list_num(struct db_list *l, double d); /* not finite: NULL */
void db_list_bool(struct db_list *l, bool b);
void db_list_text(struct db_list *l, const char *z); /* TEXT and JSON; NULL is NULL */
void db_list_sv(struct db_list *l, struct sv v);     /* p NULL is NULL */
/* A TEXT that is written straight into the list: all that is appended until db_list_shut. */
struct str *db_list_open(struct db_list *l);
void db_list_shut(struct db_list *l);

/* The whole array as it travels; lives until the next value. */
struct sv db_list_bytes(struct db_list *l);

/* One text of an array that is written as text, {"a","b"}: for lists of lists. */
void db_list_quote(struct str *out, const char *z);

/* The way back: each value of bigint[]s as they travel, one array behind the other (array_send of
 * each, put together by string_agg). None is NULL. False: these are not such. */
MUST_CHECK bool db_list_each_int(struct sv arrays, void (*take)(void *arg, int64_t n), void *arg);
