/*
 * record.h - the end of a form: ONE transaction makes its pictures known, or none of them.
 *
 * In: an intake whose fields are good; files of fate INTAKE_STORED are recorded. A form without a
 * setId brings its own batch for upload.outbox, for nobody else joins its set.
 *
 * Out: their fate: RECORDED (will be analysed, whatever dies next), SAME (another snapshot holds
 * the same bytes for the same purpose), REJECTED (the sweeper was quicker).
 *
 * Errors: ERR_BAD_SET, told as a fault of the form; ERR_UNCERTAIN: COMMIT stayed without an answer
 * and Postgres could not be asked, so nothing may be undone; the sweeper will know.
 */
#pragma once

#include "upload-svc/frozen.h"
#include "upload-svc/intake.h"

MUST_CHECK bool record_form(struct intake *in, struct err *err);

/* record_batch.c: the bytes of the batch that its recorded pictures make; title: of its campaign,
 * NULL: it has none. */
void record_batch(const struct intake *in, const char *batch_id, const char *title,
                  struct str *body);
/* Of a form of one picture, whose number is not known yet: it belongs between head and tail, which
 * are views into body. */
void record_batch_cut(const struct intake *in, const char *batch_id, struct str *body,
                      struct sv *head, struct sv *tail);
int64_t record_deadline_s(const struct intake *in);

/* record_ask.c: did it commit? false, with ERR_UNCERTAIN: nobody could say for a while, and its
 * files are the sweeper's from now on. */
MUST_CHECK bool record_ask(struct intake *in, bool *committed, struct err *err);
