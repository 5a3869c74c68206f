#include "tests/kit/wire.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"
#include "tests/kit/port.h"

enum {
    HEAD_MAX = 16 << 10,
    CONNECTIONS_MAX = 256,
    HEADS_MAX = 256,
    TICK_MS = 20,
    BODY_KEPT = 16 << 10
};

struct kit_wire {
    const struct kit_step *steps;
    size_t steps_n;
    int fd;
    char url[40];
    pthread_t thread;
    pthread_mutex_t lock;
    /* under the lock: */
    bool closing;
    size_t requests, connections_n;
    size_t whole; /* under the lock: requests whose body came */
    pthread_t connections[CONNECTIONS_MAX];
    char *heads[HEADS_MAX], *bodies[HEADS_MAX];
    struct str log;
};

struct connection {
    struct kit_wire *wire;
    int fd;
    char head[HEAD_MAX + 1]; /* of the present request, then what came behind it */
    size_t have;
    size_t index; /* of the present request */
    struct str body;
};

static bool closing(struct kit_wire *w)
{
    bool yes;

    pthread_mutex_lock(&w->lock);
    yes = w->closing;
    pthread_mutex_unlock(&w->lock);
    return yes;
}

/* Bytes, or 0 when the other side or the server ended. */
static size_t receive(struct connection *c, char *buf, size_t n)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    while (!closing(c->wire)) {
        if (poll(&p, 1, TICK_MS) > 0) {
            ssize_t got = recv(c->fd, buf, n, 0);

            return got > 0 ? (size_t)got : 0;
        }
    }
    return 0;
}

