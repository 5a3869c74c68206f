/*
 * workshop.h - analysis-svc's rooms on a real Postgres, without HTTP or S3: accept batches, claim
 * jobs, land invented answers.
 */
#pragma once

#include "analysis-svc/accept.h"
#include "analysis-svc/flight.h"
#include "analysis-svc/land.h"

#define KIT_DEPLOYMENT "0a1b2c3d"

/* NULL after saying why (no Postgres). Two providers: openai, then anthropic; 4 pictures a call. */
struct app *kit_workshop_open(void);
void kit_workshop_close(void);
void kit_workshop_reset(void);        /* empty tables, fresh limits */
int kit_workshop_stop(void **state);  /* close and reset as cmocka calls them: after a group, */
int kit_workshop_fresh(void **state); /* before a test */

/* A batch of pictures first .. first + n - 1. batch and set are small numbers that become UUIDs;
 * extra: further members, such as "\"op\":\"forget\",", or "". The text lives until the next call.
 */
const char *kit_batch(int batch, int set, int first, int n, const char *extra);
/* A review by anna of one picture: review is further members, "\"action\":\"approve\"". */
const char *kit_review(int batch, int snapshot, const char *review);
const char *kit_uuid(int n); /* one of the small numbers; four results live at a time */
void kit_accept(struct app *app, const char *body); /* fails the test when it is refused */

struct flight *kit_claim(struct app *app); /* one job, NULL: none is due */
/* Of a first batch with n pictures from 41 on, which is accepted for it. */
struct flight *kit_claim_of(struct app *app, int n);
/* An answer with two rows for each picture asked for; `skip`: bits of those it leaves out. Row 1 is
 * @shared_star everywhere, row 2 bears the picture's number. */
void kit_good(const struct flight *f, unsigned skip, struct str *out);
/* Land the flight with this answer, as a keeper would, and free it. */
struct stored kit_land(struct app *app, struct flight **f, enum answer_class class,
                       const char *text);
/* The same with kit_good's answer. */
struct stored kit_land_good(struct app *app, struct flight **f, unsigned skip);

/* The same with a provider at openai_url and S3 at s3_url ("" : presigned only, nobody answers), so
 * that run_open works. model_s3_url: the host that models are given. Short leases, quick polls. */
void kit_service_open(struct app *app, const char *openai_url, const char *s3_url,
                      const char *model_s3_url);
/* The same with Anthropic as the only provider. */
void kit_service_open_anthropic(struct app *app, const char *url, const char *s3_url);
void kit_service_close(struct app *app);
/* Wait until this SQL gives "t". */
bool kit_until(const char *sql, int ms);
