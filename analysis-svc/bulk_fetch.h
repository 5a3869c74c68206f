/* bulk_fetch.h - a bulk that was sent: is it done, and what did it bring? See bulk.h. */
#pragma once

#include "analysis-svc/bulk_send.h"

/* One step from sent or cancelling. When it is done, what it brought is judged and stored, and the
 * row is over. */
MUST_CHECK bool bulk_fetch(struct run *run, struct bulk_row *row, enum bulk_fate *fate,
                           int64_t *next_ms, struct err *err);
