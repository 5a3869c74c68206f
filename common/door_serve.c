/*
 * door_serve.c - one request from end to end: judged, handled, answered, told.
 */
#include <string.h>

#include "common/clock.h"
#include "common/door_internal.h"
#include "common/json_write.h"

enum { BODY_WALL = 64 * 1024 * 1024, HEADERS_WALL = 16 * 1024 };

/* Its client was too slow for the porter. */
static bool slow(struct req *req, struct err *err)
{
    req->close = true;
    req->body.broken = true;
    return err_set(err, ERR_SLOW_BODY, "the body came too slowly");
}

/* Everything that can be refused is, in this order, before the handler (and the body) is touched.
 */
static bool handle(struct req *req, struct reply *reply, struct err *err)
{
    if (!door_req_parse(req, err))
        return false;
    if (req->conn->late)
        return slow(req, err);
    if (atomic_load(&req->door->shut) && !req->conn->began) {
        req->close = true;
        return err_set(err, ERR_CLOSING, "the service is closing");
    }
    if (!door_req_route(req, reply, err))
        return false;
    if (!req->route)
        return true; /* OPTIONS */
    if (!door_req_admit(req, err))
        return false;
    if (!door_io_began(req)) {
        req->wait = true;
        return true;
    }
    if (!req->route->handler(req, reply, err))
        return false;
    if (!str_ok(&reply->body) || !str_ok(&reply->headers))
        return err_set(err, ERR_INTERNAL, "the answer is larger than its limit");
    return true;
}

/* What a client is told of our own troubles: nothing that err.msg may hold. */
static const char *shown(const struct err *err, int status)
{
    if (status < 500)
        return err->msg;
    if (err->code == ERR_CLOSING)
        return "The service is restarting. Try again in a moment.";
    if (status == 503)
        return "The service cannot do this right now. Try again in a moment.";
    if (status == 500)
        return "Something went wrong here. The request id finds it in the service's log.";
    return "A service behind this one did not answer as it should. Try again in a moment.";
}

static void make_error(struct req *req, struct reply *reply, const struct err *err)
{
    int status = err_http(err->code);
    struct sv own = str_sv(&reply->headers);
    struct jw w;
    if ((status == 503 || status == 429 || err->retry_s > 0) &&
        !door_reply_has(own, SV_LIT("Retry-After")))
        reply_header(reply, "Retry-After",
                     arena_printf(&req->arena, "%d", err->retry_s > 0 ? err->retry_s : 2));
    if (status == 401)
        reply_header(reply, "WWW-Authenticate", "Bearer");
    reply->stream = NULL;
    str_reset(&reply->body);
    reply_json(reply, status);
    w = jw_on(&reply->body);
    door_reply_error(&w, err_wire(err->code), shown(err, status), req->id);
}

/* A page of a listed origin may read the answer (Fetch standard, CORS); every other page's browser
 * keeps it from it. */
static void add_cors(const struct req *req, struct reply *reply)
{
    char origin[256];
    struct sv sent = req_header(req, "Origin");
    if (sent.n == 0 || sent.n >= sizeof(origin) || !door_req_listed_origin(req))
        return;
    memcpy(origin, sent.p, sent.n);
    origin[sent.n] = '\0';
    reply_header(reply, "Access-Control-Allow-Origin", origin);
    reply_header(reply, "Access-Control-Allow-Credentials", "true");
    reply_header(reply, "Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
    reply_header(reply, "Vary", "Origin");
    if (req->route || strcmp(req->method, "OPTIONS") != 0)
        return;
    reply_header(reply, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    reply_header(reply, "Access-Control-Allow-Headers",
                 "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id");
    reply_header(reply, "Access-Control-Max-Age", "600");
}

static void reply_free(struct reply *reply)
{
    str_free(&reply->body);
    str_free(&reply->headers);
}

static void tell(struct req *req, const struct reply *reply, const struct err *err,
                 int64_t start_us)
{
    const struct door_conf *conf = &req->door->conf;
    if (conf->done)
        conf->done(conf->app, req, req->route, reply->status, err->code, err->msg,
                   clock_mono_us() - start_us);
}

enum door_next door_serve(struct door *door, struct door_conn *conn)
{
    int64_t start_us = clock_mono_us();
    struct req req;
    struct err err = ERR_INIT;
    AUTO(reply_free)
    struct reply reply = {
        .status = 200,
        .type = "application/json",
        .body = STR_INIT(BODY_WALL),
        .headers = STR_INIT(HEADERS_WALL),
    };
    door_req_init(&req, door, conn);
    bool ok = handle(&req, &reply, &err);
    if (!req.wait) {
        if (!ok)
            make_error(&req, &reply, &err);
        add_cors(&req, &reply);
        door_reply_send(&req, &reply);
        tell(&req, &reply, &err, start_us);
    }
    if (req.counted)
        crowd_leave(door->crowd, &req.client);
    arena_free(&req.arena);
    if (req.wait)
        return DOOR_WAIT_BODY;
    if (!req.close)
        return DOOR_KEEP;
    return req.gone || (req.body.ended && conn->at == conn->n) ? DOOR_END : DOOR_CLOSE;
}
