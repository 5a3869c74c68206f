/*
 * births.h - the rows of calls that are about to be made, all of a claim's in one statement.
 *
 * Written in the claim's own transaction: no call leaves whose row is not there.
 */
#pragma once

#include "analysis-svc/flight.h"
#include "common/db_list.h"

struct births {
    struct db_list jobs, providers, models, transports, reserved; /* of each call */
    struct db_list jobs_of, pictures;                             /* of each picture asked for */
};
#define BIRTHS_INIT                                                                                \
    {                                                                                              \
        DB_LIST(INT), DB_LIST(TEXT), DB_LIST(TEXT), DB_LIST(TEXT), DB_LIST(INT), DB_LIST(INT),     \
            DB_LIST(INT)                                                                           \
    }
void births_free(struct births *b);

/* reserved: of the day's money, micro-USD. */
void births_add(struct births *b, const struct provider *p, const struct flight *f,
                int64_t reserved);
/* Each flight that was added learns its attempt_id. */
MUST_CHECK bool births_write(struct db_conn *conn, struct births *b, struct flight *const *flights,
                             size_t n, struct err *err);
