/* accept.c - one transaction per batch: its row, its sheet, its pictures, its jobs. */
#include "analysis-svc/accept.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis-svc/batch_locks.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/forget.h"
#include "analysis-svc/jobs.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/review.h"
#include "analysis-svc/sheet.h"
#include "common/crypto.h"

enum { LEASE_WAIT_MS = 2000 };

/* ---- extract ---- */

/* Keys of another deployment are somebody else's pictures. */
static bool pin_deployment(struct db_conn *conn, struct batch *b, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    char reason[160];

    if (b->deployment[0] == '\0')
        return true;
    if (!db_run(conn, Q_DEPLOYMENT_PIN, NULL, err, P(b->deployment)) ||
        !db_run0(conn, Q_DEPLOYMENT_GET, &rows, err))
        return false;
    if (db_count(rows) == 1 && strcmp(db_text(rows, 0, "name"), b->deployment) == 0)
        return true;
    snprintf(reason, sizeof reason,
             "the key lies under deployment %s, but this service reads for %.8s only",
             b->deployment, db_count(rows) ? db_text(rows, 0, "name") : "none");
    return batch_refuse(b, reason, err);
}

static bool have_sheet(struct db_conn *conn, struct batch *b, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct db_param campaign = b->has_campaign ? P(b->campaign_id) : P_NULL;

    if (!db_run(conn, Q_SHEET_BORN, NULL, err, P(b->set_id.text), P(b->type), P(b->platform),
                P(b->date), P(b->timeframe), campaign, P(b->campaign_title), P(b->handle)) ||
        !db_run(conn, Q_SHEET_FITS, &rows, err, P(b->set_id.text), P(b->type), P(b->platform),
                P(b->date), P(b->timeframe), campaign, P(b->handle)))
        return false;
    if (db_count(rows) == 0)
        return batch_refuse(b,
                            "its set holds pictures of another type, platform, date, campaign "
                            "or handle",
                            err);
    return true;
}

/* The pictures become ours, all but those that were forgotten before their batch came. */
static bool add_images(struct app *app, struct db_conn *conn, const struct batch *b,
                       struct err *err)
{
    const struct jobs_order order = {b->id.text, b->set_id.text, b->extractor, b->priority,
                                     b->deadline_s};
    AUTO(str_free) struct str items = STR_INIT(4 << 20);
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    size_t jobs;

    json_print(b->items, &items);
    return db_run(conn, Q_EXTRACTIONS_LEAVE, NULL, err, P(items.p), P(b->set_id.text)) &&
           db_run(conn, Q_IMAGES_BORN, &rows, err, P(b->id.text), P(b->set_id.text), P(items.p),
                  P(b->fresh)) &&
           jobs_born(app, conn, &order, rows, &jobs, err);
}

/* Pictures that moved here have left the sheets they were on. */
static bool merge_left(struct app *app, struct db_conn *conn, const struct batch *b,
                       const struct batch_locks *l, struct err *err)
{
    for (size_t i = 0; i < db_count(l->sheets); i++) {
        const char *set = db_text(l->sheets, i, "set_id");

        if (strcmp(set, b->set_id.text) != 0 && !sheet_merge(conn, &app->extractors, set, err))
            return false;
    }
    return true;
}

static bool extract(struct app *app, struct db_conn *conn, struct batch *b, struct err *err)
{
    AUTO(batch_locks_free) struct batch_locks l = BATCH_LOCKS_INIT;

    return pin_deployment(conn, b, err) && have_sheet(conn, b, err) &&
           batch_lock(conn, b, &l, err) && add_images(app, conn, b, err) &&
           merge_left(app, conn, b, &l, err) && batch_settle(conn, &l, err);
}

/* ---- once ---- */

static bool known(struct db_conn *conn, const struct batch *b, const char *sha,
                  struct accepted *out, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    out->known = false;
    if (!db_run(conn, Q_BATCH_KNOWN, &rows, err, P(b->id.text)))
        return false;
    if (db_count(rows) == 0)
        return true;
    if (strcmp(db_text(rows, 0, "body_sha256"), sha) != 0)
        return err_set(err, ERR_CONFLICT, "batch %s was accepted before with other contents",
                       b->id.text);
    out->known = true;
    out->items = (size_t)db_int(rows, 0, "item_count");
    snprintf(out->state, sizeof out->state, "%s", db_text(rows, 0, "state"));
    return true;
}

static bool has_room(struct app *app, struct db_conn *conn, const struct batch *b, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    int64_t most = app->conf.queue_max;

    if (b->op != BATCH_EXTRACT)
        return true;
    if (!db_run(conn, Q_QUEUE_DEPTH, &rows, err, P(most + 1)))
        return false;
    if (db_int(rows, 0, "n") >= most)
        return err_set(err, ERR_BUSY, "%" PRId64 " pictures are waiting already: try again later",
                       most);
    return true;
}

/* *born false: another request with the same batch was faster. */
static bool add_batch(struct db_conn *conn, const struct batch *b, const char *sha, bool *born,
                      struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    bool extract = b->op == BATCH_EXTRACT;
    struct db_param set = extract ? P((const char *)b->set_id.text) : P_NULL;
    struct db_param deadline = extract ? P(b->deadline_s) : P_NULL;

    if (!db_run(conn, Q_BATCH_BORN, &rows, err, P(b->id.text), P(batch_op_wire(b->op)), P(sha), set,
                P((int64_t)b->n), P(b->priority), deadline))
        return false;
    *born = db_affected(rows) == 1;
    return true;
}

static bool obey(struct app *app, struct db_conn *conn, struct batch *b, struct err *err)
{
    switch (b->op) {
    case BATCH_EXTRACT:
        return extract(app, conn, b, err);
    case BATCH_FORGET:
        return forget_images(app, conn, b, err);
    case BATCH_REVIEW:
        return review_images(app, conn, b, err);
    }
    return err_set(err, ERR_INTERNAL, "an operation that nobody does");
}

static bool persist(struct app *app, struct db_conn *conn, struct batch *b, const char *sha,
                    struct accepted *out, struct err *err)
{
    bool born;

    if (!db_begin(conn, err) || !add_batch(conn, b, sha, &born, err))
        return false;
    if (!born) {
        db_rollback(conn);
        return known(conn, b, sha, out, err);
    }
    if (!obey(app, conn, b, err))
        return false;
    *out = (struct accepted){.state = "accepted", .items = b->n};
    return db_commit(conn, err);
}

static void count(const struct batch *b)
{
    if (b->op == BATCH_REVIEW)
        metric_add(M_REVIEWS, b->review.action, (int64_t)b->n);
    else
        metric_add(M_IMAGES, b->op == BATCH_FORGET ? IMAGE_FORGOTTEN : IMAGE_WAITING,
                   (int64_t)b->n);
}

bool accept_batch(struct app *app, struct sv body, struct batch *batch, struct accepted *out,
                  struct err *err)
{
    struct batch_rules rules = {&app->extractors, app->conf.s3_prefix, app->conf.s3_read_prefixes};
    AUTO(db_release) struct db_conn *conn = NULL;
    char sha[SHA256_HEX_SIZE];

    crypto_sha256_hex(body, sha);
    if (!batch_read(body, &rules, batch, err) || !db_lease(app->db, LEASE_WAIT_MS, &conn, err) ||
        !known(conn, batch, sha, out, err))
        return false;
    if (out->known)
        return true;
    if (!has_room(app, conn, batch, err) || !persist(app, conn, batch, sha, out, err))
        return false;
    if (!out->known)
        count(batch);
    return true;
}
