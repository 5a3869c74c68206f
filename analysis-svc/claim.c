/* claim.c - SKIP LOCKED, a fresh token per claim, and the call's row in the same transaction. */
#include "analysis-svc/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis-svc/births.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/spend.h"
#include "common/clock.h"
#include "common/db_list.h"
#include "common/id.h"
#include "common/json_write.h"

enum { WAIT_MS = 2000, NO_PROVIDER_MS = 250, ROUNDS_MAX = 16 };

const char *claim_wait_wire(enum wait_for w)
{
    static const char *const wires[] = {
#define WAIT(name, wire, text) wire,
#include "analysis-svc/wait.def"
#undef WAIT
    };
    return wires[w];
}

struct claiming {
    struct app *app;
    struct db_conn *conn;
    struct flight **out;
    size_t n;
};

static char *keep(struct flight *f, const struct db_rows *rows, size_t i, const char *column)
{
    return arena_copy(&f->arena, db_sv(rows, i, column));
}

/* Here and below in the order of the columns, as db_rows.c looks from one on for the next. */
struct flight *claim_flight(const struct app *app, const struct db_rows *rows, size_t i)
{
    struct flight *f = flight_new();

    f->job_id = db_int(rows, i, "job_id");
    f->token = keep(f, rows, i, "lease_token");
    f->batch_id = keep(f, rows, i, "batch_id");
    f->set_id = keep(f, rows, i, "set_id");
    f->extractor = extractors_find(&app->extractors, db_text(rows, i, "extractor"));
    f->deliveries = db_int(rows, i, "deliveries");
    f->attempts = db_int(rows, i, "attempts");
    f->retries = db_int(rows, i, "retries");
    f->transport = transport_of(db_sv(rows, i, "transport"));
    f->tried = roster_bits(&app->roster, db_sv(rows, i, "tried"));
    f->refused = roster_bits(&app->roster, db_sv(rows, i, "refused"));
    f->want.platform = keep(f, rows, i, "platform_source");
    f->want.timeframe = keep(f, rows, i, "timeframe");
    f->want.date = keep(f, rows, i, "date");
    f->want.handle = keep(f, rows, i, "handle");
    f->want.campaign = keep(f, rows, i, "campaign_title");
    f->left_ms = db_int(rows, i, "left_ms");
    f->deadline_mono_ms = clock_mono_ms() + f->left_ms;
    return f;
}

void claim_tag(size_t i, char out[static CLAIM_TAG_SIZE])
{
    struct str tag = {.p = out, .cap = CLAIM_TAG_SIZE, .wall = CLAIM_TAG_SIZE - 1};
    char random[ID_SHORT_SIZE];

    id_short(random);
    str_add(&tag, random, 4);
    json_int(&tag, (int64_t)i);
}

static void image_of(struct flight *f, struct flight_image *image, const struct db_rows *rows,
                     size_t i)
{
    image->snapshot_id = db_int(rows, i, "snapshot_id");
    image->uuid = keep(f, rows, i, "uuid");
    image->key = keep(f, rows, i, "s3_key");
    image->type = keep(f, rows, i, "content_type");
    image->bytes = db_int(rows, i, "bytes");
    image->width = db_int(rows, i, "width");
    image->height = db_int(rows, i, "height");
    image->run = db_int(rows, i, "run");
    if (!db_null(rows, i, "known")) {
        image->known = keep(f, rows, i, "known");
        image->known_provider = keep(f, rows, i, "known_provider");
        image->known_model = keep(f, rows, i, "known_model");
    }
}

static struct flight *flight_of(const struct claiming *c, int64_t job_id)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->out[i]->job_id == job_id)
            return c->out[i];
    return NULL;
}

/* Rows [from, to) are its pictures. */
static void take_images(struct flight *f, const struct db_rows *rows, size_t from, size_t to)
{
    f->images = arena_take(&f->arena, (to - from + 1) * sizeof *f->images);
    for (; from < to; from++) {
        image_of(f, &f->images[f->n], rows, from);
        claim_tag(f->n, f->images[f->n].tag);
        f->asked += f->images[f->n++].known == NULL;
    }
}

/* How many rows from here on are of one job. */
static size_t run_of(const struct db_rows *rows, size_t from)
{
    int64_t job = db_int(rows, from, "job_id");
    size_t to = from + 1;

    while (to < db_count(rows) && db_int(rows, to, "job_id") == job)
        to++;
    return to - from;
}

