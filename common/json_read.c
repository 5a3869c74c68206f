/*
 * json_read.c - a text as a tree, in one pass; what is not JSON to the letter is refused on the
 * way.
 *
 * Objects of a list nearly always have the same members in the same order. So each is read beside
 * the one before it: a key that is the same there needs no second look, and where all are, none
 * stands twice.
 */
#include <stdlib.h>
#include <string.h>

#include "common/json_leaf.h"
#include "common/json_node.h"
#include "common/str.h"

enum { NODES_FIRST = 64, NODES_MAX = 4096 };

struct block {
    struct block *next;
    size_t used, size; /* of the nodes */
    struct json nodes[];
};

struct reader {
    struct json_at in;
    const char *from;           /* of the copy */
    struct block *first, *last; /* the first holds the root, and behind its nodes the copy */
    unsigned depth;
    const char *twice; /* a key that stands twice in one object */
};

static struct block *block_new(size_t nodes, size_t more)
{
    struct block *b = malloc(sizeof *b + nodes * sizeof *b->nodes + more);

    if (!b)
        abort();
    b->next = NULL;
    b->used = 0;
    b->size = nodes;
    return b;
}

static void blocks_free(struct block **b)
{
    for (struct block *next; *b; *b = next) {
        next = (*b)->next;
        free(*b);
    }
}

void json_free(struct json **root)
{
    struct block *first =
        *root ? (struct block *)(void *)((char *)*root - offsetof(struct block, nodes)) : NULL;

    blocks_free(&first);
    *root = NULL;
}

static struct json *node_new(struct reader *r)
{
    struct json *n;

    if (r->last->used == r->last->size) {
        size_t nodes = r->last->size * 2;
        struct block *more = block_new(nodes < NODES_MAX ? nodes : NODES_MAX, 0);

        r->last->next = more;
        r->last = more;
    }
    n = &r->last->nodes[r->last->used++];
    *n = (struct json){.key = NULL};
    return n;
}

static bool fail(struct reader *r, const char *fault) { return json_at_fails(&r->in, fault); }

static void blanks(struct reader *r)
{
    while (*r->in.at == ' ' || *r->in.at == '\n' || *r->in.at == '\r' || *r->in.at == '\t')
        r->in.at++;
}

/* ---- keys ---- */

/* The same key as that member's; its quotes are looked at too. */
static bool same_key(const struct reader *r, const struct json *member)
{
    const char *at = r->in.at;

    return member && member->key_plain && (size_t)(r->in.end - at) > member->key_n + 1U &&
           at[0] == '"' && at[member->key_n + 1U] == '"' &&
           memcmp(at + 1, member->key, member->key_n) == 0;
}

/* The key in front of a value, and its colon. *like: the member that stood there in the object
 * before; NULL: none, or it is another. */
static bool read_key(struct reader *r, const struct json **like, struct json *out)
{
    struct json_text key;

    blanks(r);
    if (same_key(r, *like)) {
        key = (struct json_text){(*like)->key, (*like)->key_n, true};
        r->in.at += key.n + 2;
    } else {
        *like = NULL;
        if (!json_read_text(&r->in, &key))
            return false;
    }
    out->key = key.p;
    out->key_n = key.n;
    out->key_plain = key.plain;
    blanks(r);
    if (*r->in.at != ':')
        return fail(r, "a colon is due");
    r->in.at++;
    return true;
}

static unsigned hash_of(const struct json *member)
{
    unsigned h = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < member->key_n; i++)
        h = (h ^ (unsigned char)member->key[i]) * 16777619U;
    return h;
}

