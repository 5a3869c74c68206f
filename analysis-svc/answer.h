/*
 * answer.h - the third corridor: judge, extract, decide, store. Runs on the keeper threads.
 */
#pragma once

#include "analysis-svc/land.h"
#include "analysis-svc/run.h"

/* Flights that came back and were judged, to be stored together. */
struct answers {
    struct flight *flights[LANDS_MAX];
    struct land lands[LANDS_MAX];
    struct stored done[LANDS_MAX];
    size_t n;
    struct flight *apart; /* one that came, but cannot go with them; NULL: none */
};
/* All that are there, or the first that comes within the wait; and those that come within a moment
 * more (linger.h). False: none came. */
bool answers_gather(struct run *run, struct keeper *k, int wait_ms, struct answers *out);
/* Take each a step further: fetch its pictures and send it, or land it. Owns them from here. */
void answers_take(struct run *run, struct answers *g);
void answers_free(struct answers *g);
/* Count a call and store what was decided about its flight, which stays the caller's. false: its
 * lease will run out. */
bool answer_keep(struct run *run, struct land *l);
