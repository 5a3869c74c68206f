/*
 * wire.h - the model providers' dialects, from their side of the wire.
 *
 * In:      the JSON of a request to OpenAI's Responses or Chat Completions, or to Anthropic's
 * Messages. Out:     a call: the pictures with their ids and the JSON Schema of one picture's
 * answer; and back: answers, errors and the list of models as the providers write them. Holds:
 * views into the request's JSON, which must outlive the call. Pure. Errors:  ERR_BAD_REQUEST, in
 * the words a provider would use. Source:  OpenAI's API reference and OpenAPI file; Anthropic's API
 * reference (messages, vision, errors, models).
 */
#pragma once

#include "common/err.h"
#include "common/json.h"
#include "common/str.h"

#define WIRE_IMAGES_MAX 100
#define WIRE_MODEL      "tesseract-reader"

enum wire_dialect { WIRE_RESPONSES, WIRE_CHAT, WIRE_MESSAGES };

struct wire_image {
    char id[80];
    const char *url;    /* http, https or data:...;base64, ; NULL: base64 */
    const char *base64; /* Anthropic's base64 source */
};

struct wire_call {
    enum wire_dialect dialect;
    const char *model;
    const struct json *item; /* schema of one result */
    struct wire_image image[WIRE_IMAGES_MAX];
    size_t n;
    size_t text_bytes; /* of the request's texts and schema */
};

/* Honest counts: this reader has no tokens, so four bytes of text count as one, and a picture by
 * the patches of 28 x 28 pixels that Anthropic would count. */
struct wire_usage {
    int64_t input, output, image;
};

MUST_CHECK bool wire_read(enum wire_dialect dialect, const struct json *body, struct wire_call *out,
                          struct err *err);

/* `text` is the answer, itself JSON. created: seconds since 1970. id: unique, without prefix. */
void wire_answer(const struct wire_call *call, struct sv text, const struct wire_usage *usage,
                 const char *id, int64_t created, struct str *out);

/* The error body for a request that failed before or while it was answered. */
void wire_error(enum wire_dialect dialect, const struct err *err, const char *request_id,
                struct str *out);
int wire_status(const struct err *err);

void wire_models(bool anthropic, struct str *out);
