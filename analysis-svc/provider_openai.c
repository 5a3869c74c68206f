/*
 * provider_openai.c - OpenAI's two dialects, Responses and Chat Completions (and servers that speak
 * the latter).
 *
 * Source: OpenAI's API reference (responses, chat, structured outputs) and its OpenAPI file.
 */
#include <string.h>

#include "analysis-svc/provider_dialect.h"

enum { WORDS_MAX = 4 << 10 };

static void write_headers(const struct provider *p, struct str *out)
{
    if (secret_is_set(p->key))
        str_addf(out, "Authorization: Bearer %s\n", secret_text(p->key));
}

/* Never "auto": what it means differs by model, and so would the price. */
static void write_detail(const struct provider *p, struct jw *w)
{
    const char *detail = p->detail && *p->detail ? p->detail : "high";
    bool original = strcmp(detail, "original") == 0;

    if (strcmp(detail, "auto") == 0 || (original && p->caps.refuses & REFUSES_DETAIL_ORIGINAL))
        detail = "high";
    if (!(p->caps.refuses & REFUSES_DETAIL))
        jw_text(w, "detail", detail);
}

static void write_text(struct jw *w, const char *type, const char *text)
{
    jw_open(w, '{');
    jw_text(w, "type", type);
    jw_text(w, "text", text);
    jw_close(w);
}

static void responses_content(const struct call *c, struct jw *w)
{
    AUTO(str_free) struct str words = STR_INIT(WORDS_MAX);

    jw_key(w, "content");
    jw_open(w, '[');
    for (size_t i = 0; i < c->n; i++) {
        dialect_image_id(&c->images[i], &words);
        write_text(w, "input_text", words.p);
        jw_open(w, '{');
        jw_text(w, "type", "input_image");
        dialect_image_url(w, "image_url", &c->images[i]);
        write_detail(c->p, w);
        jw_close(w);
    }
    dialect_request(c, &words);
    write_text(w, "input_text", words.p);
    jw_close(w);
}

static void write_format(const struct call *c, struct jw *w)
{
    jw_text(w, "name", c->schema_name);
    jw_bool(w, "strict", true);
    jw_raw(w, "schema", str_sv(&c->x->answer_schema));
}

static void responses_body(const struct call *c, struct jw *w)
{
    jw_bool(w, "store", false);
    jw_int(w, "max_output_tokens", c->p->max_output_tokens);
    if (dialect_effort(c->p)) {
        jw_key(w, "reasoning");
        jw_open(w, '{');
        jw_text(w, "effort", dialect_effort(c->p));
        jw_close(w);
    }
    dialect_sampling(c->p, w);
    jw_text(w, "instructions", c->x->prompt);
    jw_key(w, "input");
    jw_open(w, '[');
    jw_open(w, '{');
    jw_text(w, "role", "user");
    responses_content(c, w);
    jw_close(w);
    jw_close(w);
    jw_key(w, "text");
    jw_open(w, '{');
    jw_key(w, "format");
    jw_open(w, '{');
    jw_text(w, "type", "json_schema");
    write_format(c, w);
    jw_close(w);
    jw_close(w);
}

static void chat_content(const struct call *c, struct jw *w)
{
    AUTO(str_free) struct str words = STR_INIT(WORDS_MAX);

    jw_key(w, "content");
    jw_open(w, '[');
    for (size_t i = 0; i < c->n; i++) {
        dialect_image_id(&c->images[i], &words);
        write_text(w, "text", words.p);
        jw_open(w, '{');
        jw_text(w, "type", "image_url");
        jw_key(w, "image_url");
        jw_open(w, '{');
        dialect_image_url(w, "url", &c->images[i]);
        write_detail(c->p, w);
        jw_close(w);
        jw_close(w);
    }
    dialect_request(c, &words);
    write_text(w, "text", words.p);
    jw_close(w);
}

static void chat_messages(const struct call *c, struct jw *w)
{
    jw_key(w, "messages");
    jw_open(w, '[');
    jw_open(w, '{');
    jw_text(w, "role", "system");
    jw_text(w, "content", c->x->prompt);
    jw_close(w);
    jw_open(w, '{');
    jw_text(w, "role", "user");
    chat_content(c, w);
    jw_close(w);
    jw_close(w);
}

static void chat_body(const struct call *c, struct jw *w)
{
    if (dialect_effort(c->p))
        jw_text(w, "reasoning_effort", dialect_effort(c->p));
    jw_int(w, c->p->caps.old_limit ? "max_tokens" : "max_completion_tokens",
           c->p->max_output_tokens);
    dialect_sampling(c->p, w);
    chat_messages(c, w);
    jw_key(w, "response_format");
    jw_open(w, '{');
    jw_text(w, "type", "json_schema");
    jw_key(w, "json_schema");
    jw_open(w, '{');
    write_format(c, w);
    jw_close(w);
    jw_close(w);
}

