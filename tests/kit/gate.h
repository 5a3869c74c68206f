/*
 * gate.h - upload-svc's rooms on a real Postgres, with a real S3 where a test needs one, and its
 * public door where a test comes in through HTTP.
 */
#pragma once

#include "upload-svc/app.h"
#include "upload-svc/intake.h"

#define KIT_GATE_TOKEN "kit-upload-token-0123"

/* NULL after saying why (no Postgres, no S3). Without S3 nobody listens at its address. */
struct app *kit_gate_open(bool with_s3);
void kit_gate_close(void);
void kit_gate_reset(void); /* empty tables, an empty bucket, the settings that it began with */
int kit_gate_stop(void **state);  /* close and reset as cmocka calls them: after a group, */
int kit_gate_fresh(void **state); /* before a test */

/* A form as intake_read leaves it: a leaderboard of cookie.fun, its files stored and announced in
 * upload.arrivals. set_id NULL: a set of its own. Files of the same seed have the same bytes. */
struct intake *kit_intake(int files, const char *set_id, int seed);
/* The same, recorded. */
struct intake *kit_recorded(int files, const char *set_id, int seed);

/* One request through the public door, and its whole answer; valid until the next. headers: whole
 * lines; NULL: the admin's token. */
const char *kit_ask(const char *method, const char *path, const char *headers, struct sv body);
const char *kit_get(const char *path); /* GET as admin, and only the answer's body */
int kit_gate_port(void);               /* of the door, opened now if it is not */
int kit_status(const char *method, const char *path, const char *body); /* as admin; only that */
/* An answer's body as JSON; it lives until the next such call. status: NULL: not wanted. */
struct json;
const struct json *kit_json(const char *method, const char *path, const char *body, int *status);
size_t kit_objects(void); /* in the bucket */

/* Parts of a form with the boundary bnd, appended: a text field; a PNG of about n bytes, another
 * seed other bytes. */
void kit_form_field(struct str *form, const char *bnd, const char *name, const char *value);
void kit_form_png(struct str *form, const char *bnd, const char *name, int seed, size_t n);
