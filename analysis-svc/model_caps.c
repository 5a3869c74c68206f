/*
 * model_caps.c - models.json, checked line by line. See model_caps.h.
 *
 * Token counts: Anthropic ceil(w/28) * ceil(h/28) after its own resizing, OpenAI's patch models
 * ceil(w/32) * ceil(h/32) times a factor (their vision guides).
 */
#include "analysis-svc/model_caps.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/json.h"

enum { FILE_MAX = 256 << 10, TOKENS_UNKNOWN = 4784 };

struct number {
    const char *name;
    size_t offset;
};
static const struct number numbers[] = {
#define NUMBER(field)                                                                              \
    {                                                                                              \
#field, offsetof(struct model_caps, field)                                                 \
    }
    NUMBER(images),          NUMBER(many),          NUMBER(side),         NUMBER(many_side),
    NUMBER(pixels),          NUMBER(image_bytes),   NUMBER(call_bytes),   NUMBER(context),
    NUMBER(patch),           NUMBER(fit_side),      NUMBER(image_tokens), NUMBER(image_percent),
    NUMBER(price_in),        NUMBER(price_out),     NUMBER(cliff_tokens), NUMBER(cliff_price_in),
    NUMBER(cliff_price_out), NUMBER(batch_percent),
#undef NUMBER
};

struct word {
    const char *name;
    unsigned bit;
};
static const struct word refused[] = {{"temperature", REFUSES_TEMPERATURE},
                                      {"effort", REFUSES_EFFORT},
                                      {"detail", REFUSES_DETAIL},
                                      {"detail_original", REFUSES_DETAIL_ORIGINAL},
                                      {NULL, 0}};
static const struct word types[] = {{"image/png", TAKES_PNG},
                                    {"image/jpeg", TAKES_JPEG},
                                    {"image/webp", TAKES_WEBP},
                                    {"image/gif", TAKES_GIF},
                                    {NULL, 0}};

struct model_caps model_caps_default(void)
{
    return (struct model_caps){.urls = true,
                               .image_percent = 100,
                               .types = TAKES_PNG | TAKES_JPEG | TAKES_WEBP | TAKES_GIF};
}

static unsigned bit_of(const struct word *table, const char *name)
{
    for (; name && table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table->bit;
    return 0;
}

static bool take_words(const struct json *list, const struct word *table, unsigned *out,
                       struct err *err)
{
    unsigned bits = 0;

    if (json_type(list) != JSON_ARRAY)
        return err_set(err, ERR_UNPROCESSABLE, "%s: a list is required", json_key(list));
    for (const struct json *e = json_first(list); e; e = json_next(e)) {
        unsigned bit = bit_of(table, json_text(e));

        if (bit == 0)
            return err_set(err, ERR_UNPROCESSABLE, "%s: \"%.40s\" is unknown", json_key(list),
                           json_text(e) ? json_text(e) : "");
        bits |= bit;
    }
    *out = bits;
    return true;
}

/* A member with one of two words. */
static bool take_choice(const struct json *m, const char *no, const char *yes, bool *out,
                        struct err *err)
{
    const char *word = json_text(m) ? json_text(m) : "";

    if (strcmp(word, no) != 0 && strcmp(word, yes) != 0)
        return err_set(err, ERR_UNPROCESSABLE, "%s: %s or %s is required", json_key(m), no, yes);
    *out = strcmp(word, yes) == 0;
    return true;
}

static bool take_bool(const struct json *m, bool *out, struct err *err)
{
    if (json_type(m) != JSON_BOOL)
        return err_set(err, ERR_UNPROCESSABLE, "%s: true or false is required", json_key(m));
    *out = json_is_true(m);
    return true;
}

static bool take_number(const struct json *m, struct model_caps *out, struct err *err)
{
    const double most = 1e15;
    double n = json_number(m);

    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (strcmp(numbers[i].name, json_key(m)) != 0)
            continue;
        if (json_type(m) != JSON_NUMBER || n < 0 || n > most)
            return err_set(err, ERR_UNPROCESSABLE, "%s: a number from 0 is required", json_key(m));
        *(int64_t *)(void *)((char *)out + numbers[i].offset) = (int64_t)n;
        return true;
    }
    return err_set(err, ERR_UNPROCESSABLE, "%.40s: no such fact is known", json_key(m));
}

