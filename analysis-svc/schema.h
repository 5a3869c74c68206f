/*
 * schema.h - the part of JSON Schema that OpenAI's and Anthropic's strict outputs both accept.
 * Pure.
 *
 * Keywords: type (one or a list), properties, required, additionalProperties false, items, enum,
 * const, anyOf, title, description. Not: bounds, patterns, $ref. Every property is required. enum
 * is compared without case, because Anthropic does not promise it. Errors say the path:
 * "results[2].rows[3].rank: a text is required, not a number".
 */
#pragma once

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"

/* Is the schema itself within that part, and within both vendors' limits? ERR_UNPROCESSABLE. */
MUST_CHECK bool schema_check(const struct json *schema, struct err *err);
/* A schema that schema_check has passed, as it is held against values: in mem, and of the JSON's
 * own texts. */
struct schema;
MUST_CHECK const struct schema *schema_make(const struct json *from, struct arena *mem);
/* Does the value follow it? root: how the path begins. */
MUST_CHECK bool schema_match(const struct schema *schema, const struct json *value,
                             const char *root, struct err *err);
