/* gauge.c - a provider's window, breaker and budgets. */
#include "analysis-svc/gauge.h"

#include <math.h>

enum { SPAN_MS = 5000, SPAN_CALLS = 20, BREAK_GROWTH_MAX = 12, RATE_PAUSE_MS = 250 };
enum { INPUT_GUESS = 2500, OUTPUT_GUESS = 800 }; /* a screenshot and its rows, before any answer */
static const double LEARN = 0.1, BUDGET_LEAST = 10, BUDGET_SHARE = 0.1, BUDGET_MS = 0.002,
                    RAMP = 0.1;

void gauge_init(struct gauge *g, const struct gauge_conf *conf, double requests, double tokens)
{
    double start = (double)(conf->start < conf->slots ? conf->start : conf->slots);

    *g = (struct gauge){.window = start,
                        .threshold = (double)conf->slots,
                        .cut_at = INT64_MIN,
                        .eased_at = INT64_MIN,
                        .opened_at = INT64_MIN,
                        .out_until = INT64_MIN,
                        .budget = BUDGET_LEAST,
                        .input_each = INPUT_GUESS,
                        .output_each = OUTPUT_GUESS};
    rate_init(&g->rate, requests, tokens);
}

struct rate_cost gauge_expect(const struct gauge *g, size_t images)
{
    return rate_call(g->input_each * (double)images, g->output_each * (double)images);
}

size_t gauge_room(struct gauge *g, size_t images, int64_t now)
{
    struct rate_cost cost = gauge_expect(g, images);
    int64_t slots = (int64_t)g->window - g->busy;

    if (now < g->out_until)
        return 0;
    if (g->pause_ms > 0)
        slots = g->probing ? 0 : 1;
    return slots > 0 ? rate_fit(&g->rate, &cost, (size_t)slots, now) : 0;
}

int64_t gauge_wait_ms(struct gauge *g, int64_t now)
{
    struct rate_cost cost = gauge_expect(g, 1);
    int64_t out = g->out_until > now ? g->out_until - now : 0, rate;

    if (g->pause_ms > 0 ? g->probing : g->busy >= (int64_t)g->window)
        return -1;
    rate = rate_wait_ms(&g->rate, &cost, now);
    return rate > out ? rate : out;
}

/* ---- the retry budget ---- */

static double budget_most(const struct gauge_conf *conf)
{
    return fmax(BUDGET_LEAST, (double)conf->slots / 4);
}

bool gauge_may_repeat(struct gauge *g, const struct gauge_conf *conf, int64_t now)
{
    if (now > g->budget_at)
        g->budget = fmin(g->budget + (double)(now - g->budget_at) * BUDGET_MS, budget_most(conf));
    g->budget_at = now;
    return g->budget >= 1;
}

static void pay_back(struct gauge *g, const struct gauge_conf *conf, const struct limits_slip *slip)
{
    double more = BUDGET_SHARE + (slip->again ? 1 : 0);

    g->budget = fmin(g->budget + more, budget_most(conf));
}

/* ---- take ---- */

void gauge_take(struct gauge *g, size_t images, bool again, int64_t now, struct limits_slip *out)
{
    struct rate_cost cost = gauge_expect(g, images);

    g->busy++;
    g->probing = g->pause_ms > 0;
    if (again)
        g->budget -= 1;
    rate_take(&g->rate, &cost, now);
    *out = (struct limits_slip){.again = again,
                                .probe = g->probing,
                                .full = (double)g->busy * 4 >= g->window,
                                .at = now,
                                .cost = cost,
                                .sent = g->rate.sent,
                                .images = images};
}

static void end(struct gauge *g, const struct limits_slip *slip)
{
    g->busy--;
    if (slip->probe)
        g->probing = false;
}

void gauge_cancel(struct gauge *g, const struct limits_slip *slip)
{
    static const struct rate_cost nothing;

    end(g, slip);
    if (slip->again)
        g->budget += 1;
    rate_settle(&g->rate, &slip->cost, &nothing);
}

/* ---- the window ---- */

static void grow(struct gauge *g, const struct gauge_conf *conf, const struct limits_slip *slip)
{
    if (!slip->full) /* nobody asked for more */
        return;
    g->window += g->window < g->threshold ? 1 : 1 / g->window;
    g->window = fmin(g->window, (double)conf->slots);
}

static void cut(struct gauge *g, const struct limits_slip *slip, double to, int64_t now)
{
    if (slip->at < g->cut_at)
        return;
    g->window = g->threshold = fmax(floor(g->window * to), 1);
    g->cut_at = now;
}

static void size_window(struct gauge *g, const struct gauge_conf *conf,
                        const struct limits_slip *slip, enum answer_class class, int64_t now)
{
    static const double half = 0.5, some = 0.8;

    if (class == ANSWER_RATE)
        cut(g, slip, some, now);
    else if (class == ANSWER_OVERLOADED || class == ANSWER_TIMEOUT || class == ANSWER_NETWORK)
        cut(g, slip, half, now);
    else if (!answer_breaks(class))
        grow(g, conf, slip);
}

