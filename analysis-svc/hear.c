/* hear.c - see hear.h. */
#include "analysis-svc/hear.h"

#include <stdio.h>

#include "analysis-svc/hedge.h"
#include "analysis-svc/linger.h"
#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"

/* No call was made: a picture that we could not fetch, or a call that is too large. Told as if the
 * provider had said it. */
static void own_fault(struct app *app, const struct flight *f, struct provider_answer *said)
{
    int place = 0;

    for (int i = 0; i < f->blamed; i++) /* counted among the asked, as a provider would */
        place += f->images[i].known == NULL;
    said->class = f->verdict;
    said->bad_image = f->blamed < 0 ? -1 : place;
    snprintf(said->message, sizeof said->message, "%.200s", f->answer.err.msg);
    limits_cancel(app->limits, &f->slip);
}

/* The provider is well: its other keys take the calls. */
static void key_is_aside(const struct app *app, const struct flight *f,
                         struct provider_answer *said)
{
    log_warn("key.aside", "a provider refused one of its keys; the others go on",
             KV_S("provider", app->roster.items[f->place].name), KV_I("key", f->slip.key + 1),
             KV_S("class", answer_wire(said->class)), KV_S("note", said->message));
    metric_add(M_KEYS_ASIDE, app->roster.who[f->place], 1);
    said->class = ANSWER_KEY;
    said->retry_after_ms = -1;
}

static void learn_reach(struct app *app, const struct flight *f, enum answer_class class)
{
    int64_t now = clock_mono_ms();

    if (f->sent_by == TRANSPORT_URL && class == ANSWER_OK)
        reach_worked(app->reach, f->place);
    else if (f->sent_by == TRANSPORT_URL && class == ANSWER_IMAGE_FETCH)
        reach_doubted(app->reach, f->place, now);
    else if (f->transport == TRANSPORT_BASE64 && class == ANSWER_OK)
        reach_failed(app->reach, f->place, now); /* bytes arrived where the URL had not */
}

static void learn(struct run *run, const struct flight *f, struct provider_answer *said)
{
    struct app *app = run_app(run);
    const struct http_answer *h = &f->answer;
    const struct provider_reply reply = {h->status, h->err.code, str_sv(&h->headers),
                                         str_sv(&h->body)};
    struct rate_said rate;

    provider_read(&app->roster.items[f->place], &reply, clock_wall_s(), said);
    if (h->status == 0 && h->err.msg[0]) /* names the host, never the query */
        snprintf(said->message, sizeof said->message, "%.239s", h->err.msg);
    rate_read(str_sv(&h->headers), &rate);
    limits_give(app->limits, &f->slip,
                &(struct limits_told){said->class, said->retry_after_ms, &said->usage, &rate},
                clock_mono_ms());
    if (keyring_give(app->keys, f->place, f->slip.key, said->class, said->retry_after_ms,
                     clock_mono_ms()))
        key_is_aside(app, f, said);
    learn_reach(app, f, said->class);
    if (said->class == ANSWER_OK)
        hedge_heard(run_hedge(run), f);
    linger_heard(run_linger(run), h->total_us);
    metric_observe_ms(M_CALL_SECONDS, 0, (double)h->total_us / 1000);
    if (h->sends > 1)
        metric_add(M_RESENT, 0, (int64_t)h->sends - 1);
}

void hear_count(const struct land *l)
{
    const struct provider_usage *u = &l->said.usage;

    metric_add(M_CALLS, l->said.class, 1);
    metric_add(M_TOKENS, TOKENS_INPUT, u->input);
    metric_add(M_TOKENS, TOKENS_CACHED, u->cached);
    metric_add(M_TOKENS, TOKENS_CACHE_WRITE, u->cache_write);
    metric_add(M_TOKENS, TOKENS_OUTPUT, u->output);
    metric_add(M_TOKENS, TOKENS_REASONING, u->reasoning);
    metric_add(M_COST, 0, l->landing.report.cost_micro_usd);
}

void hear(struct run *run, const struct flight *f, struct land *l)
{
    struct app *app = run_app(run);
    struct provider_answer said = {
        .class = ANSWER_OK, .text = STR_INIT(0), .retry_after_ms = -1, .bad_image = -1};
    bool called = f->asked > 0 && !f->unsent;

    if (called)
        learn(run, f, &said);
    else if (f->asked > 0)
        own_fault(app, f, &said);
    land_open(app, f, &said, rnd_unit(), l);
    if (called)
        hear_count(l);
}
