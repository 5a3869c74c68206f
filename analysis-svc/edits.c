/*
 * edits.c - see edits.h.
 */
#include "analysis-svc/edits.h"

#include <string.h>

#include "analysis-svc/cell.h"
#include "analysis-svc/rules.h"

bool edits_check(const struct extractor *x, const char *date, const char *field, const char *text,
                 struct err *why)
{
    AUTO(arena_free) struct arena mem = ARENA_INIT;
    int at = rules_field(x, field);
    const char *note;

    if (at == FIELD_NONE)
        return err_set(why, ERR_UNPROCESSABLE, "%s has no field \"%.60s\"", x->name, field);
    if (!text)
        return true;
    if (cell_read(&x->fields[at], date, text, &mem, &note).type == CELL_ABSENT || !note)
        return true;
    return err_set(why, ERR_UNPROCESSABLE, "%.200s", note);
}

/* The first correction of a cell keeps what was read, so that a second one does not hide it. */
static void change(const struct extractor *x, const char *date, const struct edit *e,
                   struct row *row, struct arena *mem)
{
    int field = rules_field(x, e->field);
    struct dispute *dispute;
    struct cell *cell;
    const char *note;

    if (field == FIELD_NONE) /* the extractor has changed since */
        return;
    cell = &row->cells[field];
    dispute = cell_dispute(cell, mem);
    if (!dispute->edit)
        dispute->was = cell->value;
    dispute->edit = e;
    cell->value = cell_read(&x->fields[field], date, e->text, mem, &note);
    cell->doubtful = note != NULL;
    if (note)
        notes_add_once(mem, &row->notes, note);
}

void edits_apply(const struct extractor *x, const struct edits *edits, const char *key,
                 struct row *row, struct arena *mem)
{
    for (size_t i = 0; i < edits->n; i++)
        if (strcmp(edits->items[i].row_key, key) == 0)
            change(x, edits->date, &edits->items[i], row, mem);
}
