/*
 * spend.h - the daily cap: no call is made whose estimate does not fit into what is left of the
 * day.
 *
 * In:  a flight that has a provider, on the connection of the claim's transaction. Out: what was
 *      set aside, which goes onto the call's row; a trigger settles it when the call ends.
 * The day is UTC, by Postgres's clock. Estimates: tokens as limits.h learnt them, at the
 * provider's price, and a fifth more. With no cap set nothing is reserved.
 */
#pragma once

#include "analysis-svc/app.h"
#include "analysis-svc/flight.h"

/* A cap without prices would cap nothing. Errors: ERR_UNPROCESSABLE, naming what to set. */
MUST_CHECK bool spend_check(const struct analysis_conf *conf, const struct roster *roster,
                            struct err *err);
/* What the flight's call is thought to cost, and a fifth more. */
int64_t spend_estimate(struct app *app, const struct flight *f);
/* *granted false: the cap is reached. */
MUST_CHECK bool spend_reserve(struct app *app, struct db_conn *conn, const struct flight *f,
                              int64_t *micro_usd, bool *granted, struct err *err);
/* From now until a little after the day's end. */
int64_t spend_pause_ms(int64_t wall_ms);
/* For /metrics. */
MUST_CHECK bool spend_show(struct app *app, struct db_conn *conn, struct err *err);
