/*
 * together.h - jobs that come at about the same time are done at once, by a thread of its own.
 *
 * In:      jobs, which lie with their callers until together_wait returns, and a function that does
 *          many of them; it says in each job what came of it.
 * Threads: together_put and together_wait from any; one of its own, for one round at a time: what
 *          comes meanwhile is the next one.
 */
#pragma once

#include <pthread.h>

#include "common/base.h"
#include "common/err.h"

struct together_job { /* zero before it is put */
    struct together_job *next;
    pthread_cond_t over;
    bool put, done;
};

enum { TOGETHER_MAX = 64 }; /* jobs of one round */
/* jobs: as they came; n is at least 1. */
typedef void together_work_fn(void *arg, struct together_job **jobs, size_t n);

struct together;
MUST_CHECK bool together_open(together_work_fn *work, void *arg, struct together **out,
                              struct err *err);
void together_put(struct together *t, struct together_job *job);
void together_wait(struct together *t, struct together_job *job); /* nothing was put: at once */
void together_close(struct together **t); /* nobody puts or waits any more. NULL is fine */
