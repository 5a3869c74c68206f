/*
 * cell.h - a printed text becomes a value, by the kind of its field. Pure, total, never a guess.
 */
#pragma once

#include "analysis-svc/document.h"

/* text: as the model gave it; date: the snapshot's, for prints without a year ("" or NULL: not
 * known). Returns the value; *note: what was wrong with it, NULL when nothing. Texts lie in
 * mem. */
struct value cell_read(const struct extractor_field *rule, const char *date, const char *text,
                       struct arena *mem, const char **note);
