/*
 * metric.h - counters, gauges and histograms in the Prometheus text format (version 0.0.4).
 *
 * A service describes its metrics in metrics.def and hands the table over once. A label's values
 * come from a closed list (error codes, states, providers), so memory is fixed and adding is one
 * relaxed atomic.
 */
#pragma once

#include "common/base.h"
#include "common/str.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_desc {
    enum metric_type type;
    const char *name;
    const char *help;
    const char *label;               /* NULL: no label */
    const char *const *label_values; /* label_count of them */
    size_t label_count;              /* 0 without a label */
};

/* Table borrowed until metric_close. Histograms are in milliseconds in, seconds out. */
void metric_open(const struct metric_desc *table, size_t n);
void metric_close(void); /* back to nothing; no thread may be counting */
void metric_add(size_t metric, size_t label, int64_t by);    /* counter, gauge */
void metric_set(size_t metric, size_t label, int64_t value); /* gauge */
void metric_observe_ms(size_t metric, size_t label, double ms);
int64_t metric_value(size_t metric, size_t label); /* counter and gauge: value; histogram: count */
void metric_render(struct str *out);
