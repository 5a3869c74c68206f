/*
 * events.c - GET /events: one server-sent event per change of a picture's state (WHATWG HTML 9.2).
 *
 * Two logs are followed, ours and the analysis's. Ids commit out of order, so only events below the
 * oldest running transaction are told: what is told is final, and Last-Event-ID skips nothing.
 * Each stream holds a worker; over SSE_MAX a client is told to come back later.
 */
#include "upload-svc/events.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/json_write.h"
#include "common/log.h"
#include "upload-svc/handlers.h"
#include "upload-svc/hub.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/state.h"
#include "upload-svc/store.h"

enum { POLL_MS = 2000, BEAT_MS = 5000, EVENT_WALL = 64 * 1024 };
#define COME_BACK "retry: 15000\n\n"

struct feed {
    struct app *app;
    struct door_stream *to;
    struct events_cursor at;
    int64_t written_ms;
    bool gone; /* the client */
};

static void say(struct feed *f, struct sv text)
{
    f->gone = f->gone || !door_write(f->to, text);
    f->written_ms = clock_mono_ms();
}

static void write_event(struct jw *w, const struct db_rows *rows, size_t i, const char *wire)
{
    const struct snapshot_word *word = snapshot_word_of(wire);

    jw_open(w, '{');
    jw_int(w, "id", db_int(rows, i, "snapshot_id"));
    jw_text(w, "state", word->wire);
    jw_text(w, "processingStatus", word->old);
    jw_text(w, "statusDisplay", word->label);
    jw_bool(w, "needsReview", snapshot_needs_review(word));
    jw_bool(w, "terminal", word->terminal);
    jw_int(w, "progress", word->progress);
    jw_text(w, "at", db_text(rows, i, "at"));
    jw_raw(w, "data", db_sv(rows, i, "data"));
    jw_close(w);
}

static void tell(struct feed *f, const struct db_rows *rows, size_t i, bool ours)
{
    AUTO(str_free) struct str text = STR_INIT(EVENT_WALL);
    const char *state = db_text(rows, i, "state");
    struct jw w = jw_on(&text);
    char id[EVENTS_ID_SIZE];

    *(ours ? &f->at.upload_xid : &f->at.analysis_xid) = (uint64_t)db_int(rows, i, "xid");
    *(ours ? &f->at.upload_seq : &f->at.analysis_seq) = db_int(rows, i, "seq");
    events_cursor_print(&f->at, id);
    str_addf(&text, "id: %s\nevent: snapshot\ndata: ", id);
    write_event(&w, rows, i, ours ? state : snapshot_wire_of_image(state));
    str_addz(&text, "\n\n");
    if (str_ok(&text))
        say(f, str_sv(&text));
}

/* What is new in one log. *full: there may be more. */
static bool follow(struct feed *f, struct db_conn *conn, bool ours, bool *full, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const struct db_param params[] = {P((int64_t)(ours ? f->at.upload_xid : f->at.analysis_xid)),
                                      P(ours ? f->at.upload_seq : f->at.analysis_seq)};

    if (ours ? !db_exec(conn, Q_EVENTS, params, 2, &rows, err)
             : !store_late(conn, Q_EVENTS_ANALYSIS, params, 2, &rows, err))
        return false;
    for (size_t i = 0; rows && !f->gone && i < db_count(rows); i++)
        tell(f, rows, i, ours);
    *full = rows && db_count(rows) > 0;
    return true;
}

static bool tell_news(struct feed *f, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    bool more = true, ours = false, theirs = false;

    if (!db_lease(f->app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    while (more && !f->gone) {
        if (!follow(f, conn, true, &ours, err) || !follow(f, conn, false, &theirs, err))
            return false;
        more = ours || theirs;
    }
    return true;
}

static void run(struct feed *f)
{
    while (!f->gone && !door_ending(f->to)) {
        uint64_t seen = hub_seen(f->app->hub);
        struct err err = ERR_INIT;

        if (!tell_news(f, &err))
            log_warn("events.blind", "a stream could not look for events", KV_ERR(&err));
        if (clock_mono_ms() - f->written_ms >= BEAT_MS)
            say(f, SV_LIT(": still here\n\n"));
        if (!f->gone)
            hub_wait(f->app->hub, seen, POLL_MS);
    }
}

/* A first line at once: the client learns that it is connected, and an id to resume from. */
static void greet(struct feed *f)
{
    AUTO(str_free) struct str text = STR_INIT(256);
    char id[EVENTS_ID_SIZE];

    events_cursor_print(&f->at, id);
    str_addf(&text, "retry: 3000\nid: %s\nevent: ready\ndata: {}\n\n", id);
    say(f, str_sv(&text));
}

static void stream(struct door_stream *to, void *arg)
{
    struct feed *f = arg;

    f->to = to;
    if (f->app->streams++ < f->app->conf.sse_max) {
        metric_add(M_STREAMS, 0, 1);
        greet(f);
        run(f);
        metric_add(M_STREAMS, 0, -1);
    } else {
        say(f, SV_LIT(COME_BACK));
    }
    f->app->streams--;
}

static bool from_now(struct app *app, struct events_cursor *at, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_run0(conn, Q_EVENTS_NOW, &rows, err))
        return false;
    at->upload_xid = at->analysis_xid = (uint64_t)db_int(rows, 0, "xid");
    return true;
}

bool get_events(struct req *req, struct reply *reply, struct err *err)
{
    struct feed *f = arena_take(req_arena(req), sizeof *f);
    struct sv last = req_header(req, "Last-Event-ID");

    f->app = req_app(req);
    if (last.n > 0 && !events_cursor_parse(last, &f->at))
        return err_set(err, ERR_BAD_REQUEST, "Last-Event-ID is none of ours");
    if (last.n == 0 && !from_now(f->app, &f->at, err))
        return false;
    reply->type = "text/event-stream";
    reply_header(reply, "X-Accel-Buffering", "no"); /* a proxy in front shall not hold it back */
    reply->stream = stream;
    reply->stream_arg = f;
    return true;
}
