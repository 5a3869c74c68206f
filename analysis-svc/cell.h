/*
 * cell.h - a printed text becomes a value, by the kind of its field. Pure, total, never a guess.
 */
#pragma once

#include "analysis-svc/document.h"

struct cell_rule {
    const char *name;
    enum field_kind kind;
    size_t max_chars;
    bool comma; /* the decimal mark of its figures */
};

/* text: as the model gave it. Returns the value; *note: what was wrong with it, NULL when nothing.
 * Texts are borrowed from text or lie in mem. */
struct value cell_read(const struct cell_rule *rule, const char *text, struct arena *mem,
                       const char **note);
