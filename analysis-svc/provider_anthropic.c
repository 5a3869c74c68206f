/*
 * provider_anthropic.c - the dialect of Anthropic's Messages API.
 *
 * Source: Anthropic's API reference (messages, vision, structured outputs, prompt caching, errors).
 */
#include <string.h>

#include "analysis-svc/provider_dialect.h"

enum { WORDS_MAX = 4 << 10 };

static void write_headers(const struct provider *p, struct str *out)
{
    str_addz(out, "anthropic-version: 2023-06-01\n");
    if (secret_is_set(p->key))
        str_addf(out, "x-api-key: %s\n", secret_text(p->key));
}

static void write_text(struct jw *w, const char *text)
{
    jw_open(w, '{');
    jw_text(w, "type", "text");
    jw_text(w, "text", text);
    jw_close(w);
}

static void write_source(struct jw *w, const struct call_image *image)
{
    jw_key(w, "source");
    jw_open(w, '{');
    jw_text(w, "type", image->url ? "url" : "base64");
    if (image->url) {
        jw_text(w, "url", image->url);
    } else {
        jw_text(w, "media_type", image->type);
        jw_raw(w, "data", SV_LIT("\""));
        str_addv(w->out, image->base64); /* base64 needs no escaping */
        str_addc(w->out, '"');
    }
    jw_close(w);
}

static void write_content(const struct call *c, struct jw *w)
{
    AUTO(str_free) struct str words = STR_INIT(WORDS_MAX);

    jw_key(w, "content");
    jw_open(w, '[');
    for (size_t i = 0; i < c->n; i++) {
        dialect_image_id(&c->images[i], &words);
        write_text(w, words.p);
        jw_open(w, '{');
        jw_text(w, "type", "image");
        write_source(w, &c->images[i]);
        jw_close(w);
    }
    dialect_request(c, &words);
    write_text(w, words.p);
    jw_close(w);
}

/* The cache breakpoint stands behind the instructions, the only part that calls share. */
static void write_system(const struct call *c, struct jw *w)
{
    jw_key(w, "system");
    jw_open(w, '[');
    jw_open(w, '{');
    jw_text(w, "type", "text");
    jw_text(w, "text", c->x->prompt);
    jw_key(w, "cache_control");
    jw_open(w, '{');
    jw_text(w, "type", "ephemeral");
    jw_close(w);
    jw_close(w);
    jw_close(w);
}

static void write_output_config(const struct call *c, struct jw *w)
{
    if (c->p->caps.by_tool && !dialect_effort(c->p))
        return;
    jw_key(w, "output_config");
    jw_open(w, '{');
    if (dialect_effort(c->p))
        jw_text(w, "effort", dialect_effort(c->p));
    if (!c->p->caps.by_tool) {
        jw_key(w, "format");
        jw_open(w, '{');
        jw_text(w, "type", "json_schema");
        jw_raw(w, "schema", str_sv(&c->x->answer_schema));
        jw_close(w);
    }
    jw_close(w);
}

/* A model without structured output is made to call a tool that takes the very same schema. */
static void write_tool(const struct call *c, struct jw *w)
{
    jw_key(w, "tools");
    jw_open(w, '[');
    jw_open(w, '{');
    jw_text(w, "name", c->schema_name);
    jw_text(w, "description", "Record what the pictures show.");
    jw_raw(w, "input_schema", str_sv(&c->x->answer_schema));
    jw_close(w);
    jw_close(w);
    jw_key(w, "tool_choice");
    jw_open(w, '{');
    jw_text(w, "type", "tool");
    jw_text(w, "name", c->schema_name);
    jw_close(w);
}

static void messages_body(const struct call *c, struct jw *w)
{
    jw_int(w, "max_tokens", c->p->max_output_tokens);
    dialect_sampling(c->p, w);
    write_system(c, w);
    write_output_config(c, w);
    if (c->p->caps.by_tool)
        write_tool(c, w);
    jw_key(w, "messages");
    jw_open(w, '[');
    jw_open(w, '{');
    jw_text(w, "role", "user");
    write_content(c, w);
    jw_close(w);
    jw_close(w);
}

/* input_tokens counts only what stands behind the last cache breakpoint: all of it is the sum. */
static void messages_usage(const struct json *u, struct provider_usage *out)
{
    out->cached = dialect_count(u, "cache_read_input_tokens");
    out->cache_write = dialect_count(u, "cache_creation_input_tokens");
    out->input = dialect_count(u, "input_tokens") + out->cached + out->cache_write;
    out->output = dialect_count(u, "output_tokens");
    out->reasoning = dialect_count(json_find(u, "output_tokens_details"), "thinking_tokens");
}

static enum answer_class stop_class(const char *reason)
{
    static const struct {
        const char *reason;
        enum answer_class class;
    } table[] = {{"end_turn", ANSWER_OK},
                 {"stop_sequence", ANSWER_OK},
                 {"tool_use", ANSWER_OK},
                 {"max_tokens", ANSWER_TRUNCATED},
                 {"model_context_window_exceeded", ANSWER_TRUNCATED},
                 {"refusal", ANSWER_REFUSED}};

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (strcmp(table[i].reason, reason) == 0)
            return table[i].class;
    return ANSWER_NONSENSE;
}

/* A thinking block may stand first. The input of the forced tool is the answer itself. */
static void take_block(const struct json *block, bool tool, struct provider_answer *out)
{
    const char *type = json_text_or(block, "type", "");

    if (!tool && strcmp(type, "text") == 0)
        str_addz(&out->text, json_text_or(block, "text", ""));
    else if (tool && strcmp(type, "tool_use") == 0 && json_find(block, "input"))
        json_print(json_find(block, "input"), &out->text);
}

static void messages_answer(const struct json *body, struct provider_answer *out)
{
    const char *reason = json_text_or(body, "stop_reason", "");
    const char *why = json_text_or(json_find(body, "stop_details"), "explanation", reason);
    const struct json *block = json_first(json_find(body, "content"));
    bool tool = strcmp(reason, "tool_use") == 0;

    out->class = stop_class(reason);
    if (out->class != ANSWER_OK) {
        dialect_end(out, out->class, *why ? why : "the answer has no stop_reason");
        return;
    }
    for (; block; block = json_next(block))
        take_block(block, tool, out);
    if (out->text.n == 0)
        dialect_end(out, ANSWER_NONSENSE, "the answer holds no text");
}

const struct dialect dialect_messages = {"/v1/messages", "request-id",   write_headers,
                                         messages_body,  messages_usage, messages_answer};
