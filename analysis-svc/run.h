/*
 * run.h - the second corridor: claim, presign, build, submit; and the threads that do it.
 *
 * The scheduler claims and renews leases; a listener wakes it when Postgres says so; the reaper has
 * a thread of its own; keepers (answer.c) judge and store. Holds: as many calls as limits.h allows.
 * At its end leases are given back, so that another replica goes on at once.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/flight.h"

struct run;
struct keeper; /* a thread that judges and stores, and what waits for it */
struct fit;
struct hedge;
struct linger;

MUST_CHECK bool run_open(struct app *app, struct run **out, struct err *err);
/* Closes app->http too: calls that are out end there. NULL is fine. */
void run_close(struct run **run);

/* For answer.c and dispatch.c. */
struct app *run_app(struct run *run);
bool run_stopping(struct run *run);
struct fit *run_fit(struct run *run);                 /* where pictures are made to fit */
struct hedge *run_hedge(struct run *run);             /* NULL: off */
struct linger *run_linger(struct run *run);           /* how long to wait for others */
size_t run_flying(struct run *run);                   /* claimed, and not yet landed */
void run_cancel(struct run *run, const void *ticket); /* of http_submit */
void run_listed(struct run *run, struct flight *f);   /* its lease is renewed until it landed */
void run_wake(struct run *run);                       /* look for jobs again */
void run_landed(struct run *run, struct flight **f);  /* the flight is over: forget and free it */
void run_answered(struct run *run, struct flight *f); /* to the keepers */
struct flight *run_next_answer(struct keeper *k, int wait_ms); /* NULL: none came */
/* Submit unless the service is closing. */
bool run_submit(struct run *run, const struct http_req *req, http_done_fn *done, void *arg);
