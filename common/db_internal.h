/* db_internal.h - what db.c, db_rows.c and db_listen.c share. */
#pragma once

#include <libpq-fe.h>

#include "common/db.h"

struct db_rows {
    PGresult *result;
};

struct db_conn {
    struct db *db;
    PGconn *pg;           /* NULL: not connected */
    bool *prepared;       /* by query number */
    bool begun;           /* a transaction is open */
    struct db_conn *next; /* in the pool's list of idle ones */
};

/* Connect with the service's settings. Errors name the host, never the password. */
MUST_CHECK bool db_connect(const struct db_conf *conf, PGconn **out, struct err *err);
/* Turn what libpq or the server says into an error; what: the statement's name. Always false. */
bool db_fail(PGconn *pg, const PGresult *result, const char *what, struct err *err);
