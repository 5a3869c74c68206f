#include "tests/kit/bulk_model.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/door.h"
#include "common/json.h"
#include "tests/kit/model.h"

enum { PARCELS_MAX = 16, CALLS_MAX = 64, IDS_MAX = 16, BODY_MAX = 64 << 20 };

struct call {
    char custom_id[64], ids[IDS_MAX][32];
    size_t n;
};
struct parcel {
    char marker[64];
    struct call calls[CALLS_MAX];
    size_t n;
    int polls;
    bool cancelled;
    int64_t born;
};
struct kit_bulk {
    struct door *door;
    char url[64];
    pthread_mutex_t lock;
    struct kit_bulk_script script;
    struct kit_bulk_seen seen;
    struct parcel parcels[PARCELS_MAX]; /* a file and its batch are one */
    size_t n;
    char refused_key[128];
};

/* ---- what comes ---- */

/* Ids stand before their pictures: "image id: a1b2". */
static void take_ids(const char *text, struct call *out)
{
    static const char mark[] = "image id: ";

    for (const char *at = text; (at = strstr(at, mark)) && out->n < IDS_MAX; out->n++) {
        at += sizeof mark - 1;
        snprintf(out->ids[out->n], sizeof out->ids[0], "%.*s", (int)strcspn(at, "\""), at);
    }
}

static void take_call(struct kit_bulk *b, struct parcel *p, const struct json *call)
{
    const struct json *body =
        json_find(call, "body") ? json_find(call, "body") : json_find(call, "params");
    AUTO(str_free) struct str text = STR_INIT(BODY_MAX);
    struct call *to = &p->calls[p->n];

    if (!body || p->n == CALLS_MAX)
        abort();
    p->n++;
    snprintf(to->custom_id, sizeof to->custom_id, "%s", json_text_or(call, "custom_id", ""));
    json_print(body, &text);
    take_ids(text.p, to);
    b->seen.urls = b->seen.urls || strstr(text.p, "\"http") != NULL;
}

static void take_lines(struct kit_bulk *b, struct parcel *p, struct sv body)
{
    while (body.n > 0) {
        const char *end = memchr(body.p, '\n', body.n);
        size_t n = end ? (size_t)(end - body.p) + 1 : body.n;
        AUTO(json_free) struct json *call = NULL;
        struct err err = ERR_INIT;

        if (*body.p == '{' && json_parse(sv_trim((struct sv){body.p, n}), &call, &err))
            take_call(b, p, call);
        body = (struct sv){body.p + n, body.n - n};
    }
}

/* ---- what is said ---- */

static void write_text(struct str *out, const struct call *c)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_key(&w, "results");
    jw_open(&w, '[');
    for (size_t i = 0; i < c->n; i++)
        kit_model_result(&w, c->ids[i]);
    jw_close(&w);
    jw_close(&w);
}

static void write_answer(struct jw *w, const struct call *c, bool files)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);

    write_text(&text, c);
    jw_open(w, '{');
    jw_text(w, "id", "kit");
    jw_text(w, "model", "kit-model-2026");
    jw_text(w, files ? "status" : "stop_reason", files ? "completed" : "end_turn");
    jw_key(w, files ? "output" : "content");
    jw_open(w, '[');
    if (files) {
        jw_open(w, '{');
        jw_text(w, "type", "message");
        jw_key(w, "content");
        jw_open(w, '[');
    }
    jw_open(w, '{');
    jw_text(w, "type", files ? "output_text" : "text");
    jw_sv(w, "text", str_sv(&text));
    jw_close(w);
    if (files) {
        jw_close(w);
        jw_close(w);
    }
    jw_close(w);
    jw_raw(w, "usage", SV_LIT("{\"input_tokens\":1000,\"output_tokens\":100}"));
    jw_close(w);
}

static char fate(const struct kit_bulk *b, const struct parcel *p, size_t i)
{
    const char *fates = b->script.fates && *b->script.fates ? b->script.fates : "a";

    if (p->cancelled)
        return 'x';
    while (i-- > 0 && fates[1])
        fates++;
    return *fates;
}

static const char *error_of(char f, bool files)
{
    if (f == 'i')
        return files
                   ? "{\"message\":\"no valid image\",\"type\":\"invalid_request_error\","
                     "\"param\":null,\"code\":\"invalid_image\"}"
                   : "{\"type\":\"invalid_request_error\",\"message\":\"Could not process image\"}";
    return files ? "{\"message\":\"busy\",\"type\":\"server_error\",\"param\":null,\"code\":"
                   "\"server_is_overloaded\"}"
                 : "{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}";
}

