/*
 * door_io.c - bytes in and out of a connection, none of them for ever.
 *
 * A socket here never blocks: whoever waits for it waits in poll(2), until the client's time is up.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/door_internal.h"

enum {
    REST_SMALL = 64 * 1024, /* an unread rest up to this is read away to keep the connection */
    REST_MS = 20,           /* if it is there, or nearly */
    EARLY_MS = 20,          /* a body that follows its head at once spares the way to the porter */
    SLICE_MS = 2,           /* of that, while nobody waits for this worker */
};

/* --- in --- */

/* Wait for the socket until then. False: time is up. */
static bool wait_for(int fd, short what, int64_t until_ms)
{
    struct pollfd p = {.fd = fd, .events = what};
    int64_t left = until_ms - clock_mono_ms();
    if (left <= 0)
        return false;
    return poll(&p, 1, left < INT32_MAX ? (int)left : -1) != 0;
}

/* Bytes that came with the head, or else from the socket. -1: it is broken; 0: its end, or late. */
static ssize_t take(struct req *req, char *buf, size_t n, int64_t until_ms, bool *late)
{
    struct door_conn *conn = req->conn;
    size_t have = conn->n - conn->at;
    *late = false;
    if (have > 0) {
        n = n < have ? n : have;
        memcpy(buf, conn->buf + conn->at, n);
        conn->at += n;
        return (ssize_t)n;
    }
    for (;;) {
        ssize_t got = recv(conn->fd, buf, n, MSG_DONTWAIT);
        if (got >= 0 || (errno != EAGAIN && errno != EINTR))
            return got;
        int64_t start_us = clock_mono_us();
        *late = !wait_for(conn->fd, POLLIN, until_ms);
        req->body.wait_us += clock_mono_us() - start_us;
        if (*late)
            return 0;
    }
}

static bool body_fails(struct req *req, struct err *err, enum err_code code, const char *why)
{
    req->body.broken = true;
    req->close = true;
    return err_set(err, code, "%s", why);
}

/* Why there will be no more; the connection is of no further use. */
static bool no_more(struct req *req, bool slow, struct err *err)
{
    if (atomic_load(&req->door->stopping))
        return body_fails(req, err, ERR_CLOSING, "the service is closing");
    if (slow)
        return body_fails(req, err, ERR_SLOW_BODY, "the body came too slowly");
    return body_fails(req, err, ERR_BAD_REQUEST,
                      req->body.length < 0 ? "the body ended before its last chunk"
                                           : "the body ended before its Content-Length");
}

/* The end of the window of the minimum rate, in time spent waiting, or of the body's time. */
static int64_t read_until(const struct req *req)
{
    int64_t until = req->body.deadline_ms;
    int64_t window = clock_mono_ms() + req->door->window_ms - req->body.wait_us / 1000;
    return req->door->conf.body_min_rate > 0 && window < until ? window : until;
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

/* Some raw bytes, within the body's time and at its rate. */
static bool take_in_time(struct req *req, char *buf, size_t n, size_t *got, struct err *err)
{
    bool late = false;
    ssize_t r = 0;
    do {
        if (clock_mono_ms() >= req->body.deadline_ms || atomic_load(&req->door->stopping))
            return no_more(req, true, err);
        r = take(req, buf, n, read_until(req), &late);
        req->body.window_read += r > 0 ? r : 0;
        if (too_slow(req))
            return no_more(req, true, err);
    } while (late);
    if (r <= 0)
        return no_more(req, false, err);
    *got = (size_t)r;
    return true;
}

/* The unused bytes behind the head; more of them when those are not enough. */
static bool stage(struct req *req, bool more, struct sv *raw, struct err *err)
{
    struct door_conn *conn = req->conn;
    size_t got = 0;
    if (more) {
        size_t n = conn->n - conn->at;
        memmove(conn->buf + conn->head, conn->buf + conn->at, n);
        conn->at = conn->n = conn->head + n; /* so that the bytes come from the socket */
        if (!take_in_time(req, conn->buf + conn->n, conn->cap - conn->n, &got, err))
            return false;
        conn->n += got;
        conn->at = conn->head;
    }
    *raw = (struct sv){conn->buf + conn->at, conn->n - conn->at};
    return true;
}

/* Data of the present chunk; *got 0: the body has ended. */
static bool read_chunk(struct req *req, char *buf, size_t n, size_t *got, struct err *err)
{
    struct door_chunks *c = &req->body.chunks;
    struct sv raw;
    size_t used = 0;
    bool more = false;
    do {
        if (!stage(req, more, &raw, err))
            return false;
        if (!door_chunks_step(c, raw, &used, err)) {
            req->body.broken = req->close = true;
            return false;
        }
        req->conn->at += used;
        more = c->at != CHUNK_DATA && c->at != CHUNK_OVER;
    } while (more);
    *got = 0;
    if (c->at == CHUNK_OVER)
        return true;
    n = (int64_t)n < c->left ? n : (size_t)c->left;
    if (!take_in_time(req, buf, n, got, err))
        return false;
    c->left -= (int64_t)*got;
    return true;
}

static bool read_plain(struct req *req, char *buf, size_t n, size_t *got, struct err *err)
{
    int64_t left = req->body.length - req->body.read;
    return take_in_time(req, buf, (int64_t)n < left ? n : (size_t)left, got, err);
}

static void start_clock(struct req *req)
{
    int64_t timeout = req->door->conf.body_timeout_ms;
    if (req->conn->body_ms == 0)
        req->conn->body_ms = clock_mono_ms();
    req->body.deadline_ms = timeout > 0 ? req->conn->body_ms + timeout : INT64_MAX;
}

/* First read: the client may be waiting for our word, and the clock starts. */
static bool body_begin(struct req *req)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (req->body.deadline_ms > 0)
        return true;
    start_clock(req);
    if (!req->body.expects)
        return true;
    req->body.expects = false;
    return door_io_write(req, go_on, sizeof go_on - 1);
}

