#include "common/json.h"

#include <math.h>
#include <string.h>

#include "common/json_node.h"
#include "common/json_write.h"

enum json_type json_type(const struct json *n) { return n ? (enum json_type)n->type : JSON_NULL; }

static bool is(const struct json *n, enum json_type type) { return n && n->type == type; }
static bool is_list(const struct json *n) { return is(n, JSON_ARRAY) || is(n, JSON_OBJECT); }

const struct json *json_find(const struct json *obj, const char *key)
{
    const struct json *m = key && is(obj, JSON_OBJECT) ? obj->child : NULL;

    while (m && (m->key[0] != key[0] || strcmp(m->key, key) != 0))
        m = m->next;
    return m;
}

const struct json *json_find_next(const struct json *obj, const char *key, const struct json **last)
{
    const struct json *next = *last ? (*last)->next : json_first(obj);

    if (!next || !key || strcmp(next->key, key) != 0)
        next = json_find(obj, key);
    if (next)
        *last = next;
    return next;
}

size_t json_count(const struct json *n) { return is_list(n) ? n->n : 0; }

const struct json *json_at(const struct json *arr, size_t i)
{
    const struct json *e = json_first(arr);

    for (; e && i > 0; i--)
        e = e->next;
    return e;
}

const struct json *json_first(const struct json *n) { return is_list(n) ? n->child : NULL; }

const struct json *json_next(const struct json *n) { return n ? n->next : NULL; }

const char *json_key(const struct json *member) { return member && member->key ? member->key : ""; }

const char *json_text(const struct json *n) { return is(n, JSON_TEXT) ? n->text : NULL; }

double json_number(const struct json *n) { return is(n, JSON_NUMBER) ? n->number : 0; }

bool json_is_true(const struct json *n) { return is(n, JSON_BOOL) && n->n > 0; }

const char *json_text_or(const struct json *obj, const char *key, const char *dflt)
{
    const char *z = json_text(json_find(obj, key));

    return z ? z : dflt;
}

/* A whole number that a double holds exactly. */
static bool whole(const struct json *n, int64_t *out)
{
    double d = json_number(n);

    if (!is(n, JSON_NUMBER) || d != floor(d) || fabs(d) > 9007199254740992.0)
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

    return is(n, JSON_NUMBER) ? n->number : dflt;
}

bool json_bool_or(const struct json *obj, const char *key, bool dflt)
{
    const struct json *n = json_find(obj, key);

    return is(n, JSON_BOOL) ? n->n > 0 : dflt;
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

static void print(struct jw *w, const char *key, const struct json *n)
{
    switch (json_type(n)) {
    case JSON_TEXT:
        jw_sv(w, key, (struct sv){n->text, n->n});
        break;
    case JSON_NUMBER:
        jw_num(w, key, n->number);
        break;
    case JSON_BOOL:
        jw_bool(w, key, n->n > 0);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        if (key)
            jw_key(w, key);
        jw_open(w, n->type == JSON_ARRAY ? '[' : '{');
        for (const struct json *c = n->child; c; c = c->next)
            print(w, c->key, c);
        jw_close(w);
        break;
    case JSON_NULL:
        jw_text(w, key, NULL);
    }
}

void json_print(const struct json *n, struct str *out)
{
    struct jw w = jw_on(out);

    print(&w, NULL, n);
}
