/* bulk_rows.c - leases, fences and calls of providers' batches. See bulk_rows.h. */
#include "analysis-svc/bulk_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/queries.h"

enum { WAIT_MS = 5000 };

static const char *const states[] = {"planned", "creating", "sent", "cancelling", "over"};

static enum bulk_state state_of(const char *wire)
{
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (strcmp(states[i], wire) == 0)
            return (enum bulk_state)i;
    return BULK_PLANNED;
}

/* So long may a step last between two signs of life: one call of ours, and then some. */
static int64_t lease_ms(const struct app *app)
{
    return app->conf.call_timeout + app->conf.lease_time;
}

static int place_of(const struct app *app, const char *provider, const char *model)
{
    for (size_t i = 0; i < app->roster.n; i++)
        if (strcmp(app->roster.items[i].name, provider) == 0 &&
            strcmp(app->roster.items[i].model, model) == 0)
            return (int)i;
    return -1;
}

#define TAKE_TEXT(row, field, rows, column)                                                        \
    snprintf((row)->field, sizeof(row)->field, "%s", db_text(rows, 0, column))

static void take_row(const struct app *app, const struct db_rows *rows, struct bulk_row *out)
{
    *out = (struct bulk_row){
        .id = db_int(rows, 0, "bulk_id"),
        .calls = db_int(rows, 0, "calls"),
        .births = db_int(rows, 0, "births"),
        .faults = db_int(rows, 0, "faults"),
        .since = db_int(rows, 0, "since"),
        .state = state_of(db_text(rows, 0, "state")),
        .place = place_of(app, db_text(rows, 0, "provider"), db_text(rows, 0, "model")),
        .late = db_bool(rows, 0, "late"),
        .too_late = db_bool(rows, 0, "too_late")};
    TAKE_TEXT(out, marker, rows, "marker");
    TAKE_TEXT(out, token, rows, "lease_token");
    TAKE_TEXT(out, key_mark, rows, "key_mark");
    TAKE_TEXT(out, provider, rows, "provider");
    TAKE_TEXT(out, input_file, rows, "input_file");
    TAKE_TEXT(out, remote_id, rows, "remote_id");
}

bool bulk_take(struct app *app, struct bulk_row *out, bool *any, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_BULK_TAKE, &rows, err, P(lease_ms(app)), P(app->worker),
                P(app->conf.half_price_reserve / 4)))
        return false;
    *any = db_count(rows) > 0;
    if (*any)
        take_row(app, rows, out);
    return true;
}

static bool is_ours(const struct db_rows *rows, struct err *err)
{
    return db_affected(rows) == 1 ||
           err_set(err, ERR_CONFLICT, "the provider's batch has gone to another worker");
}

bool bulk_keep(struct app *app, const struct bulk_row *row, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    return db_lease(app->db, WAIT_MS, &conn, err) &&
           db_run(conn, Q_BULK_KEEP, &rows, err, P(row->id), P(row->token), P(lease_ms(app))) &&
           is_ours(rows, err);
}

bool bulk_write(struct app *app, const struct bulk_row *row, int64_t next_ms, bool let_go,
                struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    return db_lease(app->db, WAIT_MS, &conn, err) &&
           db_run(conn, Q_BULK_WRITE, &rows, err, P(row->id), P(row->token), P(states[row->state]),
                  P(row->key_mark), P(row->input_file), P(row->remote_id), P(row->calls),
                  P(row->births), P(row->faults), P(row->note), P(next_ms), P(let_go)) &&
           is_ours(rows, err);
}

bool bulk_release(struct app *app, const struct bulk_row *row, const struct flight *one,
                  struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, WAIT_MS, &conn, err) && db_begin(conn, err) &&
           db_run(conn, Q_BULK_RELEASE, NULL, err, P(row->id), one ? P(one->attempt_id) : P_NULL,
                  P(row->births > 0 ? "lost" : "released")) &&
           db_run0(conn, Q_NOTIFY_JOBS, NULL, err) && db_commit(conn, err);
}

bool bulk_alive(struct app *app, const struct bulk_row *row, int64_t *calls, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_BULK_ALIVE, &rows, err, P(row->id)))
        return false;
    *calls = db_int(rows, 0, "n");
    return true;
}

/* ---- those at a provider that are nobody's ---- */

