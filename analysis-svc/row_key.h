/*
 * row_key.h - what tells a row from the others: the first list of fields in "key" of extractor.json
 * that is all visible. Pure.
 */
#pragma once

#include "analysis-svc/document.h"

/* "@foo" for a handle, "#3" for a whole number, a text as it is; several with a blank between.
 * NULL: no list of fields is all there. In mem. */
const char *row_key(const struct extractor *x, const struct row *row, struct arena *mem);
