/* dispatch.h - one claimed job becomes one HTTP request: presign (or fetch), build, submit. */
#pragma once

#include "analysis-svc/run.h"

/* From here on the flight comes back through run_answered, or was given back and freed. Pictures
 * that travel as bytes are fetched here: then it is called from a keeper, never the scheduler. */
void dispatch(struct run *run, struct flight *f);
/* A picture's bytes as base64; *text is overwritten, and the caller's. */
MUST_CHECK bool dispatch_bytes(const struct app *app, const struct flight_image *image,
                               struct str *text, struct err *err);
/* Picture `bad` of this flight cannot be had: the flight lands with what that means, or goes back.
 */
void dispatch_failed(struct run *run, struct flight *f, int bad, const struct err *why);
