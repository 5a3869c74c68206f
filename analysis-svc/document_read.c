/*
 * document_read.c - a stored document back in memory, for the merge. Members may stand in any order
 * (Postgres's jsonb keeps none).
 */
#include <string.h>

#include "analysis-svc/document.h"
#include "analysis-svc/list.h"
#include "analysis-svc/rules.h"

static void read_notes(struct arena *mem, const struct json *from, struct notes *out)
{
    for (const struct json *n = json_first(from); n; n = json_next(n))
        if (json_text(n))
            notes_add(mem, out, json_text(n));
}

static struct value read_value(const struct json *from)
{
    const struct json *last = NULL, *v;
    struct value out = {.type = CELL_ABSENT, .text = ""};

    if (!from)
        return out;
    v = json_find_next(from, "text", &last);
    if (json_text(v))
        out.text = json_text(v);
    v = json_find_next(from, "value", &last);
    out.type = json_type(v) == JSON_NUMBER ? CELL_NUMBER : json_text(v) ? CELL_WORD : CELL_NULL;
    out.number = json_number(v);
    out.word = json_text(v);
    return out;
}

/* The rows of a document have the same cells in the same order, whatever it is: where the i-th cell
 * of the row before stood, the i-th of this one is looked for first. */
struct places {
    int *field;
    size_t n, room;
};

static int field_of(const struct extractor *x, struct places *places, size_t i, const char *name)
{
    int field = i < places->n ? places->field[i] : FIELD_NONE;

    if (field != FIELD_NONE && strcmp(x->fields[field].name, name) == 0)
        return field;
    field = rules_field(x, name);
    if (i < places->room) {
        places->field[i] = field;
        places->n = i < places->n ? places->n : i + 1;
    }
    return field;
}

static void read_cells(const struct json *cells, const struct document *d, struct places *places,
                       struct row *row)
{
    size_t i = 0;

    row->cells = arena_take(d->mem, d->x->field_count * sizeof(*row->cells));
    for (size_t f = 0; f < d->x->field_count; f++)
        row->cells[f].value.text = "";
    for (const struct json *c = json_first(cells); c; c = json_next(c)) {
        int field = field_of(d->x, places, i++, json_key(c));

        if (field != FIELD_NONE)
            row->cells[field].value = read_value(c);
    }
}

static void read_row(const struct json *from, const struct document *d, struct places *places,
                     struct row *row)
{
    const struct extractor *x = d->x;

    row->key = json_text_or(from, "key", "");
    row->confidence = json_num_or(from, "confidence", 0);
    read_notes(d->mem, json_find(from, "notes"), &row->notes);
    read_cells(json_find(from, "cells"), d, places, row);
    for (const struct json *n = json_first(json_find(from, "doubtful")); n; n = json_next(n)) {
        int field = rules_field(x, json_text(n));

        if (field != FIELD_NONE)
            row->cells[field].doubtful = true;
    }
    row->lists = list_make(x, d->mem);
    for (size_t i = 0; i < list_count(x); i++)
        list_read(&row->lists[i], json_find(from, "lists"), d->mem);
}

static void read_page(const struct json *page, struct document *d)
{
    for (size_t i = 0; i < PAGE_TEXTS_; i++)
        d->page[i] = json_text_or(page, page_text_name((enum page_text)i), "");
    read_notes(d->mem, json_find(page, "columns"), &d->columns);
}

static void read_checks(const struct json *checks, struct document *d)
{
    for (const struct json *c = json_first(checks); c; c = json_next(c)) {
        struct check *out =
            document_check(d, json_text_or(c, "name", ""), json_num_or(c, "weight", 0));

        out->ok = json_bool_or(c, "ok", false);
        out->loss = json_num_or(c, "loss", 0);
        out->note = json_text_or(c, "note", "");
    }
}

bool document_read(const struct json *json, int64_t snapshot, struct document *out, struct err *err)
{
    size_t room = out->x->field_count;
    struct places places = {arena_take(out->mem, (room + 1) * sizeof(int)), 0, room};
    const struct json *rows;

    if (strcmp(json_text_or(json, "kind", ""), out->x->name) != 0)
        return err_set(err, ERR_UNPROCESSABLE, "document of snapshot %lld: not of kind %s",
                       (long long)snapshot, out->x->name);
    if (!json_need(json, "rows", JSON_ARRAY, &rows, err))
        return err_wrap(err, "document of snapshot %lld", (long long)snapshot);
    read_page(json_find(json, "page"), out);
    read_checks(json_find(json, "checks"), out);
    read_notes(out->mem, json_find(json, "notes"), &out->notes);
    out->confidence = json_num_or(json, "confidence", 0);
    out->rows = arena_take(out->mem, (json_count(rows) + 1) * sizeof(*out->rows));
    for (const struct json *r = json_first(rows); r; r = json_next(r)) {
        out->rows[out->row_count].snapshot = snapshot;
        read_row(r, out, &places, &out->rows[out->row_count++]);
    }
    return true;
}
