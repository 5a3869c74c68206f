/*
 * plan.h - pictures of one set into groups, one model call each. Pure.
 *
 * Groups are as even as the limits allow, in the order given.
 */
#pragma once

#include "common/base.h"

struct plan_image {
    int64_t snapshot_id, bytes;
};
struct plan_limits {
    size_t images; /* in a call, at least 1 */
    int64_t bytes; /* of a call's pictures together */
};

/* How many of the first pictures make the next group: at least 1 when there is one. */
size_t plan_take(const struct plan_image *images, size_t n, const struct plan_limits *limits);
