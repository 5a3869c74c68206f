/*
 * door_kit.c - a door on a free port with a few routes that show what came in.
 */
#include "tests/kit/door_kit.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json_write.h"
#include "tests/kit/kit.h"
#include "tests/kit/talk.h"

static bool on_hello(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply->type = "text/plain";
    str_addz(&reply->body, "hello");
    return true;
}

static bool on_echo(struct req *req, struct reply *reply, struct err *err)
{
    struct jw w = jw_on(&reply->body);
    (void)err;
    jw_open(&w, '{');
    jw_text(&w, "name", req_param(req, "name"));
    jw_text(&w, "q", req_query(req, "q"));
    jw_text(&w, "method", req_method(req));
    jw_text(&w, "path", req_path(req));
    jw_text(&w, "who", req_who(req)->name);
    jw_text(&w, "remote", req_remote(req));
    jw_sv(&w, "agent", req_header(req, "user-agent"));
    jw_close(&w);
    return true;
}

static bool on_literal(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    str_addz(&reply->body, "\"literal\"");
    return true;
}

static bool on_number(struct req *req, struct reply *reply, struct err *err)
{
    int64_t n;
    if (!req_param_int(req, "n", &n, err))
        return false;
    str_addf(&reply->body, "%lld", (long long)n);
    return true;
}

/* Bytes and a checksum that depends on their order. */
static bool on_sink(struct req *req, struct reply *reply, struct err *err)
{
    const size_t room = 100 * 1024;
    char *buf = arena_take(req_arena(req), room);
    uint32_t sum = 0;
    int64_t n = 0;
    size_t got;
    do {
        if (!req_read(req, buf, room, &got, err))
            return false;
        for (size_t i = 0; i < got; i++)
            sum = sum * 31 + (unsigned char)buf[i];
        n += (int64_t)got;
    } while (got > 0);
    str_addf(&reply->body, "{\"n\":%lld,\"sum\":%u}", (long long)n, sum);
    return true;
}

static bool on_whole(struct req *req, struct reply *reply, struct err *err)
{
    struct sv body;
    if (!req_body(req, &body, err))
        return false;
    json_quote(&reply->body, body);
    return true;
}

static bool on_one(struct req *req, struct reply *reply, struct err *err)
{
    char c;
    size_t got;
    if (!req_read(req, &c, 1, &got, err))
        return false;
    str_addf(&reply->body, "%zu", got);
    return true;
}

static void stream_some(struct door_stream *to, void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        if (!door_write(to, SV_LIT("part ")))
            return;
}

static bool on_stream(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply->type = "text/plain";
    reply->stream = stream_some;
    return true;
}

static void stream_on(struct door_stream *to, void *arg)
{
    struct door_kit *kit = arg;
    atomic_fetch_add(&kit->streams, 1);
    while (!door_ending(to) && door_write(to, SV_LIT(": tick\n\n")))
        clock_sleep_ms(20);
    atomic_fetch_sub(&kit->streams, 1);
}

static bool on_forever(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    reply->type = "text/event-stream";
    reply->stream = stream_on;
    reply->stream_arg = req_app(req);
    return true;
}

/* Half an answer, and then something behind it fails. */
static void stream_half(struct door_stream *to, void *arg)
{
    (void)arg;
    if (door_write(to, SV_LIT("half of it")))
        door_abort(to);
}

static bool on_half(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply->stream = stream_half;
    return true;
}

/* More than any socket buffers, to a client that may not read it. */
static void stream_flood(struct door_stream *to, void *arg)
{
    static const char part[64 * 1024];
    struct door_kit *kit = arg;
    atomic_fetch_add(&kit->streams, 1);
    for (int i = 0; i < 1600; i++)
        if (!door_write(to, (struct sv){part, sizeof(part)}))
            break;
    atomic_fetch_sub(&kit->streams, 1);
}

static bool on_flood(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    reply->stream = stream_flood;
    reply->stream_arg = req_app(req);
    return true;
}

static bool on_fail(struct req *req, struct reply *reply, struct err *err)
{
    enum err_code code = ERR_INTERNAL;
    (void)reply;
    (void)err_parse(req_param(req, "code"), &code);
    return err_set(err, code, "the inside story");
}

static bool on_headers(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply_header(reply, "Content-Security-Policy", "default-src 'self'");
    reply_header(reply, "Cache-Control", "max-age=60");
    reply_header(reply, "X-Evil", "a\r\nX-Injected: b");
    reply_json(reply, 201);
    return true;
}

