/*
 * flight.h - one leased job on its way: claimed by the scheduler, answered by the http loop, stored
 * by a keeper. Owned by one thread at a time; every text in it lives in its arena.
 */
#pragma once

#include "analysis-svc/extract.h"
#include "analysis-svc/limits.h"
#include "analysis-svc/provider.h"
#include "common/arena.h"
#include "common/http.h"

enum transport { TRANSPORT_URL, TRANSPORT_BASE64, TRANSPORT_COUNT_ };
const char *transport_wire(enum transport t);
enum transport transport_of(struct sv wire);

struct flight_image {
    int64_t snapshot_id, bytes, width, height;
    int64_t run; /* of the picture, when it was claimed; 0: not known */
    const char *uuid, *key, *type;
    bool fitted;       /* key, type and bytes are those of a scaled one (fit.h) */
    const char *known; /* a stored answer for the same bytes; NULL: the model is asked */
    const char *known_provider, *known_model;
    char tag[32]; /* opaque id in this call */
};

struct flight {
    struct arena arena;
    int64_t job_id, attempt_id; /* attempt_id 0: no call is needed */
    const char *token, *batch_id, *set_id;
    const struct extractor *extractor;
    struct expected want;
    int place;                /* in the roster; -1: no call is needed */
    struct limits_slip slip;  /* what it holds of that provider's limits, and which key */
    enum transport transport; /* of the job: the rung it stands on */
    enum transport sent_by;   /* of this call */
    struct duel *duel;        /* of this call and its twin; NULL: none (hedge.h) */
    bool twin;                /* the second call of a claim */
    bool listed;              /* in flight_list.h */
    bool bulk;                /* in a provider's batch, at its price */
    unsigned tried, refused;  /* providers, as bits */
    int64_t deliveries, attempts, retries;
    int64_t left_ms; /* until the job's deadline, when claimed */
    int64_t deadline_mono_ms;
    struct flight_image *images;
    size_t n, asked;           /* asked: images without a stored answer */
    struct http_answer answer; /* when it came */
    bool answered;
    int64_t judged_us;          /* how long the judging took */
    bool unsent;                /* no call was made: */
    enum answer_class verdict;  /* what we say in the provider's place, */
    int blamed;                 /* of which picture; -1: of the call; why: answer.err */
    struct flight *next, *prev; /* of flight_list.h. Last, as a twin is made of all in front */
};

struct flight *flight_new(void);
void flight_free(struct flight **f); /* NULL is fine */
/* The same claim and pictures, for a second call; none of them has a known answer. */
struct flight *flight_twin(const struct flight *f);
