#include "common/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_scan.h"
#include "common/json_write.h"

/* struct json is cJSON under another name: nobody else sees the library. */
static const cJSON *node(const struct json *n) { return (const cJSON *)n; }
static const struct json *view(const cJSON *n) { return (const struct json *)n; }

/* ---- memory: a document's nodes and texts lie behind one another and go at once ---- */

enum { BLOCK_FIRST = 16 << 10, BLOCK_MAX = 1 << 20, ALIGN = 16 };

struct block {
    struct block *before, *last; /* last: of the first block only */
    size_t used, size;           /* of the bytes behind it */
    _Alignas(ALIGN) char bytes[];
};

static _Thread_local struct block *growing; /* of the document that this thread is reading */

/* The first allocation of a reading is its root, which therefore begins the first block. */
static void *take(size_t n)
{
    struct block *b = growing;
    size_t size = b ? b->size * 2 : BLOCK_FIRST;
    void *p;

    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (!b || b->size - b->used < n) {
        size = size > BLOCK_MAX ? BLOCK_MAX : size;
        size = size > n ? size : n;
        b = malloc(sizeof *b + size);
        if (!b)
            return NULL;
        *b = (struct block){.before = growing, .size = size};
        growing = b;
    }
    p = b->bytes + b->used;
    b->used += n;
    return p;
}

static void keep(void *p) { (void)p; }

static void set_hooks(void)
{
    cJSON_Hooks hooks = {take, keep};

    cJSON_InitHooks(&hooks);
}

static void blocks_free(struct block **b)
{
    for (struct block *before; *b; *b = before) {
        before = (*b)->before;
        free(*b);
    }
}

static struct block *first_block(const cJSON *root)
{
    return (struct block *)(void *)((char *)root - offsetof(struct block, bytes));
}

static cJSON *parse(struct sv text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    cJSON *root;

    pthread_once(&once, set_hooks);
    growing = NULL;
    root = cJSON_ParseWithLength(text.p, text.n);
    if (root)
        first_block(root)->last = growing;
    else
        blocks_free(&growing);
    growing = NULL;
    return root;
}

/* ---- what is sound ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static unsigned hash_of(const char *z)
{
    unsigned h = 2166136261U; /* FNV-1a */

    for (; *z; z++)
        h = (h ^ (unsigned char)*z) * 16777619U;
    return h;
}

/* Most objects are small, and no two hashes of their keys are the same. */
static bool all_differ(const cJSON *obj)
{
    unsigned seen[24];
    size_t n = 0;

    for (const cJSON *c = obj->child; c; c = c->next) {
        unsigned h = hash_of(c->string);

        for (size_t i = 0; i < n; i++)
            if (seen[i] == h)
                return false;
        if (n == COUNT_OF(seen))
            return false;
        seen[n++] = h;
    }
    return true;
}

/* The first key that an object has twice, or NULL. */
static const char *doubled_key(const cJSON *obj)
{
    int n = all_differ(obj) ? 0 : cJSON_GetArraySize(obj);
    AUTO(str_free) struct str room = STR_INIT(SIZE_MAX / 2);
    const char **keys;
    int i = 0;

    if (n == 0)
        return NULL;
    str_reserve(&room, (size_t)n * sizeof *keys);
    keys = (const char **)(void *)room.p;
    for (const cJSON *c = obj->child; c; c = c->next)
        keys[i++] = c->string;
    qsort(keys, (size_t)n, sizeof *keys, by_name);
    for (i = 1; i < n; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0) {
            for (const cJSON *c = obj->child; c; c = c->next)
                if (strcmp(c->string, keys[i]) == 0)
                    return c->string;
        }
    return NULL;
}

/* What the grammar allows and we do not: a key twice, a number that only infinity could hold. */
static bool is_sound(const cJSON *n, struct err *err)
{
    const char *twice = cJSON_IsObject(n) && n->child && n->child->next ? doubled_key(n) : NULL;

    if (twice)
        return err_set(err, ERR_BAD_REQUEST, "the key \"%.60s\" stands twice in one object", twice);
    if (cJSON_IsNumber(n) && !isfinite(n->valuedouble))
        return err_set(err, ERR_BAD_REQUEST, "a number is larger than any that can be kept");
    for (const cJSON *c = n->child; c; c = c->next)
        if (!is_sound(c, err))
            return false;
    return true;
}

bool json_parse(struct sv text, struct json **out, struct err *err)
{
    AUTO(json_free) struct json *root = NULL;

    if (!json_scan(text, err))
        return false;
    root = (struct json *)parse(text);
    if (!root)
        return err_set(err, ERR_BAD_REQUEST, "not valid JSON");
    if (!is_sound(node(root), err))
        return false;
    *out = TAKE(root);
    return true;
}

void json_free(struct json **root)
{
    struct block *last = *root ? first_block((cJSON *)*root)->last : NULL;

    blocks_free(&last);
    *root = NULL;
}

enum json_type json_type(const struct json *n)
{
    const cJSON *c = node(n);

    if (cJSON_IsBool(c))
        return JSON_BOOL;
    if (cJSON_IsNumber(c))
        return JSON_NUMBER;
    if (cJSON_IsString(c))
        return JSON_TEXT;
    if (cJSON_IsArray(c))
        return JSON_ARRAY;
    return cJSON_IsObject(c) ? JSON_OBJECT : JSON_NULL;
}

const struct json *json_find(const struct json *obj, const char *key)
{
    const cJSON *c = obj && key && cJSON_IsObject(node(obj)) ? node(obj)->child : NULL;

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
    return n && cJSON_IsString(node(n)) ? node(n)->valuestring : NULL;
}

double json_number(const struct json *n)
{
    return n && cJSON_IsNumber(node(n)) ? node(n)->valuedouble : 0;
}

bool json_is_true(const struct json *n) { return n && cJSON_IsTrue(node(n)); }

const char *json_text_or(const struct json *obj, const char *key, const char *dflt)
{
    const char *z = json_text(json_find(obj, key));

    return z ? z : dflt;
}

/* A whole number that a double holds exactly. */
static bool whole(const struct json *n, int64_t *out)
{
    double d = json_number(n);

    if (!n || !cJSON_IsNumber(node(n)) || d != floor(d) || fabs(d) > 9007199254740992.0)
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

    return n && cJSON_IsNumber(node(n)) ? json_number(n) : dflt;
}

bool json_bool_or(const struct json *obj, const char *key, bool dflt)
{
    const struct json *n = json_find(obj, key);

    return n && cJSON_IsBool(node(n)) ? json_is_true(n) : dflt;
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
    if (cJSON_IsString(n)) {
        jw_text(w, key, n->valuestring);
    } else if (cJSON_IsNumber(n)) {
        jw_num(w, key, n->valuedouble);
    } else if (cJSON_IsBool(n)) {
        jw_bool(w, key, cJSON_IsTrue(n));
    } else if (cJSON_IsArray(n) || cJSON_IsObject(n)) {
        if (key)
            jw_key(w, key);
        jw_open(w, cJSON_IsArray(n) ? '[' : '{');
        for (const cJSON *c = n->child; c; c = c->next)
            print(w, cJSON_IsArray(n) ? NULL : c->string, c);
        jw_close(w);
    } else {
        jw_text(w, key, NULL);
    }
}

void json_print(const struct json *n, struct str *out)
{
    struct jw w = jw_on(out);

    print(&w, NULL, node(n));
}
