/*
 * derive.h - what follows from the lists of a single subject: how many badges, which tokens are
 * bullish. Pure; never stored as read, made anew whenever a document is written.
 *
 * extractor.json: "derived":{NAME:{"how":…,"list":…,"field":…,"where":{FIELD:word}}}. how: `take`
 * (the field's words, each once), `count` (entries), `mean` (of the field's numbers), `share` (of
 * the entries, those that fit `where`), `most` (the field's word that stands most often; null where
 * two do), `seen` (without a list: the share of the extractor's fields that are visible). `where`
 * chooses entries by how a field's word begins, without case. A mean or share of nothing is null.
 */
#pragma once

#include "analysis-svc/document.h"

/* Are the rules such as this file can follow? ERR_UNPROCESSABLE. */
MUST_CHECK bool derive_check(const struct extractor *x, struct err *err);
/* "derived":{…} of a row; nothing where the rules have none. */
void derive_write(const struct extractor *x, const struct row *row, struct arena *mem,
                  struct jw *w);
