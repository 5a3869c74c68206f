/* review.c - locks batch, sheet, job, images, in this order; judges all of it before it writes. */
#include "analysis-svc/review.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/batch_locks.h"
#include "analysis-svc/edits.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/sheet.h"

struct reviewing {
    struct app *app;
    struct db_conn *conn;
    struct batch *b;
    const struct db_rows *images;
};

/* ---- may it be done? ---- */

static bool has_row(const struct json *document, const char *key)
{
    const struct json *rows = json_find(document, "rows");

    for (const struct json *r = rows ? json_first(rows) : NULL; r; r = json_next(r))
        if (strcmp(json_text_or(r, "key", ""), key) == 0)
            return true;
    return false;
}

/* A correction is made to a row that is there; what is withdrawn may have lost its row. */
static bool judge_edits(const struct reviewing *r, size_t i, struct err *why)
{
    AUTO(json_free) struct json *document = NULL;
    const struct extractor *x =
        extractors_find(&r->app->extractors, db_text(r->images, i, "extractor"));
    const char *date = db_text(r->images, i, "date");

    if (!r->b->review.edits)
        return true;
    if (!x || !json_parse(db_sv(r->images, i, "document"), &document, why))
        return err_set(why, ERR_UNPROCESSABLE, "nothing was read that could be corrected");
    for (const struct json *e = json_first(r->b->review.edits); e; e = json_next(e)) {
        const char *key = json_text_or(e, "row_key", ""), *text = json_text_or(e, "value", NULL);

        if (!edits_check(x, date, json_text_or(e, "field", ""), text, why))
            return false;
        if (text && !has_row(document, key))
            return err_set(why, ERR_UNPROCESSABLE, "there is no row \"%.80s\"", key);
    }
    return true;
}

static bool judge_state(const struct reviewing *r, size_t i, struct err *why)
{
    const char *state = db_text(r->images, i, "state");
    bool rejected = strcmp(db_text(r->images, i, "review"), "reject") == 0;

    if (strcmp(state, image_state_wire(IMAGE_FORGOTTEN)) == 0)
        return err_set(why, ERR_UNPROCESSABLE, "the picture was deleted");
    if (r->b->review.action == REVIEW_EDIT)
        return true;
    if (strcmp(state, image_state_wire(IMAGE_WAITING)) == 0)
        return err_set(why, ERR_UNPROCESSABLE,
                       "the picture is being read: look at what comes of it first");
    if (strcmp(state, image_state_wire(IMAGE_FAILED)) == 0 && !rejected)
        return err_set(why, ERR_UNPROCESSABLE, "nothing was read that could be judged");
    return true;
}

static size_t find(const struct reviewing *r, const struct batch_item *item)
{
    for (size_t i = 0; i < db_count(r->images); i++)
        if (db_int(r->images, i, "snapshot_id") == item->snapshot_id)
            return i;
    return db_count(r->images);
}

static bool judge(struct reviewing *r, struct err *err)
{
    size_t bad = 0;

    for (size_t n = 0; n < r->b->n; n++) {
        struct batch_item *item = &r->b->list[n];
        size_t i = find(r, item);
        struct err why = ERR_INIT;

        if (i == db_count(r->images))
            err_set(&why, ERR_UNPROCESSABLE, "the picture is not known here yet");
        else if (judge_state(r, i, &why) && judge_edits(r, i, &why))
            continue;
        snprintf(item->reason, sizeof item->reason, "%.159s", why.msg);
        bad++;
    }
    return bad == 0 || err_set(err, ERR_UNPROCESSABLE, "%zu item%s cannot be reviewed", bad,
                               bad == 1 ? "" : "s");
}

/* ---- then do it ---- */

static bool move(const struct reviewing *r, int64_t snapshot_id, struct err *err)
{
    const struct batch_review *said = &r->b->review;
    bool approve = said->action == REVIEW_APPROVE;
    enum image_state to = approve ? IMAGE_EXTRACTED : IMAGE_FAILED;
    const char *why = approve ? NULL : fail_wire(FAIL_REVIEW);
    const char *note = approve || *said->note == '\0' ? NULL : said->note;

    if (said->action == REVIEW_EDIT)
        return db_run(r->conn, Q_EDIT_TOLD, NULL, err, P(snapshot_id),
                      P((int64_t)json_count(said->edits)));
    return db_run(r->conn, Q_IMAGE_REVIEW, NULL, err, P(snapshot_id), P(image_state_wire(to)),
                  P(review_action_wire(said->action)), P(why), P(note), P(image_state_sources(to)));
}

static bool keep_edits(const struct reviewing *r, int64_t snapshot_id, int64_t review_id,
                       struct err *err)
{
    const struct json *e = r->b->review.edits ? json_first(r->b->review.edits) : NULL;

    for (; e; e = json_next(e))
        if (!db_run(r->conn, Q_EDIT_BORN, NULL, err, P(review_id), P(snapshot_id),
                    P(json_text_or(e, "row_key", "")), P(json_text_or(e, "field", "")),
                    P(json_text_or(e, "value", NULL))))
            return false;
    return true;
}

static bool keep(const struct reviewing *r, size_t i, struct err *err)
{
    const struct batch_review *said = &r->b->review;
    AUTO(db_rows_free) struct db_rows *born = NULL;
    int64_t snapshot_id = db_int(r->images, i, "snapshot_id");

    return db_run(r->conn, Q_REVIEW_BORN, &born, err, P(snapshot_id),
                  P((const char *)r->b->id.text), P(review_action_wire(said->action)), P(said->by),
                  P(said->note), P(db_int(r->images, i, "run"))) &&
           keep_edits(r, snapshot_id, db_int(born, 0, "review_id"), err) &&
           move(r, snapshot_id, err);
}

bool review_images(struct app *app, struct db_conn *conn, struct batch *b, struct err *err)
{
    AUTO(batch_locks_free) struct batch_locks l = BATCH_LOCKS_INIT;
    AUTO(db_rows_free) struct db_rows *images = NULL;
    struct reviewing r = {.app = app, .conn = conn, .b = b};

    if (!batch_lock(conn, b, &l, err) ||
        !db_run(conn, Q_REVIEW_IMAGES, &images, err, P((const char *)l.ids.p)))
        return false;
    r.images = images;
    if (!judge(&r, err))
        return false;
    for (size_t i = 0; i < db_count(images); i++)
        if (!keep(&r, i, err))
            return false;
    for (size_t i = 0; i < db_count(l.sheets); i++)
        if (!sheet_merge(conn, &app->extractors, db_text(l.sheets, i, "set_id"), err))
            return false;
    return batch_settle(conn, &l, err);
}
