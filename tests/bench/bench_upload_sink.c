/*
 * bench_upload_sink.c - something that looks like S3 and costs next to nothing: it reads bodies
 * without copying them out of the kernel (MSG_TRUNC), keeps nothing and agrees to everything. It
 * also accepts batches, as analysis-svc does.
 *
 *   bench_upload_sink PORT     serves on 127.0.0.1 until it is killed
 *
 * One thread, epoll. Bodies have a Content-Length or come in chunks (RFC 9112 section 7.1).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base.h"

enum { HEAD_MAX = 16 << 10, READ_MAX = 1 << 20, EVENTS = 128 };

enum phase { HEAD, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER };

struct conn {
    int fd;
    enum phase phase;
    char head[HEAD_MAX]; /* of the request; then a line of a chunked body */
    size_t n;
    bool post, starts, batch; /* what is asked for */
    bool removes;
    int64_t left; /* of the body or the chunk */
};

static char scratch[READ_MAX];

static void stop(const char *what)
{
    perror(what);
    exit(1);
}

static void send_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return;
        if (sent > 0) {
            p += sent;
            n -= (size_t)sent;
        }
    }
}

static void answer(struct conn *c)
{
    static const char gone[] = "HTTP/1.1 204 No Content\r\n\r\n";
    char out[1024];
    const char *body = "";
    int n;

    if (c->removes) {
        send_all(c->fd, gone, sizeof gone - 1);
    } else {
        if (c->batch)
            body = "{}";
        else if (c->starts)
            body = "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                   "</InitiateMultipartUploadResult>";
        else if (c->post)
            body = "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag>"
                   "</CompleteMultipartUploadResult>";
        n = snprintf(out, sizeof out,
                     "HTTP/1.1 %s\r\nETag: \"9b2cf535f27731c974343645a3985328\"\r\n"
                     "Content-Type: application/xml\r\nContent-Length: %zu\r\n\r\n%s",
                     c->batch ? "202 Accepted" : "200 OK", strlen(body), body);
        send_all(c->fd, out, (size_t)n);
    }
    c->phase = HEAD;
    c->n = 0;
}

static void begin(struct conn *c)
{
    const char *length = strcasestr(c->head, "\r\nContent-Length:");
    const char *coding = strcasestr(c->head, "\r\nTransfer-Encoding: chunked");
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    c->post = strncmp(c->head, "POST", 4) == 0;
    c->removes = strncmp(c->head, "DELETE", 6) == 0;
    c->starts = strstr(c->head, "?uploads") != NULL;
    c->batch = strstr(c->head, "/batches ") != NULL;
    c->left = length ? strtoll(length + 17, NULL, 10) : 0;
    if (strcasestr(c->head, "\r\nExpect: 100"))
        send_all(c->fd, go_on, sizeof go_on - 1);
    c->n = 0;
    c->phase = coding ? CHUNK_SIZE : BODY;
    if (!coding && c->left == 0)
        answer(c);
}

/* Collect into head until `end` is there; how many of the n bytes that took. */
static size_t collect(struct conn *c, const char *p, size_t n, const char *end, bool *whole)
{
    size_t before = c->n, room = HEAD_MAX - 1 - c->n, take = n < room ? n : room;
    size_t from = before > 3 ? before - 3 : 0;
    const char *hit;

    memcpy(c->head + before, p, take);
    c->n += take;
    c->head[c->n] = '\0';
    hit = memmem(c->head + from, c->n - from, end, strlen(end));
    *whole = hit != NULL;
    if (!hit)
        return take;
    c->n = (size_t)(hit - c->head) + strlen(end);
    c->head[c->n] = '\0';
    return c->n - before;
}

static size_t pass(struct conn *c, size_t n)
{
    size_t used = (int64_t)n < c->left ? n : (size_t)c->left;

    c->left -= (int64_t)used;
    if (c->left > 0)
        return used;
    if (c->phase == BODY)
        answer(c);
    else
        c->phase = CHUNK_END;
    return used;
}

static void after_line(struct conn *c)
{
    bool empty = c->n == 2;

    if (c->phase == CHUNK_SIZE) {
        c->left = strtoll(c->head, NULL, 16);
        c->phase = c->left > 0 ? CHUNK : TRAILER;
    } else if (c->phase == CHUNK_END) {
        c->phase = CHUNK_SIZE;
    } else if (empty) {
        answer(c);
    }
    c->n = 0;
}

static void feed(struct conn *c, const char *p, size_t n)
{
    while (n > 0) {
        bool whole = false;
        size_t used;

        if (c->phase == BODY || c->phase == CHUNK) {
            used = pass(c, n);
        } else {
            used = collect(c, p, n, c->phase == HEAD ? "\r\n\r\n" : "\r\n", &whole);
            if (whole && c->phase == HEAD)
                begin(c);
            else if (whole)
                after_line(c);
        }
        p += used;
        n -= used;
    }
}

/* false: the connection has ended. */
static bool hear(struct conn *c)
{
    bool drops = (c->phase == BODY || c->phase == CHUNK) && c->left > 1;
    size_t want = drops && c->left < READ_MAX ? (size_t)c->left : READ_MAX;
    ssize_t got = recv(c->fd, scratch, want, drops ? MSG_TRUNC : 0);

    if (got > 0 && drops)
        pass(c, (size_t)got);
    else if (got > 0)
        feed(c, scratch, (size_t)got);
    return got > 0 || (got < 0 && errno == EAGAIN);
}

static void take_callers(int listener, int poll)
{
    int fd, one = 1;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct conn *c = calloc(1, sizeof *c);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

        if (!c)
            stop("sink");
        c->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
}

static int listen_on(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1024) != 0)
        stop("sink");
    return fd;
}

static void serve(int listener)
{
    int poll = epoll_create1(0);
    struct epoll_event own = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];

    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &own);
    for (;;) {
        int n = epoll_wait(poll, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;

            if (!c) {
                take_callers(listener, poll);
            } else if (!hear(c)) {
                close(c->fd);
                free(c);
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    serve(listen_on((int)strtol(argv[1], NULL, 10)));
}
