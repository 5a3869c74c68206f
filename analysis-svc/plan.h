/*
 * plan.h - pictures of one set into groups, one model call each. Pure.
 *
 * Groups are as even as the limits allow, in the order given. Every limit of every provider counts
 * at once, since any of them may get the call: pictures, bytes, sides, input tokens under context
 * and price cliff, and room for the answer.
 */
#pragma once

#include "analysis-svc/provider.h"

enum { PLAN_PROVIDERS_MAX = 8 };

struct plan_image {
    int64_t snapshot_id, bytes;
    struct picture_size size; /* 0: not known */
};
struct plan_limits {
    size_t images;       /* in a call, at least 1 */
    int64_t text_tokens; /* of instructions and schema, once a call */
    const struct provider *providers;
    size_t n; /* PLAN_PROVIDERS_MAX at most */
};

/* How many of the first pictures make the next group: at least 1 when there is one. */
size_t plan_take(const struct plan_image *images, size_t n, const struct plan_limits *limits);
/* What one call of these pictures takes of a provider's tokens, erring upwards. */
struct provider_usage plan_usage(const struct provider *p, const struct plan_image *images,
                                 size_t n, int64_t text_tokens);
/* Tokens of the instructions and schema that go with each call. */
int64_t plan_text_tokens(const struct extractor *x);
