/*
 * rate.h - what a provider lets through: a token bucket for each kind of limit, corrected by the
 * headers of its answers. Pure: times are the caller's monotonic milliseconds.
 *
 * Two walls per kind. The pace: half a second's worth may leave at once, then as it refills, for a
 * limit of so many a minute may be enforced by the second (Anthropic's rate-limit page says so).
 * The account: what the provider says is left, less what was sent after the call that it answered.
 * Requests that it never said were left are not counted on: then a smaller bucket stands behind
 * the limit, and a pause does not fill it further.
 * A kind that nobody has told a limit of is open.
 *
 * Headers: x-ratelimit-{limit,remaining,reset}-{requests,tokens} (OpenAI; reset as a Go duration),
 * anthropic-ratelimit-{requests,input-tokens,output-tokens}-{limit,remaining,reset}.
 */
#pragma once

#include "common/base.h"

enum rate_kind { RATE_REQUESTS, RATE_TOKENS, RATE_INPUT, RATE_OUTPUT, RATE_KIND_COUNT_ };

/* One call's worth, in each kind. */
struct rate_cost {
    double of[RATE_KIND_COUNT_];
};
struct rate_cost rate_call(double input_tokens, double output_tokens);

struct rate_word {
    double limit, remaining; /* below 0: not said */
    int64_t reset_ms;        /* until all of it is there again; -1: not said */
};
struct rate_said {
    struct rate_word of[RATE_KIND_COUNT_];
};
/* headers: raw lines. What cannot be read counts as not said. */
void rate_read(struct sv headers, struct rate_said *out);

struct rate_bucket {
    double limit; /* a period's worth, of our share; 0: no limit is known */
    double period_ms;
    double level; /* the pace; below 0 after a call that is larger than the bucket */
    double left;  /* the account's, as far as we know */
    double most;  /* what the account holds when it is full: the limit, or what was heard of it */
    int64_t at;   /* of both */
    bool heard;   /* the provider said what is left */
};
struct rate {
    struct rate_bucket of[RATE_KIND_COUNT_];
    double set[RATE_KIND_COUNT_]; /* from the settings, of all replicas; 0: none */
    double share;                 /* ours of the account: 1 / replicas */
    double ease;                  /* 1, and less for a while after the provider said too many */
    struct rate_cost sent;        /* since ever */
};

/* per_minute: of the whole account, 0: learnt from headers. */
void rate_init(struct rate *r, double requests_per_minute, double tokens_per_minute);
void rate_share(struct rate *r, size_t replicas, int64_t now_ms);
/* How many calls like this one may leave now, at most `most`. */
size_t rate_fit(struct rate *r, const struct rate_cost *call, size_t most, int64_t now_ms);
/* How long until one may, 0: now. */
int64_t rate_wait_ms(struct rate *r, const struct rate_cost *call, int64_t now_ms);
void rate_take(struct rate *r, const struct rate_cost *call, int64_t now_ms);
/* It was not sent, or cost something else than was thought. */
void rate_settle(struct rate *r, const struct rate_cost *was, const struct rate_cost *is);
/* later: what was sent after the call that this answers. */
void rate_hear(struct rate *r, const struct rate_said *said, const struct rate_cost *later,
               int64_t now_ms);
void rate_too_many(struct rate *r, int64_t now_ms); /* 429 */
void rate_went_well(struct rate *r);