static bool all_differ(const struct json *obj)
{
    enum { FEW = 24 };
    unsigned hashes[FEW];
    size_t n = 0;

    if (obj->n > FEW)
        return false;
    for (const struct json *m = obj->child; m; m = m->next, n++) {
        hashes[n] = hash_of(m);
        for (size_t i = 0; i < n; i++)
            if (hashes[i] == hashes[n])
                return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first key that an object has twice, or NULL. */
static const char *doubled_key(const struct json *obj)
{
    AUTO(str_free) struct str room = STR_INIT(SIZE_MAX / 2);
    const char **keys, *twice = NULL;
    size_t n = 0;

    if (obj->n < 2 || all_differ(obj))
        return NULL;
    str_reserve(&room, obj->n * sizeof *keys);
    keys = (const char **)(void *)room.p;
    for (const struct json *m = obj->child; m; m = m->next)
        keys[n++] = m->key;
    qsort(keys, n, sizeof *keys, by_name);
    for (size_t i = 1; i < n && !twice; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            twice = keys[i];
    return twice;
}

/* ---- values ---- */

static bool read_value(struct reader *r, const struct json *like, struct json *out);

/* like: the object that stood before, whose members may be the same; NULL: none. */
static bool read_members(struct reader *r, const struct json *like, struct json *out)
{
    const struct json *same = like ? like->child : NULL;
    struct json **end = &out->child, *before = NULL;
    bool known = same != NULL;

    do {
        struct json *m = *end = node_new(r);

        if (!read_key(r, &same, m))
            return false;
        known = known && same;
        if (!read_value(r, before, m))
            return false;
        before = m;
        end = &m->next;
        out->n++;
        same = same ? same->next : NULL;
        blanks(r);
    } while (*r->in.at == ',' && r->in.at++);
    r->twice = known ? NULL : doubled_key(out);
    return r->twice ? fail(r, "a key stands twice") : true;
}

static bool read_elements(struct reader *r, const struct json *like, struct json *out)
{
    const struct json *before = like ? like->child : NULL;
    struct json **end = &out->child;

    do {
        struct json *e = *end = node_new(r);

        if (!read_value(r, before, e))
            return false;
        before = e;
        end = &e->next;
        out->n++;
        blanks(r);
    } while (*r->in.at == ',' && r->in.at++);
    return true;
}

/* Recursion, no deeper than JSON_DEPTH_MAX. like: what stood in this place before; NULL: nothing.
 */
static bool read_list(struct reader *r, const struct json *like, struct json *out)
{
    bool named = *r->in.at == '{';
    char closer = named ? '}' : ']';

    out->type = named ? JSON_OBJECT : JSON_ARRAY;
    r->in.at++;
    if (++r->depth > JSON_DEPTH_MAX)
        return fail(r, "nested deeper than 32 levels");
    blanks(r);
    if (*r->in.at != closer) {
        if (like && like->type != out->type)
            like = NULL;
        if (!(named ? read_members(r, like, out) : read_elements(r, like, out)))
            return false;
        if (*r->in.at != closer)
            return fail(r, "a comma or the end of the list is due");
    }
    r->in.at++;
    r->depth--;
    return true;
}

static bool read_word(struct reader *r, struct json *out)
{
    static const struct {
        struct sv word;
        enum json_type type;
        uint32_t n;
    } words[] = {
        {{"true", 4}, JSON_BOOL, 1}, {{"false", 5}, JSON_BOOL, 0}, {{"null", 4}, JSON_NULL, 0}};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strncmp(r->in.at, words[i].word.p, words[i].word.n) != 0)
            continue;
        r->in.at += words[i].word.n;
        out->type = (uint8_t)words[i].type;
        out->n = words[i].n;
        return true;
    }
    return fail(r, "a value is due");
}

static bool read_scalar(struct reader *r, struct json *out)
{
    struct json_text text;

    if (*r->in.at == '"') {
        if (!json_read_text(&r->in, &text))
            return false;
        out->type = JSON_TEXT;
        out->text = text.p;
        out->n = text.n;
        return true;
    }
    if (*r->in.at != '-' && (*r->in.at < '0' || *r->in.at > '9'))
        return read_word(r, out);
    out->type = JSON_NUMBER;
    return json_read_number(&r->in, &out->number);
}

/* All of a node but its key. */
static bool read_value(struct reader *r, const struct json *like, struct json *out)
{
    bool ok;

    blanks(r);
    out->from = (uint32_t)(r->in.at - r->from);
    if (*r->in.at == '{' || *r->in.at == '[')
        ok = read_list(r, like, out);
    else
        ok = read_scalar(r, out);
    out->to = (uint32_t)(r->in.at - r->from);
    return ok;
}

static bool read_document(struct reader *r)
{
    struct json *root = node_new(r);

    if (!read_value(r, NULL, root))
        return false;
    blanks(r);
    return r->in.at == r->in.end || fail(r, "something stands after the end");
}

static bool refuse(const struct reader *r, struct err *err)
{
    if (r->twice)
        return err_set(err, ERR_BAD_REQUEST, "the key \"%.60s\" stands twice in one object",
                       r->twice);
    return err_set(err, ERR_BAD_REQUEST, "not valid JSON at byte %zu: %s",
                   (size_t)(r->in.at - r->from), r->in.fault);
}

bool json_parse(struct sv text, struct json **out, struct err *err)
{
    struct reader r = {.depth = 0};
    char *copy;
    bool ok;

    if (text.n > UINT32_MAX / 2)
        return err_set(err, ERR_BAD_REQUEST, "not valid JSON: %zu bytes are too many", text.n);
    r.first = r.last = block_new(NODES_FIRST, text.n + 1);
    copy = (char *)&r.first->nodes[NODES_FIRST];
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    r.from = copy;
    r.in = (struct json_at){.at = copy, .end = copy + text.n};
    ok = read_document(&r) || refuse(&r, err);
    if (ok)
        *out = &r.first->nodes[0];
    else
        blocks_free(&r.first);
    return ok;
}

struct sv json_source(const struct json *n, struct sv text)
{
    return (struct sv){text.p + n->from, n->to - n->from};
}
