/*
 * reextract.h - analysis-svc --reextract NAME --since DATE [--dry-run]: pictures that an older
 * version of an extractor read are read again by the present one.
 *
 * In:  an extractor's name and the first day (of the pictures' own dates). Out: a report for
 *      people; without --dry-run a batch for each set, of low priority, in the ordinary queue.
 * What stays: an old reading, its rows and its approval, until the new run is stored; corrections
 * for good. Left alone: forgotten pictures, those that a person rejected, that wait already or that
 * nobody read yet. So a second command in a row finds nothing to do.
 * Errors: ERR_NOT_FOUND (no such extractor), ERR_CONFLICT (a replica at work has another version),
 * ERR_BUSY (QUEUE_MAX; what was queued is in the report), db.h's.
 */
#pragma once

#include "analysis-svc/app.h"

enum { REEXTRACT_PRIORITY = -100, REEXTRACT_DEADLINE_S = 7 * 86400 };

struct reextract_ask {
    const char *name, *since; /* since: YYYY-MM-DD */
    bool dry;
};
struct reextract_counts { /* pictures, but for: */
    size_t seen, done, waiting, rejected, unread, due, cached;
    size_t sets, calls; /* of those that are due */
    size_t queued, jobs;
    struct { /* when this provider answers all of them */
        struct provider_usage usage;
        int64_t cost_micro_usd;
    } of[ROSTER_MAX];
};

/* The words after the program's name. Errors: ERR_BAD_REQUEST, a sentence. */
MUST_CHECK bool reextract_parse(int argc, char *const argv[], struct reextract_ask *out,
                                struct err *err);
/* out is filled, as far as it came, on errors too. */
MUST_CHECK bool reextract_run(struct app *app, const struct reextract_ask *ask,
                              struct reextract_counts *out, struct err *err);
void reextract_report(const struct app *app, const struct reextract_ask *ask,
                      const struct reextract_counts *c, struct str *out);
