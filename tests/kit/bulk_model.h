/*
 * bulk_model.h - a provider with a Batch API, on a free port: OpenAI's (files, batches) and
 * Anthropic's (message batches), and their ordinary calls. What it "reads" is kit_model_result's.
 *
 * Threads: any. A script may be changed while it serves (kit_bulk_script).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum kit_bulk_birth {
    KIT_BULK_BORN,
    KIT_BULK_UNHEARD,   /* it is created, and the answer is a 500; the next one is heard */
    KIT_BULK_UNBORN,    /* a 500, and nothing was created; the next one is */
    KIT_BULK_NONE,      /* there is no Batch API here: 404 */
    KIT_BULK_WRONG_KEY, /* 401 for the first key that asks; others are heard */
};
struct kit_bulk_script {
    enum kit_bulk_birth birth;
    int polls;         /* in progress so often; -1: until it is cancelled */
    int poll_faults;   /* after that, so many 503 */
    int result_faults; /* so many 500 instead of results */
    bool reversed;     /* results in the other order */
    /* What becomes of each call, in the order sent: a answered, e errored (an overload), i errored
     * (a broken picture), x expired, - left out, j a line that is no JSON; the last one goes on. */
    const char *fates;
};

struct kit_bulk;
struct kit_bulk *kit_bulk_open(const struct kit_bulk_script *script);
void kit_bulk_close(struct kit_bulk **b);
void kit_bulk_script(struct kit_bulk *b, const struct kit_bulk_script *script);
const char *kit_bulk_url(const struct kit_bulk *b); /* without /v1 */

struct kit_bulk_seen {
    size_t uploads, births, lists, polls, cancels, drops; /* requests */
    size_t parcels, calls;                                /* created, and what was in them */
    size_t ordinary;                                      /* calls the ordinary way */
    bool urls; /* an address of a picture was in a parcel */
};
struct kit_bulk_seen kit_bulk_seen(struct kit_bulk *b);
