/* replica.c - two JSON texts, made once, and a row that carries them. */
#include "analysis-svc/replica.h"

#include <stdlib.h>

#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "common/clock.h"
#include "common/json_write.h"
#include "common/log.h"
#include "common/worker.h"

enum { WAIT_MS = 5000, TEXT_MAX = 1 << 20 };

struct replica {
    struct app *app;
    struct str extractors, providers;
    struct worker *worker;
};

static void write_column(struct jw *w, const struct json *field)
{
    const char *period = json_text_or(field, "period", NULL);

    jw_open(w, '{');
    jw_text(w, "name", json_text_or(field, "name", ""));
    jw_text(w, "kind", json_text_or(field, "kind", ""));
    if (period)
        jw_text(w, "period", period);
    jw_close(w);
}

static void write_columns(struct jw *w, const struct json *owner)
{
    jw_key(w, "columns");
    jw_open(w, '[');
    for (const struct json *f = json_first(json_find(owner, "fields")); f; f = json_next(f))
        write_column(w, f);
    jw_close(w);
}

/* What a picture holds beside its rows: badges, connections. */
static void write_lists(struct jw *w, const struct json *rules)
{
    jw_key(w, "lists");
    jw_open(w, '[');
    for (const struct json *l = json_first(json_find(rules, "lists")); l; l = json_next(l)) {
        jw_open(w, '{');
        jw_text(w, "name", json_key(l));
        write_columns(w, l);
        jw_close(w);
    }
    jw_close(w);
}

/* Of proto/platform.def; "*": all. */
static void write_platforms(struct jw *w, const struct json *rules)
{
    const struct json *list = json_find(rules, "platforms");

    jw_key(w, "platforms");
    jw_open(w, '[');
    for (const struct json *p = json_first(list); p; p = json_next(p))
        jw_text(w, NULL, json_text(p));
    if (!list)
        jw_text(w, NULL, "*");
    jw_close(w);
}

static void write_extractor(struct jw *w, const struct extractor *x)
{
    jw_open(w, '{');
    jw_text(w, "name", x->name);
    jw_int(w, "version", x->version);
    jw_text(w, "snapshotType", x->name);
    jw_text(w, "timeframe", x->timeframe);
    jw_bool(w, "needsHandle", json_find(json_find(x->rules, "checks"), "handle") != NULL);
    write_platforms(w, x->rules);
    write_columns(w, x->rules);
    write_lists(w, x->rules);
    jw_close(w);
}

static void write_provider(struct jw *w, const struct provider *p)
{
    static const char *const apis[DIALECT_COUNT_] = {[DIALECT_RESPONSES] = "responses",
                                                     [DIALECT_CHAT] = "chat",
                                                     [DIALECT_MESSAGES] = "messages"};

    jw_open(w, '{');
    jw_text(w, "name", p->name);
    jw_text(w, "model", p->model);
    jw_text(w, "api", apis[p->dialect]);
    jw_close(w);
}

static void describe(struct replica *r)
{
    struct jw w = jw_on(&r->extractors);

    jw_open(&w, '[');
    for (size_t i = 0; i < r->app->extractors.n; i++)
        write_extractor(&w, &r->app->extractors.items[i]);
    jw_close(&w);
    w = jw_on(&r->providers);
    jw_open(&w, '[');
    for (size_t i = 0; i < r->app->roster.n; i++)
        write_provider(&w, &r->app->roster.items[i]);
    jw_close(&w);
}

static bool beat(struct replica *r, struct err *err)
{
    struct app *app = r->app;
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_REPLICA_BEAT, &rows, err, P(app->worker), P(app->conf.lease_time),
                P(r->extractors.p), P(r->providers.p)))
        return false;
    metric_set(M_REPLICAS, 0, db_int(rows, 0, "live"));
    limits_replicas(app->limits, (size_t)db_int(rows, 0, "live"), clock_mono_ms());
    return true;
}

static int64_t turn(void *arg)
{
    struct replica *r = arg;
    struct err err = ERR_INIT;

    if (!beat(r, &err))
        log_warn("replica.silent", "this replica could not say that it lives", KV_ERR(&err));
    return r->app->conf.heartbeat;
}

bool replica_open(struct app *app, struct replica **out, struct err *err)
{
    AUTO(replica_close) struct replica *r = calloc(1, sizeof *r);

    if (!r)
        abort();
    r->app = app;
    r->extractors = r->providers = (struct str)STR_INIT(TEXT_MAX);
    describe(r);
    if (!str_ok(&r->extractors) || !str_ok(&r->providers))
        return err_set(err, ERR_TOO_LARGE, "the extractors name too many columns");
    if (!beat(r, err) || !worker_open(turn, r, &r->worker, err))
        return err_wrap(err, "the replica's row");
    *out = TAKE(r);
    return true;
}

static void leave(struct replica *r)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    if (!db_lease(r->app->db, WAIT_MS, &conn, &err) ||
        !db_run(conn, Q_REPLICA_GONE, NULL, &err, P(r->app->worker)))
        log_warn("replica.left", "the replica's row stays until its time is over", KV_ERR(&err));
}

void replica_close(struct replica **replica)
{
    struct replica *r = *replica;

    if (!r)
        return;
    if (r->worker) {
        worker_close(&r->worker); /* first, or a last beat brings the row back */
        leave(r);
    }
    str_free(&r->extractors);
    str_free(&r->providers);
    free(r);
    *replica = NULL;
}
