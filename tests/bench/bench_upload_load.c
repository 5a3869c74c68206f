/*
 * bench_upload_load.c - browsers that send one picture after the other: the load of bench-upload.
 *
 *   bench_upload_load PORT PATH BYTES CONNECTIONS COUNT SECONDS [TOKEN [METHOD]]
 *
 * Each connection posts a form with the fields that a page sends and one PNG of BYTES bytes, no two
 * alike, waits for the answer and begins again: for SECONDS, or COUNT times in all where COUNT is
 * not 0. Answers that are not 2xx are counted as failed. Last, one line of JSON on standard output.
 * One thread, epoll. All pictures share two buffers: a chunk of 16 MiB, which comes as often as it
 * fits, and what is left of the size; only 16 bytes of each picture are its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "common/base.h"

#define BOUNDARY "----snapkeybench7MA4YWxkTrZu0gW"
#define FIELD(name, value)                                                                         \
    "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"

enum {
    HEAD_MAX = 4096,
    ANSWER_MAX = 8192,
    SAMPLES_MAX = 1 << 20,
    TICK_MS = 100,
    PNG_HEAD = 33,
    OWN = 28,   /* the chunk with the picture's number */
    FRAME = 12, /* of a chunk: length, name, checksum */
    BLOCK = 16 << 20
};

static const char fields[] =
    FIELD("platformSource", "cookie.fun") FIELD("snapshotDate", "2026-11-20") FIELD(
        "snapshotType", "leaderboard") "--" BOUNDARY
                                       "\r\nContent-Disposition: form-data; name=\"screenshots\"; "
                                       "filename=\"board.png\"\r\nContent-Type: image/png\r\n\r\n";
static const char tail[] = "\r\n--" BOUNDARY "--\r\n";
static const char png[PNG_HEAD + 1] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x05\0\0\0\x03\xcb\b\x02\0\0\0crc!";

struct conn {
    int fd;
    char head[HEAD_MAX];
    size_t head_n;
    int64_t sent, size; /* of this request */
    char answer[ANSWER_MAX];
    size_t answer_n;
    int64_t began_us;
    bool busy;
};

static struct {
    struct sockaddr_in at;
    const char *method, *path, *token;
    int64_t bytes, count;
    char *block, *rest; /* a chunk each; the end of the picture follows the second */
    int64_t blocks;     /* how often the first comes */
    size_t rest_n;
    uint64_t number, seed;
    int64_t begun, done, failed, until_us;
    int64_t *samples;
    int poll;
} load;

static void stop(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

/* The picture: its header, a chunk of its own, those that all share (none with a right checksum).
 */
static void begin(struct conn *c)
{
    size_t body = sizeof fields - 1 + (size_t)load.bytes + sizeof tail - 1;
    char *p = c->head;

    p += snprintf(p, HEAD_MAX,
                  "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                  "Content-Type: multipart/form-data; boundary=" BOUNDARY "\r\n"
                  "Content-Length: %zu\r\n\r\n%s",
                  load.method, load.path, load.token, body, fields);
    memcpy(p, png, PNG_HEAD);
    memcpy(p + PNG_HEAD, "\0\0\0\x10IDAT", 8);
    load.number++;
    memcpy(p + PNG_HEAD + 8, &load.seed, 8);
    memcpy(p + PNG_HEAD + 16, &load.number, 8);
    memcpy(p + PNG_HEAD + 24, "crc!", 4);
    c->head_n = (size_t)(p - c->head) + PNG_HEAD + OWN;
    c->sent = 0;
    c->size = (int64_t)c->head_n + load.blocks * BLOCK + (int64_t)(load.rest_n + sizeof tail - 1);
    c->answer_n = 0;
    c->began_us = now_us();
    c->busy = true;
    load.begun++;
}

static void watch(struct conn *c, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = c};

    epoll_ctl(load.poll, how, c->fd, &event);
}

