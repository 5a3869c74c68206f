/* plan.c - even groups under two limits. */
#include "analysis-svc/plan.h"

size_t plan_take(const struct plan_image *images, size_t n, const struct plan_limits *limits)
{
    size_t calls, even, take = 0;
    int64_t bytes = 0;

    if (n == 0)
        return 0;
    calls = (n + limits->images - 1) / limits->images;
    even = (n + calls - 1) / calls;
    while (take < even && (take == 0 || bytes + images[take].bytes <= limits->bytes))
        bytes += images[take++].bytes;
    return take;
}
