/*
 * provider_model.c - is the model that we ask for still there? See provider.h.
 *
 * Source: GET /v1/models/{model} of both vendors; OpenAI's OpenAPI file (shutdown_date),
 * Anthropic's SDK (capabilities.image_input).
 */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/provider_dialect.h"
#include "analysis-svc/provider_fault.h"
#include "analysis-svc/redact.h"
#include "common/clock.h"
#include "common/url.h"

enum { TEXT_ROOM = 8 << 10 };

void provider_model_request(const struct provider *p, struct provider_request *out)
{
    *out = (struct provider_request){STR_INIT(TEXT_ROOM), STR_INIT(0), STR_INIT(TEXT_ROOM)};
    dialect_base(p, &out->url);
    str_addz(&out->url, p->dialect == DIALECT_MESSAGES ? "/v1/models/" : "/models/");
    url_encode(&out->url, sv_of(p->model));
    dialect_of(p)->headers(p, &out->headers);
}

/* A day as text or seconds since 1970; 0: none is said. */
static int64_t shutdown_of(const struct json *doc)
{
    const struct json *at = json_find(doc, "shutdown_date");
    const char *text = json_text(at);
    int64_t day;

    if (text && strlen(text) >= 10 && clock_parse_day((struct sv){text, 10}, &day))
        return day;
    return at && json_type(at) == JSON_NUMBER ? json_int_or(doc, "shutdown_date", 0) : 0;
}

static bool is_blind(const struct json *doc)
{
    const struct json *images = json_find(json_find(doc, "capabilities"), "image_input");
    const struct json *word = json_find(images, "supported");

    if (!word)
        word = images;
    return word && json_type(word) == JSON_BOOL && !json_is_true(word);
}

static void read_model(const struct json *doc, int64_t now, struct provider_model *out)
{
    out->shutdown_at = shutdown_of(doc);
    out->state = MODEL_THERE;
    if (out->shutdown_at > 0 && out->shutdown_at <= now) {
        out->state = MODEL_GONE;
        snprintf(out->note, sizeof out->note, "it was shut down");
    } else if (is_blind(doc)) {
        out->state = MODEL_BLIND;
        snprintf(out->note, sizeof out->note, "it takes no pictures");
    }
}

void provider_model_read(const struct provider_reply *reply, int64_t now,
                         struct provider_model *out)
{
    struct fault f = {.status = reply->status};
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    *out = (struct provider_model){.state = MODEL_UNKNOWN};
    if (!json_parse(reply->body, &doc, &err) || json_type(doc) != JSON_OBJECT) {
        snprintf(out->note, sizeof out->note, "status %d without JSON", reply->status);
        return;
    }
    if (reply->status == 200) {
        read_model(doc, now, out);
        return;
    }
    fault_read(doc, &f);
    redact_copy(sv_of(f.message), out->note, sizeof out->note);
    if (fault_class(&f) == ANSWER_MODEL)
        out->state = MODEL_GONE;
}