static void dial(struct conn *c)
{
    int one = 1;

    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&load.at, sizeof load.at) != 0)
        stop("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}

/* What follows at `at` of the request, as far as it lies in one piece. */
static struct iovec piece_at(struct conn *c, int64_t at)
{
    int64_t shared = at - (int64_t)c->head_n, rest = shared - load.blocks * BLOCK;
    const char *p = c->head + at;
    int64_t n = (int64_t)c->head_n - at;

    if (shared >= 0 && rest < 0) {
        p = load.block + shared % BLOCK;
        n = BLOCK - shared % BLOCK;
    } else if (rest >= (int64_t)load.rest_n) {
        p = tail + (rest - (int64_t)load.rest_n);
        n = c->size - at;
    } else if (rest >= 0) {
        p = load.rest + rest;
        n = (int64_t)load.rest_n - rest;
    }
    return (struct iovec){(char *)(uintptr_t)p, (size_t)n};
}

/* false: the connection has broken. */
static bool speak(struct conn *c)
{
    while (c->sent < c->size) {
        struct iovec v[4];
        size_t n = 0;
        ssize_t sent;

        for (int64_t at = c->sent; at < c->size && n < COUNT_OF(v); n++) {
            v[n] = piece_at(c, at);
            at += (int64_t)v[n].iov_len;
        }
        sent = sendmsg(c->fd, &(struct msghdr){.msg_iov = v, .msg_iovlen = n},
                       MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN;
        c->sent += sent;
    }
    watch(c, EPOLLIN, EPOLL_CTL_MOD);
    return true;
}

/* Is the whole answer here, and what does it say? 0: not yet. */
static int status_of(struct conn *c)
{
    const char *end, *length;
    size_t body;

    c->answer[c->answer_n] = '\0';
    end = strstr(c->answer, "\r\n\r\n");
    if (!end)
        return 0;
    length = strcasestr(c->answer, "\r\nContent-Length:");
    if (!length || length > end)
        return 599;
    body = c->answer_n - (size_t)(end + 4 - c->answer);
    return body < strtoul(length + 17, NULL, 10) ? 0 : (int)strtol(c->answer + 9, NULL, 10);
}

static void next(struct conn *c)
{
    c->busy = false;
    if (now_us() >= load.until_us || (load.count > 0 && load.begun >= load.count))
        return;
    begin(c);
    watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static void end(struct conn *c, int status)
{
    if (status < 200 || status > 299) {
        if (load.failed++ == 0)
            fprintf(stderr, "%s\n", c->answer);
    } else if (load.done < SAMPLES_MAX) {
        load.samples[load.done++] = now_us() - c->began_us;
    }
}

static void broken(struct conn *c)
{
    close(c->fd);
    c->answer[0] = '\0';
    if (c->busy)
        end(c, 0);
    dial(c);
    next(c);
}

static bool hear(struct conn *c)
{
    ssize_t got = recv(c->fd, c->answer + c->answer_n, ANSWER_MAX - 1 - c->answer_n, MSG_DONTWAIT);
    int status;

    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    c->answer_n += (size_t)got;
    status = status_of(c);
    if (status == 0)
        return true;
    end(c, status);
    if (strcasestr(c->answer, "\r\nConnection: close"))
        return false;
    next(c);
    return true;
}

static void run(struct conn *conns, size_t n)
{
    struct epoll_event events[128];
    bool any = true;

    while (any) {
        int got = epoll_wait(load.poll, events, COUNT_OF(events), TICK_MS);

        for (int i = 0; i < got; i++) {
            struct conn *c = events[i].data.ptr;
            bool ok = true;

            if (events[i].events & EPOLLOUT && c->busy)
                ok = speak(c);
            if (ok && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                ok = hear(c);
            if (!ok)
                broken(c);
        }
        any = false;
        for (size_t i = 0; i < n; i++)
            any = any || conns[i].busy;
    }
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double rank_ms(double share)
{
    return load.done ? (double)load.samples[(int64_t)((double)(load.done - 1) * share)] / 1000 : 0;
}

static void tell(int64_t took_us)
{
    qsort(load.samples, (size_t)load.done, sizeof *load.samples, by_size);
    printf("{\"done\":%lld,\"failed\":%lld,\"seconds\":%.3f,\"per_s\":%.2f,\"p50_ms\":%.2f,"
           "\"p99_ms\":%.2f}\n",
           (long long)load.done, (long long)load.failed, (double)took_us / 1e6,
           (double)load.done / ((double)took_us / 1e6), rank_ms(0.5), rank_ms(0.99));
}

/* A chunk of n bytes, frame and all, of noise that nobody can make smaller. */
static char *chunk_of(size_t n, size_t more)
{
    static uint64_t x = 88172645463325252U; /* xorshift */
    char *p = malloc(n + more);
    uint32_t length = htonl((uint32_t)(n - FRAME));

    if (!p)
        stop("load");
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p[i] = (char)x;
    }
    memcpy(p, &length, 4);
    memcpy(p + 4, "IDAT", 4);
    return p;
}

static void prepare(char **argv)
{
    int64_t left;

    load.at = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    load.path = argv[2];
    load.bytes = strtoll(argv[3], NULL, 10);
    load.count = strtoll(argv[5], NULL, 10);
    load.seed = (uint64_t)now_us() ^ ((uint64_t)getpid() << 40);
    left = load.bytes - PNG_HEAD - OWN - FRAME;
    if (load.bytes < 1024)
        stop("load");
    load.blocks = (left - FRAME) / BLOCK;
    left -= load.blocks * BLOCK;
    load.block = load.blocks > 0 ? chunk_of(BLOCK, 0) : NULL;
    load.rest = chunk_of((size_t)left, FRAME);
    memcpy(load.rest + left, "\0\0\0\0IEND\xae\x42\x60\x82", FRAME);
    load.rest_n = (size_t)left + FRAME;
    load.samples = calloc(SAMPLES_MAX, sizeof *load.samples);
    load.poll = epoll_create1(0);
    if (!load.samples)
        stop("load");
}

int main(int argc, char **argv)
{
    struct conn *conns;
    int64_t began;
    size_t n;

    if (argc < 7) {
        fprintf(stderr, "usage: %s PORT PATH BYTES CONNECTIONS COUNT SECONDS [TOKEN [METHOD]]\n",
                argv[0]);
        return 2;
    }
    prepare(argv);
    load.token = argc > 7 ? argv[7] : "none";
    load.method = argc > 8 ? argv[8] : "POST";
    n = strtoul(argv[4], NULL, 10);
    conns = calloc(n, sizeof *conns);
    if (!conns)
        stop("load");
    for (size_t i = 0; i < n; i++)
        dial(&conns[i]);
    began = now_us();
    load.until_us = began + strtoll(argv[6], NULL, 10) * 1000000;
    for (size_t i = 0; i < n; i++)
        begin(&conns[i]);
    run(conns, n);
    tell(now_us() - began);
    return load.failed > 0;
}
