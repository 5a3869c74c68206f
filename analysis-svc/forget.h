/* forget.h - op `forget`: results removed, jobs closed, sheets merged again without the pictures.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/batch.h"

/* Inside the batch's transaction. A picture that never came is noted too, so that a batch which is
 * late finds it forgotten. */
MUST_CHECK bool forget_images(struct app *app, struct db_conn *conn, struct batch *b,
                              struct err *err);
