/* fail.h - proto/fail.def, proto/image_state.def and proto/job_state.def as C. */
#pragma once

#include "common/base.h"

enum fail_code {
#define FAIL(name, wire, text) FAIL_##name,
#include "proto/fail.def"
#undef FAIL
    FAIL_COUNT_
};
const char *fail_wire(enum fail_code f);
const char *fail_text(enum fail_code f); /* the sentence for people */

enum image_state {
#define IMAGE_STATE(name, wire, to) IMAGE_##name,
#include "proto/image_state.def"
#undef IMAGE_STATE
    IMAGE_STATE_COUNT_
};
const char *image_state_wire(enum image_state s);
const char *image_state_sources(
    enum image_state to); /* "{waiting,doubtful}": who may become it, for an SQL guard */

enum job_state {
#define JOB_STATE(name, wire, to) JOB_##name,
#include "proto/job_state.def"
#undef JOB_STATE
    JOB_STATE_COUNT_
};
const char *job_state_wire(enum job_state s);
const char *job_state_sources(enum job_state to);
