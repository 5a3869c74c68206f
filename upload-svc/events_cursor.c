/* events_cursor.c - the id of a server-sent event. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "upload-svc/events.h"

void events_cursor_print(const struct events_cursor *c, char out[static EVENTS_ID_SIZE])
{
    snprintf(out, EVENTS_ID_SIZE, "u%" PRIu64 ".%" PRId64 "-a%" PRIu64 ".%" PRId64, c->upload_xid,
             c->upload_seq, c->analysis_xid, c->analysis_seq);
}

/* A character, then a whole number that fits an int64. */
static bool take(struct sv *text, char lead, uint64_t *out)
{
    size_t n = 0;
    int64_t value;

    if (text->n == 0 || text->p[0] != lead)
        return false;
    text->p++;
    text->n--;
    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
        n++;
    if (n == 0 || n > 18 || !sv_int((struct sv){text->p, n}, &value))
        return false;
    text->p += n;
    text->n -= n;
    *out = (uint64_t)value;
    return true;
}

bool events_cursor_parse(struct sv text, struct events_cursor *out)
{
    uint64_t n[4];

    if (!take(&text, 'u', &n[0]) || !take(&text, '.', &n[1]) || text.n == 0 || text.p[0] != '-')
        return false;
    text = (struct sv){text.p + 1, text.n - 1};
    if (!take(&text, 'a', &n[2]) || !take(&text, '.', &n[3]) || text.n > 0)
        return false;
    *out = (struct events_cursor){n[0], n[2], (int64_t)n[1], (int64_t)n[3]};
    return true;
}
