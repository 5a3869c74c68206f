/* jobs.c - plan.h on the pictures in the order of their ids; a row per group. */
#include "analysis-svc/jobs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analysis-svc/bulk.h"
#include "analysis-svc/queries.h"
#include "common/str.h"

/* A batch's turn in the line, in pictures. Its calls go together: a small set is read, merged and
 * shown at once, and its documents are still in memory when it is merged; a large one lets others
 * pass after each turn. */
enum { TURN = 16 };

struct plan_limits jobs_limits(const struct app *app, const struct extractor *x)
{
    return (struct plan_limits){.images = (size_t)app->conf.images_per_call,
                                .text_tokens = plan_text_tokens(x),
                                .providers = app->roster.items,
                                .n = app->roster.n};
}

struct plan_image jobs_picture(const struct db_rows *rows, size_t i)
{
    return (struct plan_image){db_int(rows, i, "snapshot_id"),
                               db_int(rows, i, "bytes"),
                               {db_int(rows, i, "width"), db_int(rows, i, "height")}};
}

static int by_id(const void *a, const void *b)
{
    const struct plan_image *x = a, *y = b;

    return (x->snapshot_id > y->snapshot_id) - (x->snapshot_id < y->snapshot_id);
}

static void pictures_free(struct plan_image **images)
{
    free(*images);
    *images = NULL;
}

static struct plan_image *pictures_of(const struct db_rows *rows)
{
    struct plan_image *images = calloc(db_count(rows) + 1, sizeof *images);

    if (!images)
        abort();
    for (size_t i = 0; i < db_count(rows); i++)
        images[i] = jobs_picture(rows, i);
    qsort(images, db_count(rows), sizeof *images, by_id);
    return images;
}

static bool born(struct db_conn *conn, const struct jobs_order *o, const struct plan_image *images,
                 size_t n, int64_t finish, struct err *err)
{
    AUTO(str_free) struct str ids = STR_INIT(4096);
    AUTO(db_rows_free) struct db_rows *job = NULL;

    for (size_t i = 0; i < n; i++)
        str_addf(&ids, "%s%" PRId64, i ? "," : "{", images[i].snapshot_id);
    str_addc(&ids, '}');
    return db_run(conn, Q_JOB_BORN, &job, err, P(o->batch_id), P(o->set_id), P(o->extractor->name),
                  P(o->priority), P(finish), P(ids.p));
}

/* Its share of the line is counted in pictures: those up to the end of the turn. */
static int64_t turn_end(size_t reached, size_t all)
{
    size_t end = (reached + TURN - 1) / TURN * TURN;

    return (int64_t)(end < all ? end : all);
}

bool jobs_born(struct app *app, struct db_conn *conn, const struct jobs_order *order,
               const struct db_rows *images, size_t *n, struct err *err)
{
    const struct plan_limits limits = jobs_limits(app, order->extractor);
    AUTO(pictures_free) struct plan_image *list = pictures_of(images);
    AUTO(db_rows_free) struct db_rows *clock = NULL;
    int64_t clock_at;

    *n = 0;
    if (!db_run(conn, Q_QUEUE_CLOCK, &clock, err, P(order->priority)))
        return false;
    clock_at = db_int(clock, 0, "at");
    for (size_t at = 0, take; at < db_count(images); at += take, ++*n) {
        take = plan_take(list + at, db_count(images) - at, &limits);
        if (!born(conn, order, list + at, take, clock_at + turn_end(at + take, db_count(images)),
                  err))
            return false;
    }
    if (bulk_wanted(app, order->deadline_s) &&
        !db_run(conn, Q_JOBS_HOLD, NULL, err, P(order->batch_id), P(app->conf.half_price_gather)))
        return false;
    return db_run0(conn, Q_NOTIFY_JOBS, NULL, err);
}
