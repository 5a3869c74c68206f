/*
 * fail.c - the tables of proto/ as names, sentences and SQL guards.
 *
 * The guards are made once (pthread_once) and never change: any thread may keep the pointers.
 */
#include "analysis-svc/fail.h"

#include <pthread.h>
#include <stdio.h>

struct state {
    const char *wire;
    unsigned to; /* bit n: may become state n */
};

static const struct state images[] = {
#define TO(name)                    (1U << IMAGE_##name)
#define IMAGE_STATE(name, wire, to) {wire, to},
#include "proto/image_state.def"
#undef IMAGE_STATE
#undef TO
};

static const struct state jobs[] = {
#define TO(name)                  (1U << JOB_##name)
#define JOB_STATE(name, wire, to) {wire, to},
#include "proto/job_state.def"
#undef JOB_STATE
#undef TO
};

enum { GUARD_SIZE = 96 };
static char image_guards[IMAGE_STATE_COUNT_][GUARD_SIZE];
static char job_guards[JOB_STATE_COUNT_][GUARD_SIZE];

static void write_guard(const struct state *states, size_t n, size_t to, char out[GUARD_SIZE])
{
    size_t used = 1;

    out[0] = '{';
    for (size_t from = 0; from < n; from++) {
        if (!(states[from].to & (1U << to)))
            continue;
        used += (size_t)snprintf(out + used, GUARD_SIZE - used, "%s%s", used > 1 ? "," : "",
                                 states[from].wire);
    }
    snprintf(out + used, GUARD_SIZE - used, "}");
}

static void write_guards(void)
{
    for (size_t to = 0; to < IMAGE_STATE_COUNT_; to++)
        write_guard(images, COUNT_OF(images), to, image_guards[to]);
    for (size_t to = 0; to < JOB_STATE_COUNT_; to++)
        write_guard(jobs, COUNT_OF(jobs), to, job_guards[to]);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

const char *image_state_wire(enum image_state s) { return images[s].wire; }
const char *job_state_wire(enum job_state s) { return jobs[s].wire; }

const char *image_state_sources(enum image_state to)
{
    pthread_once(&once, write_guards);
    return image_guards[to];
}

const char *job_state_sources(enum job_state to)
{
    pthread_once(&once, write_guards);
    return job_guards[to];
}

const char *fail_wire(enum fail_code f)
{
    static const char *const wires[] = {
#define FAIL(name, wire, text) wire,
#include "proto/fail.def"
#undef FAIL
    };
    return wires[f];
}

const char *fail_text(enum fail_code f)
{
    static const char *const texts[] = {
#define FAIL(name, wire, text) text,
#include "proto/fail.def"
#undef FAIL
    };
    return texts[f];
}
