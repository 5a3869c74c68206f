/*
 * roster.h - the providers in use, in the order in which they are asked, from the settings.
 *
 * A provider is configured by a key or by a base URL that is not its vendor's. Immutable after
 * roster_make; its texts point into the settings.
 */
#pragma once

#include "analysis-svc/config.h"
#include "analysis-svc/provider.h"

enum roster_who { ROSTER_OPENAI, ROSTER_ANTHROPIC, ROSTER_MAX };

struct roster {
    struct provider items[ROSTER_MAX];
    enum roster_who who[ROSTER_MAX];
    size_t n;
};

/* Errors: ERR_UNPROCESSABLE, a sentence naming what to set. */
MUST_CHECK bool roster_make(const struct analysis_conf *c, struct roster *out, struct err *err);

/* Sets of providers are bits (1 << place in the roster); in rows they are text[] of names. */
unsigned roster_all(const struct roster *r);
unsigned roster_bits(const struct roster *r,
                     struct sv array); /* "{openai}" -> 1; others: passed over */
void roster_array(const struct roster *r, unsigned bits, struct str *out);
void roster_models(const struct roster *r, struct str *out); /* "{\"m\",...}", for SQL */
