/* state.h - proto/snapshot_state.def and fail.def as C: what a person is told about a picture. */
#pragma once

#include "common/base.h"

enum snapshot_state {
#define SNAPSHOT_STATE(name, wire, old, label, progress, terminal) SNAPSHOT_##name,
#include "proto/snapshot_state.def"
#undef SNAPSHOT_STATE
    SNAPSHOT_STATE_COUNT_
};

struct snapshot_word {
    const char *wire, *old, *label; /* old: processingStatus, the five words of the old front end */
    int progress;
    bool terminal;
};
extern const struct snapshot_word snapshot_words[SNAPSHOT_STATE_COUNT_];

/* By wire name; an unknown one is PENDING, for the analysis may learn words before we do. */
const struct snapshot_word *snapshot_word_of(const char *wire);
bool snapshot_needs_review(const struct snapshot_word *w);

/* An image_state of analysis-svc as the word a person sees. */
const char *snapshot_wire_of_image(const char *image_state);

/* The sentence for a fail code; NULL when there is none. */
const char *fail_sentence(const char *code);
