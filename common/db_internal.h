/* db_internal.h - what db.c, db_rows.c and db_listen.c share. */
#pragma once

#include <libpq-fe.h>
#include <pthread.h>

#include "common/db.h"

struct db {
    struct db_conf conf;
    pthread_mutex_t lock;
    pthread_cond_t returned;
    struct db_conn
        *idle; /* most recently used first: the warm ones are used, the others stay cold */
    struct db_conn *conns;
};

struct db_rows {
    PGresult *result;
    int near, *nearest; /* &near, the column that was read last: readers hold the rows as const */
};

struct db_conn {
    struct db *db;
    PGconn *pg;           /* NULL: not connected */
    bool *prepared;       /* by query number */
    bool begun;           /* a transaction is open */
    bool owed;            /* its BEGIN has not been sent yet */
    struct db_conn *next; /* in the pool's list of idle ones */
};

/* Connect with the service's settings. Errors name the host, never the password. */
MUST_CHECK bool db_connect(const struct db_conf *conf, PGconn **out, struct err *err);
/* Make sure that query q is prepared on this connection. */
MUST_CHECK bool db_prepare(struct db_conn *c, int q, struct err *err);
/* What came of a COMMIT; the result is freed. */
MUST_CHECK bool db_committed(struct db_conn *c, PGresult *r, struct err *err);
/* Turn what libpq or the server says into an error; what: the statement's name. Always false. */
bool db_fail(PGconn *pg, const PGresult *result, const char *what, struct err *err);
