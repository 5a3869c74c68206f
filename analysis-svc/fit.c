/* fit.c - see fit.h. */
#include "analysis-svc/fit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/dispatch.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/scale.h"
#include "common/log.h"
#include "common/queue.h"

enum { WAITING_MAX = 64, POP_MS = 500, DB_WAIT_MS = 2000, KEY_ROOM = 2048 };

struct fit {
    struct run *run;
    struct queue *queue;
    pthread_t thread;
    pthread_mutex_t lock; /* one picture at a time; and: */
    bool started;
    char deployment[16]; /* "" until it is known */
};

/* ---- what has to be done ---- */

static struct scale_to limits_of(const struct provider *p, size_t pictures)
{
    const struct model_caps *c = &p->caps;
    bool many = c->many > 0 && (int64_t)pictures > c->many;

    return (struct scale_to){many ? c->many_side : c->side, c->pixels, c->image_bytes};
}

static bool over(int64_t value, int64_t limit) { return limit > 0 && value > limit; }

static bool too_much(const struct provider *p, const struct scale_to *to,
                     const struct flight_image *i)
{
    return over(i->bytes, to->bytes) || over(i->width, to->side) || over(i->height, to->side) ||
           over(i->width * i->height, to->pixels) || !model_takes_type(&p->caps, i->type);
}

static bool needs(const struct app *app, const struct flight *f, size_t i)
{
    const struct provider *p = &app->roster.items[f->place];
    const struct scale_to to = limits_of(p, f->asked);

    return !f->images[i].known && !f->images[i].fitted && too_much(p, &to, &f->images[i]);
}

bool fit_needed(const struct app *app, const struct flight *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (needs(app, f, i))
            return true;
    return false;
}

/* ---- doing it ---- */

/* Keys of ours lie under one deployment; adopted pictures do not say which. */
static bool know_deployment(struct fit *fit, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (fit->deployment[0])
        return true;
    if (!db_lease(run_app(fit->run)->db, DB_WAIT_MS, &conn, err) ||
        !db_run0(conn, Q_DEPLOYMENT_GET, &rows, err))
        return false;
    if (db_count(rows) == 0)
        return err_set(err, ERR_INTERNAL, "no deployment is known to store a scaled picture under");
    snprintf(fit->deployment, sizeof fit->deployment, "%s", db_text(rows, 0, "name"));
    return true;
}

struct fitting { /* one picture */
    struct fit *fit;
    const struct flight_image *image;
    struct scale_to to;
    bool jpeg;
    struct str key;
};

static void fitting_free(struct fitting *g) { str_free(&g->key); }

static void name_it(struct fitting *g)
{
    const struct app *app = run_app(g->fit->run);

    str_addf(&g->key, "%s%s/derived/%s/fit-%" PRId64 "-%" PRId64 "-%" PRId64 ".%s",
             app->conf.s3_prefix, g->fit->deployment, g->image->uuid, g->to.side, g->to.pixels,
             g->to.bytes, g->jpeg ? "jpg" : "png");
}

static bool make(const struct fitting *g, int64_t *bytes, struct err *err)
{
    struct app *app = run_app(g->fit->run);
    AUTO(str_free) struct str from = STR_INIT((size_t)app->conf.image_max);
    AUTO(str_free) struct str small = STR_INIT((size_t)app->conf.image_max);
    struct s3_etag etag;

    if (!s3_get(app->s3, g->image->key, from.wall, &from, err) ||
        !scale_picture(str_sv(&from), &g->to, g->jpeg, &small, err) ||
        !s3_put(app->s3, g->key.p, g->jpeg ? "image/jpeg" : "image/png", str_sv(&small), &etag,
                err))
        return false;
    *bytes = (int64_t)small.n;
    metric_add(M_SCALED, 0, 1);
    log_info("picture.scaled", "a picture was made small enough for a model",
             KV_I("snapshot", g->image->snapshot_id), KV_S("key", g->key.p), KV_I("from", from.n),
             KV_I("bytes", small.n));
    return true;
}

/* There already, made by another call or replica; or made now. */
static bool have(const struct fitting *g, int64_t *bytes, struct err *err)
{
    struct app *app = run_app(g->fit->run);
    struct s3_head head = {.size = 0};
    struct err miss = ERR_INIT;

    if (!s3_stat(app->s3, g->key.p, &head, &miss)) /* absent may look like denied */
        return make(g, bytes, err);
    *bytes = head.size;
    return true;
}

static bool fit_image(struct fit *fit, struct flight *f, size_t i, struct err *err)
{
    struct flight_image *image = &f->images[i];
    const struct provider *p = &run_app(fit->run)->roster.items[f->place];
    AUTO(fitting_free)
    struct fitting g = {.fit = fit,
                        .image = image,
                        .to = limits_of(p, f->asked),
                        .jpeg = strcmp(image->type, "image/jpeg") == 0,
                        .key = STR_INIT(KEY_ROOM)};

    if (!know_deployment(fit, err))
        return false;
    name_it(&g);
    if (!have(&g, &image->bytes, err))
        return false;
    image->key = arena_copy(&f->arena, str_sv(&g.key));
    image->type = g.jpeg ? "image/jpeg" : "image/png";
    image->fitted = true;
    return true;
}

bool fit_now(struct fit *fit, struct flight *f, int *bad, struct err *err)
{
    for (size_t i = 0; i < f->n; i++) {
        bool ok;

        if (!needs(run_app(fit->run), f, i))
            continue;
        *bad = (int)i;
        if (run_stopping(fit->run))
            return err_set(err, ERR_CLOSING, "the service is closing");
        pthread_mutex_lock(&fit->lock);
        ok = fit_image(fit, f, i, err);
        pthread_mutex_unlock(&fit->lock);
        if (!ok)
            return false;
    }
    return true;
}

static void work(struct fit *fit, struct flight *f)
{
    struct err err = ERR_INIT;
    int bad = -1;

    if (fit_now(fit, f, &bad, &err))
        dispatch(fit->run, f);
    else
        dispatch_failed(fit->run, f, bad, &err);
}

static void *turn(void *arg)
{
    struct fit *fit = arg;
    struct flight *f;

    for (;;) {
        f = queue_pop(fit->queue, POP_MS);
        if (f) {
            log_scope(f->batch_id);
            work(fit, f);
            log_scope(NULL);
        } else if (run_stopping(fit->run)) {
            return NULL;
        }
    }
}

bool fit_take(struct fit *fit, struct flight *f) { return queue_try_push(fit->queue, f); }

bool fit_open(struct run *run, struct fit **out, struct err *err)
{
    AUTO(fit_close) struct fit *fit = calloc(1, sizeof *fit);

    if (!fit)
        abort();
    fit->run = run;
    pthread_mutex_init(&fit->lock, NULL);
    if (!queue_open(WAITING_MAX, &fit->queue, err))
        return false;
    fit->started = pthread_create(&fit->thread, NULL, turn, fit) == 0;
    if (!fit->started)
        return err_set(err, ERR_INTERNAL, "no thread could be started");
    *out = TAKE(fit);
    return true;
}

void fit_end(struct fit *fit)
{
    if (!fit || !fit->started)
        return;
    queue_end(fit->queue);
    pthread_join(fit->thread, NULL);
    fit->started = false;
}

void fit_close(struct fit **fit)
{
    if (!*fit)
        return;
    fit_end(*fit);
    if ((*fit)->queue)
        queue_close(&(*fit)->queue);
    pthread_mutex_destroy(&(*fit)->lock);
    free(*fit);
    *fit = NULL;
}
