/* flight.c - a flight's birth and end, and the words for how a picture travels. */
#include "analysis-svc/flight.h"

#include <stdlib.h>

static const char *const transports[TRANSPORT_COUNT_] = {"url", "base64"};

const char *transport_wire(enum transport t) { return transports[t]; }

enum transport transport_of(struct sv wire)
{
    return sv_eqz(wire, "base64") ? TRANSPORT_BASE64 : TRANSPORT_URL;
}

struct flight *flight_new(void)
{
    struct flight *f = calloc(1, sizeof *f);

    if (!f)
        abort();
    *f = (struct flight){.arena = ARENA_INIT,
                         .place = -1,
                         .slip.place = -1,
                         .blamed = -1,
                         .answer = HTTP_ANSWER_INIT};
    return f;
}

void flight_free(struct flight **f)
{
    if (!*f)
        return;
    http_answer_free(&(*f)->answer);
    arena_free(&(*f)->arena);
    free(*f);
    *f = NULL;
}
