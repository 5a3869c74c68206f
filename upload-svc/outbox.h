/*
 * outbox.h - what upload-svc asks of analysis-svc for one picture, frozen as bytes, in the
 * transaction of whoever asks. The relay sends it, at least once. Sets are packed by
 * relay_freeze.c.
 */
#pragma once

#include "common/db.h"
#include "common/id.h"
#include "common/json.h"

/* One snapshot's row (id, uuid, s3_key), at index 0. */
MUST_CHECK bool outbox_forget(struct db_conn *conn, const struct db_rows *snapshot, int64_t wait_ms,
                              struct err *err);

struct outbox_review {
    const char *action, *by, *note;
    const struct json *edits; /* as a client sent them, checked; NULL: none */
};
/* *batch: to ask after what came of it. */
MUST_CHECK bool outbox_review(struct db_conn *conn, const struct db_rows *snapshot,
                              const struct outbox_review *said, struct id *batch, struct err *err);
