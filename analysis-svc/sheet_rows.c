/* sheet_rows.c - see sheet_rows.h. */
#include "analysis-svc/sheet_rows.h"

#include <math.h>
#include <string.h>

#include "analysis-svc/rules.h"

enum { SOURCES_MAX = 1 << 20, WHOLE_MAX = 2147483647 };

/* Where each list begins, in the order of the parameters. */
enum {
    AT_SHEET,
    AT_NO,
    AT_KEY,
    AT_COLUMNS,
    AT_CONFIDENCE = AT_COLUMNS + ROW_COLUMNS,
    AT_DOUBTFUL,
    AT_FROM,
    AT_NOTES,
    AT_EDITED
};

/* The columns of analysis.leaderboard_rows that are fields of the extractor; a field that it lacks
 * is NULL. */
static const struct {
    const char *name;
    enum db_list_type type;
} columns[] = {
    {"rank", DB_LIST_INT},
    {"display_name", DB_LIST_TEXT},
    {"handle", DB_LIST_TEXT},
    {"total_snaps", DB_LIST_NUM},
    {"snaps_24h", DB_LIST_NUM},
    {"snaps_7d", DB_LIST_NUM},
    {"mindshare_percent", DB_LIST_NUM},
    {"mindshare_change", DB_LIST_NUM},
    {"followers", DB_LIST_NUM},
    {"smart_followers", DB_LIST_NUM},
    {"status", DB_LIST_TEXT},
    {"badge", DB_LIST_TEXT},
};
_Static_assert(COUNT_OF(columns) == ROW_COLUMNS, "as many as there are");

static enum db_list_type type_of(size_t i)
{
    switch (i) {
    case AT_SHEET:
    case AT_NO:
    case AT_FROM:
        return DB_LIST_INT;
    case AT_KEY:
    case AT_DOUBTFUL:
        return DB_LIST_TEXT;
    case AT_CONFIDENCE:
        return DB_LIST_NUM;
    case AT_NOTES:
    case AT_EDITED:
        return DB_LIST_JSON;
    default:
        return columns[i - AT_COLUMNS].type;
    }
}

static struct db_list list_of(enum db_list_type type)
{
    return (struct db_list){.type = type, .bytes = STR_INIT(DB_LIST_MAX)};
}

void sheet_rows_init(struct sheet_rows *r)
{
    *r = (struct sheet_rows){.from = list_of(DB_LIST_JSON),
                             .sheets = list_of(DB_LIST_INT),
                             .counts = list_of(DB_LIST_INT),
                             .last = STR_INIT(SOURCES_MAX)};
    for (size_t i = 0; i < ROW_LISTS; i++)
        r->items[i] = list_of(type_of(i));
}

void sheet_rows_free(struct sheet_rows *r)
{
    for (size_t i = 0; i < ROW_LISTS; i++)
        db_list_free(&r->items[i]);
    db_list_free(&r->from);
    db_list_free(&r->sheets);
    db_list_free(&r->counts);
    str_free(&r->last);
}

/* ---- cells: a value of the wrong kind is no value ---- */

/* Nothing written: NULL. */
static void add_written(struct db_list *to, const struct str *text)
{
    db_list_sv(to, text->n > 0 ? str_sv(text) : (struct sv){NULL, 0});
}

static void add_whole(struct db_list *to, const struct value *v)
{
    if (v->type == CELL_NUMBER && fabs(v->number) < WHOLE_MAX)
        db_list_int(to, (int64_t)rint(v->number));
    else
        db_list_text(to, NULL);
}

static void add_text(struct db_list *to, const struct value *v)
{
    AUTO(str_free) struct str number = STR_INIT(64);

    if (v->type != CELL_NUMBER) {
        db_list_text(to, v->type == CELL_WORD ? v->word : NULL);
        return;
    }
    json_num(&number, v->number);
    db_list_sv(to, str_sv(&number));
}

static void add_value(struct db_list *to, const struct value *v)
{
    if (to->type == DB_LIST_INT)
        add_whole(to, v);
    else if (to->type == DB_LIST_NUM)
        db_list_num(to, v->type == CELL_NUMBER ? v->number : NAN);
    else
        add_text(to, v);
}

/* ---- what is known beside them; NULL where that is nothing ---- */

/* {"a","b"}, as Postgres reads an array. */
static void add_doubtful(struct db_list *to, const struct extractor *x, const struct row *row)
{
    AUTO(str_free) struct str text = STR_INIT(SOURCES_MAX);

    for (size_t i = 0; i < x->field_count; i++) {
        if (!row->cells[i].doubtful)
            continue;
        str_addc(&text, text.n > 0 ? ',' : '{');
        db_list_quote(&text, x->fields[i].name);
    }
    if (text.n > 0)
        str_addc(&text, '}');
    add_written(to, &text);
}

static void add_notes(struct db_list *to, const struct notes *notes)
{
    AUTO(str_free) struct str text = STR_INIT(DB_LIST_MAX);
    struct jw w = jw_on(&text);

    if (notes->n > 0)
        jw_open(&w, '[');
    for (size_t i = 0; i < notes->n; i++)
        jw_text(&w, NULL, notes->items[i]);
    if (notes->n > 0)
        jw_close(&w);
    add_written(to, &text);
}

