/*
 * board.h - made-up model answers for the extractors, and a way to ask a document by path.
 */
#pragma once

#include "analysis-svc/extract.h"
#include "analysis-svc/extractor.h"
#include "common/json.h"

/* The shipped extractors; loaded once, given back by board_close. */
const struct extractor *board_extractor(const char *name);
int board_close(void **state); /* for cmocka's group teardown */

/* An item of `name` with every member "" or [], as a model that sees nothing gives it. fields:
 * JSON members that take their place: "\"title\":\"Foo\",\"rows\":[...]". In rows (and at the root)
 * only what is not empty must be named. */
struct json *board_item(const char *name, const char *fields);

/* Extract it as a picture of cookie.fun, with that handle asked for. */
void board_extract(const char *name, const char *fields, const char *handle, struct extracted *out);

/* Its document as it is written; lives as long as e. */
struct sv board_document(const struct extracted *e);

/* A value by path: "rows.0.cells.rank.value"; NULL when it is not there. */
const struct json *board_at(const struct json *doc, const char *path);
const char *board_text(const struct json *doc, const char *path); /* "" when it is not there */
