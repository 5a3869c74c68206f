/*
 * campaigns.h - what pictures are counted for: our own table, or that of the old back end
 * (CAMPAIGNS_FROM), of which ours is then a mirror. The mirror is at most CAMPAIGNS_STALE_MS old
 * when it is asked.
 */
#pragma once

#include "common/db.h"
#include "upload-svc/app.h"

enum { CAMPAIGNS_STALE_MS = 5000 };

/* Bring the mirror up to date, if there is one and it is time. ERR_DATABASE says what to set right.
 */
MUST_CHECK bool campaigns_refresh(struct app *app, struct db_conn *conn, struct err *err);
