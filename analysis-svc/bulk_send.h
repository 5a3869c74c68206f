/* bulk_send.h - a planned bulk is built from its rows and goes to the provider. See bulk.h. */
#pragma once

#include "analysis-svc/bulk_rows.h"
#include "analysis-svc/run.h"

enum bulk_fate {
    BULK_GOES_ON, /* the row says how */
    BULK_REFUSED, /* the provider will not have it: its calls go the ordinary way */
};
/* One step from planned or creating; changes the row, and writes it before the provider is asked to
 * create anything. *next_ms: until the next step. */
MUST_CHECK bool bulk_send(struct run *run, struct bulk_row *row, enum bulk_fate *fate,
                          int64_t *next_ms, struct err *err);
/* Later, and later each time. */
int64_t bulk_pause_ms(const struct app *app, const struct bulk_row *row);
