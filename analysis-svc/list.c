/*
 * list.c - see list.h.
 */
#include "analysis-svc/list.h"

#include <string.h>
#include <strings.h>

#include "analysis-svc/extractor_own.h"
#include "analysis-svc/rules.h"

static const struct json *lists_of(const struct extractor *x)
{
    return json_find(x->rules, "lists");
}

static const struct json *fields_of(const struct list *list)
{
    return json_find(list->rule, "fields");
}

/* extractor_check has read them all before. */
static struct extractor_field rule_of(const struct json *field)
{
    struct extractor_field f = {.name = ""};
    struct err err = ERR_INIT;

    if (!extractor_field_read(field, &f, &err))
        f.kind = FIELD_TEXT;
    return f;
}

static const char *text_key(const char *name, struct arena *mem)
{
    return arena_printf(mem, "%s_text", name);
}

size_t list_count(const struct extractor *x) { return json_count(lists_of(x)); }

struct list *list_make(const struct extractor *x, struct arena *mem)
{
    struct list *lists = list_count(x) ? arena_take(mem, list_count(x) * sizeof(*lists)) : NULL;
    size_t i = 0;

    for (const struct json *l = json_first(lists_of(x)); l; l = json_next(l))
        lists[i++].rule = l;
    return lists;
}

static size_t most(const struct list *list) { return (size_t)json_int_or(list->rule, "max", 0); }

int list_field(const struct list *list, const char *name)
{
    int i = 0;

    for (const struct json *f = json_first(fields_of(list)); f; f = json_next(f), i++)
        if (strcmp(json_text_or(f, "name", ""), name) == 0)
            return i;
    return FIELD_NONE;
}

static struct list_entry new_entry(const struct list *list, struct arena *mem)
{
    size_t n = json_count(fields_of(list));
    struct list_entry entry = {.values = arena_take(mem, n * sizeof(*entry.values))};

    for (size_t i = 0; i < n; i++)
        entry.values[i] = (struct value){.type = CELL_ABSENT, .text = ""};
    return entry;
}

static void push(struct list *list, struct list_entry entry, struct arena *mem)
{
    if (list->n == list->room) {
        size_t room = list->room ? list->room * 2 : 8;
        struct list_entry *entries = arena_take(mem, room * sizeof(*entries));

        if (list->n > 0)
            memcpy(entries, list->entries, list->n * sizeof(*entries));
        list->entries = entries;
        list->room = room;
    }
    list->entries[list->n++] = entry;
}

static bool is_doubtful(const struct list_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->doubtful.n; i++)
        if (strcmp(entry->doubtful.items[i], name) == 0)
            return true;
    return false;
}

/* names: an array of texts; those that are no fields of the entry say nothing. */
static void read_doubtful(const struct list *list, const struct json *names,
                          struct list_entry *entry, struct arena *mem)
{
    for (const struct json *f = json_first(fields_of(list)); f && json_count(names) > 0;
         f = json_next(f)) {
        const char *name = json_text_or(f, "name", "");

        for (const struct json *u = json_first(names); u; u = json_next(u))
            if (json_text(u) && strcmp(json_text(u), name) == 0)
                notes_add_once(mem, &entry->doubtful, name);
    }
}

/* false: nothing is visible in it. */
static bool extract_entry(struct list *list, const struct json *from, struct list_entry *entry,
                          const struct document *d, struct notes *notes)
{
    bool seen = false;
    size_t i = 0;

    for (const struct json *f = json_first(fields_of(list)); f; f = json_next(f), i++) {
        struct extractor_field rule = rule_of(f);
        struct value *v = &entry->values[i];
        const char *note;

        *v = cell_read(&rule, d->date, json_text_or(from, rule.name, ""), d->mem, &note);
        seen = seen || v->type != CELL_ABSENT;
        if (note)
            notes_add(d->mem, notes, arena_printf(d->mem, "%s: %s", json_key(list->rule), note));
    }
    read_doubtful(list, json_find(from, "unsure"), entry, d->mem);
    return seen;
}

size_t list_extract(struct list *list, const struct json *from, const struct document *d,
                    struct notes *notes)
{
    const struct json *all = json_find(from, json_key(list->rule));
    struct arena *mem = d->mem;
    size_t empty = 0, doubtful = 0;

    for (const struct json *e = json_first(all); e; e = json_next(e)) {
        struct list_entry entry = new_entry(list, mem);

        if (list->n == most(list)) {
            notes_add(mem, notes,
                      arena_printf(mem, "%s: more than %zu entries, the rest left out",
                                   json_key(list->rule), most(list)));
            break;
        }
        if (!extract_entry(list, e, &entry, d, notes)) {
            empty++;
            continue;
        }
        doubtful += entry.doubtful.n;
        push(list, entry, mem);
    }
    if (empty > 0)
        notes_add(mem, notes,
                  arena_printf(mem, "%s: %zu entries without text left out", json_key(list->rule),
                               empty));
    return doubtful;
}

static struct value read_value(const struct extractor_field *rule, const struct json *from,
                               struct arena *mem)
{
    const struct json *v = json_find(from, rule->name);
    const char *text = rule->kind == FIELD_TEXT
                           ? json_text(v)
                           : json_text_or(from, text_key(rule->name, mem), json_text(v));

    if (!v)
        return (struct value){.type = CELL_ABSENT, .text = ""};
    if (json_type(v) == JSON_NUMBER)
        return (struct value){CELL_NUMBER, text ? text : "", json_number(v), NULL};
    if (json_text(v))
        return (struct value){CELL_WORD, text ? text : "", 0, json_text(v)};
    return (struct value){CELL_NULL, text ? text : "", 0, NULL};
}