/* ---- the breaker ---- */

static void out_for(struct gauge *g, int64_t until)
{
    if (until > g->out_until)
        g->out_until = until;
}

static void open_breaker(struct gauge *g, const struct gauge_conf *conf, int64_t pause, int64_t now)
{
    int64_t most = conf->break_ms * BREAK_GROWTH_MAX;

    g->pause_ms = pause > most ? most : pause;
    g->opened_at = now;
    out_for(g, now + g->pause_ms);
}

static void note(struct gauge *g, bool failure, int64_t now)
{
    int64_t no = now / SPAN_MS;
    size_t i = (size_t)(no % GAUGE_SPANS);

    if (g->spans[i].no != no) {
        g->spans[i].no = no;
        g->spans[i].calls = g->spans[i].failures = 0;
    }
    g->spans[i].calls++;
    g->spans[i].failures += failure;
}

static bool half_failed(const struct gauge *g, int64_t now)
{
    int64_t calls = 0, failures = 0;

    for (size_t i = 0; i < GAUGE_SPANS; i++) {
        if (g->spans[i].no <= now / SPAN_MS - GAUGE_SPANS)
            continue;
        calls += g->spans[i].calls;
        failures += g->spans[i].failures;
    }
    return calls >= SPAN_CALLS && failures * 2 >= calls;
}

static void failed(struct gauge *g, const struct gauge_conf *conf, int64_t now)
{
    g->failures++;
    if (g->pause_ms > 0)
        open_breaker(g, conf, g->pause_ms * 2, now);
    else if (g->failures >= conf->break_after || half_failed(g, now))
        open_breaker(g, conf, conf->break_ms, now);
}

/* An answer, whatever it said about the pictures. After a probe: a tenth, and up from there. */
static void well(struct gauge *g)
{
    g->failures = 0;
    if (g->pause_ms == 0)
        return;
    for (size_t i = 0; i < GAUGE_SPANS; i++)
        g->spans[i].calls = g->spans[i].failures = 0;
    g->pause_ms = 0;
    g->threshold = g->window > 2 ? g->window : 2;
    g->window = fmax(floor(g->window * RAMP), 1);
}

void gauge_block(struct gauge *g, const struct gauge_conf *conf, int64_t now)
{
    g->pause_ms = conf->break_ms;
    g->opened_at = now;
    out_for(g, now + conf->block_ms);
}

static void judge_health(struct gauge *g, const struct gauge_conf *conf,
                         const struct limits_slip *slip, const struct limits_told *told,
                         int64_t now)
{
    bool failure = answer_breaks(told->class);

    if (answer_do(told->class) == DO_BLOCK) {
        gauge_block(g, conf, now);
        return;
    }
    if (slip->at <= g->opened_at && !slip->probe && g->pause_ms > 0)
        return; /* it was out already when the breaker opened */
    note(g, failure, now);
    if (failure)
        failed(g, conf, now);
    else if (told->class != ANSWER_RATE || !slip->probe)
        well(g);
}

/* ---- give ---- */

static void learn(struct gauge *g, const struct limits_slip *slip,
                  const struct provider_usage *used)
{
    double n = (double)slip->images;
    struct rate_cost is;

    if (!used || used->input <= 0 || slip->images == 0)
        return;
    g->input_each += LEARN * ((double)used->input / n - g->input_each);
    g->output_each += LEARN * ((double)used->output / n - g->output_each);
    /* What is read from a cache does not count (Anthropic); elsewhere the headers tell. */
    is = rate_call((double)(used->input - used->cached), (double)used->output);
    rate_settle(&g->rate, &slip->cost, &is);
}

static void hear_rate(struct gauge *g, const struct limits_slip *slip,
                      const struct limits_told *told, int64_t now)
{
    struct rate_cost later;

    learn(g, slip, told->class == ANSWER_OK ? told->used : NULL);
    for (size_t k = 0; k < RATE_KIND_COUNT_; k++)
        later.of[k] = g->rate.sent.of[k] - slip->sent.of[k];
    if (told->rate)
        rate_hear(&g->rate, told->rate, &later, now);
    if (told->class == ANSWER_RATE && slip->at >= g->eased_at) {
        rate_too_many(&g->rate, now);
        g->eased_at = now;
    } else if (told->class == ANSWER_OK)
        rate_went_well(&g->rate);
}

void gauge_give(struct gauge *g, const struct gauge_conf *conf, const struct limits_slip *slip,
                const struct limits_told *told, int64_t now)
{
    end(g, slip);
    judge_health(g, conf, slip, told, now);
    if (answer_do(told->class) != DO_BLOCK)
        size_window(g, conf, slip, told->class, now);
    hear_rate(g, slip, told, now);
    if (!answer_breaks(told->class) && told->class != ANSWER_RATE)
        pay_back(g, conf, slip);
    if (told->class == ANSWER_RATE)
        out_for(g, now + (told->retry_after_ms > 0 ? told->retry_after_ms : RATE_PAUSE_MS));
    else if (told->retry_after_ms > 0)
        out_for(g, now + told->retry_after_ms);
}