static const struct door_route routes[] = {
    {"GET", "/", on_hello, DOOR_OPEN, 0, ""},
    {"GET", "/hello", on_hello, DOOR_OPEN, 0, ""},
    {"POST", "/hello", on_hello, DOOR_OPEN, 0, ""},
    {"GET", "/echo/:name", on_echo, DOOR_OPEN, 0, ""},
    {"GET", "/echo/literal", on_literal, DOOR_OPEN, 0, ""},
    {"POST", "/echo/posted", on_hello, DOOR_OPEN, DOOR_BODY_STREAM, ""},
    {"GET", "/number/:n", on_number, DOOR_OPEN, 0, ""},
    {"POST", "/sink", on_sink, DOOR_OPEN, DOOR_BODY_STREAM, ""},
    {"POST", "/ignore", on_hello, DOOR_OPEN, DOOR_BODY_STREAM, ""},
    {"POST", "/small", on_whole, DOOR_OPEN, 16, ""},
    {"POST", "/one", on_one, DOOR_OPEN, DOOR_BODY_STREAM, ""},
    {"GET", "/stream", on_stream, DOOR_OPEN, 0, ""},
    {"GET", "/forever", on_forever, DOOR_OPEN, 0, ""},
    {"GET", "/half", on_half, DOOR_OPEN, 0, ""},
    {"GET", "/flood", on_flood, DOOR_OPEN, 0, ""},
    {"GET", "/fail/:code", on_fail, DOOR_OPEN, 0, ""},
    {"GET", "/headers", on_headers, DOOR_OPEN, 0, ""},
    {"GET", "/viewer/:name", on_echo, DOOR_VIEWER, 0, ""},
    {"POST", "/admin", on_hello, DOOR_ADMIN, DOOR_BODY_STREAM, ""},
    {"POST", "/upload", on_sink, DOOR_UPLOADER, DOOR_BODY_STREAM, ""},
};

static bool on_auth(void *app, const struct door_ask *ask, struct door_who *out, struct err *err)
{
    static const char *const tokens[] = {"", "view", "load", "boss"};
    (void)app;
    for (size_t i = 1; i < COUNT_OF(tokens); i++)
        if (sv_eqz(ask->token, tokens[i])) {
            out->role = (enum door_role)i;
            memcpy(out->name, ask->cookie ? "cookie" : "bearer", 7);
            return true;
        }
    if (sv_eqz(ask->token, "often"))
        return err_set_later(err, ERR_RATE, 17, "%s asks too often", ask->remote);
    return err_set(err, ERR_UNAUTHENTICATED, "a token is needed");
}

static void on_done(void *app, const struct req *req, const struct door_route *route, int status,
                    enum err_code code, const char *msg, int64_t took_us)
{
    struct door_kit *kit = app;
    (void)req;
    (void)route;
    (void)msg;
    (void)took_us;
    atomic_store(&kit->last_status, status);
    atomic_store(&kit->last_code, (int)code);
    atomic_fetch_add(&kit->done, 1);
}

static bool on_admit(void *app, const struct req *req, const struct door_route *route,
                     struct err *err)
{
    const struct door_kit *kit = app;
    if (req_length(req) > DOOR_KIT_BODY_MAX)
        return err_set(err, ERR_TOO_LARGE, "more than anybody needs");
    if (!atomic_load(&kit->full) || route->body_max == DOOR_BODY_NONE)
        return true;
    return err_set_later(err, ERR_BUSY, 7, "full");
}

static void on_refused(void *app, enum err_code why)
{
    struct door_kit *kit = app;
    atomic_fetch_add(why == ERR_RATE ? &kit->refused_rate : &kit->refused_busy, 1);
}

void door_kit_open(struct door_kit *kit, struct door_conf conf)
{
    struct err err = ERR_INIT;
    memset(kit, 0, sizeof(*kit));
    conf.bind = "127.0.0.1";
    conf.threads = conf.threads ? conf.threads : 8;
    conf.header_timeout_ms = conf.header_timeout_ms ? conf.header_timeout_ms : 2000;
    conf.body_timeout_ms = conf.body_timeout_ms ? conf.body_timeout_ms : 10000;
    conf.keep_alive_ms = conf.keep_alive_ms ? conf.keep_alive_ms : 1000;
    conf.routes = routes;
    conf.route_count = COUNT_OF(routes);
    conf.app = kit;
    conf.auth = on_auth;
    conf.done = on_done;
    conf.admit = on_admit;
    conf.refused = on_refused;
    conf.cookie = "sess";
    assert_ok(door_open(&conf, &kit->door, &err), err);
    kit->port = door_port(kit->door);
    assert_in_range(kit->port, 1, 65535);
}

void door_kit_close(struct door_kit *kit) { door_close(&kit->door); }

const char *door_kit_ask(const struct door_kit *kit, const char *request)
{
    static char answer[64 * 1024];
    AUTO(talk_close) struct talk *talk = talk_open(kit->port);

    talk_say(talk, request);
    snprintf(answer, sizeof(answer), "%s", talk_answer(talk));
    return answer;
}