bool door_io_began(struct req *req)
{
    struct door_conn *conn = req->conn;
    int64_t until;
    if (req->body.ended || req->body.expects || conn->began)
        return true;
    start_clock(req);
    until = clock_mono_ms() + EARLY_MS;
    conn->began = true;
    conn->chunked = req->body.length < 0;
    conn->want = conn->head + DOOR_EARLY;
    if (!conn->chunked && req->body.length < DOOR_EARLY)
        conn->want = conn->head + (size_t)req->body.length;
    while (!door_heard_enough(conn)) {
        bool came = wait_for(conn->fd, POLLIN, clock_mono_ms() + SLICE_MS);
        if (came && !door_hear(conn))
            return true; /* whoever reads it sees the end */
        if (!came && (clock_mono_ms() >= until || door_others_wait(req->door)))
            return false;
    }
    return true;
}

bool req_read(struct req *req, char *buf, size_t n, size_t *got, struct err *err)
{
    struct door_body *body = &req->body;
    int64_t max = req->route->body_max;
    size_t came = 0;
    if (body->ended || n == 0) {
        *got = 0;
        return true;
    }
    if (body->broken || !body_begin(req))
        return body_fails(req, err, ERR_BAD_REQUEST, "the body cannot be read any further");
    if (!(body->length < 0 ? read_chunk : read_plain)(req, buf, n, &came, err))
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

/* The rest of the body, if it is short and there already: then the connection can be kept. */
static void read_away(struct req *req)
{
    struct door_body *body = &req->body;
    char *buf = arena_take(&req->arena, DOOR_STEP);
    struct err err = ERR_INIT;
    size_t got = 1;
    int64_t most = body->read + REST_SMALL;
    body->deadline_ms = clock_mono_ms() + REST_MS;
    while (!body->ended && body->read < most) {
        if (!(body->length < 0 ? read_chunk : read_plain)(req, buf, DOOR_STEP, &got, &err))
            return;
        body->read += (int64_t)got;
        body->ended = got == 0 || body->read == body->length;
    }
}

/* A body left unread would be taken for the next request. */
void door_io_settle(struct req *req)
{
    struct door_body *body = &req->body;
    bool small = body->length < 0 || body->length - body->read <= REST_SMALL;
    if (!body->ended && !req->close && !body->broken && !body->expects && small)
        read_away(req);
    req->close = req->close || !body->ended || atomic_load(&req->door->shut) ||
                 req->door->conf.keep_alive_ms <= 0;
}

/* --- out --- */

/* What a client at the minimum rate takes within a window. */
static size_t step_of(const struct door *door)
{
    int64_t fair = door->conf.body_min_rate * door->window_ms / 1000;
    if (door->conf.body_min_rate <= 0 || fair > DOOR_STEP)
        return DOOR_STEP;
    return fair > 256 ? (size_t)fair : 256;
}

bool door_io_write(struct req *req, const char *p, size_t n)
{
    const struct door *door = req->door;
    int64_t wait = door->conf.body_min_rate > 0 ? door->window_ms : door->conf.header_timeout_ms;
    int64_t until = clock_mono_ms() + wait;
    size_t step = 0; /* so much must leave within that time */
    while (n > 0) {
        ssize_t sent = send(req->conn->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent < 0 && !wait_for(req->conn->fd, POLLOUT, until))
            return false;
        sent = sent > 0 ? sent : 0;
        p += sent;
        n -= (size_t)sent;
        step += (size_t)sent;
        if (step >= step_of(door)) {
            until = clock_mono_ms() + wait;
            step = 0;
        }
    }
    return true;
}
