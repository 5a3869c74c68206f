/*
 * jobs.h - pictures that wait become jobs, one model call each, at their place in the queue.
 *
 * In: rows of a query (snapshot_id, bytes, width, height) in the caller's transaction, whose batch
 * and sheet are there. Threads: any. Errors: db.h's.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/plan.h"

struct jobs_order {
    const char *batch_id, *set_id;
    const struct extractor *extractor;
    int64_t priority;
    int64_t deadline_s; /* with time enough they are held, to go at half price (bulk.h) */
};

/* *n: how many they became. */
MUST_CHECK bool jobs_born(struct app *app, struct db_conn *conn, const struct jobs_order *order,
                          const struct db_rows *images, size_t *n, struct err *err);
/* What limits a call of this extractor. Borrows from app. */
struct plan_limits jobs_limits(const struct app *app, const struct extractor *x);
/* The picture of a row, as plan.h wants it. */
struct plan_image jobs_picture(const struct db_rows *rows, size_t i);