static void responses_usage(const struct json *u, struct provider_usage *out)
{
    const struct json *in = json_find(u, "input_tokens_details");

    out->input = dialect_count(u, "input_tokens");
    out->cached = dialect_count(in, "cached_tokens");
    out->cache_write = dialect_count(in, "cache_write_tokens");
    out->output = dialect_count(u, "output_tokens");
    out->reasoning = dialect_count(json_find(u, "output_tokens_details"), "reasoning_tokens");
}

static void chat_usage(const struct json *u, struct provider_usage *out)
{
    const struct json *in = json_find(u, "prompt_tokens_details");

    out->input = dialect_count(u, "prompt_tokens");
    out->cached = dialect_count(in, "cached_tokens");
    out->cache_write = dialect_count(in, "cache_write_tokens");
    out->output = dialect_count(u, "completion_tokens");
    out->reasoning = dialect_count(json_find(u, "completion_tokens_details"), "reasoning_tokens");
}

/* Texts of the message items in turn; false: the model refused, and said why. */
static bool take_message(const struct json *item, struct provider_answer *out)
{
    const struct json *part = json_first(json_find(item, "content"));

    for (; part; part = json_next(part)) {
        const char *type = json_text_or(part, "type", "");

        if (strcmp(type, "refusal") == 0) {
            dialect_end(out, ANSWER_REFUSED, json_text_or(part, "refusal", ""));
            return false;
        }
        if (strcmp(type, "output_text") == 0)
            str_addz(&out->text, json_text_or(part, "text", ""));
    }
    return true;
}

static void responses_incomplete(const struct json *body, struct provider_answer *out)
{
    const char *why = json_text_or(json_find(body, "incomplete_details"), "reason", "");

    if (strcmp(why, "max_output_tokens") == 0)
        dialect_end(out, ANSWER_TRUNCATED, why);
    else if (strcmp(why, "content_filter") == 0)
        dialect_end(out, ANSWER_REFUSED, why);
    else
        dialect_end(out, ANSWER_NONSENSE, "the answer is incomplete and does not say why");
}

/* status "failed" always carries an error object, which provider.c has read before. */
static void responses_answer(const struct json *body, struct provider_answer *out)
{
    const char *status = json_text_or(body, "status", "");
    const struct json *item = json_first(json_find(body, "output"));

    if (strcmp(status, "incomplete") == 0) {
        responses_incomplete(body, out);
        return;
    }
    if (strcmp(status, "completed") != 0) {
        dialect_end(out, strcmp(status, "failed") == 0 ? ANSWER_SERVER : ANSWER_NONSENSE,
                    *status ? status : "the answer has no status");
        return;
    }
    for (; item; item = json_next(item))
        if (strcmp(json_text_or(item, "type", ""), "message") == 0 && !take_message(item, out))
            return;
    if (out->text.n == 0)
        dialect_end(out, ANSWER_NONSENSE, "the answer holds no text");
    else
        out->class = ANSWER_OK;
}

static bool is_text(const struct json *n) { return json_text(n) && *json_text(n); }

static void chat_answer(const struct json *body, struct provider_answer *out)
{
    const struct json *choice = json_first(json_find(body, "choices"));
    const struct json *message = json_find(choice, "message");
    const char *why = json_text_or(choice, "finish_reason", "");

    if (is_text(json_find(message, "refusal")))
        dialect_end(out, ANSWER_REFUSED, json_text(json_find(message, "refusal")));
    else if (strcmp(why, "length") == 0)
        dialect_end(out, ANSWER_TRUNCATED, why);
    else if (strcmp(why, "content_filter") == 0)
        dialect_end(out, ANSWER_REFUSED, why);
    else if (strcmp(why, "stop") != 0)
        dialect_end(out, ANSWER_NONSENSE, *why ? why : "the answer has no finish_reason");
    else if (!is_text(json_find(message, "content")))
        dialect_end(out, ANSWER_NONSENSE, "the answer holds no text");
    else {
        str_addz(&out->text, json_text(json_find(message, "content")));
        out->class = ANSWER_OK;
    }
}

const struct dialect dialect_responses = {"/responses",   "x-request-id",  write_headers,
                                          responses_body, responses_usage, responses_answer};
const struct dialect dialect_chat = {"/chat/completions", "x-request-id", write_headers,
                                     chat_body,           chat_usage,     chat_answer};
