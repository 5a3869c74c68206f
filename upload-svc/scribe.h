/*
 * scribe.h - what the forms of one moment have to say to Postgres is said in one transaction.
 *
 * In:      files that arrive, and forms that end, on their requests' threads. One thread speaks for
 *          all of them (common/together.h), in one trip.
 * Out:     the same rows as each would write alone (arrival.h, record.h), committed.
 * Errors:  nobody suffers for another: what a transaction of many did not write is written by each
 *          alone. ERR_UNCERTAIN as in record.h.
 */
#pragma once

#include "common/id.h"
#include "common/str.h"
#include "common/together.h"

struct app;
struct intake;

/* A row to write; it lies with the request until scribe_wait. */
struct scribe_job {
    struct together_job own; /* first: it is found by it */
    const char *uuid, *key;
    const struct intake *in; /* a form that ends; NULL: a file that arrives */
    /* of a form: */
    struct id batch;
    struct sv head, tail; /* of the batch's bytes: its picture's number comes between */
    bool born;
    int64_t id;
    char uploaded_at[32];
    struct err err; /* ERR_NONE: it is committed */
};

MUST_CHECK bool scribe_open(struct app *app, struct err *err); /* app->scribe */

void scribe_arrive(struct app *app, struct scribe_job *job, const struct id *uuid, const char *key);
/* Is it committed? Nothing was to be written: so it is. */
MUST_CHECK bool scribe_wait(struct app *app, struct scribe_job *job, struct err *err);

/* Only forms of one picture that nobody else knows: no setId, no Idempotency-Key, not forced. */
bool scribe_takes(const struct intake *in);
/* The file's fate is told, and the form's answer, as in record_form. ERR_BUSY: it left nothing; it
 * is to be written alone. ERR_UNCERTAIN: the fate is told for record_ask, the answer is not. */
MUST_CHECK bool scribe_record(struct intake *in, struct err *err);
