/*
 * merge.h - the pictures of one set become one sheet. Pure; the order of the pictures does not
 * matter, merging twice changes nothing.
 *
 * In: the documents of extract.h with their snapshot ids. Out: the sheet's document
 * (proto/README.md), every cell with the pictures it came from, conflicts kept with both values; no
 * row invented, none lost. What people corrected lies over all that was read.
 */
#pragma once

#include "analysis-svc/edits.h"
#include "analysis-svc/reasons.h"
#include "common/str.h"

struct document;
struct merge_input {
    int64_t snapshot_id;
    struct sv document;
    const struct document *read; /* the same, not written; NULL: document is read */
};
struct merge_before { /* the sheet of a day before, of the same campaign or person */
    struct sv document;
    const char *date;
};
struct merge_set {
    const struct merge_input *in;
    size_t n;
    struct edits edits;
    struct merge_before before; /* nothing in it: the first day, which is not judged */
    /* Shown the sheet before it is written, which is gone when this returns; NULL: nobody is. */
    void (*see)(void *arg, const struct document *sheet);
    void *arg;
};
struct merge_said {
    double confidence;
    char note[REASONS_SIZE]; /* why a person should look at the whole, in words; "": no reason */
};

MUST_CHECK bool merge_documents(const struct extractor *x, const struct merge_set *set,
                                struct str *sheet, struct merge_said *said, struct err *err);
