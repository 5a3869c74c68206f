/*
 * extract.c - see extract.h.
 */
#include "analysis-svc/extract.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/cell.h"
#include "analysis-svc/checks.h"
#include "analysis-svc/extractor_own.h"
#include "analysis-svc/list.h"
#include "analysis-svc/reasons.h"
#include "analysis-svc/row_key.h"
#include "analysis-svc/rules.h"

enum { PAGE_TEXT_MAX = 300, COLUMNS_MAX = 64 };

void extracted_free(struct extracted *e) { paper_free(&e->paper); }

static void read_page(const struct json *item, struct document *d)
{
    const char *columns = rules_page(d->x, "columns");
    const struct json *c = columns ? json_first(json_find(item, columns)) : NULL;
    const struct extractor_field rule = {.name = "page", FIELD_TEXT, PAGE_TEXT_MAX};
    const char *note;

    for (size_t i = 0; i < PAGE_TEXTS_; i++) {
        const char *name = rules_page(d->x, page_text_name((enum page_text)i));
        const char *text = name ? json_text_or(item, name, "") : "";

        d->page[i] = cell_read(&rule, d->date, text, d->mem, &note).text;
    }
    for (; c && d->columns.n < COLUMNS_MAX; c = json_next(c))
        notes_add(d->mem, &d->columns,
                  cell_read(&rule, d->date, json_text(c) ? json_text(c) : "", d->mem, &note).text);
}

/* A row that is counted once, whatever is wrong in it. */
struct fit {
    bool broken;
    const char *why;
};

static void misfit(struct fit *fit, const char *why)
{
    if (!fit->broken)
        *fit = (struct fit){true, why};
}

static void count_misfit(struct document *d, const struct fit *fit)
{
    if (!fit->broken)
        return;
    if (d->misfits++ == 0)
        d->misfit = fit->why;
}

static void read_unsure(const struct json *from, struct document *d, struct row *row,
                        struct fit *fit)
{
    for (const struct json *u = json_first(json_find(from, "unsure")); u; u = json_next(u)) {
        int field = rules_field(d->x, json_text(u));

        if (!json_find(extractor_row_properties(d->x), json_text(u)))
            misfit(fit, arena_printf(d->mem, "unsure names %.40s", json_text(u)));
        if (field == FIELD_NONE || row->cells[field].doubtful)
            continue;
        row->cells[field].doubtful = true;
        row->confidence -= rules_row_loss(d->x, "unsure");
    }
}

static void lose_for_lacks(const struct extractor *x, struct row *row)
{
    for (size_t i = 0; i < EXTRACTOR_LACKS; i++) {
        const struct extractor_lack *lack = &x->lacks[i];

        if (lack->field != FIELD_NONE && row->cells[lack->field].value.type <= CELL_NULL)
            row->confidence -= lack->loss;
    }
}

/* A figure or handle of another length than it may have is no value; its print is kept in part. */
static bool is_cut(const struct extractor_field *rule, const struct value *v, const char *text)
{
    return rule->kind == FIELD_TEXT || strcmp(v->text, text) != 0;
}

static void read_row(const struct json *from, struct document *d, struct row *row, struct fit *fit)
{
    const struct extractor *x = d->x;
    const struct json *last = NULL;
    const char *note;

    row->confidence = 1;
    row->cells = arena_take(d->mem, x->field_count * sizeof(*row->cells));
    read_unsure(from, d, row, fit);
    for (size_t i = 0; i < x->field_count; i++) {
        const char *text = json_text(json_find_next(from, x->fields[i].name, &last));

        row->cells[i].value = cell_read(&x->fields[i], d->date, text ? text : "", d->mem, &note);
        if (!note)
            continue;
        notes_add(d->mem, &row->notes, note);
        if (is_cut(&x->fields[i], &row->cells[i].value, text))
            misfit(fit, note);
        row->cells[i].doubtful = true;
        row->confidence -= rules_row_loss(x, "unparsed");
    }
    lose_for_lacks(x, row);
    row->confidence = document_round(row->confidence);
}

static bool is_empty(const struct document *d, const struct row *row)
{
    for (size_t i = 0; i < d->x->field_count; i++)
        if (row->cells[i].value.type != CELL_ABSENT)
            return false;
    for (size_t i = 0; row->lists && i < list_count(d->x); i++)
        if (row->lists[i].n > 0)
            return false;
    return true;
}

