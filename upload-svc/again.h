/*
 * again.h - pictures are sent to the analysis once more: what failed, what waits, or what a person
 * asks for anew. Their sets become due at once; the relay packs them under a higher rev.
 */
#pragma once

#include "upload-svc/app.h"

enum { AGAIN_MAX = 5000 };

/* Rows of the query AGAIN (id, set_id, rev, state and the set's facts): the ids that are named, or,
 * with ids NULL, whatever waits or failed, of a platform or of all. What a person rejected is only
 * found by its number. */
MUST_CHECK bool again_find(struct app *app, const char *ids, const char *platform,
                           struct db_rows **rows, struct err *err);
/* May it be sent again as it stands? NULL: yes. Else why not. forced: also what was read already.
 */
const char *again_refusal(const struct db_rows *rows, size_t i, bool forced);
/* Those of the rows that may be, in one transaction; *n: how many were. What waits is only hurried.
 */
MUST_CHECK bool again_send(struct app *app, const struct db_rows *rows, bool forced, int64_t *n,
                           struct err *err);
