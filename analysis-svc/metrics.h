/* metrics.h - metrics.def as numbers: metric_add(M_CLAIMS, 0, 1). */
#pragma once

#include "common/metric.h"

enum analysis_metric {
#define METRIC(type, name, text, label, help) M_##name,
#include "analysis-svc/metrics.def"
#undef METRIC
    M_COUNT_
};
enum analysis_tokens {
    TOKENS_INPUT,
    TOKENS_CACHED,
    TOKENS_CACHE_WRITE,
    TOKENS_OUTPUT,
    TOKENS_REASONING
};

enum bulk_end { BULK_END_ANSWERED, BULK_END_REFUSED, BULK_END_ABANDONED };

enum hedge_end_of { HEDGE_END_SENT, HEDGE_END_WON, HEDGE_END_LOST };

void analysis_metrics_open(void); /* once per process, before threads */
