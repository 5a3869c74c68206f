/*
 * json.h - reading JSON strictly (RFC 8259); writing is json_write.h.
 *
 * Refused: anything after the document, a key twice in an object, NaN, Infinity and numbers that
 * overflow to it, raw control characters, invalid UTF-8, nesting over 32, more than the given size.
 * No repair of any kind.
 * Getters say the key in their errors ("s3_key: a text is required"; err_wrap adds the path above
 * it). Codes: ERR_UNPROCESSABLE for the getters, ERR_BAD_REQUEST for syntax. Returned texts and
 * nodes live as long as the document.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "common/str.h"

struct json; /* a node; the root owns the tree */
enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

MUST_CHECK bool json_parse(struct sv text, struct json **out, struct err *err);
void json_free(struct json **root);

enum json_type json_type(const struct json *n);
const struct json *json_find(const struct json *obj,
                             const char *key); /* NULL: absent or not an object */
/* The same; the one behind the last that was found so is looked at first (*last NULL: the first one
 * of all), as members are asked for in the order in which they nearly always stand. */
const struct json *json_find_next(const struct json *obj, const char *key,
                                  const struct json **last);
size_t json_count(const struct json *n); /* elements of an array, members of an object */
const struct json *json_at(const struct json *arr, size_t i);
const struct json *json_first(const struct json *n); /* first element or member; NULL: none */
const struct json *json_next(const struct json *n); /* the one after it, for loops in linear time */
const char *json_key(const struct json *member);    /* "" for elements of an array */

/* Leaf values without an error: the default when absent or of another type. */
const char *json_text_or(const struct json *obj, const char *key, const char *dflt);
int64_t json_int_or(const struct json *obj, const char *key, int64_t dflt);
double json_num_or(const struct json *obj, const char *key, double dflt);
bool json_bool_or(const struct json *obj, const char *key, bool dflt);
const char *json_text(const struct json *n); /* NULL when n is NULL or no text */
double json_number(const struct json *n);    /* 0 when no number */
bool json_is_true(const struct json *n);

/* Required members. */
MUST_CHECK bool json_need_text(const struct json *obj, const char *key, const char **out,
                               struct err *err);
MUST_CHECK bool json_need_int(const struct json *obj, const char *key, int64_t *out,
                              struct err *err);
MUST_CHECK bool json_need(const struct json *obj, const char *key, enum json_type type,
                          const struct json **out, struct err *err);

struct sv json_source(const struct json *n,
                      struct sv text); /* the part of the parsed text that it was read from */
void json_print(const struct json *n, struct str *out); /* compact; keys in their order */
