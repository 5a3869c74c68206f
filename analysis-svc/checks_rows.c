/*
 * checks_rows.c - checks of the rows among each other. See checks.h.
 */
#include <stdlib.h>

#include "analysis-svc/checks.h"
#include "analysis-svc/rules.h"

/* A row's place in the order of ranks. */
struct place {
    double rank, total;
    size_t row;
};

static int by_rank(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Rows that show a rank (and a total, unless FIELD_NONE), in its order. */
static size_t collect(const struct document *d, int total, struct place *out)
{
    int rank = rules_role(d->x, "rank");
    size_t n = 0;

    for (size_t i = 0; rank != FIELD_NONE && i < d->row_count; i++) {
        const struct cell *cells = d->rows[i].cells;

        if (cells[rank].value.type != CELL_NUMBER ||
            (total != FIELD_NONE && cells[total].value.type != CELL_NUMBER))
            continue;
        out[n++] = (struct place){cells[rank].value.number,
                                  total == FIELD_NONE ? 0 : cells[total].value.number, i};
    }
    list_sort(out, n, sizeof(*out), by_rank);
    return n;
}

static void doubt(struct document *d, size_t row, int field, double loss)
{
    struct row *r = &d->rows[row];

    r->cells[field].doubtful = true;
    r->confidence = document_round(r->confidence - loss);
}

static void fault(struct check *c, const char *note)
{
    if (c->ok)
        c->note = note; /* the first is enough to go and look */
    c->ok = false;
    c->loss = c->weight;
}

static const char *gap_note(struct document *d, double from, double to)
{
    if (to - from < 3)
        return arena_printf(d->mem, "rank %.0f is missing", from + 1);
    return arena_printf(d->mem, "ranks %.0f to %.0f are missing", from + 1, to - 1);
}

static void check_ranks(struct document *d, struct place *places, double row_loss)
{
    int rank = rules_role(d->x, "rank");
    double weight, unseen;
    size_t n = collect(d, FIELD_NONE, places);
    struct check *c;

    if (!rules_check(d->x, "rank_sequence", &weight, &unseen) || rank == FIELD_NONE)
        return;
    c = document_check(d, "rank_sequence", weight);
    if (n == 0) {
        c->loss = unseen;
        c->note = "no rank is visible";
    }
    for (size_t i = 0; i < n; i++) {
        if (places[i].rank < 1) {
            doubt(d, places[i].row, rank, row_loss);
            fault(c, "a rank is below 1");
        } else if (i > 0 && places[i].rank == places[i - 1].rank) {
            doubt(d, places[i - 1].row, rank, row_loss);
            doubt(d, places[i].row, rank, row_loss);
            fault(c, arena_printf(d->mem, "rank %.0f stands twice", places[i].rank));
        } else if (i > 0 && places[i].rank - places[i - 1].rank > 1) {
            fault(c, gap_note(d, places[i - 1].rank, places[i].rank));
        }
    }
}

/* The length of the longest run of places, in rank order, whose totals never rise. last[k]: the
 * place that ends the best run of length k + 1; before[i]: the one before place i, or n. */
static size_t longest_run(const struct place *p, size_t n, size_t *last, size_t *before)
{
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = length;

        while (low < high) {
            size_t mid = low + (high - low) / 2;

            if (p[last[mid]].total >= p[i].total)
                low = mid + 1;
            else
                high = mid;
        }
        before[i] = low > 0 ? last[low - 1] : n;
        last[low] = i;
        if (low == length)
            length++;
    }
    return length;
}

/* A column by which the page is not ordered says nothing. One is ordered when at least four of five
 * totals fall with the rank; then those that do not are doubtful. */
static void check_total(struct document *d, struct place *places, int field, struct check *c,
                        double row_loss)
{
    size_t n = collect(d, field, places), length, broken = 0;
    size_t *last = arena_take(d->mem, (n + 1) * sizeof(*last));
    size_t *before = arena_take(d->mem, (n + 1) * sizeof(*before));
    bool *kept = arena_take(d->mem, n + 1);

    length = longest_run(places, n, last, before);
    if (n < 4 || length == n || (n - length) * 5 > n)
        return;
    for (size_t i = last[length - 1]; i < n; i = before[i])
        kept[i] = true;
    for (size_t i = 0; i < n; i++) {
        if (kept[i])
            continue;
        doubt(d, places[i].row, field, row_loss);
        broken++;
    }
    fault(c, arena_printf(d->mem, "%s does not fall with the rank in %zu of %zu rows",
                          d->x->fields[field].name, broken, n));
}

static void check_totals(struct document *d, struct place *places, double row_loss)
{
    double weight, unseen;
    struct check *c;

    if (!rules_check(d->x, "totals_fall", &weight, &unseen))
        return;
    c = document_check(d, "totals_fall", weight);
    for (const struct json *t = json_first(rules_totals(d->x)); t; t = json_next(t))
        check_total(d, places, rules_field(d->x, json_text(t)), c, row_loss);
}

void checks_rows(struct document *d, bool row_loss)
{
    struct place *places = arena_take(d->mem, (d->row_count + 1) * sizeof(*places));
    double loss = row_loss ? rules_row_loss(d->x, "out_of_order") : 0;

    check_ranks(d, places, loss);
    check_totals(d, places, loss);
}
