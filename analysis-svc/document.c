/*
 * document.c - the small tools of document.h.
 */
#include "analysis-svc/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool value_same(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    if (a->type == CELL_NUMBER)
        return a->number == b->number;
    return a->type != CELL_WORD || strcmp(a->word, b->word) == 0;
}

void notes_add(struct arena *mem, struct notes *notes, const char *text)
{
    if (notes->n == notes->room) {
        size_t room = notes->room ? notes->room * 2 : 4;
        const char **items = arena_take(mem, room * sizeof(*items));

        if (notes->n > 0)
            memcpy(items, notes->items, notes->n * sizeof(*items));
        notes->items = items;
        notes->room = room;
    }
    notes->items[notes->n++] = text;
}

void notes_add_once(struct arena *mem, struct notes *notes, const char *text)
{
    for (size_t i = 0; i < notes->n; i++)
        if (strcmp(notes->items[i], text) == 0)
            return;
    notes_add(mem, notes, text);
}

void ids_add(struct arena *mem, struct ids *ids, int64_t id)
{
    if (ids->n == ids->room) {
        uint32_t room = ids->room ? ids->room * 2 : 4;
        int64_t *items = arena_take(mem, room * sizeof(*items));

        if (ids->n > 0)
            memcpy(items, ids->items, ids->n * sizeof(*items));
        ids->items = items;
        ids->room = room;
    }
    ids->items[ids->n++] = id;
}

bool ids_same(const struct ids *a, const struct ids *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->items, b->items, a->n * sizeof *a->items) == 0);
}

struct dispute *cell_dispute(struct cell *c, struct arena *mem)
{
    if (!c->dispute)
        c->dispute = arena_take(mem, sizeof *c->dispute);
    return c->dispute;
}

struct paper *paper_new(const struct extractor *x)
{
    struct paper *p = calloc(1, sizeof *p);

    if (!p)
        abort();
    p->doc = (struct document){.mem = &p->mem, .x = x};
    return p;
}

void paper_free(struct paper **p)
{
    if (*p)
        arena_free(&(*p)->mem);
    free(*p);
    *p = NULL;
}

const char *page_text_name(enum page_text t)
{
    static const char *const names[] = {"platform", "title", "timeframe", "quality"};

    return names[t];
}

struct check *document_check(struct document *d, const char *name, double weight)
{
    struct check *c = &d->checks[d->check_count < CHECKS_MAX ? d->check_count++ : CHECKS_MAX - 1];

    *c = (struct check){.name = name, .ok = true, .weight = weight, .note = ""};
    return c;
}

double document_round(double confidence)
{
    if (!(confidence > 0))
        return 0;
    return confidence >= 1 ? 1 : round(confidence * 10000) / 10000;
}

double document_confidence(const struct document *d)
{
    double sum = 0, kept = 1;
    size_t n = d->row_count + d->dropped;

    for (size_t i = 0; i < d->row_count; i++)
        sum += d->rows[i].confidence;
    for (size_t i = 0; i < d->check_count; i++)
        kept -= d->checks[i].loss;
    return n == 0 || kept < 0 ? 0 : document_round(sum / (double)n * kept);
}
