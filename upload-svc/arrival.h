/*
 * arrival.h - rows of upload.arrivals: a file between its first byte and the end of its form.
 *
 * Row before object: whatever dies, the sweeper finds the row and by it the object. Each function
 * is one committed statement.
 */
#pragma once

#include "common/str.h"
#include "upload-svc/intake.h"

/* Its row is on the way; what can be undone without it may begin. */
void arrival_begin(struct app *app, struct intake_file *f);
/* It is there: f->announced. Before anything of the file can stay in S3, and before f ends. */
MUST_CHECK bool arrival_await(struct app *app, struct intake_file *f, struct err *err);
/* Parts are going to exist under that upload id. ERR_TIMEOUT: the sweeper has given the file up. */
MUST_CHECK bool arrival_parts(struct app *app, const struct id *uuid, const char *upload_id,
                              struct err *err);
/* uuids: "{a,b}". A beat that fails is made up for by the next one. */
void arrival_beat(struct app *app, const char *uuids);
/* Nothing of the file shall stay: object, then row. What does not work is left to the sweeper.
 * uncertain: a PUT may still land later, so the row stays and the sweeper looks again. */
void arrival_undo(struct app *app, const struct id *uuid, const char *key, bool uncertain);
