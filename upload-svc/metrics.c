/* metrics.c - metrics.def as the table that metric.h wants; every label comes from a closed list.
 */
#include "upload-svc/metrics.h"

#include "common/err.h"

static const char *const codes[] = {
#define ERR(name, wire, http, again) wire,
#include "proto/err.def"
#undef ERR
};
static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
static const char *const verdicts[] = {"sent", "again", "split", "dead"}; /* enum relay_verdict */
static const char *const keys[] = {"claimed", "taken_over", "replayed", "in_progress", "reused"};
static const char *const logins[] = {"token", "jwt", "limited"};
static const char *const reads[] = {"ok", "failed"};
static const char *const brooms[] = {"arrival", "stray", "parts", "deleted", "retention"};

#define LABEL_NONE    NULL, NULL, 0
#define LABEL_CODE    "code", codes, COUNT_OF(codes)
#define LABEL_STATUS  "status", classes, COUNT_OF(classes)
#define LABEL_VERDICT "verdict", verdicts, COUNT_OF(verdicts)
#define LABEL_KEY     "key", keys, COUNT_OF(keys)
#define LABEL_LOGIN   "kind", logins, COUNT_OF(logins)
#define LABEL_READ    "outcome", reads, COUNT_OF(reads)
#define LABEL_BROOM   "what", brooms, COUNT_OF(brooms)

static const struct metric_desc table[M_COUNT_] = {
#define METRIC(type, name, wire, label, help) {METRIC_##type, wire, help, LABEL_##label},
#include "upload-svc/metrics.def"
#undef METRIC
};

void upload_metrics_open(void) { metric_open(table, M_COUNT_); }
