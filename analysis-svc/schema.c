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

struct property {
    const char *name;
    bool required;
    const struct schema *schema;
};

struct schema {
    unsigned types;                       /* one bit for each json_type that fits; 0: any does */
    bool whole;                           /* a number fits when it is whole */
    bool scalar;                          /* it says nothing but types, none of them of a list */
    const struct json *type, *list, *one; /* as written; NULL: it says nothing of that */
    const struct schema *items, **forms;  /* forms: of anyOf, NULL behind the last */
    struct property *properties;
    size_t property_count;
};

/* ---- made once ---- */

static void add_type(struct schema *s, const char *name)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",   [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_TEXT] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i], name) == 0)
            s->types |= 1U << i;
    s->whole = s->whole || strcmp(name, "integer") == 0;
}

static bool is_required(const struct json *required, const char *name)
{
    for (const struct json *r = json_first(required); r; r = json_next(r))
        if (json_text(r) && strcmp(json_text(r), name) == 0)
            return true;
    return false;
}

static void add_properties(const struct json *from, struct arena *mem, struct schema *s)
{
    const struct json *all = json_find(from, "properties"), *required = json_find(from, "required");

    s->properties = arena_take(mem, (json_count(all) + 1) * sizeof *s->properties);
    for (const struct json *p = json_first(all); p; p = json_next(p))
        s->properties[s->property_count++] =
            (struct property){json_key(p), is_required(required, json_key(p)), schema_make(p, mem)};
}

static void add_forms(const struct json *forms, struct arena *mem, struct schema *s)
{
    size_t n = 0;

    if (!forms)
        return;
    s->forms = arena_take(mem, (json_count(forms) + 1) * sizeof(const struct schema *));
    for (const struct json *f = json_first(forms); f; f = json_next(f))
        s->forms[n++] = schema_make(f, mem);
}

/* As deep as the schema, which json_parse bounds. */
const struct schema *schema_make(const struct json *from, struct arena *mem)
{
    struct schema *s = arena_take(mem, sizeof *s);

    *s = (struct schema){.type = json_find(from, "type"),
                         .list = json_find(from, "enum"),
                         .one = json_find(from, "const")};
    if (json_text(s->type))
        add_type(s, json_text(s->type));
    for (const struct json *t = json_first(s->type); t; t = json_next(t))
        add_type(s, json_text(t));
    add_properties(from, mem, s);
    add_forms(json_find(from, "anyOf"), mem, s);
    if (json_find(from, "items"))
        s->items = schema_make(json_find(from, "items"), mem);
    s->scalar =
        !s->list && !s->one && !s->forms && !(s->types & (1U << JSON_ARRAY | 1U << JSON_OBJECT));
    return s;
}

/* ---- held against a value ---- */

static bool type_fits(const struct schema *s, const struct json *value)
{
    if (!s->type || s->types & 1U << json_type(value))
        return true;
    return s->whole && json_type(value) == JSON_NUMBER &&
           json_number(value) == floor(json_number(value));
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

static bool match(const struct schema *s, const struct json *value, struct place *at);

static bool match_items(const struct schema *s, const struct json *value, struct place *at)
{
    struct place step = {.up = at, .err = at->err};

    for (const struct json *e = json_first(value); s->items && e; e = json_next(e), step.index++)
        if (!match(s->items, e, &step))
            return false;
    return true;
}

/* Where they stand in nearly the schema's order, the i-th is looked at first. */
static const struct property *property_of(const struct schema *s, size_t i, const char *name)
{
    if (i < s->property_count && strcmp(s->properties[i].name, name) == 0)
        return &s->properties[i];
    for (i = 0; i < s->property_count; i++)
        if (strcmp(s->properties[i].name, name) == 0)
            return &s->properties[i];
    return NULL;
}

static bool none_missing(const struct schema *s, const struct json *value, struct place *at)
{
    const struct json *last = NULL;

    for (size_t i = 0; i < s->property_count; i++)
        if (s->properties[i].required && !json_find_next(value, s->properties[i].name, &last))
            return wrong(at, "a member is missing: ", s->properties[i].name);
    return true;
}

/* All of the schema's members and no others, as it lists them: nearly always. */
static bool in_order(const struct schema *s, const struct json *value)
{
    const struct json *m = json_first(value);

    if (json_count(value) != s->property_count)
        return false;
    for (size_t i = 0; i < s->property_count; i++, m = json_next(m))
        if (strcmp(s->properties[i].name, json_key(m)) != 0)
            return false;
    return true;
}

static bool match_members(const struct schema *s, const struct json *value, struct place *at)
{
    struct place step = {.up = at, .err = at->err};
    bool ordered = in_order(s, value);
    size_t i = 0;

    if (!ordered && !none_missing(s, value, at))
        return false;
    for (const struct json *m = json_first(value); m; m = json_next(m), i++) {
        const struct property *property =
            ordered ? &s->properties[i] : property_of(s, i, json_key(m));

        if (!property)
            return wrong(at, "a member too many: ", json_key(m));
        step.name = json_key(m);
        if (!match(property->schema, m, &step))
            return false;
    }
    return true;
}

static bool match_any(const struct schema *s, const struct json *value, struct place *at)
{
    struct err *told = at->err;

    for (const struct schema **form = s->forms; *form; form++) {
        struct err ignored = ERR_INIT;
        bool ok;

        at->err = &ignored;
        ok = match(*form, value, at);
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
static bool match_self(const struct schema *s, const struct json *value, struct place *at)
{
    if (!type_fits(s, value))
        return wrong_type(s->type, value, at);
    if (s->list && !in_list(s->list, value))
        return wrong(at, "not one of the allowed values", "");
    if (s->one && !same_scalar(s->one, value))
        return wrong(at, "not the one allowed value", "");
    return true;
}

/* The nesting is bounded by json_parse, which refuses more than 32. */
static bool match(const struct schema *s, const struct json *value, struct place *at)
{
    if (s->scalar && s->types & 1U << json_type(value)) /* nearly always */
        return true;
    if (!match_self(s, value, at))
        return false;
    if (s->forms)
        return match_any(s, value, at);
    if (json_type(value) == JSON_ARRAY)
        return match_items(s, value, at);
    return json_type(value) != JSON_OBJECT || match_members(s, value, at);
}

bool schema_match(const struct schema *schema, const struct json *value, const char *root,
                  struct err *err)
{
    struct place at = {.name = root, .err = err};

    return match(schema, value, &at);
}