static bool has(const struct db_rows *rows, const char *id)
{
    for (size_t i = 0; i < db_count(rows); i++)
        if (strcmp(db_text(rows, i, "remote_id"), id) == 0)
            return true;
    return false;
}

bool bulk_unknown(struct app *app, const struct bulk_row *row, struct bulk_found *found,
                  struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str ids = STR_INIT(4096);
    size_t n = 0;

    str_addc(&ids, '{');
    for (size_t i = 0; i < found->n; i++)
        str_addf(&ids, "%s\"%s\"", i ? "," : "", found->ids[i]);
    str_addc(&ids, '}');
    if (!db_lease(app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_BULK_KNOWN, &rows, err, P(row->provider), P(ids.p)))
        return false;
    for (size_t i = 0; i < found->n; i++)
        if (!has(rows, found->ids[i]))
            memmove(found->ids[n++], found->ids[i], BULK_ID_SIZE);
    found->n = n;
    return true;
}

/* ---- its calls ---- */

void bulk_flights_free(struct bulk_flights *f)
{
    for (size_t i = 0; i < f->n; i++)
        flight_free(&f->items[i].flight);
    free(f->items);
    f->items = NULL;
}

static void add_picture(struct flight *f, const struct db_rows *rows, size_t i)
{
    struct flight_image *to = &f->images[f->n++];

    *to = (struct flight_image){.snapshot_id = db_int(rows, i, "snapshot_id"),
                                .bytes = db_int(rows, i, "bytes"),
                                .width = db_int(rows, i, "width"),
                                .height = db_int(rows, i, "height"),
                                .uuid = arena_copy(&f->arena, db_sv(rows, i, "uuid")),
                                .key = arena_copy(&f->arena, db_sv(rows, i, "s3_key")),
                                .type = arena_copy(&f->arena, db_sv(rows, i, "content_type"))};
    snprintf(to->tag, sizeof to->tag, "%s", db_text(rows, i, "tag"));
}

/* Both lists are in the order of attempts: *at walks along the pictures. */
static void add_pictures(struct flight *f, const struct db_rows *pictures, bool sendable,
                         size_t *at)
{
    size_t from, n = db_count(pictures);

    while (*at < n && db_int(pictures, *at, "attempt_id") < f->attempt_id)
        (*at)++;
    for (from = *at; *at < n && db_int(pictures, *at, "attempt_id") == f->attempt_id;)
        (*at)++;
    f->images = arena_take(&f->arena, (*at - from + 1) * sizeof *f->images);
    for (; from < *at; from++)
        if (!sendable || db_bool(pictures, from, "ours"))
            add_picture(f, pictures, from);
    f->asked = f->n;
}

static struct flight *call_of(const struct app *app, const struct bulk_row *row,
                              const struct db_rows *calls, size_t i)
{
    struct flight *f = claim_flight(app, calls, i);

    f->attempt_id = db_int(calls, i, "attempt_id");
    f->place = row->place;
    f->sent_by = TRANSPORT_BASE64;
    f->bulk = true;
    return f;
}

static void take_calls(const struct app *app, const struct bulk_row *row, bool sendable,
                       const struct db_rows *calls, const struct db_rows *pictures,
                       struct bulk_flights *out)
{
    size_t at = 0;

    for (size_t i = 0; i < db_count(calls); i++) {
        struct flight *f = call_of(app, row, calls, i);
        bool alive = db_bool(calls, i, "alive");

        add_pictures(f, pictures, sendable, &at);
        if (f->extractor && f->n > 0 && (alive || !sendable))
            out->items[out->n++] = (struct bulk_flight){f, alive};
        else
            flight_free(&f);
    }
}

bool bulk_load(struct app *app, const struct bulk_row *row, bool sendable, struct bulk_flights *out,
               struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *calls = NULL;
    AUTO(db_rows_free) struct db_rows *pictures = NULL;

    *out = (struct bulk_flights){.n = 0};
    if (!db_lease(app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_BULK_CALLS, &calls, err, P(row->id)) ||
        !db_run(conn, Q_BULK_PICTURES, &pictures, err, P(row->id)))
        return false;
    out->items = calloc(db_count(calls) + 1, sizeof *out->items);
    if (!out->items)
        abort();
    take_calls(app, row, sendable, calls, pictures, out);
    return true;
}
