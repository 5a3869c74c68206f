/*
 * merge_row.c - see merge_row.h.
 */
#include "analysis-svc/merge_row.h"

#include <string.h>

#include "analysis-svc/list.h"
#include "analysis-svc/row_key.h"
#include "analysis-svc/rules.h"

/* One value and how well it is supported. */
struct claim {
    struct reading reading;
    bool firm;   /* somebody read it without doubt */
    double best; /* the best row among those who did, or among all */
};

static struct claim *find(struct claim *claims, size_t n, const struct value *v)
{
    for (size_t i = 0; i < n; i++)
        if (value_same(&claims[i].reading.value, v))
            return &claims[i];
    return NULL;
}

/* The print that is shown is the one of the best support. */
static void support(struct claim *c, const struct cell *cell, const struct row *row,
                    struct arena *mem)
{
    struct ids *from = &c->reading.from;
    bool firm = !cell->doubtful;

    if (from->n == 0 || from->items[from->n - 1] != row->snapshot) /* they come in its order */
        ids_add(mem, from, row->snapshot);
    if (firm < c->firm || (firm == c->firm && row->confidence <= c->best))
        return;
    c->firm = firm;
    c->best = row->confidence;
    c->reading.value.text = cell->value.text;
}

static size_t collect(const struct row *const *parts, size_t n, size_t field, struct arena *mem,
                      struct claim *claims)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        const struct cell *cell = &parts[i]->cells[field];
        struct claim *c = find(claims, count, &cell->value);

        if (cell->value.type == CELL_ABSENT)
            continue;
        if (!c) {
            c = &claims[count++];
            *c = (struct claim){.reading = {.value = cell->value}, .best = -1};
        }
        support(c, cell, parts[i], mem);
    }
    return count;
}

/* Is a the better claim? */
static bool better(const struct claim *a, const struct claim *b)
{
    const struct ids *fa = &a->reading.from, *fb = &b->reading.from;
    bool va = a->reading.value.type != CELL_NULL, vb = b->reading.value.type != CELL_NULL;

    if (va != vb)
        return va;
    if (a->firm != b->firm)
        return a->firm;
    if (a->best != b->best)
        return a->best > b->best;
    return fa->n != fb->n ? fa->n > fb->n : fa->items[0] < fb->items[0];
}

/* Stable, so that two readings of one snapshot keep the order of its rows. */
static void sort(struct claim *claims, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct claim c = claims[i];
        size_t at = i;

        for (; at > 0 && better(&c, &claims[at - 1]); at--)
            claims[at] = claims[at - 1];
        claims[at] = c;
    }
}

/* How many claims hold a value: a print that nobody could interpret is no contradiction. */
static size_t values(const struct claim *claims, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += claims[i].reading.value.type != CELL_NULL ? 1 : 0;
    return count;
}

static bool any_doubt(const struct row *const *parts, size_t n, size_t field)
{
    for (size_t i = 0; i < n; i++)
        if (parts[i]->cells[field].doubtful)
            return true;
    return false;
}

static void keep_readings(const struct claim *claims, size_t n, struct arena *mem, struct cell *out)
{
    struct dispute *d = cell_dispute(out, mem);

    d->readings = arena_take(mem, n * sizeof(*d->readings));
    d->reading_count = n;
    for (size_t i = 0; i < n; i++)
        d->readings[i] = claims[i].reading;
    out->doubtful = true;
}

/* Returns true when pictures contradict each other. claims: room for n. */
static bool merge_cell(const struct row *const *parts, size_t n, size_t field, struct claim *claims,
                       struct arena *mem, struct cell *out)
{
    size_t count = collect(parts, n, field, mem, claims);

    if (count == 0) {
        out->value = (struct value){.type = CELL_ABSENT, .text = ""};
        out->doubtful = any_doubt(parts, n, field);
        return false;
    }
    sort(claims, count);
    out->value = claims[0].reading.value;
    out->from = claims[0].reading.from;
    out->doubtful = !claims[0].firm;
    if (values(claims, count) < 2)
        return false;
    keep_readings(claims, values(claims, count), mem, out);
    return true;
}

static void merge_cells(const struct extractor *x, const struct row *const *parts, size_t n,
                        struct arena *mem, struct row *out)
{
    double conflict = rules_row_loss(x, "conflict");
    struct claim *claims = arena_take(mem, n * sizeof(*claims));

    for (size_t i = 0; i < x->field_count; i++)
        if (merge_cell(parts, n, i, claims, mem, &out->cells[i]))
            out->confidence -= conflict;
}

/* A row that one picture alone shows: all is as it was read there. */
static void keep_cells(const struct extractor *x, const struct row *part, struct arena *mem,
                       struct cell *out)
{
    struct ids from = {.n = 0};

    ids_add(mem, &from, part->snapshot);
    for (size_t i = 0; i < x->field_count; i++) {
        const struct cell *cell = &part->cells[i];

        out[i].value = cell->value;
        out[i].doubtful = cell->doubtful;
        if (cell->value.type != CELL_ABSENT)
            out[i].from = from;
    }
}

static void merge_lists(const struct extractor *x, const struct row *const *parts, size_t n,
                        struct arena *mem, struct row *out)
{
    out->lists = list_make(x, mem);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; parts[i]->lists && l < list_count(x); l++)
            list_merge(&out->lists[l], &parts[i]->lists[l], mem, &out->notes);
}

/* Say why rows with different keys became one. */
static void note_keys(const struct row *const *parts, size_t n, struct arena *mem, struct row *out)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(parts[i]->key, out->key) != 0)
            notes_add_once(
                mem, &out->notes,
                arena_printf(mem, "%s is read as the same as %s", parts[i]->key, out->key));
}

static const char *merged_key(const struct extractor *x, const struct row *const *parts,
                              const struct row *row, struct arena *mem)
{
    const char *key = row_key(x, row, mem);

    return key ? key : parts[0]->key;
}

void merge_row(const struct extractor *x, const struct row *const *parts, size_t n,
               struct arena *mem, struct row *out)
{
    *out = (struct row){.confidence = 0};
    out->cells = arena_take(mem, x->field_count * sizeof(*out->cells));
    for (size_t i = 0; i < n; i++) {
        if (parts[i]->confidence > out->confidence)
            out->confidence = parts[i]->confidence;
        for (size_t k = 0; k < parts[i]->notes.n; k++)
            notes_add_once(mem, &out->notes, parts[i]->notes.items[k]);
    }
    if (n == 1)
        keep_cells(x, parts[0], mem, out->cells);
    else
        merge_cells(x, parts, n, mem, out);
    out->confidence = document_round(out->confidence);
    merge_lists(x, parts, n, mem, out);
    out->key = merged_key(x, parts, out, mem);
    note_keys(parts, n, mem, out);
}
