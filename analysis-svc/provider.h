/*
 * provider.h - what a model provider is: a request out, an answer in. Pure: text in, text out; no
 * clock, network or log.
 *
 * Dialects: OpenAI Responses, OpenAI Chat Completions (and compatible servers), Anthropic Messages.
 * One extractor's schema is sent in each dialect's own place; structured output is never left out.
 * No sampling parameter is sent unless configured.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "analysis-svc/model_caps.h"
#include "common/base.h"
#include "common/err.h"
#include "common/secret.h"
#include "common/str.h"

enum provider_dialect { DIALECT_RESPONSES, DIALECT_CHAT, DIALECT_MESSAGES, DIALECT_COUNT_ };

enum answer_do {
    DO_JUDGE,
    DO_SPLIT,
    DO_TRANSPORT,
    DO_RETRY,
    DO_FALLBACK,
    DO_AGAIN,
    DO_BLOCK,
    DO_FAIL
};
enum answer_class {
#define ANSWER(name, wire, todo, breaks) ANSWER_##name,
#include "analysis-svc/answer_class.def"
#undef ANSWER
    ANSWER_COUNT_
};
const char *answer_wire(enum answer_class c);
enum answer_do answer_do(enum answer_class c);
bool answer_breaks(enum answer_class c);

struct provider {
    const char *name; /* "openai", "anthropic" */
    enum provider_dialect dialect;
    const char *base_url; /* openai: with /v1; anthropic: without */
    struct secret key;    /* not set: no authorization is sent */
    const char *model;
    const char *detail; /* openai image detail: "high", "low", "original"; never "auto" */
    const char *effort; /* reasoning effort, "": not sent */
    int64_t max_output_tokens;
    const char *temperature; /* "" or NULL: not sent */
    size_t images_max;       /* per call */
    struct model_caps caps;  /* its prices count; a setting has gone into them */
};

struct call_image {
    const char *id;   /* opaque, short: what the model must answer with */
    const char *url;  /* presigned; or NULL and then */
    struct sv base64; /* the bytes, encoded */
    const char *type; /* "image/png" */
};

struct provider_request {
    struct str url, body;
    struct str headers; /* "Name: value\n"... : the key is in here, never log it */
};
void provider_request_free(struct provider_request *r);

struct provider_ask {
    const struct call_image *images;
    size_t n;
    const char *hint; /* one sentence of context for the user turn (campaign, platform), data not
                         instruction; may be "" */
};

/* Errors: ERR_TOO_LARGE: fewer pictures may fit; ERR_INTERNAL. */
MUST_CHECK bool provider_build(const struct provider *p, const struct extractor *x,
                               const struct provider_ask *ask, struct provider_request *out,
                               struct err *err);

struct provider_usage {
    int64_t input, cached, cache_write, output,
        reasoning; /* tokens; input: all of it, cached included */
};
struct provider_answer {
    enum answer_class class;
    struct str text; /* ANSWER_OK: the model's JSON text, unparsed */
    struct provider_usage usage;
    char request_id[96];
    char model[96];         /* as the provider says it */
    char message[240];      /* the provider's words, signatures cut out */
    int64_t retry_after_ms; /* -1: not said */
    int bad_image;          /* index of the image at fault, -1: not said */
};
void provider_answer_free(struct provider_answer *a);

struct provider_reply {
    int status;              /* 0: nothing came, and code says why (ERR_TIMEOUT, ERR_UPSTREAM...) */
    enum err_code code;      /* looked at when status is 0 */
    struct sv headers, body; /* headers: raw lines */
};

/* Read what came. Never fails: what cannot be read is ANSWER_NONSENSE. now: wall seconds. */
void provider_read(const struct provider *p, const struct provider_reply *reply, int64_t now,
                   struct provider_answer *out);

/* Headers of a request as a NULL-ended list of lines, cut in place; the request keeps them. */
void provider_header_lines(struct provider_request *r, const char **lines, size_t room);

/* Is the model still there? provider_model.c. */
enum model_state { MODEL_THERE, MODEL_GONE, MODEL_BLIND, MODEL_UNKNOWN };
struct provider_model {
    enum model_state state;
    int64_t shutdown_at; /* wall seconds; 0: none is said */
    char note[160];      /* why not */
};
void provider_model_request(const struct provider *p, struct provider_request *out);
void provider_model_read(const struct provider_reply *reply, int64_t now,
                         struct provider_model *out);

int64_t provider_cost(const struct provider *p,
                      const struct provider_usage *u); /* micro-USD, rounded up */
