/*
 * row_key.c - see row_key.h.
 */
#include "analysis-svc/row_key.h"

#include <string.h>

static const char *join(struct arena *mem, const char *a, const char *b)
{
    struct sv front = sv_of(a), back = sv_of(b);
    char *both = arena_take(mem, front.n + back.n + 1); /* zeroed */

    memcpy(both, front.p, front.n);
    memcpy(both + front.n, back.p, back.n);
    return both;
}

static const char *part(enum field_kind kind, const struct value *v, struct arena *mem)
{
    if (v->type == CELL_NUMBER)
        return arena_printf(mem, "%s%.15g", kind == FIELD_INTEGER ? "#" : "", v->number);
    if (v->type != CELL_WORD)
        return NULL;
    return kind == FIELD_HANDLE ? join(mem, "@", v->word) : v->word;
}

static const char *key_of(const struct extractor *x, const struct row *row,
                          const struct extractor_key *fields, struct arena *mem)
{
    const char *key = NULL;

    for (size_t i = 0; i < fields->n; i++) {
        int field = fields->fields[i];
        const char *p = part(x->fields[field].kind, &row->cells[field].value, mem);

        if (!p)
            return NULL;
        key = key ? join(mem, join(mem, key, " "), p) : p;
    }
    return key;
}

const char *row_key(const struct extractor *x, const struct row *row, struct arena *mem)
{
    const char *key = NULL;

    for (size_t i = 0; i < x->key_count && !key; i++)
        key = key_of(x, row, &x->keys[i], mem);
    return key;
}
