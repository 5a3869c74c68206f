/*
 * schema.c - does a value follow its schema? See schema.h.
 */
#include "analysis-svc/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PATH_SIZE = 160 };

/* Where we are in the value: a step below another. Its words are put together only when told. */
struct place {
    const struct place *up; /* NULL: the root */
    const char *name;       /* the root's, or a member's; NULL: an element */
    size_t index;
    struct err *err;
};

static const char *const type_names[] = {
    [JSON_NULL] = "null",   [JSON_BOOL] = "a boolean", [JSON_NUMBER] = "a number",
    [JSON_TEXT] = "a text", [JSON_ARRAY] = "an array", [JSON_OBJECT] = "an object"};

static bool is_type(const struct json *value, const char *type)
{
    switch (json_type(value)) {
    case JSON_NULL:
        return strcmp(type, "null") == 0;
    case JSON_BOOL:
        return strcmp(type, "boolean") == 0;
    case JSON_NUMBER:
        return strcmp(type, "number") == 0 ||
               (strcmp(type, "integer") == 0 && json_number(value) == floor(json_number(value)));
    case JSON_TEXT:
        return strcmp(type, "string") == 0;
    case JSON_ARRAY:
        return strcmp(type, "array") == 0;
    case JSON_OBJECT:
        return strcmp(type, "object") == 0;
    }
    return false;
}

static bool type_fits(const struct json *type, const struct json *value)
{
    if (json_text(type))
        return is_type(value, json_text(type));
    for (const struct json *t = json_first(type); t; t = json_next(t))
        if (is_type(value, json_text(t)))
            return true;
    return false;
}

static bool same_scalar(const struct json *a, const struct json *b)
{
    if (json_type(a) != json_type(b))
        return false;
    if (json_type(a) == JSON_TEXT)
        return strcasecmp(json_text(a), json_text(b)) == 0;
    return json_number(a) == json_number(b) && json_is_true(a) == json_is_true(b);
}

static bool in_list(const struct json *list, const struct json *value)
{
    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (same_scalar(e, value))
            return true;
    return false;
}

static void write_path(const struct place *at, char path[static PATH_SIZE])
{
    size_t n;

    if (!at->up) {
        snprintf(path, PATH_SIZE, "%s", at->name);
        return;
    }
    write_path(at->up, path); /* as deep as the value, which json_parse bounds */
    n = strlen(path);
    if (at->name)
        snprintf(path + n, PATH_SIZE - n, "%s%.60s", n > 0 ? "." : "", at->name);
    else
        snprintf(path + n, PATH_SIZE - n, "[%zu]", at->index);
}

static bool wrong(const struct place *at, const char *what, const char *detail)
{
    char path[PATH_SIZE];

    write_path(at, path);
    return err_set(at->err, ERR_UNPROCESSABLE, "%s: %s%.60s", path, what, detail);
}

static bool match(const struct json *schema, const struct json *value, struct place *at);

static bool match_items(const struct json *schema, const struct json *value, struct place *at)
{
    const struct json *items = json_find(schema, "items");
    struct place step = {.up = at, .err = at->err};

    for (const struct json *e = json_first(value); items && e; e = json_next(e), step.index++)
        if (!match(items, e, &step))
            return false;
    return true;
}

static bool match_members(const struct json *schema, const struct json *value, struct place *at)
{
    const struct json *properties = json_find(schema, "properties"), *last = NULL;
    const struct json *required = json_first(json_find(schema, "required"));
    struct place step = {.up = at, .err = at->err};

    for (; required; required = json_next(required))
        if (!json_find_next(value, json_text(required), &last))
            return wrong(at, "a member is missing: ", json_text(required));
    last = NULL;
    for (const struct json *m = json_first(value); m; m = json_next(m)) {
        const struct json *property = json_find_next(properties, json_key(m), &last);

        if (!property)
            return wrong(at, "a member too many: ", json_key(m));
        step.name = json_key(m);
        if (!match(property, m, &step))
            return false;
    }
    return true;
}

static bool match_any(const struct json *forms, const struct json *value, struct place *at)
{
    struct err *told = at->err;

    for (const struct json *form = json_first(forms); form; form = json_next(form)) {
        struct err ignored = ERR_INIT;
        bool ok;

        at->err = &ignored;
        ok = match(form, value, at);
        at->err = told;
        if (ok)
            return true;
    }
    return wrong(at, "none of the allowed forms fits", "");
}

static bool wrong_type(const struct json *type, const struct json *value, struct place *at)
{
    const char *name = json_text(type);
    char what[80];

    if (!name)
        name = "another type";
    else if (strcmp(name, "string") == 0)
        name = "a text";
    snprintf(what, sizeof(what), "%.40s is required, not ", name);
    return wrong(at, what, type_names[json_type(value)]);
}

/* What the value is in itself, whatever it holds. */
static bool match_self(const struct json *schema, const struct json *value, struct place *at)
{
    const struct json *type = json_find(schema, "type"), *list = json_find(schema, "enum"),
                      *one = json_find(schema, "const");

    if (type && !type_fits(type, value))
        return wrong_type(type, value, at);
    if (list && !in_list(list, value))
        return wrong(at, "not one of the allowed values", "");
    if (one && !same_scalar(one, value))
        return wrong(at, "not the one allowed value", "");
    return true;
}

/* The nesting is bounded by json_parse, which refuses more than 32. */
static bool match(const struct json *schema, const struct json *value, struct place *at)
{
    const struct json *forms = json_find(schema, "anyOf");

    if (!match_self(schema, value, at))
        return false;
    if (forms)
        return match_any(forms, value, at);
    if (json_type(value) == JSON_ARRAY)
        return match_items(schema, value, at);
    return json_type(value) != JSON_OBJECT || match_members(schema, value, at);
}

bool schema_match(const struct json *schema, const struct json *value, const char *root,
                  struct err *err)
{
    struct place at = {.name = root, .err = err};

    return match(schema, value, &at);
}
