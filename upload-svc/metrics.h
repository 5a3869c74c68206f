/* metrics.h - metrics.def as numbers: metric_add(M_FILES, ERR_NONE, 1). */
#pragma once

#include "common/metric.h"

enum upload_metric {
#define METRIC(type, name, wire, label, help) M_##name,
#include "upload-svc/metrics.def"
#undef METRIC
    M_COUNT_
};
enum {
    IDEMPOTENCY_CLAIMED,
    IDEMPOTENCY_TAKEN_OVER,
    IDEMPOTENCY_REPLAYED,
    IDEMPOTENCY_IN_PROGRESS,
    IDEMPOTENCY_REUSED
};
enum { LOGIN_TOKEN, LOGIN_JWT, LOGIN_LIMITED };
enum { BROOM_ARRIVAL, BROOM_STRAY, BROOM_PARTS, BROOM_DELETED, BROOM_RETENTION };

void upload_metrics_open(void); /* once per process */
