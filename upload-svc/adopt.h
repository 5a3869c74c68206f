/*
 * adopt.h - pictures that the back end before this one had stored become ours (upload-svc --adopt).
 *
 * In:      its table, camelCase columns; the bucket. Out: rows in upload.platform_snapshots,
 * pending, whose sets wait for nobody: they are read when somebody asks for it. A report. Promise:
 * no object is written, copied or deleted, then or ever (bury.h, sweep.h know our keys). Whatever
 * is adopted is there: each object is looked at, its type and size are its own. Repeatable: what is
 * here already (by its key) is left alone. Then:    analysis-svc may presign these keys when
 * S3_READ_PREFIXES names what the report says.
 */
#pragma once

#include "common/arena.h"
#include "common/str.h"
#include "upload-svc/app.h"

/* dry: all is judged and nothing is kept. The report is appended also when it fails. */
MUST_CHECK bool adopt_all(struct app *app, const char *table, bool dry, struct str *report,
                          struct err *err);

/* adopt_key.c: in which words an address names its object. The order is that of the report. */
enum adopt_form {
    ADOPT_HOST, /* https://BUCKET.host/KEY */
    ADOPT_PATH, /* https://host/BUCKET/KEY, s3://BUCKET/KEY */
    ADOPT_GCS,  /* the same of Google's, gs://BUCKET/KEY */
    ADOPT_KEY,  /* a key beside no such address */
    ADOPT_FORMS_
};
/* The key of an address in that bucket, in the arena; NULL: it is no address, or another bucket's.
 */
const char *adopt_key(struct arena *a, struct sv address, const char *bucket,
                      enum adopt_form *form);
/* The key of a row: of its addresses, else the one that it had noted. NULL: none. */
struct adopt_places {
    struct sv file_path, s3_url, s3_key;
};
const char *adopt_find(struct arena *a, const struct adopt_places *row, const char *bucket,
                       enum adopt_form *form);
