/*
 * fit.h - a picture that a model will not take as it is becomes one that it takes.
 *
 * Too large, too many pixels or bytes, or of a type that the model does not know: it is fetched,
 * scaled in memory (scale.h) and stored as derived/{uuid}/fit-SIDE-PIXELS-BYTES.EXT, once per
 * picture and limits: who comes later finds it there. The sweeper of upload-svc takes it away with
 * its snapshot. Threads: one of its own; flights wait in a bounded queue. Needs s3:PutObject on
 * {prefix}{deployment}/derived/.
 */
#pragma once

#include "analysis-svc/run.h"

struct fit;

/* Does any picture of this call need it? */
bool fit_needed(const struct app *app, const struct flight *f);

MUST_CHECK bool fit_open(struct run *run, struct fit **out, struct err *err);
/* The flight comes back through dispatch() with pictures that fit, or is given back. false: the
 * queue is full, and it stays the caller's. */
MUST_CHECK bool fit_take(struct fit *fit, struct flight *f);
/* The same at once, on the caller's thread. *bad: the picture that cannot be had. */
MUST_CHECK bool fit_now(struct fit *fit, struct flight *f, int *bad, struct err *err);
void fit_end(struct fit *fit);    /* the last flight is out; takes no more. NULL is fine */
void fit_close(struct fit **fit); /* NULL is fine */
