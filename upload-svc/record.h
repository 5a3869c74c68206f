/*
 * record.h - the end of a form: ONE transaction makes its pictures known, or none of them.
 *
 * In:      an intake whose fields are good; files of fate INTAKE_STORED are recorded.
 * Out:     their fate: RECORDED (will be analysed, whatever dies next), SAME (another snapshot
 * holds the same bytes for the same purpose), REJECTED (the sweeper was quicker). Errors:
 * ERR_BAD_SET, told as a fault of the form; ERR_UNCERTAIN: COMMIT stayed without an answer and
 * Postgres could not be asked, so nothing may be undone; the sweeper will know.
 */
#pragma once

#include "upload-svc/intake.h"

MUST_CHECK bool record_form(struct intake *in, struct err *err);
