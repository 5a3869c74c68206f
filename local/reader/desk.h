/*
 * desk.h - a bounded number of readers at work, each with a recogniser of his own.
 *
 * In:      pictures with the schema of their answer, from any thread.
 * Out:     answers. desk_read waits for a free reader, then for the answer.
 * Holds:   threads (Tesseract needs a deep stack, and a recogniser serves one thread only).
 * Errors:  those of reader_answer; ERR_CLOSING once desk_close has begun.
 */
#pragma once

#include "local/reader/reader.h"

struct desk;

MUST_CHECK bool desk_open(size_t readers, struct desk **out, struct err *err);
MUST_CHECK bool desk_read(struct desk *desk, const struct reader_task *task, struct str *out,
                          struct err *err);
void desk_close(struct desk **desk); /* finishes what waits; NULL is fine */
