/*
 * door.c - opening and closing the way in, and the workers, who take what the porter has ready.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/door_internal.h"

enum {
    RATE_WINDOW_MS = 10 * 1000,
    CLOSE_WAIT_MS = 20 * 1000,
    LAST_WORD_MS = 1000,
    BACKLOG = 1024,
    CONNECTIONS_MAX = 4096,
    FD_RESERVE = 128, /* descriptors for everything else */
    AT_HAND_MS = 3,   /* a worker waits so long for the next request of a lively client */
    STACK = 512 * 1024,
};

/* ---- workers ---- */

void door_room(struct door_conn *conn, size_t cap)
{
    if (cap <= conn->cap)
        return;
    conn->buf = realloc(conn->buf, cap);
    if (!conn->buf)
        abort();
    conn->cap = cap;
}

static struct door_conn *take(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    while (!door->at[DOOR_READY].first && !door->ending)
        pthread_cond_wait(&door->ready, &door->lock);
    struct door_conn *conn = door->at[DOOR_READY].first;
    if (conn)
        door_move(door, conn, DOOR_BUSY);
    pthread_mutex_unlock(&door->lock);
    return conn;
}

/* What came behind the request is the beginning of the next one. */
static void next_request(struct door_conn *conn)
{
    memmove(conn->buf, conn->buf + conn->at, conn->n - conn->at);
    conn->n -= conn->at;
    conn->at = conn->head = conn->want = 0;
    conn->began = conn->late = conn->chunked = false;
    conn->body_ms = 0;
}

bool door_others_wait(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    bool some = door->at[DOOR_READY].first != NULL;
    pthread_mutex_unlock(&door->lock);
    return some;
}

/* Is the next request here already, or in a moment? It saves the way through the porter. */
static bool again(struct door *door, struct door_conn *conn, bool *open)
{
    struct pollfd p = {.fd = conn->fd, .events = POLLIN};
    *open = true;
    if (conn->n > 0 && door_heard_enough(conn))
        return true;
    if (door_others_wait(door) || poll(&p, 1, AT_HAND_MS) <= 0)
        return false;
    *open = door_hear(conn);
    return *open && door_heard_enough(conn);
}

static void hand_back(struct door *door, struct door_conn *conn, enum door_next next)
{
    pthread_mutex_lock(&door->lock);
    if (next == DOOR_END)
        door_drop(door, conn);
    else if (next == DOOR_CLOSE)
        door_hold(door, conn, DOOR_LEAVING);
    else if (next == DOOR_WAIT_BODY && !door->listening)
        door_move(door, conn, DOOR_READY); /* the porter has sent on all of these already */
    else if (next == DOOR_WAIT_BODY)
        door_hold(door, conn, DOOR_AT_BODY);
    else
        door_hold(door, conn, conn->n > 0 ? DOOR_AT_HEAD : DOOR_IDLE);
    if (!door_in_hand(door))
        pthread_cond_broadcast(&door->idle);
    pthread_mutex_unlock(&door->lock);
}

static void *work(void *arg)
{
    struct door *door = arg;
    struct door_conn *conn;
    while ((conn = take(door))) {
        enum door_next next;
        bool open = true, more = true;
        while (more && (next = door_serve(door, conn)) == DOOR_KEEP) {
            next_request(conn);
            more = again(door, conn, &open);
        }
        hand_back(door, conn, open ? next : DOOR_END);
    }
    return NULL;
}

/* ---- opening ---- */

static struct door *make_door(const struct door_conf *conf)
{
    struct door *door = calloc(1, sizeof *door);
    if (!door)
        abort();
    door->conf = *conf;
    door->window_ms = conf->rate_window_ms > 0 ? conf->rate_window_ms : RATE_WINDOW_MS;
    door->listener = door->poll = door->wake = -1;
    door->crowd = crowd_open();
    pthread_mutex_init(&door->lock, NULL);
    pthread_cond_init(&door->ready, NULL);
    pthread_cond_init(&door->idle, NULL);
    return door;
}

/* As many connections as are wanted and the process may have files open. */
static size_t connections_max(int64_t wanted)
{
    struct rlimit files = {.rlim_cur = 1024, .rlim_max = 1024};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        struct rlimit more = {.rlim_cur = files.rlim_max, .rlim_max = files.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            files.rlim_cur = files.rlim_max;
    }
    size_t most =
        files.rlim_cur > 2 * FD_RESERVE ? (size_t)files.rlim_cur - FD_RESERVE : FD_RESERVE;
    size_t want = wanted > 0 ? (size_t)wanted : CONNECTIONS_MAX;
    return want < most ? want : most;
}

static bool cannot(const struct door *door, const char *why, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "the door cannot open on %s, port %d: %s", door->conf.bind,
                   door->conf.port, why);
}

static void addresses_free(struct addrinfo **at)
{
    if (*at)
        freeaddrinfo(*at);
}

static bool listen_on(struct door *door, struct err *err)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    AUTO(addresses_free) struct addrinfo *at = NULL;
    AUTO(str_free) struct str port = STR_INIT(8);
    int on = 1;
    str_addf(&port, "%d", door->conf.port);
    int bad = getaddrinfo(door->conf.bind, port.p, &hints, &at);
    if (bad != 0)
        return cannot(door, gai_strerror(bad), err);
    door->listener = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (door->listener < 0 ||
        setsockopt(door->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(door->listener, at->ai_addr, at->ai_addrlen) != 0 ||
        listen(door->listener, BACKLOG) != 0)
        return cannot(door, strerror(errno), err);
    door->listening = true;
    return true;
}

