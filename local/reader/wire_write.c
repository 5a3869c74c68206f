/*
 * wire_write.c - answers and errors in the providers' forms.
 */
#include <stdio.h>
#include <string.h>

#include "common/json_write.h"
#include "local/reader/wire.h"

#define WHAT "offline reader (Tesseract), not a language model"

static void put_id(struct jw *w, const char *prefix, const char *id)
{
    char text[96];

    snprintf(text, sizeof text, "%s%.80s", prefix, id);
    jw_text(w, "id", text);
}

static void open_member(struct jw *w, const char *key, char bracket)
{
    jw_key(w, key);
    jw_open(w, bracket);
}

static void responses_usage(const struct wire_usage *u, struct jw *w)
{
    open_member(w, "usage", '{');
    jw_int(w, "input_tokens", u->input);
    open_member(w, "input_tokens_details", '{');
    jw_int(w, "cached_tokens", 0);
    jw_int(w, "cache_write_tokens", 0);
    jw_close(w);
    jw_int(w, "output_tokens", u->output);
    open_member(w, "output_tokens_details", '{');
    jw_int(w, "reasoning_tokens", 0);
    jw_close(w);
    jw_int(w, "total_tokens", u->input + u->output);
    jw_close(w);
}

static void responses_answer(const struct wire_call *c, struct sv text, const struct wire_usage *u,
                             const char *id, int64_t created, struct jw *w)
{
    put_id(w, "resp_", id);
    jw_text(w, "object", "response");
    jw_int(w, "created_at", created);
    jw_text(w, "status", "completed");
    jw_text(w, "error", NULL);
    jw_text(w, "incomplete_details", NULL);
    jw_text(w, "model", c->model);
    open_member(w, "output", '[');
    jw_open(w, '{');
    put_id(w, "msg_", id);
    jw_text(w, "type", "message");
    jw_text(w, "role", "assistant");
    jw_text(w, "status", "completed");
    open_member(w, "content", '[');
    jw_open(w, '{');
    jw_text(w, "type", "output_text");
    jw_sv(w, "text", text);
    open_member(w, "annotations", '[');
    jw_close(w);
    jw_close(w);
    jw_close(w);
    jw_close(w);
    jw_close(w);
    responses_usage(u, w);
}

static void chat_usage(const struct wire_usage *u, struct jw *w)
{
    open_member(w, "usage", '{');
    jw_int(w, "prompt_tokens", u->input);
    jw_int(w, "completion_tokens", u->output);
    jw_int(w, "total_tokens", u->input + u->output);
    open_member(w, "prompt_tokens_details", '{');
    jw_int(w, "cached_tokens", 0);
    jw_int(w, "cache_write_tokens", 0);
    jw_int(w, "image_tokens", u->image);
    jw_close(w);
    open_member(w, "completion_tokens_details", '{');
    jw_int(w, "reasoning_tokens", 0);
    jw_close(w);
    jw_close(w);
}

static void chat_answer(const struct wire_call *c, struct sv text, const struct wire_usage *u,
                        const char *id, int64_t created, struct jw *w)
{
    put_id(w, "chatcmpl-", id);
    jw_text(w, "object", "chat.completion");
    jw_int(w, "created", created);
    jw_text(w, "model", c->model);
    jw_text(w, "service_tier", "default");
    open_member(w, "choices", '[');
    jw_open(w, '{');
    jw_int(w, "index", 0);
    jw_text(w, "finish_reason", "stop");
    jw_text(w, "logprobs", NULL);
    open_member(w, "message", '{');
    jw_text(w, "role", "assistant");
    jw_text(w, "refusal", NULL);
    jw_sv(w, "content", text);
    jw_close(w);
    jw_close(w);
    jw_close(w);
    chat_usage(u, w);
}