static void file_entry(struct jw *w, const struct call *c, char f)
{
    jw_open(w, '{');
    jw_text(w, "custom_id", c->custom_id);
    jw_key(w, "response");
    if (f == 'x') {
        jw_raw(w, NULL, SV_LIT("null"));
        jw_raw(w, "error", SV_LIT("{\"code\":\"batch_expired\",\"message\":\"too late\"}"));
        jw_close(w);
        return;
    }
    jw_open(w, '{');
    jw_int(w, "status_code", f == 'a' ? 200 : f == 'i' ? 400 : 503);
    jw_text(w, "request_id", "req_kit");
    jw_key(w, "body");
    if (f == 'a') {
        write_answer(w, c, true);
    } else {
        jw_open(w, '{');
        jw_raw(w, "error", sv_of(error_of(f, true)));
        jw_close(w);
    }
    jw_close(w);
    jw_raw(w, "error", SV_LIT("null"));
    jw_close(w);
}

static void inline_entry(struct jw *w, const struct call *c, char f)
{
    jw_open(w, '{');
    jw_text(w, "custom_id", c->custom_id);
    jw_key(w, "result");
    jw_open(w, '{');
    jw_text(w, "type", f == 'a' ? "succeeded" : f == 'x' ? "expired" : "errored");
    if (f == 'a') {
        jw_key(w, "message");
        write_answer(w, c, false);
    } else if (f != 'x') {
        jw_key(w, "error");
        jw_open(w, '{');
        jw_text(w, "type", "error");
        jw_raw(w, "error", sv_of(error_of(f, false)));
        jw_close(w);
    }
    jw_close(w);
    jw_close(w);
}

/* good: of the two files of results, that with the answers. */
static void write_results(const struct kit_bulk *b, const struct parcel *p, bool files, bool good,
                          struct str *out)
{
    for (size_t k = 0; k < p->n; k++) {
        size_t i = b->script.reversed ? p->n - 1 - k : k;
        char f = fate(b, p, i);
        struct jw w = jw_on(out);

        if (f == '-' || (files && good != (f == 'a' || f == 'j')))
            continue;
        if (f == 'j')
            str_addz(out, "{\"custom_id\":\"");
        else if (files)
            file_entry(&w, &p->calls[i], f);
        else
            inline_entry(&w, &p->calls[i], f);
        str_addc(out, '\n');
    }
}

static void files_state(size_t i, const struct parcel *p, bool over, struct jw *w)
{
    char good[32], bad[32];

    snprintf(good, sizeof good, "good_%zu", i);
    snprintf(bad, sizeof bad, "bad_%zu", i);
    jw_text(w, "status", !over ? "in_progress" : p->cancelled ? "cancelled" : "completed");
    jw_text(w, "output_file_id", over ? good : NULL);
    jw_text(w, "error_file_id", over ? bad : NULL);
    jw_key(w, "metadata");
    jw_open(w, '{');
    jw_text(w, "snapkey", p->marker);
    jw_close(w);
}

static void inline_state(const struct parcel *p, bool over, struct jw *w)
{
    jw_text(w, "processing_status", over ? "ended" : "in_progress");
    jw_text(w, "results_url", over ? "https://nowhere.test/results" : NULL);
    jw_key(w, "request_counts");
    jw_open(w, '{');
    jw_int(w, "processing", (int64_t)p->n);
    jw_close(w);
}

static void write_state(const struct kit_bulk *b, size_t i, bool files, struct jw *w)
{
    const struct parcel *p = &b->parcels[i];
    bool over = p->cancelled || (b->script.polls >= 0 && p->polls > b->script.polls);
    char id[32], when[CLOCK_ISO_SIZE];

    snprintf(id, sizeof id, "batch_%zu", i);
    clock_iso(p->born, when);
    jw_open(w, '{');
    jw_text(w, "id", id);
    jw_text(w, "created_at", when);
    if (files)
        files_state(i, p, over, w);
    else
        inline_state(p, over, w);
    jw_close(w);
}

/* ---- the handlers ---- */

static bool is_files(const struct req *req) { return !strstr(req_path(req), "/messages"); }

static struct kit_bulk *locked(struct req *req)
{
    struct kit_bulk *b = req_app(req);

    pthread_mutex_lock(&b->lock);
    return b;
}

static bool done(struct kit_bulk *b)
{
    pthread_mutex_unlock(&b->lock);
    return true;
}

