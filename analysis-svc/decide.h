/*
 * decide.h - what becomes of a job after its call: answer_class.def applied to one job. Pure.
 *
 * A good picture is stored whatever the others did. A group that failed is split: its children are
 * smaller, the second time single. Alone, a picture is tried with another provider, and then ends
 * with the reason. Judged answers are at most ATTEMPTS_MAX, claims at most DELIVERIES_MAX.
 */
#pragma once

#include "analysis-svc/fail.h"
#include "analysis-svc/flight.h"
#include "common/retry.h"

enum fate_do { FATE_STORE, FATE_AGAIN, FATE_FAIL };
struct fate {
    enum fate_do todo;
    enum fail_code fail;      /* FATE_FAIL */
    unsigned group;           /* FATE_AGAIN when the job ends: number of its child */
    enum transport transport; /* of that child */
};

struct ending {
    enum job_state to;   /* DONE: the rest lives on in children; READY: the same job again; DEAD */
    enum fail_code fail; /* of a dead job */
    int judged;          /* 1: an answer was judged */
    int waits;           /* 1: the backoff grows */
    int64_t due_ms;
    enum transport transport;
    unsigned tried, refused;
    unsigned groups;
};

struct decide_in {
    enum answer_class class;
    int bad_image; /* index into the flight's images, -1: not said */
    int64_t retry_after_ms;
    const bool *good; /* per image: its result can be stored (known answers are good) */
    unsigned all;     /* every provider, as bits */
    const struct retry_plan *retry;
    double unit; /* random, 0 <= unit < 1 */
};

/* fates: one per image of the flight. */
struct ending decide(const struct flight *f, const struct decide_in *in, struct fate *fates);
