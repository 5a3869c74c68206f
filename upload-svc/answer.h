/*
 * answer.h - what an upload is told: one result per file, or every fault of its fields.
 *
 * Out: in->answer (JSON) and in->status. 201: all stored; 207: some; else the fitting 4xx or 5xx.
 * It is written before the pictures are committed, so that it can be kept with them.
 */
#pragma once

#include "upload-svc/intake.h"

void answer_files(struct intake *in);
void answer_faults(struct intake *in); /* of the form; none of its files stays */
void answer_send(const struct intake *in, struct reply *reply);

bool answer_keeps(const struct intake_file *f); /* it is there, by this form or an earlier one */
size_t answer_kept(const struct intake *in);    /* how many of them */
/* The same form would be told the same again: something was stored, or nothing can be. */
bool answer_lasts(const struct intake *in);