static void add_edited(struct db_list *to, const struct extractor *x, const struct row *row)
{
    AUTO(str_free) struct str text = STR_INIT(DB_LIST_MAX);
    struct jw w = jw_on(&text);
    bool any = false;

    for (size_t i = 0; i < x->field_count; i++) {
        if (!cell_edit(&row->cells[i]))
            continue;
        if (!any)
            jw_open(&w, '{');
        any = true;
        document_write_edit(&w, x->fields[i].name, &row->cells[i]);
    }
    if (any)
        jw_close(&w);
    add_written(to, &text);
}

static bool has_source(const struct cell *c) { return c->from.n > 0 && cell_is_there(c); }

static void write_ids(struct str *out, const struct ids *ids)
{
    struct jw w = jw_on(out);

    jw_open(&w, '[');
    for (size_t i = 0; i < ids->n; i++)
        jw_int(&w, NULL, ids->items[i]);
    jw_close(&w);
}

static void write_sources(struct str *out, const struct extractor *x, const struct row *row)
{
    AUTO(str_free) struct str list = STR_INIT(SOURCES_MAX); /* for most cells of a row the same */
    struct ids last = {.n = 0};
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    for (size_t i = 0; i < x->field_count; i++) {
        const struct cell *c = &row->cells[i];

        if (!has_source(c))
            continue;
        if (!ids_same(&c->from, &last)) {
            str_reset(&list);
            write_ids(&list, &c->from);
            last = c->from;
        }
        jw_raw(&w, x->fields[i].name, str_sv(&list));
    }
    jw_close(&w);
}

static void tell_sources(struct sheet_rows *r, const struct extractor *x, const struct row *row)
{
    AUTO(str_free) struct str text = STR_INIT(SOURCES_MAX);

    write_sources(&text, x, row);
    if (r->from.n > 0 && sv_eq(str_sv(&text), str_sv(&r->last)))
        return;
    db_list_sv(&r->from, str_sv(&text));
    str_reset(&r->last);
    str_addv(&r->last, str_sv(&text));
}

static bool same_sources(const struct extractor *x, const struct row *a, const struct row *b)
{
    for (size_t i = 0; i < x->field_count; i++) {
        const struct cell *c = &a->cells[i], *d = &b->cells[i];

        if (has_source(c) != has_source(d) || (has_source(c) && !ids_same(&c->from, &d->from)))
            return false;
    }
    return true;
}

/* Rows that stand together are of the same pictures, as a rule: these are told once. */
static void add_sources(struct sheet_rows *r, const struct document *d, size_t no)
{
    if (no == 0 || !same_sources(d->x, &d->rows[no - 1], &d->rows[no]))
        tell_sources(r, d->x, &d->rows[no]);
    db_list_int(&r->items[AT_FROM], r->from.n);
}

/* ---- rows ---- */

static void add_row(struct sheet_rows *r, int64_t sheet_id, const struct document *d, size_t no,
                    const int fields[static ROW_COLUMNS])
{
    static const struct value none = {CELL_ABSENT, "", 0, NULL};
    const struct row *row = &d->rows[no];

    db_list_int(&r->items[AT_SHEET], sheet_id);
    db_list_int(&r->items[AT_NO], (int64_t)no + 1);
    db_list_text(&r->items[AT_KEY], row->key ? row->key : "");
    for (size_t i = 0; i < ROW_COLUMNS; i++)
        add_value(&r->items[AT_COLUMNS + i],
                  fields[i] == FIELD_NONE ? &none : &row->cells[fields[i]].value);
    db_list_num(&r->items[AT_CONFIDENCE], row->confidence);
    add_doubtful(&r->items[AT_DOUBTFUL], d->x, row);
    add_sources(r, d, no);
    add_notes(&r->items[AT_NOTES], &row->notes);
    add_edited(&r->items[AT_EDITED], d->x, row);
}

void sheet_rows_add(struct sheet_rows *r, int64_t sheet_id, const struct document *d)
{
    bool plain = d && strcmp(d->x->name, "leaderboard") == 0;
    int fields[ROW_COLUMNS];

    db_list_int(&r->sheets, sheet_id);
    db_list_int(&r->counts, plain ? (int64_t)d->row_count : 0);
    if (!plain)
        return;
    for (size_t i = 0; i < ROW_COLUMNS; i++)
        fields[i] = rules_field(d->x, columns[i].name);
    for (size_t i = 0; i < d->row_count; i++)
        add_row(r, sheet_id, d, i, fields);
}

/* ---- fields ---- */

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

static bool any_has(const struct document *d, size_t field)
{
    for (size_t i = 0; i < d->row_count; i++)
        if (cell_is_there(&d->rows[i].cells[field]))
            return true;
    return false;
}

void sheet_fields(const struct document *d, struct db_list *out)
{
    const char **names = arena_take(d->mem, (d->x->field_count + 1) * sizeof(const char *));
    size_t n = 0;

    for (size_t i = 0; i < d->x->field_count; i++)
        if (any_has(d, i))
            names[n++] = d->x->fields[i].name;
    list_sort(names, n, sizeof(const char *), by_name);
    for (size_t i = 0; i < n; i++)
        db_list_text(out, names[i]);
}
