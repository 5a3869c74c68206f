/*
 * document_write.c - a document as JSON (proto/README.md).
 */
#include "analysis-svc/derive.h"
#include "analysis-svc/document.h"
#include "analysis-svc/edits.h"
#include "analysis-svc/list.h"
#include "common/json_plain.h"

enum {
    CELL_BYTES = 48,                    /* about as many, with its share of the row */
    CELL_FIXED = JSON_NUM_MAX + 16,     /* besides its texts: a number, quotes, a comma, a key */
    ROW_FIXED = JSON_NUM_MAX + 48,      /* of its beginning, besides the key */
    CHECK_FIXED = 2 * JSON_NUM_MAX + 64 /* besides its texts */
};

static void write_ids(struct jw *w, const char *key, const struct ids *ids)
{
    jw_key(w, key);
    jw_open(w, '[');
    for (size_t i = 0; i < ids->n; i++)
        jw_int(w, NULL, ids->items[i]);
    jw_close(w);
}

static void write_value(struct jw *w, const struct value *v)
{
    jw_text(w, "text", v->text);
    if (v->type == CELL_NUMBER)
        jw_num(w, "value", v->number);
    else
        jw_text(w, "value", v->type == CELL_WORD ? v->word : NULL);
}

static void write_readings(struct jw *w, const struct cell *c)
{
    jw_key(w, "conflict");
    jw_open(w, '[');
    for (size_t i = 0; i < c->dispute->reading_count; i++) {
        jw_open(w, '{');
        write_value(w, &c->dispute->readings[i].value);
        write_ids(w, "from", &c->dispute->readings[i].from);
        jw_close(w);
    }
    jw_close(w);
}

void document_write_edit(struct jw *w, const char *key, const struct cell *c)
{
    jw_key(w, key);
    jw_open(w, '{');
    jw_text(w, "by", c->dispute->edit->by);
    jw_text(w, "at", c->dispute->edit->at);
    jw_key(w, "was");
    if (c->dispute->was.type == CELL_ABSENT) {
        jw_raw(w, NULL, SV_LIT("null"));
    } else {
        jw_open(w, '{');
        write_value(w, &c->dispute->was);
        jw_close(w);
    }
    jw_close(w);
}

/* A cell, whatever is in it. */
static void write_cell(struct jw *w, const char *name, const struct cell *c)
{
    jw_key(w, name);
    jw_open(w, '{');
    write_value(w, &c->value);
    if (c->from.n > 0)
        write_ids(w, "from", &c->from);
    if (cell_readings(c) > 0)
        write_readings(w, c);
    if (cell_edit(c))
        document_write_edit(w, "edited", c);
    jw_close(w);
}

/* What cells end with. A document is mostly cells, so what they begin and end with is put down as
 * it is. */
struct frame {
    struct str tail; /* from where it was read on: of rows that stand together mostly the same */
    struct ids from; /* that the tail was made of; borrowed */
};

static void frame_free(struct frame *f) { str_free(&f->tail); }

static void make_tail(struct frame *f, const struct ids *ids)
{
    if (f->tail.n > 0 && ids_same(&f->from, ids))
        return;
    f->from = *ids;
    str_reset(&f->tail);
    for (size_t i = 0; i < ids->n; i++) {
        str_addv(&f->tail, i == 0 ? SV_LIT(",\"from\":[") : SV_LIT(","));
        json_int(&f->tail, ids->items[i]);
    }
    str_addv(&f->tail, ids->n > 0 ? SV_LIT("]}") : SV_LIT("}"));
}

/* The same of one that nobody disputes and whose texts need no escape, as nearly all: room is made
 * once, and all parts are put there. False: it is none. */
static bool write_quickly(struct jw *w, struct frame *f, struct sv head, const struct cell *c)
{
    const struct value *v = &c->value;
    struct sv text = sv_of(v->text), word = v->type == CELL_WORD ? sv_of(v->word) : SV_LIT("");
    char *to;

    if (c->dispute || json_plain(text.p, text.n) < text.n || json_plain(word.p, word.n) < word.n)
        return false;
    make_tail(f, &c->from);
    to = str_ready(w->out, head.n + text.n + word.n + f->tail.n + CELL_FIXED);
    if (!to)
        return false;
    if (jw_more(w))
        *to++ = ',';
    to = json_put_plain(json_put(to, head), text);
    to = json_put(to, SV_LIT(",\"value\":"));
    if (v->type == CELL_NUMBER)
        to = json_put_num(to, v->number);
    else
        to = v->type == CELL_WORD ? json_put_plain(to, word) : json_put(to, SV_LIT("null"));
    str_took(w->out, json_put(to, str_sv(&f->tail)));
    return true;
}

static void write_cells(struct jw *w, const struct document *d, struct frame *f,
                        const struct row *row)
{
    jw_key(w, "cells");
    jw_open(w, '{');
    for (size_t i = 0; i < d->x->field_count; i++) {
        const struct cell *c = &row->cells[i];

        if (cell_is_there(c) && !write_quickly(w, f, d->x->fields[i].head, c))
            write_cell(w, d->x->fields[i].name, c);
    }
    jw_close(w);
}

