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

static void read_row(const struct json *from, const struct document *d, struct row *row)
{
    const struct extractor *x = d->x;
    const struct json *cells = json_find(from, "cells"), *last = NULL;

    row->key = json_text_or(from, "key", "");
    row->confidence = json_num_or(from, "confidence", 0);
    read_notes(d->mem, json_find(from, "notes"), &row->notes);
    row->cells = arena_take(d->mem, x->field_count * sizeof(*row->cells));
    for (size_t i = 0; i < x->field_count; i++)
        row->cells[i].value = read_value(json_find_next(cells, x->fields[i].name, &last));
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
        read_row(r, out, &out->rows[out->row_count++]);
    }
    return true;
}