static void fail(struct reply *reply, int status, const char *type)
{
    reply_json(reply, status);
    str_addf(&reply->body,
             "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"scripted\",\"code\":"
             "\"%s\"}}",
             type, type);
}

/* May this request create something? */
static bool is_welcome(struct kit_bulk *b, const struct req *req, struct reply *reply)
{
    struct sv key = req_header(req, is_files(req) ? "authorization" : "x-api-key");

    if (b->script.birth == KIT_BULK_NONE) {
        fail(reply, 404, "no_such_path");
        return false;
    }
    if (b->script.birth != KIT_BULK_WRONG_KEY)
        return true;
    if (!b->refused_key[0])
        snprintf(b->refused_key, sizeof b->refused_key, "%.*s", SV(key));
    if (sv_eqz(key, b->refused_key))
        fail(reply, 401, "authentication_error");
    return !sv_eqz(key, b->refused_key);
}

static void born(struct kit_bulk *b, size_t i, bool files, struct reply *reply)
{
    struct jw w;
    bool heard = b->script.birth != KIT_BULK_UNHEARD && b->script.birth != KIT_BULK_UNBORN;

    if (b->script.birth != KIT_BULK_UNBORN) {
        b->parcels[i].born = clock_wall_ms();
        b->seen.parcels++;
        b->seen.calls += b->parcels[i].n;
    }
    if (!heard) {
        b->script.birth = KIT_BULK_BORN;
        fail(reply, 500, "server_error");
        return;
    }
    reply_json(reply, 200);
    w = jw_on(&reply->body);
    write_state(b, i, files, &w);
}

static bool upload(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_bulk *b;
    struct sv body;

    if (!req_body(req, &body, err))
        return false;
    b = locked(req);
    b->seen.uploads++;
    if (!is_welcome(b, req, reply))
        return done(b);
    if (b->n == PARCELS_MAX)
        abort();
    take_lines(b, &b->parcels[b->n], body);
    reply_json(reply, 200);
    str_addf(&reply->body, "{\"id\":\"file_%zu\",\"object\":\"file\"}", b->n++);
    return done(b);
}

static bool create_of_file(struct kit_bulk *b, const struct json *body, struct reply *reply)
{
    size_t i = (size_t)strtoul(json_text_or(body, "input_file_id", "file_99") + 5, NULL, 10);

    if (i >= b->n)
        return fail(reply, 400, "invalid_request_error"), done(b);
    snprintf(b->parcels[i].marker, sizeof b->parcels[i].marker, "%s",
             json_text_or(json_find(body, "metadata"), "snapkey", ""));
    born(b, i, true, reply);
    return done(b);
}

static bool create(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *body = NULL;
    const struct json *call;
    struct kit_bulk *b;
    struct sv bytes;

    if (!req_body(req, &bytes, err) || !json_parse(bytes, &body, err))
        return false;
    b = locked(req);
    b->seen.births++;
    if (!is_welcome(b, req, reply))
        return done(b);
    if (is_files(req))
        return create_of_file(b, body, reply);
    if (b->n == PARCELS_MAX)
        abort();
    for (call = json_first(json_find(body, "requests")); call; call = json_next(call))
        take_call(b, &b->parcels[b->n], call);
    born(b, b->n++, false, reply);
    return done(b);
}

static bool list(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_bulk *b = locked(req);
    struct jw w;

    (void)err;
    b->seen.lists++;
    reply_json(reply, 200);
    w = jw_on(&reply->body);
    jw_open(&w, '{');
    jw_key(&w, "data");
    jw_open(&w, '[');
    for (size_t i = b->n; i-- > 0;)
        if (b->parcels[i].born)
            write_state(b, i, is_files(req), &w);
    jw_close(&w);
    jw_close(&w);
    return done(b);
}

/* The number in "batch_3" or "good_3"; false: there is none such. */
static bool number(struct kit_bulk *b, const struct req *req, struct reply *reply, size_t *i)
{
    const char *line = strrchr(req_param(req, "id"), '_');

    *i = line ? (size_t)strtoul(line + 1, NULL, 10) : PARCELS_MAX;
    if (*i < b->n)
        return true;
    fail(reply, 404, "not_found_error");
    return false;
}

static bool state(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_bulk *b = locked(req);
    struct jw w;
    size_t i;

    (void)err;
    b->seen.polls++;
    if (!number(b, req, reply, &i))
        return done(b);
    b->parcels[i].polls++;
    if (b->parcels[i].polls > b->script.polls && b->script.poll_faults > 0) {
        b->script.poll_faults--;
        return fail(reply, 503, "api_error"), done(b);
    }
    reply_json(reply, 200);
    w = jw_on(&reply->body);
    write_state(b, i, is_files(req), &w);
    return done(b);
}