static bool load_images(struct claiming *c, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str models = STR_INIT(1024);
    AUTO(db_list_free) struct db_list jobs = DB_LIST(INT);
    AUTO(db_list_free) struct db_list versions = DB_LIST(INT);

    for (size_t i = 0; i < c->n; i++) {
        if (!c->out[i]->extractor)
            continue;
        db_list_int(&jobs, c->out[i]->job_id);
        db_list_int(&versions, c->out[i]->extractor->version);
    }
    roster_models(&c->app->roster, &models);
    if (!db_run(c->conn, Q_CLAIM_IMAGES, &rows, err, P(&jobs), P(&versions), P(models.p)))
        return false;
    for (size_t i = 0, n; i < db_count(rows); i += n) {
        struct flight *f = flight_of(c, db_int(rows, i, "job_id"));

        n = run_of(rows, i);
        if (f) /* always: they were asked for by these flights */
            take_images(f, rows, i, i + n);
    }
    return true;
}

/* Not all at once; what the day's money does not reach for waits for the next day. */
static int64_t pause_of(enum wait_for why)
{
    return why == WAIT_SPEND_CAP ? spend_pause_ms(clock_wall_ms())
                                 : (int64_t)(NO_PROVIDER_MS * (1 + 3 * rnd_unit()));
}

/* The job was claimed for nothing: back with it. */
static bool put_back(struct claiming *c, struct flight *f, enum wait_for why, struct err *err)
{
    limits_cancel(c->app->limits, &f->slip);
    f->slip.place = f->place = -1;
    metric_add(M_DEFERRED, why, 1);
    return db_run(c->conn, Q_RELEASE, NULL, err, P(f->job_id), P(f->token), P(pause_of(why)),
                  P(claim_wait_wire(why)));
}

static void choose_transport(const struct app *app, struct flight *f)
{
    const struct provider *p = &app->roster.items[f->place];

    f->sent_by = f->transport;
    if (f->transport == TRANSPORT_URL &&
        (!p->caps.urls || !reach_by_url(app->reach, f->place, clock_mono_ms())))
        f->sent_by = TRANSPORT_BASE64;
}

/* A place among the providers; false: none at present, and why. */
static bool choose(struct app *app, struct flight *f, enum wait_for *why)
{
    unsigned all = roster_all(&app->roster), avoid = f->tried | f->refused;
    struct limits_ask ask = {avoid == all ? f->refused : avoid, f->asked, f->retries > 0};
    enum limits_no no;

    if (!limits_take(app->limits, &ask, clock_mono_ms(), &f->slip, &no)) {
        *why = no == LIMITS_NO_BUDGET ? WAIT_RETRY_BUDGET : WAIT_NO_PROVIDER;
        return false;
    }
    f->place = f->slip.place;
    if (ask.again)
        metric_add(M_RETRIES, app->roster.who[f->place], 1);
    return true;
}

/* *taken false: it may not be called for now, and has gone back. */
static bool admit(struct claiming *c, struct flight *f, struct births *births, bool *taken,
                  struct err *err)
{
    enum wait_for why = WAIT_SPEND_CAP;
    int64_t reserved = 0;

    *taken = choose(c->app, f, &why);
    if (*taken && !spend_reserve(c->app, c->conn, f, &reserved, taken, err))
        return false;
    if (!*taken)
        return put_back(c, f, why, err);
    choose_transport(c->app, f);
    births_add(births, &c->app->roster.items[f->place], f, reserved);
    return true;
}

/* *taken false: nothing of this job is left to do here. */
static bool take_in(struct claiming *c, struct flight *f, struct births *births, bool *taken,
                    struct err *err)
{
    *taken = false;
    if (!f->extractor)
        return put_back(c, f, WAIT_NO_PROVIDER, err);
    if (f->n == 0)
        return db_run(c->conn, Q_CLAIM_CANCEL, NULL, err, P(f->job_id), P(f->token), P("{leased}"));
    *taken = true;
    if (f->asked == 0)
        return true;
    return admit(c, f, births, taken, err);
}

/* Those that are not to be called are left out. After false all that are left are the caller's
 * still. */
