/* spend.c - one row per day; the sum in it is what the calls may have cost at most. */
#include "analysis-svc/spend.h"

#include "analysis-svc/metrics.h"
#include "analysis-svc/provider_bulk.h"
#include "analysis-svc/queries.h"

enum { DAY_MS = 86400000, AFTER_MIDNIGHT_MS = 1000 };
static const double MARGIN = 1.2;

bool spend_check(const struct analysis_conf *conf, const struct roster *roster, struct err *err)
{
    for (size_t i = 0; conf->spend_cap > 0 && i < roster->n; i++) {
        const struct provider *p = &roster->items[i];

        if (p->caps.price_in == 0 || p->caps.price_out == 0)
            return err_set(err, ERR_UNPROCESSABLE,
                           "SPEND_CAP_DAY needs prices: set %s_PRICE_IN and %s_PRICE_OUT",
                           roster->who[i] == ROSTER_OPENAI ? "OPENAI" : "ANTHROPIC",
                           roster->who[i] == ROSTER_OPENAI ? "OPENAI" : "ANTHROPIC");
    }
    return true;
}

int64_t spend_estimate(struct app *app, const struct flight *f)
{
    struct rate_cost cost = limits_expect(app->limits, f->place, f->asked);
    struct provider_usage used = {.input = (int64_t)(cost.of[RATE_INPUT] * MARGIN),
                                  .output = (int64_t)(cost.of[RATE_OUTPUT] * MARGIN)};

    return f->bulk ? bulk_cost(&app->roster.items[f->place], &used)
                   : provider_cost(&app->roster.items[f->place], &used);
}

bool spend_reserve(struct app *app, struct db_conn *conn, const struct flight *f,
                   int64_t *micro_usd, bool *granted, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    *granted = true;
    *micro_usd = 0;
    if (app->conf.spend_cap == 0)
        return true;
    *micro_usd = spend_estimate(app, f);
    if (!db_run(conn, Q_SPEND_RESERVE, &rows, err, P(*micro_usd), P(app->conf.spend_cap)))
        return false;
    *granted = db_affected(rows) == 1;
    return true;
}

int64_t spend_pause_ms(int64_t wall_ms) { return DAY_MS - wall_ms % DAY_MS + AFTER_MIDNIGHT_MS; }

bool spend_show(struct app *app, struct db_conn *conn, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (app->conf.spend_cap == 0)
        return true;
    if (!db_run0(conn, Q_SPEND_TODAY, &rows, err))
        return false;
    metric_set(M_SPEND, 0, db_int(rows, 0, "micro_usd"));
    return true;
}
