/*
 * batch.h - the bytes of POST /internal/v1/batches as a checked struct. Pure.
 *
 * Errors: ERR_BAD_REQUEST (no JSON, no batch id), ERR_TOO_LARGE (over BATCH_ITEMS_MAX), and
 * ERR_UNPROCESSABLE: then at least one item bears a reason, and upload-svc ends those and sends the
 * rest again. Texts live as long as the batch.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/err.h"
#include "common/id.h"
#include "common/json.h"

enum { BATCH_ITEMS_MAX = 500, DEPLOYMENT_SIZE = 9 };
enum batch_op { BATCH_EXTRACT, BATCH_FORGET, BATCH_REVIEW };
enum review_action { REVIEW_APPROVE, REVIEW_EDIT, REVIEW_REJECT };
enum { REVIEW_EDITS_MAX = 1000, REVIEW_TEXT_MAX = 1000 };

struct batch_item {
    int64_t snapshot_id, bytes;
    char reason[160]; /* why it cannot be accepted; "" when it can */
};
struct batch_review { /* what a person said about the items */
    enum review_action action;
    const char *by, *note;
    const struct json *edits; /* checked: {row_key, field, value: text or null} each; NULL: none */
};
struct batch {
    struct json *root;
    const struct json *items; /* as sent */
    struct batch_item *list;  /* NULL until the items were read */
    size_t n;
    enum batch_op op;
    struct id id, set_id;
    const struct extractor *extractor;
    const char *type, *platform, *date, *timeframe, *campaign_title;
    char handle[64];
    bool has_campaign, fresh;
    int64_t campaign_id, priority, deadline_s;
    struct batch_review review;
    char deployment[DEPLOYMENT_SIZE]; /* that the keys lie under; "": only read prefixes */
};
struct batch_rules {
    const struct extractors *extractors;
    const char *prefix;        /* S3_PREFIX */
    const char *read_prefixes; /* S3_READ_PREFIXES */
};

MUST_CHECK bool batch_read(struct sv body, const struct batch_rules *rules, struct batch *out,
                           struct err *err);
void batch_free(struct batch *b);
const char *batch_op_wire(enum batch_op op);
/* batch_review.c: the member `review` of such a batch. */
MUST_CHECK bool batch_read_review(struct batch *b, struct err *err);
const char *review_action_wire(enum review_action a);
/* Give every item the same reason and say so: always false, ERR_UNPROCESSABLE. */
bool batch_refuse(struct batch *b, const char *reason, struct err *err);
void batch_ids(const struct batch *b, struct str *out); /* "{41,42}" */

/* Which deployment a key belongs to; "" for a read prefix. false: none that we may read. */
bool batch_key(const char *key, const struct batch_rules *rules, char out[static DEPLOYMENT_SIZE]);
