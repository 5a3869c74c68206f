/*
 * hub.h - wakes event streams: one thread LISTENs for all of them.
 *
 * A notification is a hint: a stream looks for itself at least every two seconds. A LISTEN that
 * breaks is opened again.
 */
#pragma once

#include "upload-svc/app.h"

MUST_CHECK bool hub_open(struct app *app, struct hub **out, struct err *err);
void hub_close(struct hub **hub);   /* NULL is fine */
uint64_t hub_seen(struct hub *hub); /* a number that grows with each hint */
void hub_wait(struct hub *hub, uint64_t seen, int64_t wait_ms); /* until it grew, or time is over */
void hub_end(struct hub *hub); /* all waiters wake, and none waits again */
