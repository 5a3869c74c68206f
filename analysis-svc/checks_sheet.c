/*
 * checks_sheet.c - checks that only a whole sheet allows: do pictures that overlap agree, and does
 * it follow from the day before? See checks.h.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/checks.h"
#include "analysis-svc/rules.h"

enum { FIELDS_NAMED = 3 };

/* What a check found: rows that could be compared, those that failed, and in which fields. */
struct tally {
    size_t rows, failed;
    bool *fields;
};

static struct tally tally_of(const struct document *d)
{
    return (struct tally){0, 0, arena_take(d->mem, d->x->field_count + 1)};
}

/* The first few fields that failed, by name. */
static const char *field_names(const struct document *d, const struct tally *t)
{
    const char *names = NULL;
    size_t n = 0;

    for (size_t i = 0; i < d->x->field_count; i++) {
        if (!t->fields[i] || n++ >= FIELDS_NAMED)
            continue;
        names = names ? arena_printf(d->mem, "%s, %s", names, d->x->fields[i].name)
                      : d->x->fields[i].name;
    }
    return names ? arena_printf(d->mem, "%s%s", names, n > FIELDS_NAMED ? ", \u2026" : "") : "";
}

/* The share of the rows that failed is the share of the weight that is lost. Without a row that
 * could be compared nothing is said. */
static struct check *add_check(struct document *d, const char *name, const struct tally *t)
{
    double weight, unseen;
    struct check *c;

    if (t->rows == 0 || !rules_check(d->x, name, &weight, &unseen))
        return NULL;
    c = document_check(d, name, weight);
    c->ok = t->failed == 0;
    c->loss = document_round(weight * (double)t->failed / (double)t->rows);
    return c;
}

/* ---- agreement ---- */

/* How many times pictures showed this cell. */
static size_t times_seen(const struct cell *c)
{
    size_t n = cell_readings(c) > 0 ? 0 : c->from.n;

    for (size_t i = 0; i < cell_readings(c); i++)
        n += c->dispute->readings[i].from.n;
    return n;
}

/* Where a person has decided, and where nobody else saw it, nothing is compared. */
static bool is_compared(const struct cell *c) { return !cell_edit(c) && times_seen(c) > 1; }

static void compare_row(const struct document *d, const struct row *row, struct tally *t)
{
    bool several = false, differ = false;

    for (size_t i = 0; i < d->x->field_count; i++) {
        if (!is_compared(&row->cells[i]))
            continue;
        several = true;
        if (cell_readings(&row->cells[i]) > 0)
            differ = t->fields[i] = true;
    }
    t->rows += several ? 1 : 0;
    t->failed += differ ? 1 : 0;
}

void checks_agreement(struct document *d)
{
    struct tally t = tally_of(d);
    struct check *c;

    for (size_t r = 0; r < d->row_count; r++)
        compare_row(d, &d->rows[r], &t);
    c = add_check(d, "agreement", &t);
    if (c && !c->ok)
        c->note = arena_printf(d->mem, "pictures that overlap differ in %zu of %zu rows (%s)",
                               t.failed, t.rows, field_names(d, &t));
}

/* ---- the day before ---- */

/* How a field may go on from one day to the next: extractor.json, day_before. */
struct pace {
    int field;
    double times; /* grows to no more than so many times, and shrinks to no less; 0: any */
    double falls; /* falls by no more than this share; 1: any */
    double least; /* below it nothing is judged */
};

struct judging {
    struct document *d;
    const struct document *before;
    const char *date;
    double loss;
    struct tally tally;
};

static const char *what_is_odd(const struct judging *j, const struct pace *p, double then,
                               double now)
{
    if (then <= 0 || now < 0 || (then < p->least && now < p->least))
        return NULL;
    if (now < then * (1 - p->falls))
        return arena_printf(j->d->mem, "is less than %.15g", then);
    if (p->times > 0 && now > then * p->times)
        return arena_printf(j->d->mem, "is more than %.15g times %.15g", p->times, then);
    if (p->times > 0 && now * p->times < then)
        return arena_printf(j->d->mem, "is less than a %.15gth of %.15g", p->times, then);
    return NULL;
}

static bool is_judged(const struct cell *c)
{
    return c->value.type == CELL_NUMBER && !cell_edit(c);
}

/* What a person corrected stands; what was doubtful then proves nothing now. */
static bool judge_cell(struct judging *j, const struct pace *p, const struct row *then,
                       struct row *now, bool *odd)
{
    const struct cell *old = &then->cells[p->field];
    struct cell *cell = &now->cells[p->field];
    const char *what;

    if (!is_judged(cell) || old->value.type != CELL_NUMBER || old->doubtful)
        return false;
    what = what_is_odd(j, p, old->value.number, cell->value.number);
    if (!what)
        return true;
    cell->doubtful = *odd = j->tally.fields[p->field] = true;
    now->confidence = document_round(now->confidence - j->loss);
    notes_add_once(j->d->mem, &now->notes,
                   arena_printf(j->d->mem, "%s: \"%s\" %s of %s", j->d->x->fields[p->field].name,
                                cell->value.text, what, j->date));
    return true;
}

static void judge_row(struct judging *j, const struct row *then, struct row *now)
{
    const struct json *rule = json_first(json_find(j->d->x->rules, "day_before"));
    bool judged = false, odd = false;

    for (; rule; rule = json_next(rule)) {
        const struct pace p = {rules_field(j->d->x, json_key(rule)), json_num_or(rule, "times", 0),
                               json_num_or(rule, "falls", 1), json_num_or(rule, "least", 0)};

        judged = judge_cell(j, &p, then, now, &odd) || judged;
    }
    j->tally.rows += judged ? 1 : 0;
    j->tally.failed += odd ? 1 : 0;
}

static int by_key(const void *a, const void *b)
{
    const struct row *const *x = a, *const *y = b;

    return strcmp((*x)->key, (*y)->key);
}

static const struct row **sorted(const struct document *d)
{
    const struct row **rows = arena_take(d->mem, (d->row_count + 1) * sizeof(const struct row *));

    for (size_t i = 0; i < d->row_count; i++)
        rows[i] = &d->rows[i];
    list_sort(rows, d->row_count, sizeof(const struct row *), by_key);
    return rows;
}

void checks_day_before(struct document *d, const struct document *before, const char *date)
{
    struct judging j = {d, before, date, rules_row_loss(d->x, "day_before"), tally_of(d)};
    const struct row **old = sorted(before);
    struct check *c;

    for (size_t i = 0; i < d->row_count; i++) {
        const struct row *now = &d->rows[i];
        const struct row **then =
            bsearch(&now, old, before->row_count, sizeof(const struct row *), by_key);

        if (then)
            judge_row(&j, *then, &d->rows[i]);
    }
    c = add_check(d, "day_before", &j.tally);
    if (c && !c->ok)
        c->note = arena_printf(d->mem, "%zu of %zu rows do not follow from %s (%s)", j.tally.failed,
                               j.tally.rows, date, field_names(d, &j.tally));
}
