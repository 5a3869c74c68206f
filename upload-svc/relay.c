#include "upload-svc/relay.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/log.h"
#include "common/retry.h"
#include "common/worker.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"

enum {
    TELL_EVERY_MS = 50,
    GATHER_MS = 25, /* a round costs the same for one batch and for many */
    CONNECT_MS = 5000,
    CALL_MS = 10000,
    CLAIM_MS = 15000, /* longer than a call may take, or two replicas send the same; no longer, for
                       * what a killed one had claimed waits so long */
    RETRY_BASE_MS = 250,
    ANSWER_MAX = 1 << 20
};

struct relay {
    struct app *app;
    struct str url;
    struct str authorization;
    struct worker *worker;
    atomic_bool news; /* rows were committed that nobody has been told of */
    /* the turn's own: */
    int64_t told_ms; /* when that was done last */
    size_t due;      /* so many batches are claimed at once */
    bool drained;    /* fewer were due than it asked for */
};

/* Batches of one turn, and what came of them. */
struct round {
    struct db_rows *rows; /* NULL: none was claimed */
    struct relay_sent sent[RELAY_AT_ONCE];
    size_t sent_count;
};

static void round_free(struct round *round) { db_rows_free(&round->rows); }

/* As many as were there the last time, and some more. */
static bool claim(struct relay *r, struct round *round, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    if (!db_lease(r->app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_OUTBOX_CLAIM, &round->rows, err, P(CLAIM_MS), P((int64_t)r->due)))
        return false;
    r->drained = db_count(round->rows) < r->due;
    r->due = db_count(round->rows);
    return true;
}

/* One of them; it borrows from the rows. */
struct batch {
    const char *id, *op;
    struct sv body;
    int64_t attempts;
};

static struct batch batch_of(const struct db_rows *rows, size_t i)
{
    return (struct batch){db_text(rows, i, "batch_id"), db_text(rows, i, "op"),
                          db_sv(rows, i, "body"), db_int(rows, i, "attempts")};
}

static bool post(struct relay *r, struct sv body, struct http_answer *answer, struct err *err)
{
    const char *const headers[] = {r->authorization.p, "Content-Type: application/json", NULL};
    const struct http_req req = {.method = "POST",
                                 .url = r->url.p,
                                 .headers = headers,
                                 .body = body,
                                 .connect_ms = CONNECT_MS,
                                 .total_ms = CALL_MS,
                                 .answer_max = ANSWER_MAX};

    return http_perform(&req, answer, err);
}

/* For ever, with growing waits: somebody will start that service, or mend its token. */
static bool again(struct relay *r, const struct batch *b, const struct http_answer *answer,
                  const char *why, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    const struct retry_plan plan = {RETRY_BASE_MS, r->app->conf.relay_cap};
    int64_t floor_ms = retry_after_ms(http_header(answer, "retry-after-ms"),
                                      http_header(answer, "Retry-After"), clock_wall_s());
    int64_t wait_ms = retry_wait_ms(&plan, b->attempts < 30 ? (unsigned)b->attempts : 30,
                                    floor_ms > 0 ? floor_ms : 0, rnd_unit());

    log_warn("relay.again", "a batch was not accepted; it is sent again", KV_S("batch_id", b->id),
             KV_I("attempts", b->attempts), KV_I("status", answer->status),
             KV_I("wait_ms", wait_ms), KV_S("error", why));
    return db_lease(r->app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_OUTBOX_AGAIN, NULL, err, P(b->id), P(wait_ms), P(answer->status), P(why));
}

static bool settle(struct relay *r, const struct batch *b, const struct http_answer *answer,
                   struct err *err)
{
    if (!relay_settle(r->app, b->id, answer->status, str_sv(&answer->body), err))
        return false;
    if (strcmp(b->op, "review") == 0) /* whoever reviews is told */
        log_info("relay.review", "a review was refused", KV_S("batch_id", b->id),
                 KV_I("status", answer->status));
    else
        log_error("relay.refused", "a batch, or pictures of it, were refused for good",
                  KV_S("batch_id", b->id), KV_I("status", answer->status));
    return true;
}

/* One NOTIFY for all that was recorded meanwhile. Within their transactions it would make the
 * commits wait for each other: Postgres holds one lock from there to the end of the fsync. */
static bool tell(struct relay *r, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    int64_t now = clock_mono_ms();

    if (now - r->told_ms < TELL_EVERY_MS || !atomic_exchange(&r->news, false))
        return true;
    r->told_ms = now;
    return db_lease(r->app->db, APP_DB_WAIT_MS, &conn, err) && db_run0(conn, Q_TELL, &rows, err);
}

