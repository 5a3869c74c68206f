/*
 * bulk_talk.h - one question to a provider's Batch API, and what its answer means for the bulk.
 *
 * Blocks the caller's thread (http_perform). Long bodies are given up when the service closes.
 */
#pragma once

#include "analysis-svc/bulk_rows.h"
#include "analysis-svc/run.h"

enum bulk_reply {
    BULK_YES,   /* done; the answer's body says more */
    BULK_LATER, /* ask again: no answer, too many, their fault */
    BULK_KEY,   /* the key was refused, and another one of the provider lives */
    BULK_NO,    /* never like this */
};
struct bulk_question {
    const struct bulk_row *row;
    enum bulk_ask ask;
    const char *id;
    struct sv body; /* the parcel, where that is the body */
};
/* The key is the row's; where it bears none, the next of the ring, and it is noted in *mark (of
 * KEYRING_MARK_SIZE; NULL: not wanted). answer: the caller frees it. note: the provider's words. */
enum bulk_reply bulk_talk(struct run *run, const struct bulk_question *q, char *mark,
                          struct http_answer *answer, char note[static 240]);
