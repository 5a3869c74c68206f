/*
 * patch_snapshot.c - PATCH /:id: a person corrects what a picture is for.
 *
 * A picture for another platform, day, campaign or person belongs to another set. Pictures of one
 * set that are corrected alike meet in the same new one: its id is drawn from the old set's and
 * the new facts. The stored answer is judged again there, and both sheets are merged again.
 */
#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "upload-svc/handlers.h"
#include "upload-svc/plain.h"
#include "upload-svc/queries.h"
#include "upload-svc/relay.h"
#include "upload-svc/store.h"

struct correction {
    struct req *req;
    struct app *app;
    const struct db_rows *row; /* as it is */
    struct form form;          /* as it shall be */
};

/* What the body says of a field, or what stands in the row. null takes it away. */
static bool take(struct correction *c, const struct json *doc, const char *field,
                 const char *column, struct err *err)
{
    AUTO(str_free) struct str number = STR_INIT(64);
    const struct json *said = json_find(doc, field);
    struct sv value = db_sv(c->row, 0, column);

    if (said && json_type(said) == JSON_NUMBER) {
        json_print(said, &number);
        value = str_sv(&number);
    } else if (said && json_type(said) == JSON_NULL) {
        value = SV_LIT("");
    } else if (said && !json_text(said)) {
        return err_set(err, ERR_UNPROCESSABLE, "%s: a text is wanted", field);
    } else if (said) {
        value = sv_of(json_text(said));
    }
    form_field(&c->form, field,
               sv_of(arena_copy(req_arena(c->req), value))); /* faults are collected */
    return true;
}

static bool only_known(const struct json *doc, struct err *err)
{
    static const char *const known[] = {"platformSource", "snapshotDate", "campaignId",
                                        "yapperTwitterHandle", "setId"};

    for (const struct json *m = json_first(doc); m; m = json_next(m)) {
        bool found = false;

        for (size_t i = 0; i < COUNT_OF(known); i++)
            found = found || strcmp(known[i], json_key(m)) == 0;
        if (!found)
            return err_set(err, ERR_FIELD_UNKNOWN, "%.60s: cannot be corrected", json_key(m));
    }
    return true;
}

static bool read_correction(struct correction *c, const struct json *doc, struct err *err)
{
    const char *set;

    c->form = form_new(req_arena(c->req), clock_wall_s());
    if (!only_known(doc, err) || !plain_text(doc, "setId", 64, &set, err) ||
        !take(c, doc, "platformSource", "platform_source", err) ||
        !take(c, doc, "snapshotDate", "snapshot_date", err) ||
        !take(c, doc, "campaignId", "campaign_id", err) ||
        !take(c, doc, "yapperTwitterHandle", "yapper_twitter_handle", err))
        return false;
    form_field(&c->form, "snapshotType", db_sv(c->row, 0, "snapshot_type"));
    form_field(&c->form, "setId", sv_of(set));
    if (!store_check_type(c->app, &c->form, err))
        return false;
    form_end(&c->form, 1);
    if (c->form.campaign_id == 0 || c->form.campaign_id == db_int(c->row, 0, "campaign_id"))
        return true;
    return store_check_campaign(c->app, &c->form, err);
}

static bool same_facts(const struct correction *c)
{
    const struct form *f = &c->form;

    return !f->set_given && strcmp(f->platform, db_text(c->row, 0, "platform_source")) == 0 &&
           strcmp(f->date, db_text(c->row, 0, "snapshot_date")) == 0 &&
           f->campaign_id == db_int(c->row, 0, "campaign_id") &&
           strcmp(f->handle ? f->handle : "", db_text(c->row, 0, "yapper_twitter_handle")) == 0;
}

/* A UUID (version 8, RFC 9562 5.8) out of the old set and the new facts. */
static void draw_set(const struct correction *c, struct id *out)
{
    const struct form *f = &c->form;
    char sum[SHA256_HEX_SIZE];

    crypto_sha256_hex(sv_of(arena_printf(req_arena(c->req), "%s\n%s\n%s\n%" PRId64 "\n%s",
                                         db_text(c->row, 0, "set_id"), f->platform, f->date,
                                         f->campaign_id, f->handle ? f->handle : "")),
                      sum);
    (void)id_parse(sv_of(arena_printf(req_arena(c->req), "%.8s-%.4s-8%.3s-8%.3s-%.12s", sum,
                                      sum + 8, sum + 12, sum + 15, sum + 18)),
                   out);
}

static bool open_set(struct correction *c, struct db_conn *conn, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *set = NULL;
    const struct form *f = &c->form;

    if (!db_run(conn, Q_SET_OPEN, &set, err, P((const char *)f->set_id.text), P(f->platform),
                P(f->type), P(f->timeframe), P(f->date),
                f->campaign_id == 0 ? P_NULL : P(f->campaign_id), P(f->handle),
                P(db_int(c->row, 0, "deadline_s")), P((int64_t)0), P(true)))
        return false;
    return db_count(set) == 1 ||
           err_set(err, ERR_BAD_SET, "setId: the set holds pictures of another kind");
}

/* Both sets are locked before the picture: whoever packs one of them waits. */
static bool move(struct correction *c, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *locked = NULL, *moved = NULL, *told = NULL;
    const struct form *f = &c->form;

    if (!db_lease(c->app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_SETS_LOCK, &locked, err, P(db_text(c->row, 0, "set_id")),
                P((const char *)f->set_id.text)) ||
        !open_set(c, conn, err))
        return false;
    if (!db_run(conn, Q_SNAPSHOT_MOVE, &moved, err, P(db_int(c->row, 0, "id")),
                P(db_int(c->row, 0, "rev")), P((const char *)f->set_id.text), P(f->platform),
                P(f->date), f->campaign_id == 0 ? P_NULL : P(f->campaign_id), P(f->handle)))
        return err->code == ERR_CONFLICT
                   ? err_set(err, ERR_CONFLICT,
                             "the same picture is there for that purpose already")
                   : false;
    if (db_int(moved, 0, "n") == 0)
        return err_set(err, ERR_BUSY, "the picture was changed elsewhere; try again");
    return db_run0(conn, Q_TELL, &told, err) && db_commit(conn, err);
}

static bool read_row(struct app *app, int64_t id, struct db_rows **row, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_SNAPSHOT_FACTS, row, err, P(id)))
        return false;
    if (db_count(*row) == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no snapshot with that number");
    return !db_bool(*row, 0, "deleted") || err_set(err, ERR_GONE, "the picture was deleted");
}

bool patch_snapshot(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;
    struct correction c = {.req = req, .app = req_app(req)};
    int64_t id;

    if (!req_param_int(req, "id", &id, err) || !plain_body(req, &doc, err) ||
        !read_row(c.app, id, &row, err))
        return false;
    c.row = row;
    if (!read_correction(&c, doc, err))
        return false;
    if (!form_ok(&c.form)) {
        plain_faults(req, &c.form, reply);
        return true;
    }
    if (same_facts(&c))
        return plain_snapshot(req, id, "Nothing to correct", reply, err);
    if (!c.form.set_given)
        draw_set(&c, &c.form.set_id);
    if (!move(&c, err))
        return false;
    relay_wake(c.app->relay);
    return plain_snapshot(req, id, "Corrected; its set is merged again", reply, err);
}
