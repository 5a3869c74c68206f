/*
 * hedge.h - a call that is slow is asked a second time, of another provider or with another key;
 * the first good answer wins. Off unless HEDGE_BUDGET is set.
 *
 * The second call is a twin of the flight: the same pictures, ids and token, with an attempt, slip
 * and reservation of its own. Both answers pass the job's fence, so at most one is stored. An
 * answer that is no good while the other call is out ends alone; the other one decides. The loser
 * is cancelled, and its row says stale with what it cost (cancelled: what it was thought to cost,
 * since providers may bill it). Heartbeats go on as long as one of them is out. Threads: one of its
 * own for the second calls; the rest from any. One lock inside.
 */
#pragma once

#include "analysis-svc/run.h"

struct hedge;
struct duel;

MUST_CHECK bool hedge_start(struct run *run, struct hedge **out, struct err *err);
void hedge_end(struct hedge *h);    /* no further second calls; NULL is fine */
void hedge_close(struct hedge **h); /* NULL is fine */

/* A call is about to leave; ticket: what http_cancel knows it by. false: it need not any more, its
 * twin was faster (only for a twin). */
bool hedge_leaves(struct hedge *h, struct flight *f, void *ticket);
void hedge_heard(struct hedge *h, const struct flight *f); /* a good answer came */

enum hedge_says {
    HEDGE_LAND, /* its answer decides about the job */
    HEDGE_LOSE  /* it only pays */
};
/* A flight with a duel came back, or could not leave. Once for each. */
enum hedge_says hedge_back(struct hedge *h, struct flight *f, bool good);

/* hedge_send.c: the twin's row and its way out. false: no second call now. */
bool hedge_send(struct run *run, struct flight *twin, int first_key);
/* A twin that could not leave: it ends. */
void hedge_unsent(struct run *run, struct flight *twin);
