/*
 * door_io.c - bytes in and out of a connection, none of them for ever.
 *
 * civetweb hides its socket, and mg_read(n) waits until n bytes are there however slowly they drip;
 * so every read and write is watched (watch.h).
 */
#include <civetweb.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/clock.h"
#include "common/door_internal.h"

enum {
    REST_SMALL = 64 * 1024, /* an unread rest up to this is read away to keep the connection */
    REST_LARGE = 16 * 1024 * 1024, /* a refused client may send so much more and still see why */
    REST_MS = 1000,
    HEAD_WALL = 32 * 1024,
};

/* --- in --- */

/* How much to ask for at once: what a client at the minimum rate sends within a window. */
static size_t step_of(const struct door *door)
{
    int64_t fair = door->conf.body_min_rate * door->window_ms / 1000;
    if (door->conf.body_min_rate <= 0 || fair > DOOR_STEP)
        return DOOR_STEP;
    return fair > 256 ? (size_t)fair : 256;
}

static struct watch_item watched(const struct req *req, int64_t until_ms, int how)
{
    return (struct watch_item){.far_address = req->info->remote_addr,
                               .far_port = req->info->remote_port,
                               .near_port = req->info->server_port,
                               .until_ms = until_ms,
                               .how = how};
}

static int read_watched(struct req *req, char *buf, size_t n, int64_t until_ms, bool *late)
{
    struct watch_item item = watched(req, until_ms, SHUT_RD);
    int64_t start_us = clock_mono_us();
    watch_begin(req->door->watch, &item);
    int got = mg_read(req->conn, buf, n);
    watch_end(req->door->watch, &item);
    req->body.wait_us += clock_mono_us() - start_us;
    req->body.window_read += got > 0 ? got : 0;
    *late = item.cut;
    return got;
}

static bool body_fails(struct req *req, struct err *err, enum err_code code, const char *why)
{
    req->body.broken = true;
    req->close = true;
    return err_set(err, code, "%s", why);
}

static bool too_slow(struct req *req)
{
    const struct door *door = req->door;
    struct door_body *body = &req->body;
    if (door->conf.body_min_rate <= 0 || body->wait_us < door->window_ms * 1000)
        return false;
    bool slow = body->window_read < door->conf.body_min_rate * (body->wait_us / 1000) / 1000;
    body->wait_us = 0;
    body->window_read = 0;
    return slow;
}

static int64_t read_until(const struct req *req)
{
    int64_t until = req->body.deadline_ms;
    int64_t window = clock_mono_ms() + req->door->window_ms;
    return req->door->conf.body_min_rate > 0 && window < until ? window : until;
}

/* First read: the client may be waiting for our word, and the clock starts. */
static bool body_begin(struct req *req)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct door_body *body = &req->body;
    if (body->deadline_ms > 0)
        return true;
    int64_t timeout = req->door->conf.body_timeout_ms;
    body->deadline_ms = timeout > 0 ? clock_mono_ms() + timeout : INT64_MAX;
    if (!body->expects)
        return true;
    body->expects = false;
    return mg_write(req->conn, go_on, sizeof(go_on) - 1) == (int)sizeof(go_on) - 1;
}

/* Why there will be no more; the connection is of no further use. */
static bool no_more(struct req *req, bool slow, struct err *err)
{
    if (atomic_load(&req->door->stopping))
        return body_fails(req, err, ERR_CLOSING, "the service is closing");
    if (slow)
        return body_fails(req, err, ERR_SLOW_BODY, "the body came too slowly");
    return body_fails(req, err, ERR_BAD_REQUEST,
                      req->body.length < 0 ? "the body ended early or its chunks are malformed"
                                           : "the body ended before its Content-Length");
}

/* Some bytes, or 0 at the end of a chunked body. civetweb's own timeout may pass without a byte: a
 * chunked body cannot be read on after it; otherwise our deadline decides. */
static bool read_some(struct req *req, char *buf, size_t n, size_t *got, struct err *err)
{
    bool chunked = req->body.length < 0;
    bool late = false;
    int r = 0;
    do {
        int64_t start_ms = clock_mono_ms();
        if (start_ms >= req->body.deadline_ms || atomic_load(&req->door->stopping))
            return no_more(req, true, err);
        r = read_watched(req, buf, n, read_until(req), &late);
        if (late || too_slow(req))
            return no_more(req, true, err);
        if (r < 0)
            return no_more(
                req, chunked && clock_mono_ms() - start_ms >= req->door->conf.header_timeout_ms,
                err);
    } while (r == 0 && !chunked);
    *got = (size_t)r;
    return true;
}

