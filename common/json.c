#include "common/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_build.h"
#include "common/json_scan.h"
#include "common/json_write.h"

/* struct json is cJSON under another name: nobody else sees the library. */
static const cJSON *node(const struct json *n) { return (const cJSON *)n; }
static const struct json *view(const cJSON *n) { return (const struct json *)n; }

bool json_parse(struct sv text, struct json **out, struct err *err)
{
    AUTO(json_free) struct json *root = NULL;

    if (!json_scan(text, err) || !json_build(text, (cJSON **)&root, err))
        return false;
    *out = TAKE(root);
    return true;
}

void json_free(struct json **root) { json_build_free((cJSON **)root); }

static bool is(const cJSON *n, int type) { return n && (n->type & 0xff) == type; }

enum json_type json_type(const struct json *n)
{
    const cJSON *c = node(n);

    if ((is(c, cJSON_True) || is(c, cJSON_False)))
        return JSON_BOOL;
    if (is(c, cJSON_Number))
        return JSON_NUMBER;
    if (is(c, cJSON_String))
        return JSON_TEXT;
    if (is(c, cJSON_Array))
        return JSON_ARRAY;
    return is(c, cJSON_Object) ? JSON_OBJECT : JSON_NULL;
}

const struct json *json_find(const struct json *obj, const char *key)
{
    const cJSON *c = obj && key && is(node(obj), cJSON_Object) ? node(obj)->child : NULL;

    while (c && (c->string[0] != key[0] || strcmp(c->string, key) != 0))
        c = c->next;
    return view(c);
}

size_t json_count(const struct json *n) { return n ? (size_t)cJSON_GetArraySize(node(n)) : 0; }

const struct json *json_at(const struct json *arr, size_t i)
{
    return arr ? view(cJSON_GetArrayItem(node(arr), (int)i)) : NULL;
}

const struct json *json_first(const struct json *n) { return n ? view(node(n)->child) : NULL; }

const struct json *json_next(const struct json *n) { return n ? view(node(n)->next) : NULL; }

const char *json_key(const struct json *member)
{
    return member && node(member)->string ? node(member)->string : "";
}

const char *json_text(const struct json *n)
{
    return n && is(node(n), cJSON_String) ? node(n)->valuestring : NULL;
}

double json_number(const struct json *n)
{
    return n && is(node(n), cJSON_Number) ? node(n)->valuedouble : 0;
}

bool json_is_true(const struct json *n) { return n && is(node(n), cJSON_True); }

const char *json_text_or(const struct json *obj, const char *key, const char *dflt)
{
    const char *z = json_text(json_find(obj, key));

    return z ? z : dflt;
}

/* A whole number that a double holds exactly. */
static bool whole(const struct json *n, int64_t *out)
{
    double d = json_number(n);

    if (!n || !is(node(n), cJSON_Number) || d != floor(d) || fabs(d) > 9007199254740992.0)
        return false;
    *out = (int64_t)d;
    return true;
}

int64_t json_int_or(const struct json *obj, const char *key, int64_t dflt)
{
    int64_t n;

    return whole(json_find(obj, key), &n) ? n : dflt;
}

double json_num_or(const struct json *obj, const char *key, double dflt)
{
    const struct json *n = json_find(obj, key);

    return n && is(node(n), cJSON_Number) ? json_number(n) : dflt;
}

bool json_bool_or(const struct json *obj, const char *key, bool dflt)
{
    const struct json *n = json_find(obj, key);

    return n && (is(node(n), cJSON_True) || is(node(n), cJSON_False)) ? json_is_true(n) : dflt;
}

bool json_need_text(const struct json *obj, const char *key, const char **out, struct err *err)
{
    const char *z = json_text(json_find(obj, key));

    if (!z)
        return err_set(err, ERR_UNPROCESSABLE, "%s: a text is required", key);
    *out = z;
    return true;
}

bool json_need_int(const struct json *obj, const char *key, int64_t *out, struct err *err)
{
    if (!whole(json_find(obj, key), out))
        return err_set(err, ERR_UNPROCESSABLE, "%s: a whole number is required", key);
    return true;
}

bool json_need(const struct json *obj, const char *key, enum json_type type,
               const struct json **out, struct err *err)
{
    static const char *const names[] = {"null",   "true or false", "a number",
                                        "a text", "a list",        "an object"};
    const struct json *n = json_find(obj, key);

    if (!n || json_type(n) != type)
        return err_set(err, ERR_UNPROCESSABLE, "%s: %s is required", key, names[type]);
    *out = n;
    return true;
}

static void print(struct jw *w, const char *key, const cJSON *n)
{
    enum json_type type = json_type(view(n));

    switch (type) {
    case JSON_TEXT:
        jw_text(w, key, n->valuestring);
        break;
    case JSON_NUMBER:
        jw_num(w, key, n->valuedouble);
        break;
    case JSON_BOOL:
        jw_bool(w, key, is(n, cJSON_True));
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        if (key)
            jw_key(w, key);
        jw_open(w, type == JSON_ARRAY ? '[' : '{');
        for (const cJSON *c = n->child; c; c = c->next)
            print(w, type == JSON_ARRAY ? NULL : c->string, c);
        jw_close(w);
        break;
    case JSON_NULL:
        jw_text(w, key, NULL);
    }
}

void json_print(const struct json *n, struct str *out)
{
    struct jw w = jw_on(out);

    print(&w, NULL, node(n));
}
