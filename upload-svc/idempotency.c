#include "upload-svc/idempotency.h"

#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"

enum { TRIES = 3, COME_BACK_S = 2 };

struct idempotency {
    struct idempotency_print print;
    const char *who, *key;
    struct id owner;
    bool repeat; /* it was answered; the form is only read and compared */
    int64_t beat_ms;
    const char *fingerprint, *body; /* of the stored answer */
    int status;
    char printed[SHA256_HEX_SIZE]; /* of this form; "" until it was read */
};

static bool key_ok(struct sv key)
{
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] < 0x20 || key.p[i] > 0x7e)
            return false;
    return key.n > 0 && key.n <= IDEMPOTENCY_KEY_MAX;
}

/* A token's row, not its name: a name may be given to another one later. */
static const char *scope(struct intake *in)
{
    const struct door_who *who = req_who(in->req);

    return who->id > 0 ? arena_printf(in->form.arena, "token:%" PRId64, who->id)
                       : arena_copy(in->form.arena, sv_of(who->name));
}

static bool in_progress(struct err *err)
{
    metric_add(M_IDEMPOTENCY, IDEMPOTENCY_IN_PROGRESS, 1);
    return err_set_later(err, ERR_IN_PROGRESS, COME_BACK_S,
                         "an upload with this Idempotency-Key is still running");
}

/* What stands under the key. gone: nothing any more. */
static bool look(struct db_conn *conn, struct intake *in, bool *gone, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct idempotency *idem = in->idem;

    if (!db_run(conn, Q_IDEMPOTENCY_LOOK, &rows, err, P(idem->who), P(idem->key)))
        return false;
    *gone = db_count(rows) == 0;
    if (*gone)
        return true;
    if (db_null(rows, 0, "status"))
        return in_progress(err);
    idem->repeat = true;
    idem->status = (int)db_int(rows, 0, "status");
    idem->fingerprint = arena_copy(in->form.arena, db_sv(rows, 0, "fingerprint"));
    idem->body = arena_copy(in->form.arena, db_sv(rows, 0, "body"));
    return true;
}

static bool try_claim(struct db_conn *conn, struct intake *in, bool *again, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct upload_conf *c = &in->app->conf;
    struct idempotency *idem = in->idem;
    bool over;

    *again = false;
    if (!db_run(conn, Q_IDEMPOTENCY_CLAIM, &rows, err, P(idem->who), P(idem->key),
                P((const char *)idem->owner.text), P(c->idempotency_stale), P(c->idempotency_time)))
        return false;
    if (db_count(rows) == 0)
        return look(conn, in, again, err);
    over = db_bool(rows, 0, "taken_over");
    metric_add(M_IDEMPOTENCY, over ? IDEMPOTENCY_TAKEN_OVER : IDEMPOTENCY_CLAIMED, 1);
    if (over)
        log_warn("idempotency.taken_over", "the process that took this upload in has died",
                 KV_S("owner", idem->owner.text));
    return true;
}

static bool claim(struct intake *in, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    bool again = true;

    if (!db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    for (int i = 0; again && i < TRIES; i++)
        if (!try_claim(conn, in, &again, err))
            return false;
    return !again || in_progress(err);
}

bool idempotency_claim(struct intake *in, struct err *err)
{
    struct sv key = req_header(in->req, "Idempotency-Key");

    if (!req_has(in->req, "Idempotency-Key"))
        return true;
    if (!key_ok(key)) /* an empty one is a slip of the client's, who counts on it */
        return err_set(err, ERR_BAD_REQUEST,
                       "an Idempotency-Key has 1 to %d printable ASCII characters",
                       IDEMPOTENCY_KEY_MAX);
    in->idem = arena_take(in->form.arena, sizeof *in->idem);
    in->idem->who = scope(in);
    in->idem->key = arena_copy(in->form.arena, key);
    in->idem->owner = id_new();
    in->idem->beat_ms = clock_mono_ms();
    if (claim(in, err))
        return true;
    in->idem = NULL; /* it is another's: nothing to give back */
    return false;
}

struct idempotency_print *idempotency_print_of(struct intake *in)
{
    return in->idem ? &in->idem->print : NULL;
}

bool idempotency_repeats(const struct intake *in) { return in->idem && in->idem->repeat; }

static bool beat(struct intake *in, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    const struct idempotency *idem = in->idem;

    return db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_IDEMPOTENCY_BEAT, NULL, err, P(idem->who), P(idem->key),
                  P((const char *)idem->owner.text));
}

void idempotency_beat(struct intake *in)
{
    struct err err = ERR_INIT;
    int64_t now = clock_mono_ms();

    if (!in->idem || in->idem->repeat ||
        now - in->idem->beat_ms < in->app->conf.idempotency_stale / 4)
        return;
    in->idem->beat_ms = now;
    if (!beat(in, &err))
        log_warn("idempotency.beat", "a heartbeat was missed", KV_ERR(&err));
}

static const char *printed(struct intake *in)
{
    struct idempotency *idem = in->idem;

    if (idem->printed[0] == '\0')
        idempotency_print_end(&idem->print, in->forced, idem->printed);
    return idem->printed;
}

bool idempotency_replay(struct intake *in, struct reply *reply, struct err *err)
{
    const struct idempotency *idem = in->idem;

    if (!crypto_equal(sv_of(idem->fingerprint), sv_of(printed(in)))) {
        metric_add(M_IDEMPOTENCY, IDEMPOTENCY_REUSED, 1);
        return err_set(err, ERR_KEY_REUSED,
                       "this Idempotency-Key was used for an upload of other content; use a new "
                       "key for each upload");
    }
    metric_add(M_IDEMPOTENCY, IDEMPOTENCY_REPLAYED, 1);
    reply_json(reply, idem->status);
    reply_header(reply, "Idempotent-Replayed", "true");
    str_addz(&reply->body, idem->body);
    return true;
}

bool idempotency_keep(struct db_conn *conn, struct intake *in, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct idempotency *idem = in->idem;

    if (!idem)
        return true;
    if (!db_run(conn, Q_IDEMPOTENCY_KEEP, &rows, err, P(idem->who), P(idem->key),
                P((const char *)idem->owner.text), P(printed(in)), P(in->status), P(in->answer)))
        return false;
    if (db_affected(rows) == 0)
        return in_progress(err);
    return true;
}

bool idempotency_keep_alone(struct intake *in, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return !in->idem ||
           (db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err) && idempotency_keep(conn, in, err));
}

static bool forget(struct intake *in, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    const struct idempotency *idem = in->idem;

    return db_lease(in->app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_IDEMPOTENCY_FORGET, NULL, err, P(idem->who), P(idem->key),
                  P((const char *)idem->owner.text));
}

void idempotency_release(struct intake *in)
{
    struct err err = ERR_INIT;

    if (!in->idem)
        return;
    if (!in->idem->repeat && !in->answered && !forget(in, &err))
        log_warn("idempotency.release", "the key stays taken until it is stale", KV_ERR(&err));
    idempotency_print_free(&in->idem->print);
    in->idem = NULL;
}
