#include "tests/kit/board.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/document.h"
#include "common/json_write.h"
#include "tests/kit/kit.h"

static struct extractors all;

const struct extractor *board_extractor(const char *name)
{
    struct err err = ERR_INIT;
    const struct extractor *x;

    if (all.n == 0)
        assert_ok(extractors_load("analysis-svc/extractors", &all, &err), err);
    x = extractors_find(&all, name);
    assert_non_null(x);
    return x;
}

int board_close(void **state)
{
    (void)state;
    extractors_free(&all);
    return 0;
}

static void fill(struct jw *w, const struct json *schema, const struct json *given);

static void fill_list(struct jw *w, const struct json *schema, const struct json *given)
{
    jw_open(w, '[');
    for (const struct json *e = json_first(given); e; e = json_next(e))
        fill(w, json_find(schema, "items"), e);
    jw_close(w);
}

/* What is given, by the schema; "" and [] for what is not. Members that the schema does not know
 * are copied, so that a test can be wrong on purpose. */
static void fill(struct jw *w, const struct json *schema, const struct json *given)
{
    const char *type = json_text_or(schema, "type", "");

    if (strcmp(type, "array") == 0) {
        fill_list(w, schema, given);
    } else if (strcmp(type, "object") == 0) {
        const struct json *m = json_first(json_find(schema, "properties"));

        jw_open(w, '{');
        for (; m; m = json_next(m)) {
            jw_key(w, json_key(m));
            fill(w, m, json_find(given, json_key(m)));
        }
        jw_close(w);
    } else {
        jw_text(w, NULL, json_text(given) ? json_text(given) : "");
    }
}

struct json *board_item(const char *name, const char *fields)
{
    const struct extractor *x = board_extractor(name);
    AUTO(str_free) struct str text = STR_INIT(4 << 20);
    AUTO(json_free) struct json *given = NULL;
    struct json *item = NULL;
    struct err err = ERR_INIT;
    struct jw w;

    str_addf(&text, "{%s}", fields);
    assert_ok(json_parse(str_sv(&text), &given, &err), err);
    str_reset(&text);
    w = jw_on(&text);
    fill(&w, x->item_schema, given);
    assert_ok(json_parse(str_sv(&text), &item, &err), err);
    return item;
}

void board_extract(const char *name, const char *fields, const char *handle, struct extracted *out)
{
    const struct extractor *x = board_extractor(name);
    AUTO(json_free) struct json *item = board_item(name, fields);
    struct expected want = {"cookie.fun", x->timeframe, handle, "", "2026-11-20"};

    extract_document(x, item, &want, out);
}

struct sv board_document(const struct extracted *e)
{
    AUTO(str_free) struct str text = STR_INIT(4 << 20);

    document_write(&e->paper->doc, &text);
    return (struct sv){arena_copy(&e->paper->mem, str_sv(&text)), text.n};
}

const struct json *board_at(const struct json *doc, const char *path)
{
    while (doc && *path) {
        size_t n = strcspn(path, ".");
        char step[64];

        assert_true(n < sizeof(step));
        memcpy(step, path, n);
        step[n] = '\0';
        doc = json_type(doc) == JSON_ARRAY ? json_at(doc, strtoul(step, NULL, 10))
                                           : json_find(doc, step);
        path += n + (path[n] == '.' ? 1 : 0);
    }
    return doc;
}

const char *board_text(const struct json *doc, const char *path)
{
    const char *text = json_text(board_at(doc, path));

    return text ? text : "";
}
