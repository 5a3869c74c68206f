/*
 * edits.h - what people corrected, as a layer over the merged rows: whatever a later run reads, a
 * correction stands until it is withdrawn. Pure.
 *
 * A text is what a person typed; it becomes a value by the field's own rule (cell.h), as a printed
 * one does. "" says that nothing is there.
 */
#pragma once

#include "analysis-svc/document.h"

struct edit {
    const char *row_key, *field, *text;
    const char *by, *at; /* who, and when (ISO 8601) */
};
struct edits {
    const struct edit *items; /* oldest first: of two for one cell the later holds */
    size_t n;
    const char *date; /* of the snapshot, for a date typed without its year */
};

/* May that be typed there? false: why says what is wrong (ERR_UNPROCESSABLE). text NULL withdraws.
 */
MUST_CHECK bool edits_check(const struct extractor *x, const char *date, const char *field,
                            const char *text, struct err *why);
/* Change the cells of a row that goes by one of these keys: its own, or one of its parts'. */
void edits_apply(const struct extractor *x, const struct edits *edits, const char *key,
                 struct row *row, struct arena *mem);
