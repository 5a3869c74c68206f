#include "tests/kit/toll.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 64, PIECE = 65536 };

struct lane {
    struct kit_toll *toll;
    pthread_t thread;
    int client;
    char piece[PIECE];
};

struct kit_toll {
    int listener, far_port;
    char url[256];
    pthread_t thread;
    _Atomic int loss;
    atomic_bool ended, closed;
    struct lane *lanes[CONNECTIONS];
    size_t n;
};

static int dial(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The server's answer to the COMMIT that was passed on: read, and kept from the client. */
static void swallow(struct lane *l, int server)
{
    struct pollfd p = {.fd = server, .events = POLLIN};

    if (poll(&p, 1, 5000) > 0)
        (void)!read(server, l->piece, PIECE);
}

/* Does this piece hold a COMMIT that shall be lost? Then what shall become of it is done. */
static int lost(struct lane *l, int server, size_t n)
{
    int loss = l->toll->loss;

    if (loss == KIT_LOSE_NOTHING || !memmem(l->piece, n, "COMMIT", 7))
        return 0;
    l->toll->loss = KIT_LOSE_NOTHING;
    if (loss == KIT_LOSE_COMMIT)
        return 1;
    l->toll->closed = loss == KIT_LOSE_SERVER;
    (void)!write(server, l->piece, n);
    swallow(l, server);
    return 1;
}

/* Move what is there from one side to the other; 0: the connection is over. */
static int pass(struct lane *l, int from, int to)
{
    ssize_t n = read(from, l->piece, PIECE);

    if (n <= 0 || (from == l->client && lost(l, to, (size_t)n)))
        return 0;
    return write(to, l->piece, (size_t)n) == n;
}

static void *run_lane(void *arg)
{
    struct lane *l = arg;
    int server = l->toll->closed ? -1 : dial(l->toll->far_port);
    struct pollfd p[2] = {{.fd = l->client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    int alive = server >= 0;

    while (alive && !l->toll->ended) {
        if (poll(p, 2, 50) <= 0)
            continue;
        for (int i = 0; alive && i < 2; i++)
            if (p[i].revents != 0)
                alive = pass(l, p[i].fd, p[1 - i].fd);
    }
    if (server >= 0)
        close(server);
    close(l->client);
    return NULL;
}

static void *run(void *arg)
{
    struct kit_toll *t = arg;
    struct pollfd p = {.fd = t->listener, .events = POLLIN};

    while (!t->ended && t->n < CONNECTIONS) {
        struct lane *l;

        if (poll(&p, 1, 50) <= 0)
            continue;
        l = calloc(1, sizeof *l);
        if (!l)
            abort();
        l->toll = t;
        l->client = accept(t->listener, NULL, NULL);
        t->lanes[t->n++] = l;
        if (pthread_create(&l->thread, NULL, run_lane, l) != 0)
            abort();
    }
    return NULL;
}

struct kit_toll *kit_toll_open(const char *url)
{
    struct kit_toll *t = calloc(1, sizeof *t);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    const char *colon = strrchr(url, ':');

    if (!t || !colon)
        abort();
    t->far_port = (int)strtol(colon + 1, NULL, 10);
    t->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(t->listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(t->listener, 16) != 0 ||
        getsockname(t->listener, (struct sockaddr *)&at, &size) != 0)
        abort();
    snprintf(t->url, sizeof t->url, "%.*s:%d%s", (int)(colon - url), url, ntohs(at.sin_port),
             colon + 1 + strcspn(colon + 1, "/"));
    if (pthread_create(&t->thread, NULL, run, t) != 0)
        abort();
    return t;
}

void kit_toll_close(struct kit_toll **toll)
{
    struct kit_toll *t = *toll;

    if (!t)
        return;
    t->ended = true;
    pthread_join(t->thread, NULL);
    for (size_t i = 0; i < t->n; i++) {
        pthread_join(t->lanes[i]->thread, NULL);
        free(t->lanes[i]);
    }
    close(t->listener);
    free(t);
    *toll = NULL;
}

const char *kit_toll_url(const struct kit_toll *t) { return t->url; }
void kit_toll_lose(struct kit_toll *t, enum kit_loss what) { t->loss = what; }
