#include "common/json_build.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_plain.h"
#include "common/str.h"

enum { NODES_FIRST = 64, NODES_MAX = 4096, DIGITS_EXACT = 15 };

/* ---- memory: the first block holds the root and the text, further ones hold nodes ---- */

struct block {
    struct block *next;
    size_t used, size; /* of the nodes */
    cJSON nodes[];
};

struct build {
    char *at, *end;
    struct block *first, *last;
    struct err *err;
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

void json_build_free(cJSON **root)
{
    struct block *first =
        *root ? (struct block *)(void *)((char *)*root - offsetof(struct block, nodes)) : NULL;

    blocks_free(&first);
    *root = NULL;
}

static cJSON *node_new(struct build *b, int type)
{
    cJSON *n;

    if (b->last->used == b->last->size) {
        size_t nodes = b->last->size * 2;
        struct block *more = block_new(nodes < NODES_MAX ? nodes : NODES_MAX, 0);

        b->last->next = more;
        b->last = more;
    }
    n = &b->last->nodes[b->last->used++];
    memset(n, 0, sizeof *n);
    n->type = type;
    return n;
}

/* ---- texts, where they stand ---- */

static unsigned hex4(const char *p)
{
    unsigned n = 0;

    for (int i = 0; i < 4; i++)
        n = n * 16 + (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return n;
}

static char *put_utf8(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* *from stands behind the backslash; never longer than what it replaces. */
static char *unescape(char *to, char **from)
{
    static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
    char c = *(*from)++;
    const char *letter = strchr(letters, c);
    unsigned high;

    if (c != 'u') {
        if (letter)
            c = means[letter - letters];
        *to++ = c;
        return to;
    }
    high = hex4(*from);
    *from += 4;
    if (high < 0xd800 || high > 0xdbff)
        return put_utf8(to, high);
    high = 0x10000 + ((high - 0xd800) << 10) + (hex4(*from + 2) - 0xdc00);
    *from += 6;
    return put_utf8(to, high);
}

/* Ends the text in place; b->at goes behind its closing quote. *n: its length. */
static char *text(struct build *b, size_t *n)
{
    char *from = b->at + 1, *p = from, *to;

    p += json_plain(p, (size_t)(b->end - p));
    while (*p != '"' && *p != '\\')
        p++;
    to = p;
    while (*p != '"') {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        p++;
        to = unescape(to, &p);
    }
    b->at = p + 1;
    *to = '\0';
    *n = (size_t)(to - from);
    return from;
}

/* ---- numbers ---- */

static locale_t plain_locale;
static void make_locale(void) { plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Up to fifteen digits and no exponent: the division of two exact doubles is the nearest one. */
static bool short_number(char **at, double *out)
{
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    char *p = *at;
    bool minus = *p == '-';
    int64_t whole = 0;
    int digits = 0, decimals = 0;

    for (p += minus; is_digit(*p) && digits <= DIGITS_EXACT; p++, digits++)
        whole = whole * 10 + (*p - '0');
    if (*p == '.')
        for (p++; is_digit(*p) && digits <= DIGITS_EXACT; p++, digits++, decimals++)
            whole = whole * 10 + (*p - '0');
    if (digits > DIGITS_EXACT || is_digit(*p) || *p == 'e' || *p == 'E')
        return false;
    *out = (double)whole / tens[decimals];
    if (minus)
        *out = -*out;
    *at = p;
    return true;
}

static bool number(struct build *b, double *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char *p = b->at, *end;

    if (short_number(&p, out)) {
        b->at = p;
        return true;
    }
    pthread_once(&once, make_locale);
    *out = strtod_l(b->at, &end, plain_locale);
    b->at = end;
    return isfinite(*out) ||
           err_set(b->err, ERR_BAD_REQUEST, "a number is larger than any that can be kept");
}

/* ---- keys ---- */

/* Of a key, kept in its node: most differ by it, and need no further look. */
static int hash_of(const char *key, size_t n)
{
    unsigned h = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)key[i]) * 16777619U;
    return (int)h;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool all_differ(const cJSON *obj, size_t n)
{
    enum { FEW = 24 };

    if (n > FEW)
        return false;
    for (const cJSON *c = obj->child; c; c = c->next)
        for (const cJSON *d = c->next; d; d = d->next)
            if (c->valueint == d->valueint)
                return false;
    return true;
}

/* The first key that an object has twice, or NULL. */
static const char *doubled_key(const cJSON *obj, size_t n)
{
    AUTO(str_free) struct str room = STR_INIT(SIZE_MAX / 2);
    const char **keys, *twice = NULL;
    size_t i = 0;

    if (n < 2 || all_differ(obj, n))
        return NULL;
    str_reserve(&room, n * sizeof *keys);
    keys = (const char **)(void *)room.p;
    for (const cJSON *c = obj->child; c; c = c->next)
        keys[i++] = c->string;
    qsort(keys, n, sizeof *keys, by_name);
    for (i = 1; i < n && !twice; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            twice = keys[i];
    return twice;
}

/* ---- values ---- */

static void blanks(struct build *b)
{
    while (*b->at == ' ' || *b->at == '\n' || *b->at == '\r' || *b->at == '\t')
        b->at++;
}

static cJSON *value(struct build *b);

/* The key in front of a member. */
static char *key(struct build *b, size_t *n)
{
    char *k;

    blanks(b);
    k = text(b, n);
    blanks(b);
    b->at++; /* the colon */
    return k;
}

static cJSON *member(struct build *b, bool named)
{
    size_t n = 0;
    char *name = named ? key(b, &n) : NULL;
    cJSON *v = value(b);

    if (v && name) {
        v->string = name;
        v->valueint = hash_of(name, n);
    }
    return v;
}

static cJSON *list(struct build *b)
{
    bool named = *b->at++ == '{';
    cJSON *list = node_new(b, named ? cJSON_Object : cJSON_Array), *last = NULL;
    const char *twice;
    size_t n = 0;

    for (blanks(b); *b->at != '}' && *b->at != ']'; blanks(b)) {
        cJSON *v;

        if (*b->at == ',')
            b->at++;
        v = member(b, named);
        if (!v)
            return NULL;
        v->prev = last;
        if (last)
            last->next = v;
        else
            list->child = v;
        last = v;
        n++;
    }
    b->at++;
    twice = named ? doubled_key(list, n) : NULL;
    if (!twice)
        return list;
    err_set(b->err, ERR_BAD_REQUEST, "the key \"%.60s\" stands twice in one object", twice);
    return NULL;
}

/* Recursion: json_scan has seen to it that it is no deeper than JSON_DEPTH_MAX. */
static cJSON *value(struct build *b)
{
    cJSON *n;
    size_t length;
    double d;

    blanks(b);
    switch (*b->at) {
    case '{':
    case '[':
        return list(b);
    case '"':
        n = node_new(b, cJSON_String);
        n->valuestring = text(b, &length);
        return n;
    case 't':
        b->at += 4;
        return node_new(b, cJSON_True);
    case 'f':
        b->at += 5;
        return node_new(b, cJSON_False);
    case 'n':
        b->at += 4;
        return node_new(b, cJSON_NULL);
    default:
        if (!number(b, &d))
            return NULL;
        n = node_new(b, cJSON_Number);
        n->valuedouble = d;
        return n;
    }
}

bool json_build(struct sv input, cJSON **out, struct err *err)
{
    struct build b = {.err = err};
    cJSON *root;
    char *copy;

    b.first = b.last = block_new(NODES_FIRST, input.n + 1);
    copy = (char *)&b.first->nodes[NODES_FIRST];
    memcpy(copy, input.p, input.n);
    copy[input.n] = '\0';
    b.at = copy;
    b.end = copy + input.n;
    root = value(&b);
    if (root)
        *out = root;
    else
        blocks_free(&b.first);
    return root != NULL;
}