static void write_notes(struct jw *w, const char *key, const struct notes *notes)
{
    jw_key(w, key);
    jw_open(w, '[');
    for (size_t i = 0; i < notes->n; i++)
        jw_text(w, NULL, notes->items[i]);
    jw_close(w);
}

static void write_doubtful(struct jw *w, const struct extractor *x, const struct row *row)
{
    jw_key(w, "doubtful");
    jw_open(w, '[');
    for (size_t i = 0; i < x->field_count; i++)
        if (row->cells[i].doubtful)
            jw_text(w, NULL, x->fields[i].name);
    jw_close(w);
}

static void write_lists(struct jw *w, const struct extractor *x, const struct row *row)
{
    if (!row->lists)
        return;
    jw_key(w, "lists");
    jw_open(w, '{');
    for (size_t i = 0; i < list_count(x); i++)
        list_write(&row->lists[i], w);
    jw_close(w);
}

/* Of a row that nothing is to be said of, as of nearly all. */
static bool begin_quickly(struct jw *w, const struct row *row)
{
    struct sv key = sv_of(row->key);
    char *to;

    if (row->notes.n > 0 || json_plain(key.p, key.n) < key.n)
        return false;
    to = str_ready(w->out, key.n + ROW_FIXED);
    if (!to)
        return false;
    jw_more(w);
    to = json_put_plain(json_put(to, SV_LIT("\"key\":")), key);
    to = json_put_num(json_put(to, SV_LIT(",\"confidence\":")), row->confidence);
    str_took(w->out, json_put(to, SV_LIT(",\"notes\":[]")));
    return true;
}

static void begin_row(struct jw *w, const struct row *row)
{
    jw_open(w, '{');
    if (begin_quickly(w, row))
        return;
    jw_text(w, "key", row->key);
    jw_num(w, "confidence", row->confidence);
    write_notes(w, "notes", &row->notes);
}

static void write_row(struct jw *w, const struct document *d, struct frame *f,
                      const struct row *row)
{
    const struct extractor *x = d->x;

    begin_row(w, row);
    write_doubtful(w, x, row);
    write_cells(w, d, f, row);
    write_lists(w, x, row);
    derive_write(x, row, d->mem, w);
    jw_close(w);
}

static void write_page(struct jw *w, const struct document *d)
{
    jw_key(w, "page");
    jw_open(w, '{');
    for (size_t i = 0; i < PAGE_TEXTS_; i++)
        if (i != PAGE_QUALITY || *d->page[i]) /* few extractors ask for it */
            jw_text(w, page_text_name((enum page_text)i), d->page[i]);
    write_notes(w, "columns", &d->columns);
    jw_close(w);
}

/* Of one whose note needs no escape, as of nearly all. */
static bool check_quickly(struct jw *w, const struct check *c)
{
    struct sv name = sv_of(c->name), note = sv_of(c->note);
    char *to;

    if (json_plain(name.p, name.n) < name.n || json_plain(note.p, note.n) < note.n)
        return false;
    to = str_ready(w->out, name.n + note.n + CHECK_FIXED);
    if (!to)
        return false;
    if (jw_more(w))
        *to++ = ',';
    to = json_put_plain(json_put(to, SV_LIT("{\"name\":")), name);
    to = json_put(to, SV_LIT(",\"ok\":"));
    to = json_put(to, c->ok ? SV_LIT("true") : SV_LIT("false"));
    to = json_put_num(json_put(to, SV_LIT(",\"weight\":")), c->weight);
    to = json_put_num(json_put(to, SV_LIT(",\"loss\":")), c->loss);
    to = json_put_plain(json_put(to, SV_LIT(",\"note\":")), note);
    str_took(w->out, json_put(to, SV_LIT("}")));
    return true;
}

static void write_check(struct jw *w, const struct check *c)
{
    if (check_quickly(w, c))
        return;
    jw_open(w, '{');
    jw_text(w, "name", c->name);
    jw_bool(w, "ok", c->ok);
    jw_num(w, "weight", c->weight);
    jw_num(w, "loss", c->loss);
    jw_text(w, "note", c->note);
    jw_close(w);
}

void document_write(const struct document *d, struct str *out)
{
    AUTO(frame_free) struct frame f = {STR_INIT(SIZE_MAX / 2), {NULL, 0, 0}};
    struct jw w = jw_on(out);

    if (d->row_count * d->x->field_count * CELL_BYTES < out->wall)
        str_reserve(out, d->row_count * d->x->field_count * CELL_BYTES);
    jw_open(&w, '{');
    jw_text(&w, "kind", d->x->name);
    write_page(&w, d);
    jw_key(&w, "rows");
    jw_open(&w, '[');
    for (size_t i = 0; i < d->row_count; i++)
        write_row(&w, d, &f, &d->rows[i]);
    jw_close(&w);
    jw_key(&w, "checks");
    jw_open(&w, '[');
    for (size_t i = 0; i < d->check_count; i++)
        write_check(&w, &d->checks[i]);
    jw_close(&w);
    jw_num(&w, "confidence", d->confidence);
    write_notes(&w, "notes", &d->notes);
    jw_close(&w);
}
