/*
 * store.h - what is read for people. The analysis's part of a picture comes through its views;
 * while they are not there (that service was never started) the answers go without.
 */
#pragma once

#include "common/db.h"
#include "upload-svc/app.h"
#include "upload-svc/form.h"
#include "upload-svc/state.h"

/* A fault of the form when the campaign is not there or archived. false: Postgres does not answer.
 */
MUST_CHECK bool store_check_campaign(struct app *app, struct form *form, struct err *err);

/* The same for a type that only the analysis knows: a folder dropped in there. Fills in what the
 * form must keep. ERR_BUSY while no analysis lives that could be asked. */
MUST_CHECK bool store_check_type(struct app *app, struct form *form, struct err *err);

/* A query that reads the analysis's views, and its twin that goes without. */
struct store_ask {
    int late, alone;
    const struct db_param *params;
    size_t n;
};
/* Not within a transaction. */
MUST_CHECK bool store_read(struct db_conn *conn, const struct store_ask *ask, struct db_rows **rows,
                           struct err *err);
/* One snapshot, as the queries ONE tell it; ERR_NOT_FOUND. Not within a transaction. */
MUST_CHECK bool store_one(struct db_conn *conn, int64_t id, struct db_rows **rows, struct err *err);
/* A late query without a twin: *rows stays NULL when the views are not there. */
MUST_CHECK bool store_late(struct db_conn *conn, int late, const struct db_param *params, size_t n,
                           struct db_rows **rows, struct err *err);
