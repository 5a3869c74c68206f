/*
 * extractor_own.h - what an extractor's pointers stand on, and the check of its three files against
 * each other. Private to extractor*.c.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/arena.h"

struct extractor_own {
    struct json *rules, *schema, *answer;
    struct str prompt;
    struct arena mem; /* of the result's schema */
};

const char *extractor_kind_name(enum field_kind kind);
bool extractor_kind_parse(const char *name, enum field_kind *out);
/* The rule of one field, of a row or of a list. Texts are borrowed from it. */
MUST_CHECK bool extractor_field_read(const struct json *rule, struct extractor_field *out,
                                     struct err *err);

/* Where a row's fields stand in the schema: rows.items.properties, or the root's properties. */
const struct json *extractor_row_properties(const struct extractor *x);

/* Every name in extractor.json must be in schema.json, and every rule be one that C knows. x holds
 * rules, schema, rows and fields. */
MUST_CHECK bool extractor_check(const struct extractor *x, struct err *err);
