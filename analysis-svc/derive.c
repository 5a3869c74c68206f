/*
 * derive.c - see derive.h.
 */
#include "analysis-svc/derive.h"

#include <string.h>
#include <strings.h>

#include "analysis-svc/list.h"
#include "analysis-svc/rules.h"

/* One rule on one row. */
struct rule {
    const char *name;
    const struct list *list; /* NULL: of the row itself */
    const struct json *where;
    int field; /* of the list's entries; FIELD_NONE: none is needed */
    const struct extractor *x;
    const struct row *row;
    struct arena *mem;
};

static const char *word_of(const struct value *v) { return v->type == CELL_WORD ? v->word : NULL; }

static bool fits(const struct rule *r, const struct list_entry *entry)
{
    for (const struct json *c = json_first(r->where); c; c = json_next(c)) {
        const char *want = json_text_or(r->where, json_key(c), "");
        const char *have = word_of(&entry->values[list_field(r->list, json_key(c))]);

        if (!have || strncasecmp(have, want, strlen(want)) != 0)
            return false;
    }
    return true;
}

static size_t count(const struct rule *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->list->n; i++)
        n += fits(r, &r->list->entries[i]) ? 1 : 0;
    return n;
}

/* The field's word in the i-th entry; NULL: it has none, or does not fit. */
static const char *word_at(const struct rule *r, size_t i)
{
    const struct list_entry *entry = &r->list->entries[i];

    return fits(r, entry) ? word_of(&entry->values[r->field]) : NULL;
}

static void write_take(const struct rule *r, struct jw *w)
{
    struct notes taken = {.n = 0};

    for (size_t i = 0; i < r->list->n; i++)
        if (word_at(r, i))
            notes_add_once(r->mem, &taken, word_at(r, i));
    jw_key(w, r->name);
    jw_open(w, '[');
    for (size_t i = 0; i < taken.n; i++)
        jw_text(w, NULL, taken.items[i]);
    jw_close(w);
}

static void write_count(const struct rule *r, struct jw *w)
{
    jw_int(w, r->name, (int64_t)count(r));
}

/* Four decimals: sums of printed figures have no more truth in them. */
static void write_part(const struct rule *r, double sum, size_t n, struct jw *w)
{
    if (n == 0)
        jw_text(w, r->name, NULL);
    else
        jw_num(w, r->name,
               (double)(int64_t)(sum / (double)n * 10000 + (sum < 0 ? -0.5 : 0.5)) / 10000);
}

static void write_mean(const struct rule *r, struct jw *w)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < r->list->n; i++) {
        const struct value *v = &r->list->entries[i].values[r->field];

        if (v->type != CELL_NUMBER || !fits(r, &r->list->entries[i]))
            continue;
        sum += v->number;
        n++;
    }
    write_part(r, sum, n, w);
}

static void write_share(const struct rule *r, struct jw *w)
{
    write_part(r, (double)count(r), r->list->n, w);
}

static size_t times(const struct rule *r, const char *word)
{
    size_t n = 0;

    for (size_t i = 0; i < r->list->n; i++) {
        const char *other = word_at(r, i);

        n += other && strcasecmp(other, word) == 0 ? 1 : 0;
    }
    return n;
}

static void write_most(const struct rule *r, struct jw *w)
{
    const char *best = NULL;
    size_t most = 0;
    bool tie = false;

    for (size_t i = 0; i < r->list->n; i++) {
        const char *word = word_at(r, i);
        size_t n = word ? times(r, word) : 0;

        if (n > most) {
            best = word;
            most = n;
            tie = false;
        } else if (n > 0 && n == most && best && strcasecmp(word, best) != 0) {
            tie = true;
        }
    }
    jw_text(w, r->name, tie ? NULL : best);
}

static void write_seen(const struct rule *r, struct jw *w)
{
    size_t seen = 0;

    for (size_t i = 0; i < r->x->field_count; i++)
        seen += r->row->cells[i].value.type > CELL_NULL ? 1 : 0;
    write_part(r, (double)seen, r->x->field_count, w);
}

/* What each needs of a rule. */
static const struct way {
    const char *name;
    void (*write)(const struct rule *r, struct jw *w);
    bool list, field;
} ways[] = {{"take", write_take, true, true}, {"count", write_count, true, false},
            {"mean", write_mean, true, true}, {"share", write_share, true, false},
            {"most", write_most, true, true}, {"seen", write_seen, false, false}};

static const struct way *way_of(const struct json *rule)
{
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(json_text_or(rule, "how", ""), ways[i].name) == 0)
            return &ways[i];
    return NULL;
}

static const struct list *list_named(const struct list *lists, size_t n, const char *name)
{
    for (size_t i = 0; lists && i < n; i++)
        if (strcmp(json_key(lists[i].rule), name) == 0)
            return &lists[i];
    return NULL;
}

void derive_write(const struct extractor *x, const struct row *row, struct arena *mem, struct jw *w)
{
    const struct json *rules = json_find(x->rules, "derived");

    if (!rules)
        return;
    jw_key(w, "derived");
    jw_open(w, '{');
    for (const struct json *d = json_first(rules); d; d = json_next(d)) {
        struct rule r = {.name = json_key(d), .x = x, .row = row, .mem = mem};
        const struct way *way = way_of(d);

        r.list = list_named(row->lists, list_count(x), json_text_or(d, "list", ""));
        r.where = json_find(d, "where");
        r.field = r.list ? list_field(r.list, json_text_or(d, "field", "")) : FIELD_NONE;
        if (way && (r.list || !way->list)) /* derive_check has seen to it */
            way->write(&r, w);
    }
    jw_close(w);
}

/* ---- are the rules right? ---- */

static bool wrong(const struct json *rule, const char *what, const char *name, struct err *err)
{
    return err_set(err, ERR_UNPROCESSABLE, "derived.%.60s: %s%.60s", json_key(rule), what, name);
}

static bool known_members(const struct json *rule, struct err *err)
{
    static const char *const words[] = {"how", "list", "field", "where"};

    for (const struct json *m = json_first(rule); m; m = json_next(m)) {
        size_t i = 0;

        while (i < COUNT_OF(words) && strcmp(words[i], json_key(m)) != 0)
            i++;
        if (i == COUNT_OF(words))
            return wrong(rule, "nobody knows ", json_key(m), err);
    }
    return true;
}

static bool check_rule(const struct extractor *x, const struct json *rule, struct err *err)
{
    const char *name = json_text_or(rule, "list", "");
    const struct json *from = json_find(json_find(x->rules, "lists"), name);
    const struct way *way = way_of(rule);
    const struct list list = {.rule = from};

    if (!known_members(rule, err))
        return false;
    if (!way)
        return wrong(rule, "how: nobody knows ", json_text_or(rule, "how", "?"), err);
    if (way->list != (from != NULL))
        return wrong(rule, way->list ? "lists has none named " : "needs no list: ", name, err);
    if (way->field && list_field(&list, json_text_or(rule, "field", "")) == FIELD_NONE)
        return wrong(rule, "the list has no field ", json_text_or(rule, "field", "?"), err);
    for (const struct json *c = json_first(json_find(rule, "where")); c; c = json_next(c))
        if (!from || !json_text(c) || list_field(&list, json_key(c)) == FIELD_NONE)
            return wrong(rule, "where: the list has no such field, or no text for ", json_key(c),
                         err);
    return true;
}

bool derive_check(const struct extractor *x, struct err *err)
{
    const struct json *rule = json_first(json_find(x->rules, "derived"));

    for (; rule; rule = json_next(rule))
        if (!check_rule(x, rule, err))
            return false;
    return true;
}
