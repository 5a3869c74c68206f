/*
 * merge.c - see merge.h.
 */
#include "analysis-svc/merge.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/checks.h"
#include "analysis-svc/merge_group.h"
#include "analysis-svc/merge_row.h"
#include "analysis-svc/rules.h"

/* The pictures of a set, once each, by snapshot. */
struct pictures {
    struct merge_input *in;
    struct json **json; /* the documents' texts lie here */
    struct document *docs;
    size_t n;
};

static void pictures_free(struct pictures *p)
{
    for (size_t i = 0; p->json && i < p->n; i++)
        json_free(&p->json[i]);
    p->n = 0;
}

/* By snapshot; two documents of one snapshot are put in the order of their bytes, so that the one
 * that stays does not depend on the order they came in. */
static int by_snapshot(const void *a, const void *b)
{
    const struct merge_input *x = a, *y = b;
    size_t least = x->document.n < y->document.n ? x->document.n : y->document.n;
    int bytes;

    if (x->snapshot_id != y->snapshot_id)
        return x->snapshot_id < y->snapshot_id ? -1 : 1;
    bytes = least > 0 ? memcmp(x->document.p, y->document.p, least) : 0;
    if (bytes != 0)
        return bytes;
    return x->document.n < y->document.n ? -1 : x->document.n > y->document.n;
}

static void sort_once(const struct merge_set *set, struct arena *mem, struct pictures *out)
{
    size_t n = set->n;

    out->in = arena_take(mem, (n + 1) * sizeof(*out->in));
    if (n > 0)
        memcpy(out->in, set->in, n * sizeof(*out->in));
    list_sort(out->in, n, sizeof(*out->in), by_snapshot);
    out->n = 0;
    for (size_t i = 0; i < n; i++)
        if (out->n == 0 || out->in[out->n - 1].snapshot_id != out->in[i].snapshot_id)
            out->in[out->n++] = out->in[i];
}

static bool read_all(const struct extractor *x, struct arena *mem, struct pictures *p,
                     struct err *err)
{
    p->json = arena_take(mem, (p->n + 1) * sizeof(struct json *));
    p->docs = arena_take(mem, (p->n + 1) * sizeof(*p->docs));
    for (size_t i = 0; i < p->n; i++) {
        if (p->in[i].read) {
            p->docs[i] = *p->in[i].read;
            continue;
        }
        p->docs[i] = (struct document){.mem = mem, .x = x};
        if (!json_parse(p->in[i].document, &p->json[i], err))
            return err_wrap(err, "document of snapshot %lld", (long long)p->in[i].snapshot_id);
        if (!document_read(p->json[i], p->in[i].snapshot_id, &p->docs[i], err))
            return false;
    }
    return true;
}

static const char *majority(const struct pictures *p, enum page_text t)
{
    const char *best = "";
    size_t most = 0;

    for (size_t i = 0; i < p->n; i++) {
        const char *text = p->docs[i].page[t];
        size_t count = 0;

        if (strcmp(text, best) == 0) /* has been counted */
            continue;
        for (size_t k = 0; *text && k < p->n; k++)
            count += strcmp(p->docs[k].page[t], text) == 0 ? 1 : 0;
        if (count > most) {
            most = count;
            best = text;
        }
    }
    return best;
}

static void merge_page(const struct pictures *p, struct document *sheet)
{
    for (size_t i = 0; i < PAGE_TEXTS_; i++)
        sheet->page[i] = majority(p, (enum page_text)i);
    for (size_t i = 0; i < p->n; i++) {
        const struct document *d = &p->docs[i];

        if (d->columns.n > sheet->columns.n)
            sheet->columns = d->columns;
        for (size_t k = 0; k < d->notes.n; k++)
            notes_add_once(sheet->mem, &sheet->notes, d->notes.items[k]);
    }
}

/* The rows of all pictures in one line, and with it the room for the sheet's. */
static struct row *all_rows(const struct pictures *p, struct arena *mem, size_t *n)
{
    struct row *rows;

    *n = 0;
    for (size_t i = 0; i < p->n; i++)
        *n += p->docs[i].row_count;
    rows = arena_take(mem, (*n + 1) * sizeof(*rows));
    *n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->docs[i].row_count; k++) {
            rows[*n] = p->docs[i].rows[k];
            rows[(*n)++].snapshot = p->in[i].snapshot_id;
        }
    return rows;
}

struct member {
    size_t group, row;
};

static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The keys of its parts lead to a row too: a correction was made when fewer pictures were there. */
static void correct(const struct document *sheet, const struct edits *edits,
                    const struct row *const *parts, size_t n, struct row *row)
{
    for (size_t i = 0; edits->n > 0 && i < n; i++)
        if (strcmp(parts[i]->key, row->key) != 0)
            edits_apply(sheet->x, edits, parts[i]->key, row, sheet->mem);
    edits_apply(sheet->x, edits, row->key, row, sheet->mem);
}

static void merge_rows(const struct row *rows, size_t n, const struct edits *edits,
                       struct document *sheet)
{
    struct arena *mem = sheet->mem;
    size_t *group = arena_take(mem, (n + 1) * sizeof(*group));
    struct member *members = arena_take(mem, (n + 1) * sizeof(*members));
    const struct row **parts = arena_take(mem, (n + 1) * sizeof(const struct row *));