bool req_read(struct req *req, char *buf, size_t n, size_t *got, struct err *err)
{
    struct door_body *body = &req->body;
    int64_t max = req->route->body_max;
    int64_t room = INT64_MAX;
    size_t step = step_of(req->door);
    if (body->ended || n == 0) {
        *got = 0;
        return true;
    }
    if (body->broken || !body_begin(req))
        return body_fails(req, err, ERR_BAD_REQUEST, "the body cannot be read any further");
    n = n < step ? n : step;
    if (body->length >= 0)
        room = body->length - body->read;
    else if (max != DOOR_BODY_STREAM)
        room = max - body->read + 1; /* one more than may come shows that too much comes */
    n = (int64_t)n < room ? n : (size_t)room;
    size_t came = 0;
    if (!read_some(req, buf, n, &came, err))
        return false;
    body->read += (int64_t)came;
    body->ended = came == 0 || body->read == body->length;
    if (max != DOOR_BODY_STREAM && body->read > max)
        return err_set(err, ERR_TOO_LARGE, "the body is larger than %lld bytes", (long long)max);
    *got = came;
    return true;
}

/* Until the end or until the room is full. */
static bool read_full(struct req *req, char *p, size_t room, size_t *n, struct err *err)
{
    size_t got = 1;
    *n = 0;
    while (got > 0 && *n < room) {
        if (!req_read(req, p + *n, room - *n, &got, err))
            return false;
        *n += got;
    }
    return true;
}

bool req_body(struct req *req, struct sv *out, struct err *err)
{
    int64_t max = req->route->body_max;
    size_t n, size;
    if (max == DOOR_BODY_STREAM)
        return err_set(err, ERR_INTERNAL, "a streamed body is read with req_read");
    size = (size_t)(req->body.length >= 0 ? req->body.length : max) + 1;
    char *p = arena_take(&req->arena, size); /* the last byte stays NUL */
    if (!read_full(req, p, size, &n, err))
        return false;
    *out = (struct sv){p, n};
    return true;
}

/* Read and forget up to max bytes within a moment. True: the body's end was reached. */
static bool read_away(struct req *req, int64_t max)
{
    static const int64_t moment = REST_MS;
    char *buf = arena_take(&req->arena, DOOR_STEP);
    int64_t until = clock_mono_ms() + moment;
    bool late = false;
    while (!req->body.ended && max > 0 && !late && clock_mono_ms() < until) {
        int64_t left = req->body.length < 0 ? DOOR_STEP : req->body.length - req->body.read;
        size_t n = left < DOOR_STEP ? (size_t)left : DOOR_STEP;
        int got = read_watched(req, buf, n, until, &late);
        if (got < 0 || (got == 0 && req->body.length >= 0))
            return false;
        req->body.read += got;
        req->body.ended = got == 0 || req->body.read == req->body.length;
        max -= got;
    }
    return req->body.ended;
}

/* --- out --- */

struct door_stream {
    struct req *req;
    bool gone;
};

static bool write_all(struct req *req, const char *p, size_t n)
{
    size_t step = step_of(req->door);
    while (n > 0) {
        size_t part = n < step ? n : step;
        bool rated = req->door->conf.body_min_rate > 0;
        int64_t until = rated ? clock_mono_ms() + req->door->window_ms : INT64_MAX;
        struct watch_item item = watched(req, until, SHUT_RDWR);
        watch_begin(req->door->watch, &item);
        int sent = mg_write(req->conn, p, part);
        watch_end(req->door->watch, &item);
        if (sent != (int)part || item.cut)
            return false;
        p += part;
        n -= part;
    }
    return true;
}

bool door_write(struct door_stream *to, struct sv bytes)
{
    AUTO(str_free) struct str chunk = STR_INIT(DOOR_STEP + 32);
    while (bytes.n > 0 && !to->gone) {
        size_t n = bytes.n < DOOR_STEP ? bytes.n : DOOR_STEP;
        str_reset(&chunk);
        if (!to->req->old)
            str_addf(&chunk, "%zx\r\n", n);
        str_add(&chunk, bytes.p, n);
        if (!to->req->old)
            str_addz(&chunk, "\r\n");
        to->gone = !write_all(to->req, chunk.p, chunk.n);
        bytes = (struct sv){bytes.p + n, bytes.n - n};
    }
    return !to->gone;
}

bool door_ending(const struct door_stream *to) { return atomic_load(&to->req->door->shut); }

void reply_header(struct reply *reply, const char *name, const char *value)
{
    if (!strpbrk(name, "\r\n:") && !strpbrk(value, "\r\n"))
        str_addf(&reply->headers, "%s: %s\r\n", name, value);
}

