/*
 * schema_check.c - is a schema one that both vendors compile? See schema.h.
 *
 * Limits (OpenAI's and Anthropic's structured-output pages): an object at the root; every property
 * required; additionalProperties false; 5,000 properties, 10 levels, 250 values in an enum; 16
 * unions.
 */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/schema.h"

enum { LEVELS_MAX = 10, PROPERTIES_MAX = 5000, ENUM_MAX = 250, UNIONS_MAX = 16, PATH_SIZE = 160 };

struct survey {
    char path[PATH_SIZE];
    size_t properties, unions, level;
    struct err *err;
};

static bool wrong(const struct survey *s, const char *what, const char *detail)
{
    return err_set(s->err, ERR_UNPROCESSABLE, "%s: %s%.40s", *s->path ? s->path : "the root", what,
                   detail);
}

static bool is_keyword(const char *word)
{
    static const char *const known[] = {"type",  "properties", "required", "additionalProperties",
                                        "items", "enum",       "const",    "anyOf",
                                        "title", "description"};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i], word) == 0)
            return true;
    return false;
}

static bool names(const struct json *list, const char *name)
{
    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (json_text(e) && strcmp(json_text(e), name) == 0)
            return true;
    return false;
}

static bool check(const struct json *schema, struct survey *s);

static bool check_step(const struct json *schema, struct survey *s, const char *step)
{
    size_t n = strlen(s->path);
    bool ok;

    snprintf(s->path + n, PATH_SIZE - n, "%s%.60s", n > 0 ? "." : "", step);
    s->level++;
    ok = check(schema, s);
    s->level--;
    s->path[n] = '\0';
    return ok;
}

static bool check_object(const struct json *schema, struct survey *s)
{
    const struct json *properties = json_find(schema, "properties");
    const struct json *required = json_find(schema, "required");
    const struct json *more = json_find(schema, "additionalProperties");

    if (!more || json_type(more) != JSON_BOOL || json_is_true(more))
        return wrong(s, "additionalProperties must be false", "");
    if (!properties || json_type(properties) != JSON_OBJECT)
        return wrong(s, "an object needs properties", "");
    if (json_count(required) != json_count(properties))
        return wrong(s, "required must name every property, each once", "");
    for (const struct json *p = json_first(properties); p; p = json_next(p)) {
        if (!names(required, json_key(p)))
            return wrong(s, "required does not name ", json_key(p));
        if (++s->properties > PROPERTIES_MAX)
            return wrong(s, "more than 5000 properties", "");
        if (!check_step(p, s, json_key(p)))
            return false;
    }
    return true;
}

static bool is_known_type(const char *type)
{
    static const char *const known[] = {"object",  "array",   "string", "number",
                                        "integer", "boolean", "null"};

    for (size_t i = 0; type && i < COUNT_OF(known); i++)
        if (strcmp(known[i], type) == 0)
            return true;
    return false;
}

static bool check_type(const struct json *type, struct survey *s)
{
    if (json_text(type))
        return is_known_type(json_text(type)) || wrong(s, "unknown type ", json_text(type));
    if (json_type(type) != JSON_ARRAY || json_count(type) == 0)
        return wrong(s, "type must be a name or a list of names", "");
    for (const struct json *t = json_first(type); t; t = json_next(t))
        if (!is_known_type(json_text(t)) || strcmp(json_text(t), "object") == 0 ||
            strcmp(json_text(t), "array") == 0)
            return wrong(s, "a list of types may hold scalars only", "");
    return ++s->unions <= UNIONS_MAX || wrong(s, "more than 16 unions", "");
}

static bool check_forms(const struct json *forms, struct survey *s)
{
    if (json_type(forms) != JSON_ARRAY || json_count(forms) == 0)
        return wrong(s, "anyOf must be a list", "");
    if (s->level == 0)
        return wrong(s, "the root may not be anyOf", "");
    if (++s->unions > UNIONS_MAX)
        return wrong(s, "more than 16 unions", "");
    for (const struct json *f = json_first(forms); f; f = json_next(f))
        if (!check_step(f, s, "anyOf"))
            return false;
    return true;
}

static bool check_enum(const struct json *list, struct survey *s)
{
    if (json_type(list) != JSON_ARRAY || json_count(list) == 0 || json_count(list) > ENUM_MAX)
        return wrong(s, "enum must be a list of 1 to 250 values", "");
    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (json_type(e) == JSON_ARRAY || json_type(e) == JSON_OBJECT)
            return wrong(s, "enum may hold scalars only", "");
    return true;
}

static bool has_type(const struct json *schema, const char *type)
{
    return strcmp(json_text_or(schema, "type", ""), type) == 0;
}

static bool check_keywords(const struct json *schema, struct survey *s)
{
    static const char *const ways[] = {"type", "anyOf", "enum", "const"};
    size_t known = 0;

    for (const struct json *m = json_first(schema); m; m = json_next(m))
        if (!is_keyword(json_key(m)))
            return wrong(s, "not every provider knows the keyword ", json_key(m));
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        known += json_find(schema, ways[i]) ? 1 : 0;
    return known > 0 || wrong(s, "type is missing", "");
}

static bool check_parts(const struct json *schema, struct survey *s)
{
    const struct json *items = json_find(schema, "items");

    if (has_type(schema, "array"))
        return items ? check_step(items, s, "items") : wrong(s, "an array needs items", "");
    return !has_type(schema, "object") || check_object(schema, s);
}

static bool check(const struct json *schema, struct survey *s)
{
    const struct json *type = json_find(schema, "type"), *list = json_find(schema, "enum"),
                      *forms = json_find(schema, "anyOf");

    if (json_type(schema) != JSON_OBJECT)
        return wrong(s, "a schema must be an object", "");
    if (s->level > LEVELS_MAX)
        return wrong(s, "more than 10 levels", "");
    return check_keywords(schema, s) && (!type || check_type(type, s)) &&
           (!forms || check_forms(forms, s)) && (!list || check_enum(list, s)) &&
           check_parts(schema, s);
}

bool schema_check(const struct json *schema, struct err *err)
{
    struct survey s = {.err = err};

    if (!has_type(schema, "object"))
        return wrong(&s, "must be of type object", "");
    return check(schema, &s);
}
