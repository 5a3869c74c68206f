/*
 * door.c - opening and closing the way in, and one request from end to end.
 *
 * civetweb gets no document root and no handler of its own: begin_request answers everything, so
 * its file, form, CGI and redirect code (where its known faults lie) is never reached.
 */
#include <civetweb.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/door_internal.h"
#include "common/json_write.h"

enum {
    RATE_WINDOW_MS = 10 * 1000,
    CLOSE_WAIT_MS = 20 * 1000,
    KNOCK_MS = 20,
    BODY_WALL = 64 * 1024 * 1024,
    HEADERS_WALL = 16 * 1024,
};

static void enter(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    door->active++;
    pthread_mutex_unlock(&door->lock);
}

static void leave(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    if (--door->active == 0)
        pthread_cond_broadcast(&door->idle);
    pthread_mutex_unlock(&door->lock);
}

/* Everything that can be refused is, in this order, before the handler (and the body) is touched.
 */
static bool handle(struct req *req, struct reply *reply, struct err *err)
{
    if (!door_req_parse(req, err))
        return false;
    if (atomic_load(&req->door->shut)) {
        req->close = true;
        return err_set(err, ERR_CLOSING, "the service is closing");
    }
    if (!door_req_route(req, reply, err))
        return false;
    if (!req->route)
        return true; /* OPTIONS */
    if (!door_req_admit(req, err) || !req->route->handler(req, reply, err))
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

struct number {
    char text[24];
};

static struct number number_text(int64_t n)
{
    AUTO(str_free) struct str s = STR_INIT(20);
    struct number out = {""};
    str_addf(&s, "%lld", (long long)n);
    memcpy(out.text, s.p, s.n + 1);
    return out;
}

static void make_error(struct req *req, struct reply *reply, const struct err *err)
{
    int status = err_http(err->code);
    struct sv own = str_sv(&reply->headers);
    struct jw w;
    if ((status == 503 || status == 429 || err->retry_s > 0) &&
        !door_io_has_header(own, SV_LIT("Retry-After")))
        reply_header(reply, "Retry-After", number_text(err->retry_s > 0 ? err->retry_s : 2).text);
    if (status == 401)
        reply_header(reply, "WWW-Authenticate", "Bearer");
    reply->stream = NULL;
    str_reset(&reply->body);
    reply_json(reply, status);
    w = jw_on(&reply->body);
    jw_open(&w, '{');
    jw_bool(&w, "success", false);
    jw_text(&w, "code", err_wire(err->code));
    jw_text(&w, "message", shown(err, status));
    jw_text(&w, "requestId", req->id);
    jw_close(&w);
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

/* Answer one request; failed: civetweb could not even read it, and says why. */
static int serve(struct door *door, struct mg_connection *conn, const struct err *failed)
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
    enter(door);
    door_req_init(&req, door, conn);
    if (failed) {
        err = *failed;
        req.close = true;
        req.body.broken = true;
    }
    if (failed || !handle(&req, &reply, &err))
        make_error(&req, &reply, &err);
    add_cors(&req, &reply);
    door_io_send(&req, &reply);
    if (door->conf.done)
        door->conf.done(door->conf.app, &req, req.route, reply.status, err.code, err.msg,
                        clock_mono_us() - start_us);
    arena_free(&req.arena);
    leave(door);
    return reply.status;
}

static int on_request(struct mg_connection *conn)
{
    return serve(mg_get_user_context_data(conn), conn, NULL);
}

/* A request that civetweb itself refuses: malformed, cut off, or with headers over 16 KiB. */
static int on_http_error(struct mg_connection *conn, int status, const char *why)
{
    struct err err = ERR_INIT;
    (void)status;
    (void)why;
    err_set(&err, ERR_BAD_REQUEST,
            "this is not a whole request of HTTP/1.1 or 1.0 with headers of at most 16 KiB");
    serve(mg_get_user_context_data(conn), conn, &err);
    return 0;
}

/* civetweb's complaints: the first one at the start is the reason; later ones are about single
 * connections and are told through done. */
static int on_log(const struct mg_connection *conn, const char *text)
{
    struct door *door = mg_get_user_context_data(conn);
    if (door && atomic_load(&door->starting) && door->start_log[0] == '\0')
        strncpy(door->start_log, text, sizeof(door->start_log) - 1);
    return 1;
}

static bool start(struct door *door, struct err *err)
{
    static const struct mg_callbacks callbacks = {
        .begin_request = on_request, .http_error = on_http_error, .log_message = on_log};
    const struct door_conf *conf = &door->conf;
    AUTO(str_free) struct str at = STR_INIT(200);
    struct number threads = number_text(conf->threads);
    struct number header_ms = number_text(conf->header_timeout_ms);
    struct number idle_ms = number_text(conf->keep_alive_ms);
    str_addf(&at, strchr(conf->bind, ':') ? "[%s]:%d" : "%s:%d", conf->bind, conf->port);
    const char *options[] = {
        "listening_ports",
        at.p,
        "num_threads",
        threads.text,
        "request_timeout_ms",
        header_ms.text,
        "enable_keep_alive",
        conf->keep_alive_ms > 0 ? "yes" : "no",
        "keep_alive_timeout_ms",
        idle_ms.text,
        "tcp_nodelay",
        "1",
        "decode_url",
        "no",
        "linger_timeout_ms",
        "-2",
        "enable_directory_listing",
        "no",
        NULL,
    };
    struct mg_server_port ports[1];
    atomic_store(&door->starting, true);
    door->ctx = mg_start(&callbacks, door, options);
    atomic_store(&door->starting, false);
    if (!door->ctx)
        return err_set(err, ERR_INTERNAL, "the door cannot open on %s: %s", at.p,
                       door->start_log[0] ? door->start_log : "civetweb does not say why");
    if (mg_get_server_ports(door->ctx, 1, ports) < 1)
        return err_set(err, ERR_INTERNAL, "the door on %s has no port", at.p);
    door->port = ports[0].port;
    return true;
}

static void init_library(void) { mg_init_library(MG_FEATURES_DEFAULT); }

bool door_open(const struct door_conf *conf, struct door **out, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    struct door *door = calloc(1, sizeof(*door));
    if (!door)
        abort();
    door->conf = *conf;
    door->window_ms = RATE_WINDOW_MS;
    pthread_mutex_init(&door->lock, NULL);
    pthread_cond_init(&door->idle, NULL);
    if (!watch_open(&door->watch, err) || !start(door, err)) {
        door_close(&door);
        return false;
    }
    *out = door;
    return true;
}

int door_port(const struct door *door) { return door->port; }

void door_shut(struct door *door) { atomic_store(&door->shut, true); }

static void wait_idle(struct door *door)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_WAIT_MS / 1000;
    pthread_mutex_lock(&door->lock);
    while (door->active > 0)
        if (pthread_cond_timedwait(&door->idle, &door->lock, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&door->lock);
}

/* Nobody answers here any more, but the connection wakes civetweb's accepting thread, which
 * otherwise looks up only every two seconds. */
static void knock(const struct door *door)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *at = NULL;
    struct number port = number_text(door->port);
    if (getaddrinfo(door->conf.bind, port.text, &hints, &at) != 0)
        return;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)connect(fd, at->ai_addr, at->ai_addrlen);
        close(fd);
    }
    freeaddrinfo(at);
}

static void *knock_on(void *arg)
{
    struct door *door = arg;
    while (!atomic_load(&door->stopped)) {
        knock(door);
        clock_sleep_ms(KNOCK_MS);
    }
    return NULL;
}

static void stop(struct door *door)
{
    pthread_t knocker;
    bool knocking = pthread_create(&knocker, NULL, knock_on, door) == 0;
    mg_stop(door->ctx);
    atomic_store(&door->stopped, true);
    if (knocking)
        pthread_join(knocker, NULL);
}

void door_close(struct door **door)
{
    if (!*door)
        return;
    door_shut(*door);
    wait_idle(*door);
    atomic_store(&(*door)->stopping, true);
    if ((*door)->ctx)
        stop(*door);
    watch_close(&(*door)->watch);
    pthread_cond_destroy(&(*door)->idle);
    pthread_mutex_destroy(&(*door)->lock);
    free(*door);
    *door = NULL;
}
