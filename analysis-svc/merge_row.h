/*
 * merge_row.h - what several pictures say about one person becomes one row. Pure.
 *
 * A field: a value before none, a reading without doubt before a doubtful one, the better row, the
 * majority, the lowest snapshot. Readings that differ are all kept, and the field becomes doubtful.
 */
#pragma once

#include "analysis-svc/document.h"

/* parts: the rows of one group, in the order of their snapshots. */
void merge_row(const struct extractor *x, const struct row *const *parts, size_t n,
               struct arena *mem, struct row *out);
