/*
 * merge_group.c - see merge_group.h.
 */
#include "analysis-svc/merge_group.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analysis-svc/handle.h"
#include "analysis-svc/rules.h"

/* Something by which rows are compared. */
struct tag {
    const char *word;
    double rank;
    size_t row;
};

struct grouping {
    const struct extractor *x;
    const struct row *rows;
    size_t n;
    struct arena *mem;
    size_t *group;
    struct tag *tags;
    int rank, name, handle; /* the fields of these roles; FIELD_NONE: there is none */
};

static size_t root(size_t *group, size_t i)
{
    while (group[i] != i) {
        group[i] = group[group[i]];
        i = group[i];
    }
    return i;
}

static void join(size_t *group, size_t a, size_t b)
{
    a = root(group, a);
    b = root(group, b);
    if (a < b)
        group[b] = a;
    else
        group[a] = b;
}

static int by_tag(const void *a, const void *b)
{
    const struct tag *x = a, *y = b;
    int words;

    if (x->rank != y->rank) /* the cheaper question first */
        return x->rank < y->rank ? -1 : 1;
    words = strcasecmp(x->word, y->word);
    if (words != 0)
        return words;
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool same_tag(const struct tag *a, const struct tag *b)
{
    return a->rank == b->rank && strcasecmp(a->word, b->word) == 0;
}

static const struct value *value_of(const struct grouping *g, size_t row, int field)
{
    return field == FIELD_NONE ? NULL : &g->rows[row].cells[field].value;
}

static const char *word_of(const struct value *v)
{
    return v && v->type == CELL_WORD ? v->word : NULL;
}

/* A number that words have in common which differ in case alone. */
static uint32_t number_of(const char *word)
{
    uint32_t h = 2166136261U; /* FNV-1a */

    for (; *word; word++) /* letters of either case by their last five bits */
        h = (h ^ (*word >= 'A' ? (unsigned char)*word & 0x1fU : (unsigned char)*word)) * 16777619U;
    return h;
}

/* Each key goes to the place of its number, or the next that is free; at an equal one its row has
 * been found. */
static void join_keys(struct grouping *g)
{
    size_t places = 4;
    size_t *rows; /* one more than its index; 0: free */

    while (places < 2 * g->n)
        places *= 2;
    rows = arena_take(g->mem, places * sizeof *rows);
    for (size_t i = 0; i < g->n; i++) {
        const char *key = g->rows[i].key;
        size_t at = number_of(key) & (places - 1);

        while (rows[at] && strcasecmp(g->rows[rows[at] - 1].key, key) != 0)
            at = (at + 1) & (places - 1);
        if (rows[at])
            join(g->group, rows[at] - 1, i);
        else
            rows[at] = i + 1;
    }
}

/* Rows of one rank whose handles look alike. By tag: the lowest of those that one edit after the
 * other leads to; and whether one picture shows two of them, each with its own handle. */
struct lookalikes {
    size_t from, to; /* their tags */
    size_t *side;
    bool *apart;
};

static int edits_between(const struct grouping *g, size_t i, size_t k)
{
    return handle_edits(word_of(value_of(g, g->tags[i].row, g->handle)),
                        word_of(value_of(g, g->tags[k].row, g->handle)));
}

static void link_edits(struct grouping *g, struct lookalikes *a)
{
    for (size_t i = a->from; i < a->to; i++) {
        a->side[i] = i;
        a->apart[i] = false;
    }
    for (size_t i = a->from; i < a->to; i++)
        for (size_t k = a->from; k < i; k++)
            if (edits_between(g, i, k) <= 1) /* never -1: they fold together */
                join(a->side, i, k);
}

static void find_apart(struct grouping *g, struct lookalikes *a)
{
    for (size_t i = a->from; i < a->to; i++)
        for (size_t k = a->from; k < i; k++)
            if (g->rows[g->tags[i].row].snapshot == g->rows[g->tags[k].row].snapshot &&
                root(a->side, i) == root(a->side, k) && edits_between(g, i, k) > 0)
                a->apart[root(a->side, i)] = true;
}

/* Those that one picture shows apart are two people, and which of them the others are nobody can
 * say. */
static void join_run(struct grouping *g, struct lookalikes *a)
{
    link_edits(g, a);
    find_apart(g, a);
    for (size_t i = a->from; i < a->to; i++) {
        size_t side = root(a->side, i);

        if (!a->apart[side])
            join(g->group, g->tags[side].row, g->tags[i].row);
    }
}

static size_t tag_alike(struct grouping *g)
{
    size_t n = 0;

    for (size_t i = 0; i < g->n; i++) {
        const struct value *rank = value_of(g, i, g->rank);
        const char *handle = word_of(value_of(g, i, g->handle));
        char folded[HANDLE_SIZE];

        if (!handle || !rank || rank->type != CELL_NUMBER)
            continue;
        handle_fold(handle, folded);
        g->tags[n++] = (struct tag){arena_copy(g->mem, sv_of(folded)), rank->number, i};
    }
    list_sort(g->tags, n, sizeof(*g->tags), by_tag);
    return n;
}

static void join_alike(struct grouping *g)
{
    size_t n = tag_alike(g);
    struct lookalikes a = {.side = arena_take(g->mem, (n + 1) * sizeof(*a.side)),
                           .apart = arena_take(g->mem, n + 1)};

    for (; a.from < n; a.from = a.to) {
        for (a.to = a.from + 1; a.to < n && same_tag(&g->tags[a.from], &g->tags[a.to]);)
            a.to++;
        if (a.to - a.from > 1)
            join_run(g, &a);
    }
}

/* tags[from..to) agree in rank and name: rows without handle go to the one group with a handle. */
static void adopt(struct grouping *g, size_t from, size_t to)
{
    size_t parent = g->n;

    for (size_t i = from; i < to; i++) {
        size_t r = root(g->group, g->tags[i].row);

        if (!word_of(value_of(g, g->tags[i].row, g->handle)))
            continue;
        if (parent != g->n && parent != r)
            return; /* two people: nobody can say whose it is */
        parent = r;
    }
    for (size_t i = from; parent != g->n && i < to; i++)
        join(g->group, parent, g->tags[i].row);
}

static void join_nameless(struct grouping *g)
{
    size_t n = 0;

    for (size_t i = 0; i < g->n; i++) {
        const struct value *rank = value_of(g, i, g->rank);
        const char *name = word_of(value_of(g, i, g->name));

        if (name && rank && rank->type == CELL_NUMBER)
            g->tags[n++] = (struct tag){name, rank->number, i};
    }
    list_sort(g->tags, n, sizeof(*g->tags), by_tag);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && same_tag(&g->tags[from], &g->tags[to]);)
            to++;
        adopt(g, from, to);
    }
}

/* "merge" of the rules says by what rows may be joined. */
static bool joined_by(const struct extractor *x, const char *how)
{
    const struct json *list = json_find(json_find(x->rules, "merge"), "rows_by");

    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (strcmp(json_text(e), how) == 0)
            return true;
    return !list;
}

void merge_group(const struct extractor *x, const struct row *rows, size_t n, struct arena *mem,
                 size_t *group)
{
    struct grouping g = {.x = x,
                         .rows = rows,
                         .n = n,
                         .mem = mem,
                         .group = group,
                         .tags = arena_take(mem, (n + 1) * sizeof(struct tag)),
                         .rank = rules_role(x, "rank"),
                         .name = rules_role(x, "name"),
                         .handle = rules_role(x, "handle")};

    for (size_t i = 0; i < n; i++)
        group[i] = x->rows ? i : 0;
    if (x->rows && joined_by(x, "key"))
        join_keys(&g);
    if (x->rows && joined_by(x, "look_alike"))
        join_alike(&g);
    if (x->rows && joined_by(x, "rank_and_name"))
        join_nameless(&g);
    for (size_t i = 0; i < n; i++)
        group[i] = root(group, i);
}
