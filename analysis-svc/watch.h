/*
 * watch.h - what changes at the providers by itself: models that come to their end.
 *
 * At start a model that is gone, or takes no pictures, is a refusal (MODEL_CHECK=off: only told).
 * After that it is asked for every MODEL_POLL; days that are left are a metric, few are a warning.
 * Only providers with a key whose server lists its models (models.json) are asked. Threads: one of
 * its own.
 */
#pragma once

#include "analysis-svc/app.h"

struct watch;

MUST_CHECK bool watch_open(struct app *app, struct watch **out, struct err *err);
void watch_close(struct watch **w); /* NULL is fine */
