/* clean.c - Postgres refuses a whole transaction for one bad byte; a provider's words are not worth
 * that. */
#include "analysis-svc/clean.h"

#include <string.h>

#include "common/utf8.h"

const char *clean_copy(const char *from, char *out, size_t size)
{
    struct sv left = sv_of(from);
    size_t n = 0;

    while (left.n > 0) {
        size_t step = utf8_step(left), take = step > 0 ? step : 1;

        if (n + take >= size)
            break;
        memcpy(out + n, step > 0 ? left.p : "?", take);
        n += take;
        left = (struct sv){left.p + take, left.n - take};
    }
    out[n] = '\0';
    return n > 0 ? out : NULL;
}
