#include "common/metric.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Upper bounds in milliseconds; the last bucket is everything. */
static const double bounds[] = {1,   2.5,  5,    10,   25,    50,    100,   250,
                                500, 1000, 2500, 5000, 10000, 30000, 60000, 120000};
enum { BUCKETS = COUNT_OF(bounds) + 1 };

/* One label value of one metric: a counter or gauge uses `value` alone. */
struct cell {
    _Atomic int64_t value; /* histogram: observations */
    _Atomic int64_t sum_us;
    _Atomic int64_t buckets[BUCKETS];
};

static const struct metric_desc *descs;
static size_t desc_count;
static struct cell **cells; /* for the life of the process */

static size_t labels_of(const struct metric_desc *d) { return d->label ? d->label_count : 1; }

void metric_close(void)
{
    for (size_t i = 0; cells && i < desc_count; i++)
        free(cells[i]);
    free(cells);
    cells = NULL;
    desc_count = 0;
}

void metric_open(const struct metric_desc *table, size_t n)
{
    struct cell **all = calloc(n, sizeof(struct cell *));

    metric_close();
    if (!all)
        abort();
    for (size_t i = 0; i < n; i++) {
        all[i] = calloc(labels_of(&table[i]), sizeof **all);
        if (!all[i])
            abort();
    }
    descs = table;
    desc_count = n;
    cells = all;
}

static struct cell *cell_at(size_t metric, size_t label)
{
    if (!cells) /* a unit test of a room need not open the metrics */
        return NULL;
    assert(metric < desc_count && label < labels_of(&descs[metric]));
    return &cells[metric][label];
}

void metric_add(size_t metric, size_t label, int64_t by)
{
    struct cell *c = cell_at(metric, label);

    if (c)
        atomic_fetch_add_explicit(&c->value, by, memory_order_relaxed);
}

void metric_set(size_t metric, size_t label, int64_t value)
{
    struct cell *c = cell_at(metric, label);

    if (c)
        atomic_store_explicit(&c->value, value, memory_order_relaxed);
}

void metric_observe_ms(size_t metric, size_t label, double ms)
{
    struct cell *c = cell_at(metric, label);
    size_t b = 0;

    if (!c)
        return;
    while (b < COUNT_OF(bounds) && ms > bounds[b])
        b++;
    atomic_fetch_add_explicit(&c->value, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->sum_us, (int64_t)(ms * 1000), memory_order_relaxed);
    atomic_fetch_add_explicit(&c->buckets[b], 1, memory_order_relaxed);
}

int64_t metric_value(size_t metric, size_t label)
{
    struct cell *c = cell_at(metric, label);

    return c ? atomic_load_explicit(&c->value, memory_order_relaxed) : 0;
}

static void render_histogram(struct str *out, const struct metric_desc *d, size_t label,
                             struct cell *c)
{
    const char *sep = d->label ? "," : "";
    AUTO(str_free) struct str own = STR_INIT(256);
    int64_t below = 0;

    if (d->label)
        str_addf(&own, "%s=\"%s\"", d->label, d->label_values[label]);
    for (size_t b = 0; b < BUCKETS; b++) {
        below += atomic_load_explicit(&c->buckets[b], memory_order_relaxed);
        str_addf(out, "%s_bucket{%s%sle=\"", d->name, own.p, sep);
        if (b < COUNT_OF(bounds))
            str_addf(out, "%g", bounds[b] / 1000);
        else
            str_addz(out, "+Inf");
        str_addf(out, "\"} %" PRId64 "\n", below);
    }
    str_addf(out, "%s_sum{%s} %.6f\n%s_count{%s} %" PRId64 "\n", d->name, own.p,
             (double)c->sum_us / 1e6, d->name, own.p, below);
}

static void render_value(struct str *out, const struct metric_desc *d, size_t label, struct cell *c)
{
    int64_t v = atomic_load_explicit(&c->value, memory_order_relaxed);

    if (d->label)
        str_addf(out, "%s{%s=\"%s\"} %" PRId64 "\n", d->name, d->label, d->label_values[label], v);
    else
        str_addf(out, "%s %" PRId64 "\n", d->name, v);
}

void metric_render(struct str *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};

    for (size_t m = 0; m < desc_count; m++) {
        const struct metric_desc *d = &descs[m];

        str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", d->name, d->help, d->name, types[d->type]);
        for (size_t l = 0; l < labels_of(d); l++) {
            if (d->type == METRIC_HISTOGRAM)
                render_histogram(out, d, l, &cells[m][l]);
            else
                render_value(out, d, l, &cells[m][l]);
        }
    }
}