static bool take_member(const struct json *m, struct model_caps *out, struct err *err)
{
    const char *key = json_key(m);

    if (strcmp(key, "server") == 0 || strcmp(key, "match") == 0)
        return true;
    if (strcmp(key, "refuses") == 0)
        return take_words(m, refused, &out->refuses, err);
    if (strcmp(key, "types") == 0)
        return take_words(m, types, &out->types, err);
    if (strcmp(key, "limit") == 0)
        return take_choice(m, "max_completion_tokens", "max_tokens", &out->old_limit, err);
    if (strcmp(key, "structured") == 0)
        return take_choice(m, "format", "tool", &out->by_tool, err);
    if (strcmp(key, "urls") == 0)
        return take_bool(m, &out->urls, err);
    if (strcmp(key, "listed") == 0)
        return take_bool(m, &out->listed, err);
    return take_number(m, out, err);
}

static bool matches(const char *pattern, const char *text)
{
    size_t n = strlen(pattern);

    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, text, n - 1) == 0;
    return strcmp(pattern, text) == 0;
}

struct asked {
    const char *server, *model;
};

static bool take_line(const struct json *line, const struct asked *a, struct model_caps *out,
                      struct err *err)
{
    struct model_caps tried = *out;
    const char *server, *pattern;

    if (!json_need_text(line, "server", &server, err) ||
        !json_need_text(line, "match", &pattern, err))
        return false;
    for (const struct json *m = json_first(line); m; m = json_next(m))
        if (!take_member(m, &tried, err)) /* checked for every model: a slip shows at once */
            return false;
    if (strcmp(server, a->server) == 0 && matches(pattern, a->model))
        *out = tried;
    return true;
}

bool model_caps_read(const char *file, const char *server, const char *model,
                     struct model_caps *out, struct err *err)
{
    const struct asked asked = {server, model};
    AUTO(str_free) struct str text = STR_INIT(FILE_MAX);
    AUTO(json_free) struct json *root = NULL;
    struct model_caps caps = model_caps_default();
    const struct json *lines;
    size_t i = 0;

    if (!file_read(file, &text, err))
        return false;
    if (!json_parse(str_sv(&text), &root, err) ||
        !json_need(root, "models", JSON_ARRAY, &lines, err))
        return err_wrap(err, "%s", file);
    for (const struct json *l = json_first(lines); l; l = json_next(l), i++)
        if (!take_line(l, &asked, &caps, err))
            return err_wrap(err, "%s: models[%zu]", file, i);
    *out = caps;
    return true;
}

static int64_t steps(int64_t n, int64_t of) { return (n + of - 1) / of; }

int64_t model_image_tokens(const struct model_caps *c, struct picture_size size)
{
    int64_t most = c->image_tokens > 0 ? c->image_tokens : TOKENS_UNKNOWN, longest, tokens;

    if (size.width < 1 || size.height < 1 || c->patch < 1)
        return most;
    longest = size.width > size.height ? size.width : size.height;
    if (c->fit_side > 0 && longest > c->fit_side) {
        size.width = steps(size.width * c->fit_side, longest);
        size.height = steps(size.height * c->fit_side, longest);
    }
    tokens = steps(size.width, c->patch) * steps(size.height, c->patch);
    if (tokens > most)
        tokens = most;
    return steps(tokens * c->image_percent, 100);
}

bool model_takes_type(const struct model_caps *c, const char *type)
{
    return (c->types & bit_of(types, type)) != 0;
}
