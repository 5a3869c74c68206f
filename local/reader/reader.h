/*
 * reader.h - one picture and the JSON Schema of its answer to one JSON object.
 *
 * In:      bytes of a picture; the schema of the answer, whose property names say whether a
 * leaderboard (rows of people) or a profile (twitter_handle) is wanted and which fields. Out:
 * exactly the properties that the schema names; texts as printed, "" where nothing is seen.
 * Threads: one ocr per thread; nothing else is shared.
 * Errors:  the picture's own (picture.h); ERR_UNPROCESSABLE when nothing in it could be read as
 * what was asked for: an answer without a single row or figure is never given.
 */
#pragma once

#include "common/json.h"
#include "common/json_write.h"
#include "local/reader/lent.h"
#include "local/reader/ocr.h"

struct reader_task {
    struct sv bytes;
    const struct json *schema;
    const char *id;    /* written first where the schema names one; NULL: none */
    struct lent *lent; /* shared by the pictures of a call; NULL: this one stands alone */
};

MUST_CHECK bool reader_answer(struct ocr *ocr, const struct reader_task *task, struct str *out,
                              struct err *err);
