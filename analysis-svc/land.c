/* land.c - read.h, decide.h and store.h in a row. */
#include "analysis-svc/land.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/provider_bulk.h"
#include "common/log.h"

void land_free(struct land *l)
{
    provider_answer_free(&l->said);
    readout_free(&l->reading);
    free(l->fates);
    l->fates = NULL;
}

static void decide_it(const struct app *app, struct land *l, double unit)
{
    struct retry_plan plan = {app->conf.retry_base, app->conf.retry_cap};
    struct decide_in in = {.class = l->said.class,
                           .bad_image = l->said.bad_image,
                           .retry_after_ms = l->said.retry_after_ms,
                           .good = l->reading.good,
                           .all = roster_all(&app->roster),
                           .retry = &plan,
                           .unit = unit};

    l->fates = calloc(l->flight->n + 1, sizeof *l->fates);
    if (!l->fates)
        abort();
    l->landing.end = decide(l->flight, &in, l->fates);
}

void land_open(const struct app *app, const struct flight *f, struct provider_answer *said,
               double unit, struct land *out)
{
    const struct provider *p = f->place >= 0 ? &app->roster.items[f->place] : NULL;

    *out = (struct land){.flight = f, .said = *said};
    said->text = (struct str)STR_INIT(0);
    read_answer(f, p, &out->said, &out->reading);
    log_redact(out->said.text.p); /* a second wall: these words go into a row */
    out->said.text.n = strlen(out->said.text.p);
    decide_it(app, out, unit);
    out->landing.flight = f;
    out->landing.fates = out->fates;
    out->landing.results = out->reading.results;
    out->landing.report.class = answer_wire(out->said.class);
    out->landing.report.status = f->answer.status;
    if (p)
        out->landing.report.cost_micro_usd =
            f->bulk ? bulk_cost(p, &out->said.usage) : provider_cost(p, &out->said.usage);
}

void land_fail(struct land *l, enum fail_code why, const char *note)
{
    for (size_t i = 0; i < l->flight->n; i++)
        l->fates[i] = (struct fate){.todo = FATE_FAIL, .fail = why};
    l->landing.end.to = JOB_DEAD;
    l->landing.end.fail = why;
    l->landing.note = note;
}

static struct landing landing_of(const struct land *l)
{
    struct landing landing = l->landing;

    landing.report.said = l->flight->asked > 0 ? &l->said : NULL;
    if (!landing.note)
        landing.note = l->reading.note;
    return landing;
}

bool lands_store(struct app *app, const struct land *l, size_t n, struct stored *out,
                 struct err *err)
{
    struct landing landings[LANDS_MAX];

    if (n > LANDS_MAX)
        return err_set(err, ERR_INTERNAL, "%zu calls are too many for one transaction", n);
    for (size_t i = 0; i < n; i++)
        landings[i] = landing_of(&l[i]);
    return store_landings(app, landings, n, out, err);
}

bool land_store(struct app *app, const struct land *l, struct stored *out, struct err *err)
{
    return lands_store(app, l, 1, out, err);
}
