/*
 * checks.c - checks of the page around the rows. See checks.h.
 */
#include "analysis-svc/checks.h"

#include <string.h>
#include <strings.h>

#include "analysis-svc/handle.h"
#include "analysis-svc/page_period.h"
#include "analysis-svc/page_platform.h"
#include "analysis-svc/rules.h"

/* The picture does not show it: a small loss. */
static void unseen(struct check *c, double loss, const char *note)
{
    c->loss = loss;
    c->note = note;
}

static void failed(struct check *c, const char *note)
{
    c->ok = false;
    c->loss = c->weight;
    c->note = note;
}

static void fail(struct findings *f, enum fail_code code)
{
    if (f->fail == FAIL_NONE)
        f->fail = code;
}

/* Do the columns have a heading for this period? */
static bool has_heading(const struct document *d, int64_t period)
{
    for (size_t i = 0; i < d->columns.n; i++)
        if (page_period(sv_of(d->columns.items[i])) == period)
            return true;
    return false;
}

static bool field_is_used(const struct document *d, size_t field)
{
    for (size_t i = 0; i < d->row_count; i++)
        if (d->rows[i].cells[field].value.type != CELL_ABSENT)
            return true;
    return false;
}

static void doubt_field(struct document *d, size_t field)
{
    for (size_t i = 0; i < d->row_count; i++)
        if (d->rows[i].cells[field].value.type != CELL_ABSENT)
            d->rows[i].cells[field].doubtful = true;
}

/* Figures of one period must stand under a heading of that period. */
static void check_columns(struct document *d)
{
    double weight, loss;
    struct check *c;

    if (!rules_check(d->x, "columns", &weight, &loss))
        return;
    c = document_check(d, "columns", weight);
    if (d->columns.n == 0) {
        unseen(c, loss, "no column headings are visible");
        return;
    }
    for (size_t i = 0; i < d->x->field_count; i++) {
        const struct extractor_field *field = &d->x->fields[i];

        if (field->hours == PERIOD_NONE || !field_is_used(d, i) || has_heading(d, field->hours))
            continue;
        doubt_field(d, i);
        failed(c, arena_printf(d->mem, "%s has figures, but no heading says %s", field->name,
                               field->period));
    }
}

static void check_timeframe(struct document *d, const struct expected *want, struct findings *out)
{
    const char *seen = d->page[PAGE_TIMEFRAME];
    int64_t period = page_period(sv_of(seen));
    double weight, loss;
    struct check *c;

    if (!rules_check(d->x, "timeframe", &weight, &loss))
        return;
    c = document_check(d, "timeframe", weight);
    if (period == PERIOD_NONE) {
        unseen(c, loss, "no period is visible");
    } else if (period == PERIOD_SEVERAL) {
        unseen(c, loss, "several periods are printed");
    } else if (period != page_period(sv_of(want->timeframe))) {
        failed(c, arena_printf(d->mem, "the picture says %s, not %s", seen, want->timeframe));
        fail(out, FAIL_WRONG_TIMEFRAME);
    }
}

static void check_platform(struct document *d, const struct expected *want, struct findings *out)
{
    const char *other = "";
    enum seen seen = page_platform(sv_of(d->page[PAGE_PLATFORM]), want->platform, &other);
    double weight, loss;
    struct check *c;

    if (!rules_check(d->x, "platform", &weight, &loss))
        return;
    c = document_check(d, "platform", weight);
    if (seen == SEEN_NONE) {
        unseen(c, loss, "no platform that we know is named");
    } else if (seen == SEEN_OTHER) {
        failed(c, arena_printf(d->mem, "the picture shows %s, not %s", other, want->platform));
        fail(out, FAIL_WRONG_PLATFORM);
    }
}

/* Another person's profile is never stored under this one's name; letters that look alike are for
 * a person to decide. */
static void judge_handle(struct document *d, const char *seen, const char *want, struct check *c,
                         struct findings *out)
{
    if (strcmp(seen, want) == 0)
        return;
    failed(c, arena_printf(d->mem, "the picture shows @%s, not @%s", seen, want));
    if (!handle_alike(seen, want)) {
        fail(out, FAIL_WRONG_HANDLE);
        return;
    }
    rules_check(d->x, "handle", &c->weight, &c->loss);
    c->note = arena_printf(d->mem,
                           "the picture seems to show @%s; @%s was asked for, which differs "
                           "in look-alike letters only",
                           seen, want);
    out->doubtful = true;
    d->rows[0].cells[rules_role(d->x, "handle")].doubtful = true;
}

static void check_handle(struct document *d, const struct expected *want, struct findings *out)
{
    int field = rules_role(d->x, "handle");
    double weight, loss;
    struct check *c;

    if (!rules_check(d->x, "handle", &weight, &loss) || field == FIELD_NONE || !*want->handle ||
        d->row_count == 0)
        return;
    c = document_check(d, "handle", weight);
    if (d->rows[0].cells[field].value.type == CELL_WORD) {
        judge_handle(d, d->rows[0].cells[field].value.word, want->handle, c, out);
        return;
    }
    unseen(
        c, loss,
        arena_printf(d->mem, "whose page it is cannot be seen; @%s was asked for", want->handle));
    out->doubtful = true;
}

/* What the model says of the picture may only lower what we hold of it. */
static void check_quality(struct document *d)
{
    const char *said = d->page[PAGE_QUALITY];
    double weight, loss;
    struct check *c;

    if (!rules_check(d->x, "quality", &weight, &loss))
        return;
    c = document_check(d, "quality", weight);
    if (strcasecmp(said, "low") == 0)
        failed(c, "the picture is hard to read");
    else if (strcasecmp(said, "medium") == 0)
        unseen(c, loss, "the picture is hard to read in places");
}

/* The share of the rows that do not fit is the share of the weight that is lost. */
void checks_schema(struct document *d)
{
    size_t rows = d->row_count > d->misfits ? d->row_count : d->misfits;
    double weight, unseen;
    struct check *c;

    if (!rules_check(d->x, "schema", &weight, &unseen))
        return;
    c = document_check(d, "schema", weight);
    if (d->misfits == 0)
        return;
    failed(c, arena_printf(d->mem, "%zu rows are not as they should be, the first: %s", d->misfits,
                           d->misfit));
    c->loss = document_round(weight * (double)d->misfits / (double)rows);
}

void checks_page(struct document *d, const struct expected *want, struct findings *out)
{
    check_columns(d);
    check_timeframe(d, want, out);
    check_platform(d, want, out);
    check_handle(d, want, out);
    check_quality(d);
}