static bool find_port(struct door *door, struct err *err)
{
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    char port[8];
    int64_t number;
    if (getsockname(door->listener, (struct sockaddr *)&at, &n) != 0 ||
        getnameinfo((struct sockaddr *)&at, n, NULL, 0, port, sizeof port, NI_NUMERICSERV) != 0 ||
        !sv_int(sv_of(port), &number))
        return cannot(door, "it has no port", err);
    door->port = (int)number;
    return true;
}

static bool watch_both(struct door *door, struct err *err)
{
    struct epoll_event guest = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = &door->listener};
    struct epoll_event wake = {.events = EPOLLIN, .data.ptr = &door->wake};
    door->poll = epoll_create1(EPOLL_CLOEXEC);
    door->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (door->poll < 0 || door->wake < 0 ||
        epoll_ctl(door->poll, EPOLL_CTL_ADD, door->listener, &guest) != 0 ||
        epoll_ctl(door->poll, EPOLL_CTL_ADD, door->wake, &wake) != 0)
        return cannot(door, strerror(errno), err);
    return true;
}

static bool start_threads(struct door *door, struct err *err)
{
    pthread_attr_t attr;
    bool ok = true;
    door->workers = calloc((size_t)door->conf.threads, sizeof *door->workers);
    if (!door->workers)
        abort();
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    while (ok && door->worker_count < door->conf.threads) {
        ok = pthread_create(&door->workers[door->worker_count], &attr, work, door) == 0;
        door->worker_count += ok;
    }
    door->has_porter = ok && pthread_create(&door->porter, &attr, door_porter_run, door) == 0;
    pthread_attr_destroy(&attr);
    return door->has_porter || cannot(door, "no threads are left", err);
}

bool door_open(const struct door_conf *conf, struct door **out, struct err *err)
{
    struct door *door = make_door(conf);
    door->connections_max = connections_max(conf->connections_max);
    if (!addr_list_ok(sv_of(conf->trusted_proxies)))
        cannot(door, "trusted proxies are addresses and networks like 10.0.0.0/8", err);
    if (err->code != ERR_NONE || !listen_on(door, err) || !find_port(door, err) ||
        !watch_both(door, err) || !start_threads(door, err)) {
        door_close(&door);
        return false;
    }
    *out = door;
    return true;
}

int door_port(const struct door *door) { return door->port; }

/* ---- closing ---- */

void door_shut(struct door *door)
{
    atomic_store(&door->shut, true);
    if (door->wake >= 0)
        door_porter_wake(door);
}

static int64_t close_wait(const struct door *door)
{
    return door->conf.close_wait_ms > 0 ? door->conf.close_wait_ms : CLOSE_WAIT_MS;
}

static struct timespec wall_in(int64_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    ms += at.tv_nsec / 1000000;
    at.tv_sec += ms / 1000;
    at.tv_nsec = ms % 1000 * 1000000;
    return at;
}

bool door_in_hand(const struct door *door)
{
    return door->listening || door->at[DOOR_BUSY].n + door->at[DOOR_READY].n > 0;
}

/* Requests in hand come to their end by themselves, or are cut. */
static void wait_idle(struct door *door)
{
    struct timespec until = wall_in(close_wait(door));
    pthread_mutex_lock(&door->lock);
    while (door->has_porter && door_in_hand(door))
        if (pthread_cond_timedwait(&door->idle, &door->lock, &until) == ETIMEDOUT)
            break;
    atomic_store(&door->stopping, true);
    for (struct door_conn *conn = door->at[DOOR_BUSY].first; conn; conn = conn->next)
        shutdown(conn->fd, SHUT_RDWR);
    door->ending = true;
    pthread_cond_broadcast(&door->ready);
    pthread_mutex_unlock(&door->lock);
    for (int i = 0; i < door->worker_count; i++)
        pthread_join(door->workers[i], NULL);
}

/* The last answers are on their way: closing on bytes that nobody read would take them back. */
static void wait_leaving(struct door *door)
{
    int64_t until = clock_mono_ms() + LAST_WORD_MS;
    size_t n = 1;
    while (n > 0 && clock_mono_ms() < until) {
        pthread_mutex_lock(&door->lock);
        n = door->at[DOOR_LEAVING].n;
        pthread_mutex_unlock(&door->lock);
        if (n > 0)
            clock_sleep_ms(5);
    }
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void door_free(struct door **door)
{
    for (size_t i = 0; i < DOOR_PLACES_; i++)
        while ((*door)->at[i].first)
            door_drop(*door, (*door)->at[i].first);
    if ((*door)->listening)
        close((*door)->listener);
    close_fd((*door)->poll);
    close_fd((*door)->wake);
    crowd_close(&(*door)->crowd);
    pthread_cond_destroy(&(*door)->ready);
    pthread_cond_destroy(&(*door)->idle);
    pthread_mutex_destroy(&(*door)->lock);
    free((*door)->workers);
    free(*door);
    *door = NULL;
}

void door_close(struct door **door)
{
    if (!*door)
        return;
    door_shut(*door);
    wait_idle(*door);
    if ((*door)->has_porter) {
        wait_leaving(*door);
        pthread_mutex_lock(&(*door)->lock);
        (*door)->closed = true;
        pthread_mutex_unlock(&(*door)->lock);
        door_porter_wake(*door);
        pthread_join((*door)->porter, NULL);
    }
    door_free(door);
}