static bool put(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool read_head(struct connection *c, size_t *head_n)
{
    const char *end;

    for (;;) {
        c->head[c->have] = '\0';
        end = strstr(c->head, "\r\n\r\n");
        if (end) {
            *head_n = (size_t)(end - c->head) + 4;
            return true;
        }
        size_t got = receive(c, c->head + c->have, HEAD_MAX - c->have);
        if (got == 0)
            return false;
        c->have += got;
    }
}

static void keep(struct connection *c, const char *bytes, size_t n)
{
    size_t room = BODY_KEPT - c->body.n;

    str_add(&c->body, bytes, n < room ? n : room);
}

/* Read and drop the body; what came of it with the head counts. */
static bool read_body(struct connection *c, size_t head_n, size_t length)
{
    char buf[65536];
    size_t early = c->have - head_n < length ? c->have - head_n : length;
    size_t left = length - early;

    if (left > 0 && strcasestr(c->head, "\nExpect: 100-continue") &&
        !put(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25))
        return false;
    str_reset(&c->body);
    keep(c, c->head + head_n, early);
    memmove(c->head, c->head + head_n + early, c->have - head_n - early);
    c->have -= head_n + early;
    while (left > 0) {
        size_t got = receive(c, buf, left < sizeof buf ? left : sizeof buf);

        if (got == 0)
            return false;
        keep(c, buf, got);
        left -= got;
    }
    pthread_mutex_lock(&c->wire->lock);
    if (c->index < HEADS_MAX)
        c->wire->bodies[c->index] = str_dup(c->body.p);
    pthread_mutex_unlock(&c->wire->lock);
    return true;
}

static struct kit_step next_step(struct connection *c, size_t head_n, size_t length)
{
    struct kit_wire *w = c->wire;
    const char *head = c->head;
    struct kit_step step;
    size_t i;

    pthread_mutex_lock(&w->lock);
    i = c->index = w->requests++;
    step = w->steps[i < w->steps_n ? i : w->steps_n - 1];
    str_addf(&w->log, "%.*s %zu\n", (int)(strstr(head, " HTTP/") - head), head, length);
    if (i < HEADS_MAX)
        w->heads[i] = strndup(head, head_n);
    pthread_mutex_unlock(&w->lock);
    return step;
}

static void drip(struct connection *c, const char *body)
{
    for (; *body && !closing(c->wire); body++) {
        if (!put(c->fd, body, 1))
            return;
        clock_sleep_ms(100);
    }
}

/* true: the connection goes on. */
static bool answer(struct connection *c, const struct kit_step *step, bool head_only)
{
    const char *body = step->body ? step->body : "";
    size_t n = strlen(body);
    char head[2048];
    struct linger hard = {.l_onoff = 1, .l_linger = 0};

    if (step->act == KIT_TORN && !put(c->fd, "HTTP/1.1 200 OK\r\nETa", 20))
        return false;
    if (step->act == KIT_RESET || step->act == KIT_CUT || step->act == KIT_TORN) {
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return false;
    }
    while (step->act == KIT_SILENT) {
        char byte;

        if (receive(c, &byte, 1) == 0)
            return false;
    }
    snprintf(head, sizeof head, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s\r\n",
             step->status, step->act == KIT_HALF ? 2 * n + 2 : n,
             step->headers ? step->headers : "");
    if (!put(c->fd, head, strlen(head)))
        return false;
    if (step->act == KIT_DRIP)
        drip(c, body);
    else if (!head_only && !put(c->fd, body, n))
        return false;
    return step->act == KIT_ANSWER || step->act == KIT_DRIP;
}

static void connection_close(struct connection **c)
{
    close((*c)->fd);
    str_free(&(*c)->body);
    free(*c);
    *c = NULL;
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    bool open = true;
    size_t head_n;

    while (open && read_head(c, &head_n)) {
        const char *length = strcasestr(c->head, "\nContent-Length:");
        size_t n = length ? (size_t)strtoull(length + 16, NULL, 10) : 0;
        bool head_only = strncmp(c->head, "HEAD ", 5) == 0;
        struct kit_step step = next_step(c, head_n, n);

        open = read_body(c, head_n, step.act == KIT_CUT ? n / 2 : n);
        pthread_mutex_lock(&c->wire->lock);
        c->wire->whole += open && step.act != KIT_CUT;
        pthread_mutex_unlock(&c->wire->lock);
        open = open && answer(c, &step, head_only);
    }
    connection_close(&c);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct kit_wire *w = arg;
    struct pollfd p = {.fd = w->fd, .events = POLLIN};

    while (!closing(w)) {
        struct connection *c;
        int fd;

        if (poll(&p, 1, TICK_MS) <= 0 || (fd = accept(w->fd, NULL, NULL)) < 0)
            continue;
        if (!(c = calloc(1, sizeof *c)))
            abort();
        c->wire = w;
        c->fd = fd;
        c->body = (struct str)STR_INIT(BODY_KEPT);
        pthread_mutex_lock(&w->lock);
        if (w->connections_n == CONNECTIONS_MAX ||
            pthread_create(&w->connections[w->connections_n], NULL, serve, c) != 0)
            abort();
        w->connections_n++;
        pthread_mutex_unlock(&w->lock);
    }
    return NULL;
}

struct kit_wire *kit_wire_open(const struct kit_step *steps, size_t n)
{
    struct kit_wire *w = calloc(1, sizeof *w);
    struct sockaddr_in at = {.sin_family = AF_INET};
    int port = kit_free_port(), yes = 1;

    if (!w)
        abort();
    w->steps = steps;
    w->steps_n = n;
    w->log = (struct str)STR_INIT(1 << 20);
    pthread_mutex_init(&w->lock, NULL);
    at.sin_port = htons((uint16_t)port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(w->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(w->fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(w->fd, 128) != 0 ||
        pthread_create(&w->thread, NULL, accept_all, w) != 0)
        abort();
    snprintf(w->url, sizeof w->url, "http://127.0.0.1:%d", port);
    return w;
}

static void free_texts(struct kit_wire *w, size_t i)
{
    free(w->heads[i]);
    free(w->bodies[i]);
}

void kit_wire_close(struct kit_wire **wire)
{
    struct kit_wire *w = *wire;

    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    for (size_t i = 0; i < w->connections_n; i++)
        pthread_join(w->connections[i], NULL);
    close(w->fd);
    for (size_t i = 0; i < HEADS_MAX; i++)
        free_texts(w, i);
    str_free(&w->log);
    pthread_mutex_destroy(&w->lock);
    free(w);
    *wire = NULL;
}

const char *kit_wire_url(const struct kit_wire *w) { return w->url; }

const char *kit_wire_log(struct kit_wire *w)
{
    const char *p;

    pthread_mutex_lock(&w->lock);
    p = w->log.p;
    pthread_mutex_unlock(&w->lock);
    return p;
}

size_t kit_wire_count(struct kit_wire *w)
{
    size_t n;

    pthread_mutex_lock(&w->lock);
    n = w->requests;
    pthread_mutex_unlock(&w->lock);
    return n;
}

size_t kit_wire_whole(struct kit_wire *w)
{
    size_t n;

    pthread_mutex_lock(&w->lock);
    n = w->whole;
    pthread_mutex_unlock(&w->lock);
    return n;
}

size_t kit_wire_connections(struct kit_wire *w)
{
    size_t n;

    pthread_mutex_lock(&w->lock);
    n = w->connections_n;
    pthread_mutex_unlock(&w->lock);
    return n;
}

const char *kit_wire_head(struct kit_wire *w, size_t i)
{
    const char *head;

    pthread_mutex_lock(&w->lock);
    head = i < HEADS_MAX && w->heads[i] ? w->heads[i] : "";
    pthread_mutex_unlock(&w->lock);
    return head;
}

const char *kit_wire_body(struct kit_wire *w, size_t i)
{
    const char *body;

    pthread_mutex_lock(&w->lock);
    body = i < HEADS_MAX && w->bodies[i] ? w->bodies[i] : "";
    pthread_mutex_unlock(&w->lock);
    return body;
}
