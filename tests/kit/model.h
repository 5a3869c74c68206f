/*
 * model.h - a model provider that answers from a script (OpenAI's Responses), on a free port.
 *
 * Each call takes the next step; the last step repeats, and one with for_ms does for so long. What
 * it "reads" is always the same two rows, for exactly the ids it was given: the judging is what is
 * tested, not the eyes. It fetches nothing unless the step says so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/json_write.h"

enum kit_model_act {
    KIT_MODEL_READ,   /* a good answer, without the first `skip` pictures */
    KIT_MODEL_FETCH,  /* the same, but every URL is downloaded first, or answered as OpenAI does */
    KIT_MODEL_STATUS, /* status, headers and body as they stand here */
    KIT_MODEL_THINK,  /* a good answer behind a reasoning item */
    KIT_MODEL_FENCED, /* a good answer in a fence */
    KIT_MODEL_WRONG_ID, /* the first picture's result under an id that nobody gave */
    KIT_MODEL_DOUBLED,  /* the first picture's result twice */
    KIT_MODEL_CUT,      /* incomplete: the output budget is used up */
    KIT_MODEL_REFUSE,
    KIT_MODEL_EMPTY,  /* completed, and nothing in it */
    KIT_MODEL_DEEP,   /* the answer's text is 10,000 brackets */
    KIT_MODEL_BROKEN, /* a body that is cut in the middle of a UTF-8 character */
    KIT_MODEL_HUGE,   /* a body of 200 MB */
    KIT_MODEL_STALL,  /* half of a body, then silence */
    KIT_MODEL_RESET,  /* half of a body, then the end of the connection */
};
struct kit_model_step {
    enum kit_model_act act;
    int delay_ms;
    int for_ms; /* 0: one call; else every call from its first for so long */
    size_t skip;
    int status;
    const char *header[2]; /* name, value */
    const char *body;
};
struct kit_model;

/* What is "read" from a picture, as an element of `results`. */
void kit_model_result(struct jw *w, const char *id);

struct kit_model *kit_model_open(const struct kit_model_step *steps, size_t n); /* borrowed */
void kit_model_close(struct kit_model **m);
const char *kit_model_url(const struct kit_model *m); /* with /v1 */
size_t kit_model_calls(struct kit_model *m);
size_t kit_model_busy(struct kit_model *m);    /* calls that are being answered */
size_t kit_model_images(struct kit_model *m);  /* pictures seen, of all calls */
size_t kit_model_fetched(struct kit_model *m); /* pictures downloaded */
size_t kit_model_bytes(struct kit_model *m);   /* pictures that came as bytes */
