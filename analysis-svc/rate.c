/* rate.c - buckets that refill with time, and the headers that correct them. */
#include "analysis-svc/rate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000, BURST_MS = 500, PERIOD_LEAST_MS = 1000, NUMBER_MAX = 31 };
static const double EASE_LEAST = 0.2, EASE_CUT = 0.8, EASE_STEP = 0.01;

struct rate_cost rate_call(double input, double output)
{
    return (struct rate_cost){.of = {[RATE_REQUESTS] = 1,
                                     [RATE_TOKENS] = input + output,
                                     [RATE_INPUT] = input,
                                     [RATE_OUTPUT] = output}};
}

/* ---- what headers say ---- */

/* A plain number at the start of text; *end behind it. Below 0: none. */
static double number(struct sv text, size_t *end)
{
    char copy[NUMBER_MAX + 1];
    size_t n = 0;

    while (n < text.n && n < NUMBER_MAX && strchr("0123456789.", text.p[n]) != NULL &&
           text.p[n] != '\0') {
        copy[n] = text.p[n];
        n++;
    }
    copy[n] = '\0';
    *end = n;
    return n > 0 && copy[0] != '.' ? strtod(copy, NULL) : -1;
}

static double count_of(struct sv text)
{
    size_t end;
    double n = number(text, &end);

    return end == text.n ? n : -1;
}

static double unit_ms(struct sv *rest)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ms", 1},        {"us", 0.001},        {"ns", 0.000001}, {"h", 3600000.0},
                 {"m", MINUTE_MS}, {"\xc2\xb5s", 0.001}, {"s", 1000}};

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        size_t n = strlen(units[i].name);

        if (rest->n < n || memcmp(rest->p, units[i].name, n) != 0)
            continue;
        *rest = (struct sv){rest->p + n, rest->n - n};
        return units[i].ms;
    }
    return -1;
}

/* "6m0s", "120ms", "1h2m3.5s": -1 when it is none. */
static int64_t duration_ms(struct sv text)
{
    double all = 0;

    if (text.n == 0)
        return -1;
    while (text.n > 0) {
        size_t end;
        double n = number(text, &end), unit;

        text = (struct sv){text.p + end, text.n - end};
        unit = unit_ms(&text);
        if (n < 0 || unit < 0)
            return -1;
        all += n * unit;
    }
    return all < 1e12 ? (int64_t)ceil(all) : -1;
}

enum part { LIMIT, REMAINING, RESET };
struct name {
    const char *header;
    enum rate_kind kind;
    enum part part;
};
static const struct name names[] = {
    {"x-ratelimit-limit-requests", RATE_REQUESTS, LIMIT},
    {"x-ratelimit-remaining-requests", RATE_REQUESTS, REMAINING},
    {"x-ratelimit-reset-requests", RATE_REQUESTS, RESET},
    {"x-ratelimit-limit-tokens", RATE_TOKENS, LIMIT},
    {"x-ratelimit-remaining-tokens", RATE_TOKENS, REMAINING},
    {"x-ratelimit-reset-tokens", RATE_TOKENS, RESET},
    {"anthropic-ratelimit-requests-limit", RATE_REQUESTS, LIMIT},
    {"anthropic-ratelimit-requests-remaining", RATE_REQUESTS, REMAINING},
    {"anthropic-ratelimit-input-tokens-limit", RATE_INPUT, LIMIT},
    {"anthropic-ratelimit-input-tokens-remaining", RATE_INPUT, REMAINING},
    {"anthropic-ratelimit-output-tokens-limit", RATE_OUTPUT, LIMIT},
    {"anthropic-ratelimit-output-tokens-remaining", RATE_OUTPUT, REMAINING},
};

static void take_line(struct sv name, struct sv value, struct rate_said *out)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct rate_word *w = &out->of[names[i].kind];

        if (!sv_ieqz(name, names[i].header))
            continue;
        if (names[i].part == LIMIT)
            w->limit = count_of(value);
        else if (names[i].part == REMAINING)
            w->remaining = count_of(value);
        else
            w->reset_ms = duration_ms(value);
    }
}

void rate_read(struct sv headers, struct rate_said *out)
{
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++)
        out->of[k] = (struct rate_word){-1, -1, -1};
    while (headers.n > 0) {
        struct sv name, value;

        if (sv_pair(sv_cut_line(&headers), ':', &name, &value))
            take_line(name, value, out);
    }
}

/* ---- buckets ---- */

static double per_ms(const struct rate *r, const struct rate_bucket *b)
{
    return b->limit / b->period_ms * r->ease;
}

/* At least one call's worth, of whatever size: a bucket that is full lets one through. */
static double burst(const struct rate_bucket *b)
{
    double most = b->limit / b->period_ms * BURST_MS;

    return most > 1 ? most : 1;
}

static void refill(const struct rate *r, struct rate_bucket *b, int64_t now)
{
    double more = now > b->at ? (double)(now - b->at) * per_ms(r, b) : 0;

    b->level = fmin(b->level + more, burst(b));
    b->left = fmin(b->left + more, b->most);
    b->at = now > b->at ? now : b->at;
}

