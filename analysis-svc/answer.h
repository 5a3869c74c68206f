/*
 * answer.h - the third corridor: judge, extract, decide, store. Runs on the keeper threads.
 */
#pragma once

#include "analysis-svc/land.h"
#include "analysis-svc/run.h"

/* Take a flight a step further: fetch its pictures and send it, or land it. Owns it from here. */
void answer_take(struct run *run, struct flight *f);
/* Count a call and store what was decided about its flight, which stays the caller's. false: its
 * lease will run out. */
bool answer_keep(struct run *run, struct land *l);
