/* bulk_gather.c - held jobs into a new bulk, in one transaction. See bulk_rows.h. */
#include <inttypes.h>

#include "analysis-svc/bulk_rows.h"
#include "analysis-svc/claim.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/spend.h"
#include "common/clock.h"
#include "common/db_list.h"
#include "common/json_write.h"

enum {
    WAIT_MS = 5000,
    CALLS_MAX = 1000,
    CALL_TEXT = 32 << 10, /* instructions and schema of a call, about */
    TAGS_MAX = 16 << 10
};

struct gathering {
    struct app *app;
    struct db_conn *conn;
    int place;
    struct db_rows *held;
    bool taken[CALLS_MAX];
    size_t calls;
    int64_t bytes, left_ms; /* of all; the least of any */
    struct str freed;       /* jobs that go the ordinary way */
};

static void gathering_free(struct gathering *g)
{
    db_rows_free(&g->held);
    str_free(&g->freed);
}

/* As base64, and what stands around it. */
static int64_t size_of(const struct gathering *g, size_t i)
{
    return db_int(g->held, i, "bytes") / 3 * 4 + CALL_TEXT;
}

static void let_free(struct gathering *g, size_t i)
{
    str_addf(&g->freed, "%s%" PRId64, g->freed.n ? "," : "{", db_int(g->held, i, "job_id"));
}

/* There is time for the batch and for the ordinary way after it, it fits, and this provider did not
 * refuse it before. */
static bool suits(const struct gathering *g, size_t i)
{
    const struct analysis_conf *c = &g->app->conf;
    unsigned refused = roster_bits(&g->app->roster, db_sv(g->held, i, "refused"));

    return db_int(g->held, i, "left_ms") > 2 * c->half_price_reserve &&
           size_of(g, i) <= c->half_price_bytes && !(refused & (1U << g->place));
}

static void choose(struct gathering *g)
{
    g->left_ms = INT64_MAX;
    for (size_t i = 0; i < db_count(g->held) && i < CALLS_MAX; i++) {
        int64_t left = db_int(g->held, i, "left_ms");

        if (!suits(g, i)) {
            let_free(g, i);
            continue;
        }
        if (g->bytes + size_of(g, i) > g->app->conf.half_price_bytes)
            continue; /* with the next */
        g->taken[i] = true;
        g->calls++;
        g->bytes += size_of(g, i);
        g->left_ms = left < g->left_ms ? left : g->left_ms;
    }
}

/* Its pictures with their ids in the call. *any false: some answer is known already, or no picture
 * is left: no call for all of them is needed. */
static bool name_pictures(struct gathering *g, size_t i, struct str *tags, size_t *n, bool *any,
                          struct err *err)
{
    const struct extractor *x =
        extractors_find(&g->app->extractors, db_text(g->held, i, "extractor"));
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str models = STR_INIT(1024);
    AUTO(db_list_free) struct db_list jobs = DB_LIST(INT);
    AUTO(db_list_free) struct db_list versions = DB_LIST(INT);
    struct jw w = jw_on(tags);

    roster_models(&g->app->roster, &models);
    *any = false;
    if (!x)
        return true;
    db_list_int(&jobs, db_int(g->held, i, "job_id"));
    db_list_int(&versions, x->version);
    if (!db_run(g->conn, Q_CLAIM_IMAGES, &rows, err, P(&jobs), P(&versions), P(models.p)))
        return false;
    *n = db_count(rows);
    *any = *n > 0;
    jw_open(&w, '{');
    for (size_t p = 0; p < *n; p++) {
        char tag[CLAIM_TAG_SIZE];

        *any = *any && db_null(rows, p, "known");
        claim_tag(p, tag);
        jw_text(&w, db_text(rows, p, "snapshot_id"), tag);
    }
    jw_close(&w);
    return true;
}

/* The day's money does not reach for it now. */
static bool wait_for_money(struct gathering *g, size_t i, struct err *err)
{
    metric_add(M_DEFERRED, WAIT_SPEND_CAP, 1);
    return db_run(g->conn, Q_HELD_WAIT, NULL, err, P(db_int(g->held, i, "job_id")),
                  P(spend_pause_ms(clock_wall_ms())), P(claim_wait_wire(WAIT_SPEND_CAP)));
}

static bool send_away(struct gathering *g, size_t i, int64_t bulk_id, size_t *gone, struct err *err)
{
    const struct provider *p = &g->app->roster.items[g->place];
    AUTO(str_free) struct str tags = STR_INIT(TAGS_MAX);
    struct flight f = {.place = g->place, .bulk = true};
    int64_t reserved = 0;
    bool granted = true, any;

    if (!name_pictures(g, i, &tags, &f.asked, &any, err))
        return false;
    if (!any) {
        let_free(g, i);
        return true;
    }
    if (!spend_reserve(g->app, g->conn, &f, &reserved, &granted, err))
        return false;
    if (!granted)
        return wait_for_money(g, i, err);
    (*gone)++;
    return db_run(g->conn, Q_BULK_CALL_BORN, NULL, err, P(db_int(g->held, i, "job_id")), P(bulk_id),
                  P(p->name), P(p->model), P(tags.p), P(reserved));
}

static bool make(struct gathering *g, size_t *gone, struct err *err)
{
    const struct provider *p = &g->app->roster.items[g->place];
    AUTO(db_rows_free) struct db_rows *born = NULL;
    int64_t patience = g->left_ms - g->app->conf.half_price_reserve;

    if (!db_run(g->conn, Q_BULK_BORN, &born, err, P(p->name), P(p->model), P((int64_t)g->calls),
                P(patience)))
        return false;
    for (size_t i = 0; i < db_count(g->held) && i < CALLS_MAX; i++)
        if (g->taken[i] && !send_away(g, i, db_int(born, 0, "bulk_id"), gone, err))
            return false;
    if (*gone > 0)
        return true;
    return db_run(g->conn, Q_BULK_EMPTY, NULL, err, P(db_int(born, 0, "bulk_id")));
}

/* Those that go the ordinary way may start at once. */
static bool settle(struct gathering *g, struct err *err)
{
    if (g->freed.n > 0) {
        str_addc(&g->freed, '}');
        if (!db_run(g->conn, Q_HELD_FREE, NULL, err, P(g->freed.p)) ||
            !db_run0(g->conn, Q_NOTIFY_JOBS, NULL, err))
            return false;
    }
    return db_commit(g->conn, err);
}

static bool free_due(struct db_conn *conn, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_run0(conn, Q_HELD_FREE_DUE, &rows, err))
        return false;
    return db_affected(rows) == 0 || db_run0(conn, Q_NOTIFY_JOBS, NULL, err);
}

bool bulk_gather(struct app *app, int place, size_t *calls, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(gathering_free)
    struct gathering g = {.app = app, .place = place, .freed = STR_INIT(64 << 10)};

    *calls = 0;
    if (!db_lease(app->db, WAIT_MS, &conn, err))
        return false;
    if (place < 0)
        return free_due(conn, err);
    g.conn = conn;
    if (!db_begin(conn, err) || !db_run(conn, Q_HELD_TAKE, &g.held, err, P((int)CALLS_MAX)))
        return false;
    choose(&g);
    return (g.calls == 0 || make(&g, calls, err)) && settle(&g, err);
}
