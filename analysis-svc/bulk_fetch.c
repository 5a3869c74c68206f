/* bulk_fetch.c - see bulk_fetch.h. */
#include "analysis-svc/bulk_fetch.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/answer.h"
#include "analysis-svc/bulk_talk.h"
#include "analysis-svc/metrics.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"

enum { UNKNOWN_MAX = 3 };

struct fetching {
    struct run *run;
    struct bulk_row *row;
    const struct provider *p;
    struct bulk_flights calls;
    size_t answered;
    int64_t kept_at;
};

static void fetching_free(struct fetching *g) { bulk_flights_free(&g->calls); }

/* ---- one call's end ---- */

/* Long landings are many transactions: the lease of the row is renewed between them. */
static bool stay(struct fetching *g, struct err *err)
{
    struct app *app = run_app(g->run);

    if (run_stopping(g->run))
        return err_set(err, ERR_CLOSING, "the service is closing");
    if (clock_mono_ms() - g->kept_at < app->conf.lease_time / 2)
        return true;
    g->kept_at = clock_mono_ms();
    return bulk_keep(app, g->row, err);
}

static bool land_call(struct fetching *g, struct bulk_flight *call, struct provider_answer *said,
                      struct err *err)
{
    AUTO(land_free) struct land l = {.flight = call->flight};
    bool kept;

    log_scope(call->flight->batch_id);
    land_open(run_app(g->run), call->flight, said, rnd_unit(), &l);
    kept = answer_keep(g->run, &l);
    log_scope(NULL);
    flight_free(&call->flight); /* once is enough */
    if (!kept)
        return err_set(err, ERR_DATABASE, "a call of a provider's batch could not be stored");
    return stay(g, err);
}

static struct bulk_flight *find(struct fetching *g, const char *id)
{
    for (size_t i = 0; i < g->calls.n; i++)
        if (g->calls.items[i].flight && strcmp(g->calls.items[i].flight->token, id) == 0)
            return &g->calls.items[i];
    return NULL;
}

static bool land_entry(struct fetching *g, const struct bulk_entry *e, struct err *err)
{
    struct bulk_flight *call = find(g, e->id);
    const struct provider_reply reply = {e->status, ERR_NONE, str_sv(&e->headers),
                                         str_sv(&e->body)};
    struct provider_answer said;

    if (!call || !e->answered) /* judged before a crash, not ours, or left for the ordinary way */
        return true;
    provider_read(g->p, &reply, clock_wall_s(), &said);
    call->flight->answer.status = e->status;
    g->answered++;
    return land_call(g, call, &said, err);
}

static bool land_lines(struct fetching *g, struct sv lines, struct err *err)
{
    AUTO(bulk_entry_free) struct bulk_entry e = BULK_ENTRY_INIT;
    struct sv line;

    while (bulk_next_line(&lines, &line))
        if (bulk_read_entry(g->p, line, &e) && !land_entry(g, &e, err))
            return false;
    return true;
}

/* Expired, cancelled, or not in what came. */
static bool land_rest(struct fetching *g, const char *why, struct err *err)
{
    for (size_t i = 0; i < g->calls.n; i++) {
        struct provider_answer said = {
            .class = ANSWER_UNANSWERED, .text = STR_INIT(0), .retry_after_ms = -1, .bad_image = -1};

        if (!g->calls.items[i].flight)
            continue;
        snprintf(said.message, sizeof said.message,
                 "the provider's batch ended without it (%.150s)", why);
        if (!land_call(g, &g->calls.items[i], &said, err))
            return false;
    }
    return true;
}

/* ---- the results ---- */

static enum bulk_reply get(struct fetching *g, const char *from, struct http_answer *answer)
{
    const struct bulk_question q = {g->row, BULK_RESULTS, from, {"", 0}};

    return *from ? bulk_talk(g->run, &q, NULL, answer, g->row->note) : BULK_YES;
}

