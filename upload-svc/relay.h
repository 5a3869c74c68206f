/*
 * relay.h - what is recorded reaches analysis-svc, at least once (own thread).
 *
 * In:      due sets. Out: frozen batches in upload.outbox, sent until they are accepted or refused
 *          for good. Threads: one of its own; relay_wake from any. A replica that dies in between
 * is made up for by another: a claim is no more than a due time in the future.
 */
#pragma once

#include "upload-svc/app.h"

MUST_CHECK bool relay_open(struct app *app, struct relay **out, struct err *err);
void relay_close(struct relay **relay); /* ends after the call in flight; NULL is fine */
/* Pictures were recorded: wake it, and let it tell all that LISTEN. NULL is fine. */
void relay_news(struct relay *r);
void relay_wake(struct relay *relay); /* something may be due; NULL is fine */

/* What an answer means for its batch (design: 422 names items, 409 and 413 are final). status 0:
 * no answer. The order is that of the metric's labels. */
enum relay_verdict { RELAY_SENT, RELAY_AGAIN, RELAY_SPLIT, RELAY_DEAD };
enum relay_verdict relay_judge(int status);

/* relay_freeze.c: the next due sets become batches, some in one transaction. *any: there was one.
 */
MUST_CHECK bool relay_freeze(struct app *app, bool *any, struct err *err);

/* relay_settle.c: at most so many were accepted, with these statuses: in one transaction. */
enum { RELAY_AT_ONCE = 64 };
struct relay_sent {
    const char *batch_id;
    int status;
};
MUST_CHECK bool relay_settle_sent(struct app *app, const struct relay_sent *sent, size_t n,
                                  struct err *err);
/* Any answer's consequences, in one transaction. */
MUST_CHECK bool relay_settle(struct app *app, const char *batch_id, int status, struct sv body,
                             struct err *err);
