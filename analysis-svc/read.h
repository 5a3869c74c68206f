/*
 * read.h - what a call brought for each picture of a flight: judged, extracted, ready to store.
 * Pure but for memory.
 */
#pragma once

#include "analysis-svc/store.h"

struct readout {
    bool *good;             /* per image of the flight: its result can be stored */
    struct result *results; /* per image, filled where good */
    size_t n;
    char note[240]; /* of the first picture that is not good; "" none */
};

/* Reads answer->text when its class is ANSWER_OK; turns the class into ANSWER_NONSENSE when the
 * whole text is none. Pictures with a stored answer are read from that in any case. */
void read_answer(const struct flight *f, const struct provider *p, struct provider_answer *answer,
                 struct readout *out);
void readout_free(struct readout *r);
