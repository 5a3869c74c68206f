/* serve.h - threads and doors: from the first request to the last. */
#pragma once

#include "upload-svc/app.h"

/* Until SIGTERM or SIGINT; then the doors shut, uploads in flight end (at most SHUTDOWN_WAIT), and
 * everything closes in reverse order. Signals must be blocked already. */
MUST_CHECK bool serve(struct app *app, struct err *err);