    merge_group(sheet->x, rows, n, mem, group);
    for (size_t i = 0; i < n; i++)
        members[i] = (struct member){group[i], i};
    list_sort(members, n, sizeof(*members), by_group);
    sheet->rows = arena_take(mem, (n + 1) * sizeof(*sheet->rows));
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && members[to].group == members[from].group; to++)
            parts[to - from] = &rows[members[to].row];
        merge_row(sheet->x, parts, to - from, mem, &sheet->rows[sheet->row_count]);
        correct(sheet, edits, parts, to - from, &sheet->rows[sheet->row_count++]);
    }
}

struct order {
    double rank;
    struct row row;
};

static int by_rank(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return strcmp(x->row.key, y->row.key);
}

/* By rank, those without one at the end, then by key: no trace of which picture came first. */
static void sort_rows(struct document *sheet)
{
    const double last = 1e300;
    int rank = rules_role(sheet->x, "rank");
    struct order *order = arena_take(sheet->mem, (sheet->row_count + 1) * sizeof(*order));

    for (size_t i = 0; i < sheet->row_count; i++) {
        const struct row *r = &sheet->rows[i];
        bool ranked = rank != FIELD_NONE && r->cells[rank].value.type == CELL_NUMBER;

        order[i] = (struct order){ranked ? r->cells[rank].value.number : last, *r};
    }
    list_sort(order, sheet->row_count, sizeof(*order), by_rank);
    for (size_t i = 0; i < sheet->row_count; i++)
        sheet->rows[i] = order[i].row;
}

static const struct check *find_check(const struct document *d, const char *name)
{
    for (size_t i = 0; i < d->check_count; i++)
        if (strcmp(d->checks[i].name, name) == 0)
            return &d->checks[i];
    return NULL;
}

/* A check of the page holds for the sheet as it held for the picture that showed most; one of the
 * answers as for the worst of them, whose rows are in it. */
static void merge_check(const struct pictures *p, const char *name, bool worst,
                        struct document *sheet)
{
    const struct check *found = NULL;

    for (size_t i = 0; i < p->n; i++) {
        const struct check *c = find_check(&p->docs[i], name);

        if (c && (!found || (worst ? c->loss > found->loss : c->loss < found->loss)))
            found = c;
    }
    if (found)
        *document_check(sheet, name, 0) = *found;
}

/* The checks of the page; those of the rows are made anew, and some only now. */
static void merge_checks(const struct pictures *p, struct document *sheet)
{
    static const char *const of_page[] = {"columns", "timeframe", "platform", "handle", "quality"};
    const struct json *c = json_first(json_find(sheet->x->rules, "checks"));

    for (; c; c = json_next(c))
        for (size_t i = 0; i < COUNT_OF(of_page); i++)
            if (strcmp(json_key(c), of_page[i]) == 0)
                merge_check(p, json_key(c), false, sheet);
    checks_rows(sheet, false);
    merge_check(p, "schema", true, sheet);
    checks_agreement(sheet);
}

/* It is but a check: where the other sheet cannot be read, this one is stored all the same. */
static void follow(struct document *sheet, const struct merge_before *before, struct json **json)
{
    struct document old = {.mem = sheet->mem, .x = sheet->x};
    struct err err = ERR_INIT;

    if (before->document.n == 0)
        return;
    if (json_parse(before->document, json, &err) && document_read(*json, 0, &old, &err))
        checks_day_before(sheet, &old, before->date);
    else
        notes_add(
            sheet->mem, &sheet->notes,
            arena_printf(sheet->mem, "the sheet of %s cannot be read: %s", before->date, err.msg));
}

static void conclude(struct document *sheet, struct merge_said *said)
{
    sheet->confidence = document_confidence(sheet);
    said->confidence = sheet->confidence;
    said->note[0] = '\0';
    reasons_of_confidence(sheet, "the sheet's ", said->note);
    if (said->note[0])
        reasons_explain(sheet, said->note);
}

bool merge_documents(const struct extractor *x, const struct merge_set *set, struct str *sheet,
                     struct merge_said *said, struct err *err)
{
    AUTO(arena_free) struct arena mem = ARENA_INIT;
    AUTO(pictures_free) struct pictures p = {.n = 0};
    AUTO(json_free) struct json *before = NULL;
    struct document out = {.mem = &mem, .x = x};
    struct row *rows;
    size_t row_count;

    sort_once(set, &mem, &p);
    if (!read_all(x, &mem, &p, err))
        return false;
    rows = all_rows(&p, &mem, &row_count);
    merge_page(&p, &out);
    merge_rows(rows, row_count, &set->edits, &out);
    sort_rows(&out);
    merge_checks(&p, &out);
    follow(&out, &set->before, &before);
    conclude(&out, said);
    if (set->see)
        set->see(set->arg, &out);
    document_write(&out, sheet);
    if (!str_ok(sheet))
        return err_set(err, ERR_TOO_LARGE, "the sheet of %zu pictures is larger than %zu bytes",
                       set->n, sheet->wall);
    return true;
}
