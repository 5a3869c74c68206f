/*
 * judge.h - is this answer what was asked for, picture by picture? Pure.
 *
 * The text is parsed strictly and checked against the extractor's schema; exactly one result per
 * id. A good result is kept even when others are missing, doubled or unknown.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/json.h"

enum verdict { VERDICT_GOOD, VERDICT_MISSING, VERDICT_DOUBLED, VERDICT_INVALID };

struct judged {
    enum verdict verdict;
    const struct json *item; /* VERDICT_GOOD: its result; lives as long as *doc */
    struct sv source;        /* the same as it stands in the text */
    char note[160];          /* otherwise: what was wrong, with the path */
};

struct judge_ids { /* of the pictures that were asked about */
    const char *const *items;
    size_t n;
};

/* false: the whole text is nonsense (err says why) and every image has to be asked again. out: one
 * entry per id. */
MUST_CHECK bool judge_answer(const struct extractor *x, struct sv text, const struct judge_ids *ids,
                             struct json **doc, struct judged *out, struct err *err);
