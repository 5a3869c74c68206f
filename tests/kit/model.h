/*
 * model.h - a model provider that answers from a script (OpenAI's Responses), on a free port.
 *
 * Each call takes the next step; the last step repeats. What it "reads" is always the same two
 * rows, for exactly the ids it was given: the judging is what is tested, not the eyes. It fetches
 * nothing unless the step says so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kit_model_act {
    KIT_MODEL_READ,   /* a good answer, without the first `skip` pictures */
    KIT_MODEL_FETCH,  /* the same, but every URL is downloaded first, or answered as OpenAI does */
    KIT_MODEL_STATUS, /* status, headers and body as they stand here */
};
struct kit_model_step {
    enum kit_model_act act;
    int delay_ms;
    size_t skip;
    int status;
    const char *header[2]; /* name, value */
    const char *body;
};
struct kit_model;

struct kit_model *kit_model_open(const struct kit_model_step *steps, size_t n); /* borrowed */
void kit_model_close(struct kit_model **m);
const char *kit_model_url(const struct kit_model *m); /* with /v1 */
size_t kit_model_calls(struct kit_model *m);
size_t kit_model_busy(struct kit_model *m);    /* calls that are being answered */
size_t kit_model_images(struct kit_model *m);  /* pictures seen, of all calls */
size_t kit_model_fetched(struct kit_model *m); /* pictures downloaded */
size_t kit_model_bytes(struct kit_model *m);   /* pictures that came as bytes */