void list_read(struct list *list, const struct json *from, struct arena *mem)
{
    const struct json *all = json_find(from, json_key(list->rule));

    for (const struct json *e = json_first(all); e; e = json_next(e)) {
        struct list_entry entry = new_entry(list, mem);
        size_t i = 0;

        for (const struct json *f = json_first(fields_of(list)); f; f = json_next(f), i++) {
            struct extractor_field rule = rule_of(f);
            entry.values[i] = read_value(&rule, e, mem);
        }
        read_doubtful(list, json_find(e, "doubtful"), &entry, mem);
        push(list, entry, mem);
    }
}

static bool same_value(const struct value *a, const struct value *b)
{
    if (a->type == CELL_WORD && b->type == CELL_WORD)
        return strcasecmp(a->word, b->word) == 0;
    return value_same(a, b) && (a->type != CELL_NULL || strcasecmp(a->text, b->text) == 0);
}

static bool is_key(const struct list *list, const char *name)
{
    const struct json *k = json_first(json_find(list->rule, "key"));

    for (; k; k = json_next(k))
        if (strcmp(json_text(k), name) == 0)
            return true;
    return false;
}

/* Equal in the key fields; where none of them is visible, equal in all. */
static bool same_entry(const struct list *list, const struct value *a, const struct value *b)
{
    bool keyed = false, rest = true;
    size_t i = 0;

    for (const struct json *f = json_first(fields_of(list)); f; f = json_next(f), i++) {
        bool same = same_value(&a[i], &b[i]);

        if (is_key(list, json_text_or(f, "name", ""))) {
            if (!same)
                return false;
            keyed = keyed || a[i].type != CELL_ABSENT;
        } else if (!same) {
            rest = false;
        }
    }
    return keyed || rest;
}

/* The n-th entry (from 0) that is the same as this one; NULL: there are fewer. */
static struct list_entry *find_nth(const struct list *list, const struct list_entry *entry,
                                   size_t nth)
{
    for (size_t i = 0; i < list->n; i++)
        if (same_entry(list, list->entries[i].values, entry->values) && nth-- == 0)
            return &list->entries[i];
    return NULL;
}

static size_t count_before(const struct list *list, size_t at)
{
    size_t n = 0;

    for (size_t i = 0; i < at; i++)
        n += same_entry(list, list->entries[i].values, list->entries[at].values) ? 1 : 0;
    return n;
}

/* A field is doubtful when all pictures that show its value doubt it. */
static void fill(const struct list *list, struct list_entry *into, const struct list_entry *from,
                 struct arena *mem)
{
    struct notes doubtful = {.n = 0};
    size_t i = 0;

    for (const struct json *f = json_first(fields_of(list)); f; f = json_next(f), i++) {
        struct value *a = &into->values[i];
        const struct value *b = &from->values[i];
        const char *name = json_text_or(f, "name", "");
        bool same = same_value(a, b);
        bool taken =
            !same && (a->type == CELL_ABSENT || (a->type == CELL_NULL && b->type > CELL_NULL));
        bool doubt = is_doubtful(taken ? from : into, name);

        if (same)
            doubt = doubt && is_doubtful(from, name);
        if (doubt)
            notes_add(mem, &doubtful, name);
        if (taken)
            *a = *b;
    }
    into->doubtful = doubtful;
}

static struct list_entry copy_entry(const struct list *list, const struct list_entry *from,
                                    struct arena *mem)
{
    struct list_entry entry = new_entry(list, mem);

    memcpy(entry.values, from->values, json_count(fields_of(list)) * sizeof(*entry.values));
    for (size_t i = 0; i < from->doubtful.n; i++)
        notes_add(mem, &entry.doubtful, from->doubtful.items[i]);
    return entry;
}

void list_merge(struct list *into, const struct list *more, struct arena *mem, struct notes *notes)
{
    for (size_t i = 0; i < more->n; i++) {
        const struct list_entry *entry = &more->entries[i];
        struct list_entry *known = find_nth(into, entry, count_before(more, i));

        if (known)
            fill(into, known, entry, mem);
        else if (into->n < most(into))
            push(into, copy_entry(into, entry, mem), mem);
        else
            notes_add_once(mem, notes,
                           arena_printf(mem, "%s: more than %zu entries, the rest left out",
                                        json_key(into->rule), most(into)));
    }
}

static void write_value(const struct extractor_field *rule, const struct value *v, struct jw *w)
{
    AUTO(str_free) struct str key = STR_INIT(256);

    if (v->type == CELL_ABSENT)
        return;
    if (v->type == CELL_NUMBER)
        jw_num(w, rule->name, v->number);
    else
        jw_text(w, rule->name, v->type == CELL_WORD ? v->word : NULL);
    str_addf(&key, "%s_text", rule->name);
    if (rule->kind != FIELD_TEXT)
        jw_text(w, key.p, v->text);
}

static void write_doubtful(const struct notes *names, struct jw *w)
{
    if (names->n == 0)
        return;
    jw_key(w, "doubtful");
    jw_open(w, '[');
    for (size_t i = 0; i < names->n; i++)
        jw_text(w, NULL, names->items[i]);
    jw_close(w);
}

void list_write(const struct list *list, struct jw *w)
{
    jw_key(w, json_key(list->rule));
    jw_open(w, '[');
    for (size_t e = 0; e < list->n; e++) {
        size_t i = 0;

        jw_open(w, '{');
        for (const struct json *f = json_first(fields_of(list)); f; f = json_next(f), i++) {
            struct extractor_field rule = rule_of(f);
            write_value(&rule, &list->entries[e].values[i], w);
        }
        write_doubtful(&list->entries[e].doubtful, w);
        jw_close(w);
    }
    jw_close(w);
}
