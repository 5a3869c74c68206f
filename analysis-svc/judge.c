/*
 * judge.c - see judge.h.
 */
#include "analysis-svc/judge.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/glyph.h"
#include "analysis-svc/schema.h"

static const char *id_of(const struct json *item) { return json_text_or(item, "id", ""); }

/* What stands under this id: how often, and the first of them with its place. */
struct found {
    const struct json *item;
    size_t index, count;
};

static struct found find_results(const struct json *results, const char *id)
{
    struct found f = {NULL, 0, 0};
    size_t i = 0;

    for (const struct json *r = json_first(results); r; r = json_next(r), i++) {
        if (strcmp(id_of(r), id) != 0)
            continue;
        if (f.count++ == 0) {
            f.item = r;
            f.index = i;
        }
    }
    return f;
}

static void judge_one(const struct extractor *x, const struct json *results, const char *id,
                      struct judged *out)
{
    struct found f = find_results(results, id);
    struct err err = ERR_INIT;
    char root[32];

    *out = (struct judged){.verdict = VERDICT_GOOD};
    snprintf(root, sizeof(root), "results[%zu]", f.index);
    if (f.count == 0) {
        out->verdict = VERDICT_MISSING;
        snprintf(out->note, sizeof(out->note), "no result for this picture among %zu",
                 json_count(results));
    } else if (f.count > 1) {
        out->verdict = VERDICT_DOUBLED;
        snprintf(out->note, sizeof(out->note), "%zu results for this picture", f.count);
    } else if (!schema_match(x->result_schema, f.item, root, &err)) {
        out->verdict = VERDICT_INVALID;
        snprintf(out->note, sizeof(out->note), "%.159s", err.msg);
        glyph_mend(out->note);
    } else {
        out->item = f.item;
    }
}

/* Some servers put the whole answer behind a fence (three backquotes, maybe a word, a line end):
 * what is inside is the answer, unchanged. A fence in the middle of other words is none. */
static struct sv inside_fence(struct sv text)
{
    static const char fence[] = "```";
    const char *line;

    while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]))
        text.n--;
    while (text.n > 0 && strchr(" \t\r\n", *text.p))
        text = (struct sv){text.p + 1, text.n - 1};
    line = text.n > 6 ? memchr(text.p, '\n', text.n) : NULL;
    if (!line || memcmp(text.p, fence, 3) != 0 || memcmp(text.p + text.n - 3, fence, 3) != 0 ||
        line + 1 > text.p + text.n - 3)
        return text;
    return (struct sv){line + 1, (size_t)(text.p + text.n - 3 - (line + 1))};
}

bool judge_answer(const struct extractor *x, struct sv text, const struct judge_ids *ids,
                  struct json **doc, struct judged *out, struct err *err)
{
    AUTO(json_free) struct json *root = NULL;
    const struct json *results;

    text = inside_fence(text);
    if (!json_parse(text, &root, err))
        return err_wrap(err, "the model's answer");
    results = json_find(root, "results");
    if (!results || json_type(results) != JSON_ARRAY || json_count(root) != 1)
        return err_set(err, ERR_UNPROCESSABLE,
                       "the model's answer: an object with nothing but results[] is required");
    for (size_t i = 0; i < ids->n; i++)
        judge_one(x, results, ids->items[i], &out[i]);
    for (size_t i = 0; i < ids->n; i++)
        if (out[i].item)
            out[i].source = json_source(out[i].item, text);
    *doc = TAKE(root);
    return true;
}
