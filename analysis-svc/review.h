/*
 * review.h - op `review`: a person approves, corrects or rejects what was read of a picture.
 *
 * approve: validated, and its corrections with it. edit: corrections only, the state stays. reject:
 * failed, its rows leave the sheet, the reading itself is kept, so that an approval brings it back.
 * Corrections are kept per (picture, row key, field) and lie over every later run; the newest of a
 * set holds. A run that is on the way is not reviewed: what comes of it was seen by nobody.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/batch.h"

/* Inside the batch's transaction. ERR_UNPROCESSABLE: the items bear the reasons, nothing is done.
 */
MUST_CHECK bool review_images(struct app *app, struct db_conn *conn, struct batch *b,
                              struct err *err);