void reply_json(struct reply *reply, int status)
{
    reply->status = status;
    reply->type = "application/json";
}

bool door_io_has_header(struct sv lines, struct sv name)
{
    while (lines.n > name.n) {
        const char *end = memchr(lines.p, '\n', lines.n);
        size_t taken = end ? (size_t)(end - lines.p) + 1 : lines.n;
        if (lines.p[name.n] == ':' && strncasecmp(lines.p, name.p, name.n) == 0)
            return true;
        lines = (struct sv){lines.p + taken, lines.n - taken};
    }
    return false;
}

/* The lines of `usual` that the handler did not set itself. */
static void add_usual(struct str *head, const char *usual, struct sv own)
{
    while (*usual) {
        size_t line = strcspn(usual, "\n");
        line += usual[line] ? 1 : 0;
        if (!door_io_has_header(own, (struct sv){usual, strcspn(usual, ":")}))
            str_add(head, usual, line);
        usual += line;
    }
}

static const char usual_security[] = "X-Content-Type-Options: nosniff\r\n"
                                     "Referrer-Policy: no-referrer\r\n"
                                     "X-Frame-Options: DENY\r\n"
                                     "Content-Security-Policy: default-src 'none'\r\n";

static void add_date(struct str *head)
{
    char text[40];
    struct tm tm;
    time_t now = (time_t)clock_wall_s();
    gmtime_r(&now, &tm);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm); /* RFC 9110 6.6.1 */
    str_addf(head, "Date: %s\r\n", text);
}

static bool bodiless(int status) { return status == 204 || status == 304 || status < 200; }

static void write_head(struct req *req, const struct reply *reply, struct str *head)
{
    const struct door_conf *conf = &req->door->conf;
    struct sv own = str_sv(&reply->headers);
    str_addf(head, "HTTP/1.1 %d %s\r\n", reply->status,
             mg_get_response_code_text(req->conn, reply->status));
    add_date(head);
    if (!bodiless(reply->status)) {
        str_addf(head, "Content-Type: %s\r\n", reply->type);
        if (!reply->stream)
            str_addf(head, "Content-Length: %zu\r\n", reply->body.n);
        else if (!req->old)
            str_addz(head, "Transfer-Encoding: chunked\r\n");
    }
    str_addf(head, "X-Request-Id: %s\r\n", req->id);
    if (req->close || req->old)
        str_addf(head, "Connection: %s\r\n", req->close ? "close" : "keep-alive");
    add_usual(head, conf->security_headers ? conf->security_headers : usual_security, own);
    add_usual(head, "Cache-Control: no-store\r\n", own);
    str_addv(head, own);
    str_addz(head, "\r\n");
}

static bool write_stream(struct req *req, const struct reply *reply)
{
    struct door_stream to = {.req = req};
    reply->stream(&to, reply->stream_arg);
    return !to.gone && (req->old || write_all(req, "0\r\n\r\n", 5));
}

static bool write_reply(struct req *req, const struct reply *reply)
{
    AUTO(str_free) struct str head = STR_INIT(HEAD_WALL + DOOR_STEP);
    bool body = !req->head && !bodiless(reply->status);
    write_head(req, reply, &head);
    if (!body)
        return write_all(req, head.p, head.n);
    if (reply->stream)
        return write_all(req, head.p, head.n) && write_stream(req, reply);
    if (reply->body.n > DOOR_STEP)
        return write_all(req, head.p, head.n) && write_all(req, reply->body.p, reply->body.n);
    str_addv(&head, str_sv(&reply->body)); /* one packet for what is small */
    return write_all(req, head.p, head.n);
}

/* Can the next request follow on this connection? A body left unread would be taken for it. */
static void settle(struct req *req)
{
    struct door_body *body = &req->body;
    if (body->ended || req->close)
        return;
    if (body->length < 0 && body->read > 0 && !body->broken)
        (void)read_away(req, REST_SMALL); /* often just the last chunk's mark */
    if (body->ended)
        return;
    req->close =
        body->expects || body->broken || body->length < 0 || body->length - body->read > REST_SMALL;
}

void door_io_send(struct req *req, struct reply *reply)
{
    settle(req);
    if (reply->stream && req->old)
        req->close = true;
    if (!write_reply(req, reply))
        req->close = true;
    /* Closing on unread bytes makes the kernel reset the connection, and a client that is still
     * sending would never see why it was refused. */
    if (!req->body.ended && !req->body.broken &&
        !read_away(req, req->close ? REST_LARGE : REST_SMALL))
        req->close = true;
    if (req->close)
        mg_disable_connection_keep_alive(req->conn);
}