static bool cancel(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_bulk *b = locked(req);
    struct jw w;
    size_t i;

    (void)err;
    b->seen.cancels++;
    if (!number(b, req, reply, &i))
        return done(b);
    b->parcels[i].cancelled = true;
    reply_json(reply, 200);
    w = jw_on(&reply->body);
    write_state(b, i, is_files(req), &w);
    return done(b);
}

static bool results(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_bulk *b = locked(req);
    size_t i;

    (void)err;
    if (!number(b, req, reply, &i))
        return done(b);
    if (b->script.result_faults > 0) {
        b->script.result_faults--;
        return fail(reply, 500, "api_error"), done(b);
    }
    reply->status = 200;
    reply->type = "application/x-jsonl";
    write_results(b, &b->parcels[i], is_files(req), strncmp(req_param(req, "id"), "good", 4) == 0,
                  &reply->body);
    return done(b);
}

static bool drop(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_bulk *b = locked(req);

    (void)err;
    b->seen.drops++;
    reply_json(reply, 200);
    str_addz(&reply->body, "{\"deleted\":true}");
    return done(b);
}

static bool ordinary(struct req *req, struct reply *reply, struct err *err)
{
    struct call c = {.n = 0};
    struct kit_bulk *b;
    struct sv body;
    struct jw w;

    if (!req_body(req, &body, err))
        return false;
    take_ids(body.p, &c);
    b = locked(req);
    b->seen.ordinary++;
    reply_json(reply, 200);
    w = jw_on(&reply->body);
    write_answer(&w, &c, is_files(req));
    return done(b);
}

/* ---- open and close ---- */

struct kit_bulk *kit_bulk_open(const struct kit_bulk_script *script)
{
    static const struct door_route routes[] = {
        {"POST", "/v1/files", upload, DOOR_OPEN, BODY_MAX, ""},
        {"DELETE", "/v1/files/:id", drop, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"GET", "/v1/files/:id/content", results, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"POST", "/v1/batches", create, DOOR_OPEN, BODY_MAX, ""},
        {"GET", "/v1/batches", list, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"GET", "/v1/batches/:id", state, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"POST", "/v1/batches/:id/cancel", cancel, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"POST", "/v1/messages/batches", create, DOOR_OPEN, BODY_MAX, ""},
        {"GET", "/v1/messages/batches", list, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"GET", "/v1/messages/batches/:id", state, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"POST", "/v1/messages/batches/:id/cancel", cancel, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"GET", "/v1/messages/batches/:id/results", results, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"DELETE", "/v1/messages/batches/:id", drop, DOOR_OPEN, DOOR_BODY_NONE, ""},
        {"POST", "/v1/responses", ordinary, DOOR_OPEN, BODY_MAX, ""},
        {"POST", "/v1/messages", ordinary, DOOR_OPEN, BODY_MAX, ""}};
    struct kit_bulk *b = calloc(1, sizeof *b);
    struct door_conf conf = {.bind = "127.0.0.1",
                             .threads = 8,
                             .header_timeout_ms = 5000,
                             .body_timeout_ms = 10000,
                             .keep_alive_ms = 1000,
                             .routes = routes,
                             .route_count = COUNT_OF(routes),
                             .app = b};
    struct err err = ERR_INIT;

    if (!b)
        abort();
    pthread_mutex_init(&b->lock, NULL);
    b->script = *script;
    if (!door_open(&conf, &b->door, &err)) {
        fprintf(stderr, "the scripted provider does not open: %s\n", err.msg);
        abort();
    }
    snprintf(b->url, sizeof b->url, "http://127.0.0.1:%d", door_port(b->door));
    return b;
}

void kit_bulk_close(struct kit_bulk **b)
{
    if (!*b)
        return;
    door_close(&(*b)->door);
    pthread_mutex_destroy(&(*b)->lock);
    free(*b);
    *b = NULL;
}

void kit_bulk_script(struct kit_bulk *b, const struct kit_bulk_script *script)
{
    pthread_mutex_lock(&b->lock);
    b->script = *script;
    pthread_mutex_unlock(&b->lock);
}

const char *kit_bulk_url(const struct kit_bulk *b) { return b->url; }

struct kit_bulk_seen kit_bulk_seen(struct kit_bulk *b)
{
    struct kit_bulk_seen seen;

    pthread_mutex_lock(&b->lock);
    seen = b->seen;
    pthread_mutex_unlock(&b->lock);
    return seen;
}
