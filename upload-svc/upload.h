/*
 * upload.h - the corridor of one file: peek, judge, arrive, stream, note.
 *
 * Out:     f->fate is INTAKE_STORED (object whole, not recorded yet) or INTAKE_REJECTED with
 * f->err. in->broken: the form cannot be read any further, so neither can the files behind.
 */
#pragma once

#include "upload-svc/intake.h"

void upload_take_in(struct intake *in, const struct multipart_part *part, struct intake_file *f);