/* A row without a key cannot be told from others: it is left out, and that is said. */
static void add_row(const struct json *from, size_t number, struct document *d)
{
    struct row *row = &d->rows[d->row_count];
    struct fit fit = {.broken = false};
    const char *note;
    bool empty;

    *row = (struct row){.key = NULL};
    read_row(from, d, row, &fit);
    row->key = row_key(d->x, row, d->mem);
    if (row->key) {
        d->row_count++;
        count_misfit(d, &fit);
        return;
    }
    empty = is_empty(d, row);
    d->dropped += empty ? 0 : 1;
    note = arena_printf(d->mem, "row %zu was left out: %s", number,
                        empty ? "it is empty" : "nothing in it says whose it is");
    misfit(&fit, note);
    count_misfit(d, &fit);
    notes_add(d->mem, &d->notes, note);
}

static void read_rows(const struct json *item, struct document *d)
{
    const struct json *rows = json_find(item, d->x->rows);
    size_t number = 1;

    d->rows = arena_take(d->mem, (json_count(rows) + 1) * sizeof(*d->rows));
    for (const struct json *r = json_first(rows); r; r = json_next(r))
        add_row(r, number++, d);
}

/* The picture has one subject. Where its handle is not visible the row goes by the name that was
 * asked for, and the check of the handle makes it doubtful. */
static void read_subject(const struct json *item, const struct expected *want, struct document *d)
{
    struct row *row = d->rows = arena_take(d->mem, sizeof(*row));
    struct fit fit = {.broken = false};

    read_row(item, d, row, &fit);
    count_misfit(d, &fit);
    row->lists = list_make(d->x, d->mem);
    for (size_t i = 0; i < list_count(d->x); i++)
        row->confidence -= rules_row_loss(d->x, "unsure") *
                           (double)list_extract(&row->lists[i], item, d, &row->notes);
    row->confidence = document_round(row->confidence);
    row->key = row_key(d->x, row, d->mem);
    if (!row->key)
        row->key = arena_printf(d->mem, "@%s", want->handle);
    d->row_count = is_empty(d, row) ? 0 : 1;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void note_doubles(struct document *d)
{
    const char **keys = arena_take(d->mem, (d->row_count + 1) * sizeof(*keys));

    for (size_t i = 0; i < d->row_count; i++)
        keys[i] = d->rows[i].key;
    qsort(keys, d->row_count, sizeof(*keys), by_key);
    for (size_t i = 1; i < d->row_count; i++)
        if (strcmp(keys[i], keys[i - 1]) == 0)
            notes_add_once(d->mem, &d->notes, arena_printf(d->mem, "%s stands twice", keys[i]));
}

static void decide(const struct document *d, const struct findings *found, struct extracted *out)
{
    out->confidence = d->confidence;
    out->fail = d->row_count == 0 ? FAIL_NO_ROWS : found->fail;
    if (found->fail != FAIL_NONE)
        out->fail = found->fail; /* says more than an empty page */
    if (out->fail != FAIL_NONE) {
        out->state = IMAGE_FAILED;
        reasons_explain(d, out->note);
        return;
    }
    out->state = IMAGE_EXTRACTED;
    if (!found->doubtful && d->confidence >= d->x->review_below)
        return;
    out->state = IMAGE_DOUBTFUL;
    reasons_of_confidence(d, "", out->note);
    reasons_explain(d, out->note);
}

void extract_document(const struct extractor *x, const struct json *item,
                      const struct expected *want, struct extracted *out)
{
    AUTO(paper_free) struct paper *paper = paper_new(x);
    struct document *d = &paper->doc;
    struct findings found = {FAIL_NONE, false};

    *out = (struct extracted){.paper = NULL};
    d->date = want->date;
    read_page(item, d);
    if (x->rows)
        read_rows(item, d);
    else
        read_subject(item, want, d);
    note_doubles(d);
    checks_page(d, want, &found);
    checks_rows(d, true);
    checks_schema(d);
    d->confidence = document_confidence(d);
    decide(d, &found, out);
    d->date = NULL;
    out->as_read = list_count(x) == 0; /* an entry of a list is made anew when it is read */
    out->paper = TAKE(paper);
}