static void set_limit(struct rate *r, size_t kind, double limit, int64_t now)
{
    struct rate_bucket *b = &r->of[kind];

    if (b->limit <= 0) { /* the first word about it: what was sent before it is not held against */
        *b = (struct rate_bucket){
            .limit = limit, .period_ms = MINUTE_MS, .left = limit, .most = limit, .at = now};
        return;
    }
    refill(r, b, now);
    b->left *= limit / b->limit;
    b->most *= limit / b->limit;
    b->limit = limit;
}

void rate_init(struct rate *r, double requests, double tokens)
{
    *r = (struct rate){.share = 1, .ease = 1};
    r->set[RATE_REQUESTS] = requests;
    r->set[RATE_TOKENS] = tokens;
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++)
        if (r->set[k] > 0)
            set_limit(r, k, r->set[k], 0);
}

void rate_share(struct rate *r, size_t replicas, int64_t now)
{
    double share = replicas > 1 ? 1.0 / (double)replicas : 1;

    for (size_t k = 0; k < RATE_KIND_COUNT_; k++)
        if (r->of[k].limit > 0 && share != r->share)
            set_limit(r, k, r->of[k].limit / r->share * share, now);
    r->share = share;
}

/* What has to be there for a call: all of it, or as much as the bucket ever holds. */
static double need(double cost, double holds) { return cost < holds ? cost : holds; }

static size_t fits(const struct rate_bucket *b, double cost)
{
    double least = fmin(b->level - need(cost, burst(b)), b->left - need(cost, b->most));

    if (least < -1e-9)
        return 0;
    return 1 + (size_t)fmin(floor(least / cost + 1e-9), 1e6);
}

size_t rate_fit(struct rate *r, const struct rate_cost *call, size_t most, int64_t now)
{
    for (size_t k = 0; k < RATE_KIND_COUNT_ && most > 0; k++) {
        size_t n;

        if (r->of[k].limit <= 0 || call->of[k] <= 0)
            continue;
        refill(r, &r->of[k], now);
        n = fits(&r->of[k], call->of[k]);
        most = n < most ? n : most;
    }
    return most;
}

int64_t rate_wait_ms(struct rate *r, const struct rate_cost *call, int64_t now)
{
    double wait = 0;

    for (size_t k = 0; k < RATE_KIND_COUNT_; k++) {
        struct rate_bucket *b = &r->of[k];
        double cost = call->of[k];

        if (b->limit <= 0 || cost <= 0)
            continue;
        refill(r, b, now);
        wait = fmax(wait, fmax(need(cost, burst(b)) - b->level, need(cost, b->most) - b->left) /
                              per_ms(r, b));
    }
    return wait < 1e9 ? (int64_t)ceil(wait) : (int64_t)1e9;
}

void rate_take(struct rate *r, const struct rate_cost *call, int64_t now)
{
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++) {
        r->sent.of[k] += call->of[k];
        if (r->of[k].limit <= 0)
            continue;
        refill(r, &r->of[k], now);
        r->of[k].level -= call->of[k];
        r->of[k].left -= call->of[k];
    }
}

void rate_settle(struct rate *r, const struct rate_cost *was, const struct rate_cost *is)
{
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++) {
        struct rate_bucket *b = &r->of[k];

        if (b->limit <= 0)
            continue;
        b->level = fmin(b->level + was->of[k] - is->of[k], burst(b));
        b->left = fmin(b->left + was->of[k] - is->of[k], b->most);
    }
}

/* A limit of so many a minute, unless what is used up comes back sooner than that. All of it within
 * less than a second is not believed: then the word is of a smaller bucket behind the limit. */
static double period_of(const struct rate_word *w)
{
    double used = w->limit - w->remaining, period;

    if (w->reset_ms < 0 || w->remaining < 0 || used < 1)
        return MINUTE_MS;
    period = (double)w->reset_ms * w->limit / used;
    return period >= PERIOD_LEAST_MS ? fmin(period, MINUTE_MS) : MINUTE_MS;
}

/* The first word says what there is; each that says more corrects it. */
static void hear_most(struct rate_bucket *b, double there)
{
    b->most = fmin(b->heard ? fmax(b->most, there) : fmax(there, 1), b->limit);
    b->heard = true;
}

void rate_hear(struct rate *r, const struct rate_said *said, const struct rate_cost *later,
               int64_t now)
{
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++) {
        const struct rate_word *w = &said->of[k];
        struct rate_bucket *b = &r->of[k];
        double limit = w->limit;

        if (limit <= 0)
            continue;
        if (r->set[k] > 0 && r->set[k] < limit)
            limit = r->set[k];
        set_limit(r, k, limit * r->share, now);
        b->period_ms = period_of(w);
        if (w->remaining < 0)
            continue;
        if (k == RATE_REQUESTS)
            hear_most(b, (w->remaining + 1) * r->share);
        b->left = fmin(b->left, w->remaining * r->share - later->of[k]);
    }
}

void rate_too_many(struct rate *r, int64_t now)
{
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++) {
        if (r->of[k].limit <= 0)
            continue;
        refill(r, &r->of[k], now);
        r->of[k].level = fmin(r->of[k].level, 0);
    }
    r->ease = fmax(r->ease * EASE_CUT, EASE_LEAST);
}

void rate_went_well(struct rate *r) { r->ease = fmin(r->ease + EASE_STEP, 1); }