/* One batch of the round. What was accepted is only noted. */
static bool send_one(struct relay *r, struct round *round, const struct batch *b, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct err why = ERR_INIT;
    enum relay_verdict verdict;

    if (!post(r, b->body, &answer, &why))
        answer.status = 0;
    verdict = relay_judge(answer.status);
    metric_add(M_RELAY, verdict, 1);
    if (verdict == RELAY_AGAIN)
        return again(r, b, &answer,
                     answer.status == 0 ? why.msg : "analysis-svc cannot take it now", err);
    if (verdict != RELAY_SENT)
        return settle(r, b, &answer, err);
    round->sent[round->sent_count++] = (struct relay_sent){b->id, answer.status};
    log_info("relay.sent", "a batch was accepted", KV_S("batch_id", b->id),
             KV_I("attempts", b->attempts));
    return true;
}

/* The claim ends before another call could. */
static bool give_back(struct relay *r, const struct batch *b, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(r->app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_OUTBOX_BACK, NULL, err, P(b->id));
}

static bool send_claimed(struct relay *r, struct round *round, struct err *err)
{
    int64_t until = clock_mono_ms() + CLAIM_MS - CALL_MS;

    for (size_t i = 0; i < r->due; i++) {
        const struct batch b = batch_of(round->rows, i);
        bool now = !worker_ending(r->worker) && clock_mono_ms() < until;

        if (!tell(r, err) || !(now ? send_one(r, round, &b, err) : give_back(r, &b, err)))
            return false;
    }
    return true;
}

/* The batches that are due, some at a time. *more: perhaps there are others. */
static bool send_some(struct relay *r, bool *more, struct err *err)
{
    AUTO(round_free) struct round round = {.rows = NULL};
    struct err why = ERR_INIT;
    bool ok = claim(r, &round, err) && send_claimed(r, &round, err);

    if (!relay_settle_sent(r->app, round.sent, round.sent_count, &why))
        return ok ? err_set(err, why.code, "%s", why.msg) : false;
    *more = r->due > 0;
    r->due = r->due < RELAY_AT_ONCE / 2 ? r->due * 2 + 1 : RELAY_AT_ONCE;
    return ok;
}

static bool count_waiting(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run0(conn, Q_OUTBOX_COUNT, &rows, err))
        return false;
    metric_set(M_OUTBOX, 0, db_int(rows, 0, "n"));
    return true;
}

/* All that is due now: packing and sending take turns, or under load the one would wait for the end
 * of the other. */
static bool work(struct relay *r, struct err *err)
{
    bool packed = true, sent = true;

    while ((packed || sent) && !worker_ending(r->worker)) {
        if (!tell(r, err) || !relay_freeze(r->app, &packed, err))
            return err_wrap(err, "packing a set");
        if (!send_some(r, &sent, err))
            return err_wrap(err, "sending a batch");
        if (sent && !packed && r->drained)
            clock_sleep_ms(GATHER_MS);
    }
    return count_waiting(r->app, err);
}

static int64_t turn(void *arg)
{
    struct relay *r = arg;
    struct err err = ERR_INIT;

    if (!work(r, &err))
        log_error("relay.failed", "the relay could not work; it tries again", KV_ERR(&err));
    return atomic_load(&r->news) ? TELL_EVERY_MS : r->app->conf.relay_poll;
}

bool relay_open(struct app *app, struct relay **out, struct err *err)
{
    struct relay *r = calloc(1, sizeof *r);

    if (!r)
        abort();
    r->app = app;
    r->due = 1;
    r->url = (struct str)STR_INIT(1024);
    r->authorization = (struct str)STR_INIT(1024);
    str_addf(&r->url, "%s/internal/v1/batches", app->conf.analysis_url);
    str_addf(&r->authorization, "Authorization: Bearer %s", secret_text(app->conf.internal_token));
    *out = r;
    if (worker_open(turn, r, &r->worker, err))
        return true;
    relay_close(out);
    return err_wrap(err, "the relay");
}

void relay_news(struct relay *r)
{
    if (!r)
        return;
    atomic_store(&r->news, true);
    worker_wake(r->worker);
}

void relay_wake(struct relay *r)
{
    if (r)
        worker_wake(r->worker);
}

void relay_close(struct relay **relay)
{
    struct relay *r = *relay;

    if (!r)
        return;
    worker_close(&r->worker);
    str_free(&r->authorization);
    str_free(&r->url);
    free(r);
    *relay = NULL;
}
