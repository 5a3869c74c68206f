/*
 * checks.h - what we can check ourselves about a document, and what it costs. Pure.
 *
 * extractor.json gives each check a weight (lost when it fails) and unseen (lost when the picture
 * does not show what is needed: a picture that was scrolled past its heading may still pass).
 */
#pragma once

#include "analysis-svc/document.h"
#include "analysis-svc/extract.h"

struct findings {
    enum fail_code fail; /* the first reason why the picture cannot be used */
    bool doubtful;       /* a person must look, whatever the confidence */
};

/* Heading, period, platform, whose profile. */
void checks_page(struct document *d, const struct expected *want, struct findings *out);

/* Of a picture: an answer that does not follow schema.json is none at all, but the schema cannot
 * say how long a text may be, what `unsure` may name, or that a row must have something in it. */
void checks_schema(struct document *d);

/* Ranks without gaps and doubles; totals that do not rise with the rank. Fields that break it
 * become doubtful; row_loss: and cost their row. For pictures and for sheets. */
void checks_rows(struct document *d, bool row_loss);

/* Of a sheet: do the pictures that show the same rows show the same? Costs the share of those rows
 * that differ. */
void checks_agreement(struct document *sheet);
/* Of a sheet: do its figures follow from the same campaign's (or person's) sheet of a day before?
 * How they may go on is data ("day_before" of extractor.json). What does not is doubtful, never
 * wrong. A row that was not there then is not judged. */
void checks_day_before(struct document *sheet, const struct document *before, const char *date);