static bool take_in_all(struct claiming *c, struct births *births, struct err *err)
{
    size_t n = c->n;
    bool ok = true;

    c->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct flight *f = c->out[i];
        bool taken = true;

        ok = ok && take_in(c, f, births, &taken, err);
        if (ok && !taken)
            flight_free(&f);
        else
            c->out[c->n++] = f;
    }
    return ok;
}

static bool claim_each(struct claiming *c, const struct db_rows *rows, struct err *err)
{
    AUTO(births_free) struct births births = BIRTHS_INIT;

    for (size_t i = 0; i < db_count(rows); i++) {
        c->out[c->n++] = claim_flight(c->app, rows, i);
        metric_observe_ms(M_QUEUE_SECONDS, 0, (double)db_int(rows, i, "waited_ms"));
    }
    return c->n == 0 || (load_images(c, err) && take_in_all(c, &births, err) &&
                         births_write(c->conn, &births, c->out, c->n, err));
}

static void give_up(struct claiming *c)
{
    for (size_t i = 0; i < c->n; i++) {
        limits_cancel(c->app->limits, &c->out[i]->slip);
        flight_free(&c->out[i]);
    }
    c->n = 0;
}

/* *seen: jobs that were leased, and perhaps put back. */
static bool claim_round(struct claiming *c, size_t most, size_t *seen, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = c->app;
    const struct db_step steps[] = {
        {.q = Q_WAKE},
        DB_STEP(Q_CLAIM, &rows, P((int64_t)most), P(app->conf.lease_time), P(app->worker),
                P((int)DELIVERIES_MAX), P(job_state_sources(JOB_LEASED)))};

    if (!db_lease(app->db, WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run_all(conn, steps, COUNT_OF(steps), err))
        return false;
    c->conn = conn;
    *seen = db_count(rows);
    /* After a lost answer to COMMIT the leases may stand: they run out, and nobody worked on them.
     */
    if (claim_each(c, rows, err) && db_commit(conn, err))
        return true;
    give_up(c);
    return false;
}

bool claim_jobs(struct app *app, size_t want, struct flight **out, size_t *n, struct err *err)
{
    struct claiming c = {.app = app, .out = out};
    size_t most = want < CLAIM_MAX ? want : CLAIM_MAX, seen = 1;

    /* The head of the line may be jobs that have to wait: look behind them. */
    for (int i = 0; i < ROUNDS_MAX && seen > 0 && c.n == 0; i++)
        if (!claim_round(&c, most, &seen, err))
            return false;
    *n = c.n;
    metric_add(M_CLAIMS, 0, (int64_t)c.n);
    return true;
}

bool claim_next_due(struct app *app, int64_t most_ms, int64_t *ms, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, WAIT_MS, &conn, err) || !db_run0(conn, Q_NEXT_DUE, &rows, err))
        return false;
    *ms = db_count(rows) ? db_int(rows, 0, "ms") : most_ms;
    if (*ms > most_ms)
        *ms = most_ms;
    return true;
}

void claim_lease_of(const struct flight *f, struct claim_lease *out)
{
    out->job_id = f->job_id;
    snprintf(out->token, sizeof out->token, "%s", f->token);
}

bool claim_heartbeat(struct app *app, const struct claim_lease *list, size_t n, size_t *lost,
                     struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str jobs = STR_INIT(1 << 20);
    AUTO(str_free) struct str tokens = STR_INIT(1 << 20);

    *lost = 0;
    if (n == 0)
        return true;
    for (size_t i = 0; i < n; i++) {
        str_addf(&jobs, "%s%" PRId64, i ? "," : "{", list[i].job_id);
        str_addf(&tokens, "%s%s", i ? "," : "{", list[i].token);
    }
    str_addc(&jobs, '}');
    str_addc(&tokens, '}');
    if (!db_lease(app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_HEARTBEAT, &rows, err, P(jobs.p), P(tokens.p), P(app->conf.lease_time)))
        return false;
    *lost = n - (size_t)db_affected(rows);
    return true;
}

bool claim_release(struct app *app, const struct flight *f, int64_t due_ms, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, WAIT_MS, &conn, err) &&
           db_run(conn, Q_RELEASE, NULL, err, P(f->job_id), P(f->token), P(due_ms),
                  P(claim_wait_wire(WAIT_RETRY)));
}