static void messages_answer(const struct wire_call *c, struct sv text, const struct wire_usage *u,
                            const char *id, struct jw *w)
{
    put_id(w, "msg_", id);
    jw_text(w, "type", "message");
    jw_text(w, "role", "assistant");
    jw_text(w, "model", c->model);
    open_member(w, "content", '[');
    jw_open(w, '{');
    jw_text(w, "type", "text");
    jw_sv(w, "text", text);
    jw_close(w);
    jw_close(w);
    jw_text(w, "stop_reason", "end_turn");
    jw_text(w, "stop_sequence", NULL);
    open_member(w, "usage", '{');
    jw_int(w, "input_tokens", u->input);
    jw_int(w, "cache_creation_input_tokens", 0);
    jw_int(w, "cache_read_input_tokens", 0);
    jw_int(w, "output_tokens", u->output);
    jw_close(w);
}

void wire_answer(const struct wire_call *call, struct sv text, const struct wire_usage *usage,
                 const char *id, int64_t created, struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    switch (call->dialect) {
    case WIRE_RESPONSES:
        responses_answer(call, text, usage, id, created, &w);
        break;
    case WIRE_CHAT:
        chat_answer(call, text, usage, id, created, &w);
        break;
    case WIRE_MESSAGES:
        messages_answer(call, text, usage, id, &w);
        break;
    }
    jw_close(&w);
}

/* A URL that cannot be fetched is the caller's fault at the providers: 400, not 502. */
int wire_status(const struct err *err)
{
    int status = err_http(err->code);
    bool ours = err->code == ERR_INTERNAL || err->code == ERR_BUSY || err->code == ERR_CLOSING;

    return ours || status == 413 || status == 404 ? status : 400;
}

/* Of whose making an error is: the parameter and code that OpenAI would name. */
static void openai_kind(const struct err *err, const char **param, const char **code)
{
    *param = NULL;
    *code = NULL;
    if (err->code == ERR_UPSTREAM || err->code == ERR_TIMEOUT) {
        *param = "url";
        *code = "invalid_value";
    } else if (err->code != ERR_BAD_REQUEST && err_http(err->code) < 500) {
        *param = "input";
        *code = "invalid_value";
    }
}

static void openai_error(const struct err *err, struct jw *w)
{
    const char *param, *code;
    bool ours = err->code == ERR_INTERNAL || err->code == ERR_BUSY || err->code == ERR_CLOSING;

    openai_kind(err, &param, &code);
    open_member(w, "error", '{');
    jw_text(w, "message", err->msg);
    jw_text(w, "type", ours ? "server_error" : "invalid_request_error");
    jw_text(w, "param", param);
    jw_text(w, "code", ours ? "server_error" : code);
    jw_close(w);
}

static void anthropic_error(const struct err *err, const char *request_id, struct jw *w)
{
    int status = wire_status(err);

    jw_text(w, "type", "error");
    open_member(w, "error", '{');
    jw_text(w, "type",
            status == 413   ? "request_too_large"
            : status >= 500 ? "api_error"
                            : "invalid_request_error");
    jw_text(w, "message", err->msg);
    jw_close(w);
    jw_text(w, "request_id", request_id);
}

void wire_error(enum wire_dialect dialect, const struct err *err, const char *request_id,
                struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    if (dialect == WIRE_MESSAGES)
        anthropic_error(err, request_id, &w);
    else
        openai_error(err, &w);
    jw_close(&w);
}

static void model_fields(bool anthropic, struct jw *w)
{
    jw_text(w, "id", WIRE_MODEL);
    jw_text(w, anthropic ? "type" : "object", "model");
    if (anthropic)
        jw_text(w, "created_at", "2026-11-22T00:00:00Z");
    else
        jw_int(w, "created", 1795305600);
    jw_text(w, "display_name", "Snapkey reader: " WHAT);
    jw_text(w, "description", WHAT);
    jw_text(w, "owned_by", "snapkey");
}

void wire_models(bool anthropic, struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    if (!anthropic)
        jw_text(&w, "object", "list");
    open_member(&w, "data", '[');
    jw_open(&w, '{');
    model_fields(anthropic, &w);
    jw_close(&w);
    jw_close(&w);
    jw_bool(&w, "has_more", false);
    jw_text(&w, "first_id", WIRE_MODEL);
    jw_text(&w, "last_id", WIRE_MODEL);
    jw_close(&w);
}
