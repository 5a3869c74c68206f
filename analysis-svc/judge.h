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
    char note[160];          /* otherwise: what was wrong, with the path */
};

/* false: the whole text is nonsense (err says why) and every image has to be asked again. out: n
 * entries. */
MUST_CHECK bool judge_answer(const struct extractor *x, struct sv text, const char *const *ids,
                             size_t n, struct json **doc, struct judged *out, struct err *err);
