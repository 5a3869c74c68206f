/* metrics.c - metrics.def as the table that metric.h wants, with each label's closed list of
 * values. */
#include "analysis-svc/metrics.h"

#include "common/base.h"

static const char *const code_values[] = {
#define ERR(name, wire, http, again) wire,
#include "proto/err.def"
#undef ERR
};
static const char *const class_values[] = {
#define ANSWER(name, wire, todo, breaks) wire,
#include "analysis-svc/answer_class.def"
#undef ANSWER
};
static const char *const image_state_values[] = {
#define IMAGE_STATE(name, wire, to) wire,
#include "proto/image_state.def"
#undef IMAGE_STATE
};
static const char *const job_state_values[] = {
#define JOB_STATE(name, wire, to) wire,
#include "proto/job_state.def"
#undef JOB_STATE
};
static const char *const fail_values[] = {
#define FAIL(name, wire, text) wire,
#include "proto/fail.def"
#undef FAIL
};
static const char *const wait_values[] = {
#define WAIT(name, wire, text) wire,
#include "analysis-svc/wait.def"
#undef WAIT
};
static const char *const provider_values[] = {"openai", "anthropic"}; /* order of enum roster_who */
static const char *const tokens_values[] = {"input", "cached", "cache_write", "output",
                                            "reasoning"};
static const char *const transport_values[] = {"url", "base64"};
static const char *const review_values[] = {"approve", "edit", "reject"}; /* enum review_action */
static const char *const bulk_end_values[] = {"answered", "refused",
                                              "abandoned"};                    /* enum bulk_end */
static const char *const hedge_values[] = {"sent", "second_won", "first_won"}; /* hedge_end */

#define LABEL_NONE        NULL, NULL, 0
#define LABEL_CODE        "code", code_values, COUNT_OF(code_values)
#define LABEL_CLASS       "class", class_values, COUNT_OF(class_values)
#define LABEL_IMAGE_STATE "state", image_state_values, COUNT_OF(image_state_values)
#define LABEL_JOB_STATE   "state", job_state_values, COUNT_OF(job_state_values)
#define LABEL_FAIL        "reason", fail_values, COUNT_OF(fail_values)
#define LABEL_WAIT        "reason", wait_values, COUNT_OF(wait_values)
#define LABEL_PROVIDER    "provider", provider_values, COUNT_OF(provider_values)
#define LABEL_TOKENS      "kind", tokens_values, COUNT_OF(tokens_values)
#define LABEL_TRANSPORT   "mode", transport_values, COUNT_OF(transport_values)
#define LABEL_BULK_END    "how", bulk_end_values, COUNT_OF(bulk_end_values)
#define LABEL_HEDGE       "what", hedge_values, COUNT_OF(hedge_values)
#define LABEL_REVIEW      "action", review_values, COUNT_OF(review_values)

static const struct metric_desc table[M_COUNT_] = {
#define METRIC(type, name, text, label, help) {METRIC_##type, text, help, LABEL_##label},
#include "analysis-svc/metrics.def"
#undef METRIC
};

void analysis_metrics_open(void) { metric_open(table, COUNT_OF(table)); }
