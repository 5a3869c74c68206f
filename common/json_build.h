/*
 * json_build.h - a text that json_scan has passed as a tree of cJSON nodes.
 *
 * cJSON's own reader takes an allocation for every node and text; here all of a document lies in
 * one block of memory: a copy of the text, whose strings are unescaped and ended where they stand,
 * and the nodes behind it. The tree is read only; freed as a whole.
 *
 * What the grammar allows and we do not is refused here: a key twice in one object, a number that
 * only infinity could hold (ERR_BAD_REQUEST).
 */
#pragma once

#include <cjson/cJSON.h>

#include "common/base.h"
#include "common/err.h"

MUST_CHECK bool json_build(struct sv text, cJSON **out, struct err *err);
void json_build_free(cJSON **root); /* NULL is fine */
