/*
 * provider_fault.c - see provider_fault.h.
 */
#include "analysis-svc/provider_fault.h"

#include <ctype.h>
#include <string.h>

#include "common/clock.h"

struct rule {
    const char *words;
    enum answer_class class;
};

static const struct rule codes[] = {
#define FAULT_CODE(words, class) {words, ANSWER_##class},
#define FAULT_PHRASE(words, class)
#include "analysis-svc/provider_fault.def"
#undef FAULT_CODE
#undef FAULT_PHRASE
};
static const struct rule phrases[] = {
#define FAULT_CODE(words, class)
#define FAULT_PHRASE(words, class) {words, ANSWER_##class},
#include "analysis-svc/provider_fault.def"
#undef FAULT_CODE
#undef FAULT_PHRASE
};

static const char *text_of(const struct json *obj, const char *key)
{
    return json_text_or(obj, key, "");
}

void fault_read(const struct json *body, struct fault *out)
{
    const struct json *error = json_find(body, "error");
    const struct json *from = error && json_type(error) == JSON_OBJECT ? error : body;
    const char *plain = json_text(error);

    out->type = from == body ? "" : text_of(from, "type");
    out->code = text_of(from, "code");
    out->error_code = text_of(from, "error_code");
    if (!*out->error_code)
        out->error_code = text_of(json_find(from, "details"), "error_code");
    if (!*out->error_code)
        out->error_code = text_of(body, "error_code");
    out->param = text_of(from, "param");
    out->message = plain ? plain : text_of(from, "message");
    if (!*out->message)
        out->message = text_of(from, "detail");
}

static bool by_code(const char *code, enum answer_class *out)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (strcmp(codes[i].words, code) != 0)
            continue;
        *out = codes[i].class;
        return true;
    }
    return false;
}

static bool by_phrase(const struct fault *f, enum answer_class *out)
{
    if (f->status >= 500)
        return false;
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        if (!strcasestr(f->message, phrases[i].words))
            continue;
        *out = phrases[i].class;
        return true;
    }
    return false;
}

static enum answer_class by_status(int status)
{
    static const struct {
        int status;
        enum answer_class class;
    } table[] = {
        {0, ANSWER_SERVER},       {401, ANSWER_AUTH},       {402, ANSWER_QUOTA},
        {403, ANSWER_AUTH},       {404, ANSWER_MODEL},      {408, ANSWER_TIMEOUT},
        {409, ANSWER_SERVER},     {410, ANSWER_MODEL},      {413, ANSWER_TOO_BIG},
        {429, ANSWER_RATE},       {503, ANSWER_OVERLOADED}, {504, ANSWER_TIMEOUT},
        {529, ANSWER_OVERLOADED},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (table[i].status == status)
            return table[i].class;
    if (status >= 500)
        return ANSWER_SERVER;
    return status >= 400 ? ANSWER_REQUEST : ANSWER_NONSENSE;
}

/* A status that says more than the general type beside it: Anthropic calls a 402 billing_error but
 * a compatible server may call it anything. */
static enum answer_class by_words(const struct fault *f)
{
    enum answer_class class = by_status(f->status);

    if (by_code(f->code, &class) || by_code(f->error_code, &class) || by_phrase(f, &class))
        return class;
    if (f->status != 402)
        by_code(f->type, &class);
    return class;
}

/* x-should-retry wins over the status where it changes what is to be done: a refused call that may
 * be repeated, and a 429 that no waiting mends. */
enum answer_class fault_class(const struct fault *f)
{
    enum answer_class class = by_words(f);

    if (class == ANSWER_REQUEST && f->should_retry == SAID_YES)
        return ANSWER_SERVER;
    if (class == ANSWER_RATE && f->should_retry == SAID_NO && !f->retry_after)
        return ANSWER_QUOTA;
    return class;
}

/* "messages.0.content.7.image" or "input[0].content[7]". Every picture follows the text with its
 * id, so picture i stands at 2i + 1. */
static int content_index(const char *text)
{
    const char *at = strstr(text, "content");
    int n = 0;

    if (!at || !(at[7] == '.' || at[7] == '[') || !isdigit((unsigned char)at[8]))
        return -1;
    for (at += 8; isdigit((unsigned char)*at) && n < 100000; at++)
        n = n * 10 + (*at - '0');
    return n % 2 == 1 && n < 10000 ? n / 2 : -1;
}

int fault_image(const struct fault *f)
{
    int at = content_index(f->param);

    return at >= 0 ? at : content_index(f->message);
}

int64_t fault_until_ms(const struct fault *f, int64_t now)
{
    int64_t day;

    for (const char *at = strstr(f->message, "20"); at; at = strstr(at + 1, "20"))
        if (strlen(at) >= 10 && clock_parse_day((struct sv){at, 10}, &day) && day > now)
            return (day - now) * 1000;
    return -1;
}
