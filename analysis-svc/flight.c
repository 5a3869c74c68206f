/* flight.c - a flight's birth and end, and the words for how a picture travels. */
#include "analysis-svc/flight.h"

#include <stdlib.h>
#include <string.h>

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

static char *own(struct flight *t, const char *text)
{
    return text ? arena_copy(&t->arena, sv_of(text)) : NULL;
}

static void own_image(struct flight *t, struct flight_image *image)
{
    image->uuid = own(t, image->uuid);
    image->key = own(t, image->key);
    image->type = own(t, image->type);
}

struct flight *flight_twin(const struct flight *f)
{
    struct flight *t = flight_new();
    struct arena arena = t->arena;

    memcpy(t, f, offsetof(struct flight, next)); /* its places in the run's list change meanwhile */
    t->arena = arena;
    t->twin = true;
    t->listed = t->answered = t->unsent = false;
    t->duel = NULL;
    t->slip = (struct limits_slip){.place = -1};
    t->attempt_id = 0;
    t->answer = (struct http_answer)HTTP_ANSWER_INIT;
    t->token = own(t, f->token);
    t->batch_id = own(t, f->batch_id);
    t->set_id = own(t, f->set_id);
    t->want.platform = own(t, f->want.platform);
    t->want.timeframe = own(t, f->want.timeframe);
    t->want.handle = own(t, f->want.handle);
    t->want.campaign = own(t, f->want.campaign);
    t->images = arena_take(&t->arena, (f->n + 1) * sizeof *t->images);
    for (size_t i = 0; i < f->n; i++) {
        t->images[i] = f->images[i];
        own_image(t, &t->images[i]);
    }
    return t;
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
