/* watch.c - see watch.h. */
#include "analysis-svc/watch.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/metrics.h"
#include "analysis-svc/outlook.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/worker.h"

enum { TOTAL_MS = 10000, ANSWER_MAX = 1 << 20, HEADERS_MAX = 8, DAY_S = 86400, NO_DATE = -1 };

struct watch {
    struct app *app;
    struct worker *worker;
    bool warned; /* of the bucket's host */
};

static void ask(struct app *app, int place, struct provider_model *out)
{
    struct provider p = app->roster.items[place];
    const char *headers[HEADERS_MAX];
    AUTO(provider_request_free)
    struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    int key;

    p.key = keyring_take(app->keys, place, clock_mono_ms(), &key);
    provider_model_request(&p, &r);
    provider_header_lines(&r, headers, HEADERS_MAX);
    const struct http_req req = {.method = "GET",
                                 .url = r.url.p,
                                 .headers = headers,
                                 .connect_ms = app->conf.connect_timeout,
                                 .total_ms = TOTAL_MS,
                                 .answer_max = ANSWER_MAX,
                                 .ca_file = app->conf.provider_ca};
    struct provider_reply reply = {0, ERR_NONE, {"", 0}, {"", 0}};

    if (http_perform(&req, &answer, &err))
        reply = (struct provider_reply){answer.status, ERR_NONE, str_sv(&answer.headers),
                                        str_sv(&answer.body)};
    provider_model_read(&reply, clock_wall_s(), out);
}

static int64_t days_left(const struct provider_model *m)
{
    return m->shutdown_at > 0 ? (m->shutdown_at - clock_wall_s()) / DAY_S : NO_DATE;
}

static void tell(const struct app *app, const struct provider *p, const struct provider_model *m)
{
    int64_t days = days_left(m);

    if (m->state == MODEL_GONE || m->state == MODEL_BLIND)
        log_error("model.gone", "the model is not to be had any more: set another",
                  KV_S("provider", p->name), KV_S("model", p->model), KV_S("note", m->note));
    else if (m->state == MODEL_UNKNOWN)
        log_warn("model.unknown", "the provider does not say whether the model is there",
                 KV_S("provider", p->name), KV_S("model", p->model), KV_S("note", m->note));
    else if (days != NO_DATE && days < app->conf.model_days)
        log_warn("model.ends", "the model will be shut down soon: choose another",
                 KV_S("provider", p->name), KV_S("model", p->model), KV_I("days", days));
}

static bool asked_for(const struct provider *p) { return p->caps.listed && secret_is_set(p->key); }

static bool look(struct app *app, int place, struct err *err)
{
    const struct provider *p = &app->roster.items[place];
    struct provider_model m;
    bool gone;

    metric_set(M_MODEL_DAYS, app->roster.who[place], NO_DATE);
    if (!asked_for(p))
        return true;
    ask(app, place, &m);
    gone = m.state == MODEL_GONE || m.state == MODEL_BLIND;
    metric_set(M_MODEL_DAYS, app->roster.who[place], gone ? 0 : days_left(&m));
    tell(app, p, &m);
    if (!gone)
        return true;
    return err_set(err, ERR_UNPROCESSABLE,
                   "%s: model %s cannot be used (%.80s): set another one (%s), or MODEL_CHECK=off "
                   "to start all the same",
                   p->name, p->model, m.note,
                   p->dialect == DIALECT_MESSAGES ? "ANTHROPIC_MODEL" : "OPENAI_MODEL");
}

static int64_t turn(void *arg)
{
    struct watch *w = arg;
    struct err err = ERR_INIT;

    if (w->warned) {
        for (size_t i = 0; i < w->app->roster.n; i++)
            (void)!look(w->app, (int)i, &err); /* it was told; those who run go on */
    } else {
        outlook_warn(w->app);
        w->warned = true;
    }
    return w->app->conf.model_poll;
}

bool watch_open(struct app *app, struct watch **out, struct err *err)
{
    AUTO(watch_close) struct watch *w = calloc(1, sizeof *w);

    if (!w)
        abort();
    w->app = app;
    for (size_t i = 0; i < app->roster.n; i++) {
        struct err why = ERR_INIT;

        if (!look(app, (int)i, &why) && app->conf.model_check) {
            *err = why;
            return false;
        }
    }
    if (!worker_open(turn, w, &w->worker, err))
        return false;
    *out = TAKE(w);
    return true;
}

void watch_close(struct watch **w)
{
    if (!*w)
        return;
    worker_close(&(*w)->worker);
    free(*w);
    *w = NULL;
}
