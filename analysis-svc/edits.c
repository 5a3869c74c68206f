/*
 * edits.c - see edits.h.
 */
#include "analysis-svc/edits.h"

#include <string.h>

#include "analysis-svc/cell.h"
#include "analysis-svc/rules.h"

static struct cell_rule rule_of(const struct extractor *x, int field)
{
    return (struct cell_rule){x->fields[field].name, x->fields[field].kind,
                              x->fields[field].max_chars, x->fields[field].comma};
}

bool edits_check(const struct extractor *x, const char *field, const char *text, struct err *why)
{
    AUTO(arena_free) struct arena mem = ARENA_INIT;
    int at = rules_field(x, field);
    struct cell_rule rule;
    const char *note;

    if (at == FIELD_NONE)
        return err_set(why, ERR_UNPROCESSABLE, "%s has no field \"%.60s\"", x->name, field);
    if (!text)
        return true;
    rule = rule_of(x, at);
    if (cell_read(&rule, text, &mem, &note).type == CELL_ABSENT || !note)
        return true;
    return err_set(why, ERR_UNPROCESSABLE, "%.200s", note);
}

/* The first correction of a cell keeps what was read, so that a second one does not hide it. */
static void change(const struct extractor *x, const struct edit *e, struct row *row,
                   struct arena *mem)
{
    int field = rules_field(x, e->field);
    struct cell_rule rule;
    struct cell *cell;
    const char *note;

    if (field == FIELD_NONE) /* the extractor has changed since */
        return;
    rule = rule_of(x, field);
    cell = &row->cells[field];
    if (!cell->edit)
        cell->was = cell->value;
    cell->edit = e;
    cell->value = cell_read(&rule, e->text, mem, &note);
    cell->doubtful = note != NULL;
    if (note)
        notes_add_once(mem, &row->notes, note);
}

void edits_apply(const struct extractor *x, const struct edits *edits, const char *key,
                 struct row *row, struct arena *mem)
{
    for (size_t i = 0; i < edits->n; i++)
        if (strcmp(edits->items[i].row_key, key) == 0)
            change(x, &edits->items[i], row, mem);
}