/* The pictures and what was read from them need not lie there any longer. */
static void drop(struct fetching *g, const char *id)
{
    const struct bulk_question q = {g->row, BULK_DROP, id, {"", 0}};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    char note[240];

    if (*id && bulk_talk(g->run, &q, NULL, &answer, note) != BULK_YES)
        log_warn("bulk.left", "a file of a batch stays with the provider until it expires there",
                 KV_S("provider", g->row->provider), KV_S("id", id), KV_S("note", note));
}

static bool collect(struct fetching *g, const struct bulk_status *status, int64_t *next_ms,
                    struct err *err)
{
    struct app *app = run_app(g->run);
    AUTO(http_answer_free) struct http_answer good = HTTP_ANSWER_INIT;
    AUTO(http_answer_free) struct http_answer bad = HTTP_ANSWER_INIT;
    enum bulk_reply first = get(g, status->answers, &good),
                    second = first == BULK_LATER ? first : get(g, status->errors, &bad);

    if (first == BULK_LATER || second == BULK_LATER) { /* what is there must not be called lost */
        g->row->faults++;
        *next_ms = bulk_pause_ms(app, g->row);
        return true;
    }
    snprintf(g->row->note, sizeof g->row->note, "%s", status->note);
    if (!bulk_load(app, g->row, false, &g->calls, err) || !land_lines(g, str_sv(&good.body), err) ||
        !land_lines(g, str_sv(&bad.body), err) || !land_rest(g, status->note, err))
        return false;
    g->row->state = BULK_OVER;
    metric_add(M_BULKS, BULK_END_ANSWERED, 1);
    log_info("bulk.done", "a provider's batch was judged and stored",
             KV_S("provider", g->row->provider), KV_S("id", g->row->remote_id),
             KV_I("calls", g->row->calls), KV_I("answered", g->answered),
             KV_S("note", status->note));
    drop(g, bulk_by_file(g->p) ? g->row->input_file : g->row->remote_id);
    drop(g, bulk_by_file(g->p) ? status->answers : "");
    drop(g, bulk_by_file(g->p) ? status->errors : "");
    return true;
}

/* ---- is it done? ---- */

/* Does somebody wait for it still, and is there time to? */
static bool is_wanted(struct fetching *g, bool *wanted, struct err *err)
{
    int64_t alive = 0;

    if (!g->row->late && !bulk_alive(run_app(g->run), g->row, &alive, err))
        return false;
    *wanted = alive > 0;
    return true;
}

static void cancel(struct fetching *g)
{
    const struct bulk_question q = {g->row, BULK_CANCEL, g->row->remote_id, {"", 0}};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;

    if (bulk_talk(g->run, &q, NULL, &answer, g->row->note) != BULK_LATER)
        g->row->state = BULK_CANCELLING;
}

static bool still_runs(struct fetching *g, enum bulk_fate *fate, struct err *err)
{
    bool wanted = true;

    g->row->faults = 0;
    if (g->row->too_late) {
        *fate = BULK_REFUSED;
        return true;
    }
    if (g->row->state == BULK_SENT && !is_wanted(g, &wanted, err))
        return false;
    if (!wanted)
        cancel(g);
    return true;
}

bool bulk_fetch(struct run *run, struct bulk_row *row, enum bulk_fate *fate, int64_t *next_ms,
                struct err *err)
{
    AUTO(fetching_free)
    struct fetching g = {.run = run,
                         .row = row,
                         .p = &run_app(run)->roster.items[row->place],
                         .kept_at = clock_mono_ms()};
    const struct bulk_question q = {row, BULK_STATE, row->remote_id, {"", 0}};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct bulk_status status;
    enum bulk_reply reply = bulk_talk(run, &q, NULL, &answer, row->note);
    bool read = reply == BULK_YES && bulk_read_status(g.p, str_sv(&answer.body), &status);

    *fate = BULK_GOES_ON;
    if (!read) { /* one that is unknown there will not come back */
        row->faults++;
        *next_ms = bulk_pause_ms(run_app(run), row);
        if (row->too_late || (reply == BULK_NO && row->faults >= UNKNOWN_MAX))
            *fate = BULK_REFUSED;
        return true;
    }
    *next_ms = run_app(run)->conf.half_price_poll;
    if (status.ended)
        return collect(&g, &status, next_ms, err);
    return still_runs(&g, fate, err);
}
