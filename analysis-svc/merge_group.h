/*
 * merge_group.h - which rows of all pictures are the same person. Pure; the order of the rows does
 * not matter.
 *
 * The same key; or, at the same rank, handles that are one look-alike apart (0 and o; 1, l and i;
 * rn and m), unless one picture shows both; or a row without handle and exactly one with a handle,
 * of the same rank and name. "merge" of extractor.json says which of these hold. Where the picture
 * has one subject, all rows are one.
 */
#pragma once

#include "analysis-svc/document.h"

/* group[i]: the lowest row of row i's group. */
void merge_group(const struct extractor *x, const struct row *rows, size_t n, struct arena *mem,
                 size_t *group);
