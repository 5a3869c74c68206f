/*
 * bury.h - what goes out of S3 because people said so, or their settings: deleted pictures, and
 * pictures whose retention time is over. Run by the sweeper, one replica at a time.
 *
 * Only keys of our own exact pattern are deleted; a picture that was adopted from elsewhere loses
 * its row and keeps its object.
 */
#pragma once

#include "upload-svc/app.h"

/* Deleted pictures whose forget was accepted: object, derived objects, row. A failure leaves the
 * row; the others go on. */
MUST_CHECK bool bury_deleted(struct app *app, struct err *err);
/* Is one of them due within that time? */
bool bury_soon(struct app *app, int64_t within_ms);

/* retention.c: pictures in a terminal state for longer than RETENTION; their rows stay. */
MUST_CHECK bool retention_sweep(struct app *app, struct err *err);

/* The object and all that was derived from it; absent is success. */
MUST_CHECK bool bury_objects(struct app *app, const char *key, const char *uuid, struct err *err);
