/*
 * door_porter.c - one thread holds every connection that waits for its client: for a head, for the
 * next request, for the beginning of a body, for the client to see the last answer. A worker gets
 * one only when there is something to do, so a client that drips costs a few KiB and no thread.
 *
 * Each place has one patience, so its list is in the order of its deadlines, and looking for who is
 * late costs nothing. epoll(7) with EPOLLONESHOT: a connection is reported only while it is ours.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/door_internal.h"
#include "common/id.h"
#include "common/json_write.h"

enum {
    EVENTS = 128,
    TICK_MS = 100,    /* precision of every deadline here */
    QUIET_MS = 1000,  /* nobody is there */
    BUF_FIRST = 2048, /* most heads fit */
    BUF_MAX = DOOR_HEAD_MAX + DOOR_STAGE,
    LEAVING_MS = 1000, /* so long a refused client may go on sending and still see why */
    LEAVING_MAX = 16 * 1024 * 1024,
    LEAVING_COUNT = 512, /* more at once are closed without such patience */
};

static int64_t patience(const struct door *door, enum door_place place)
{
    const struct door_conf *c = &door->conf;
    int64_t rated = c->body_min_rate > 0 ? door->window_ms : INT64_MAX;
    switch (place) {
    case DOOR_AT_HEAD:
        return c->header_timeout_ms;
    case DOOR_IDLE:
        return c->keep_alive_ms;
    case DOOR_AT_BODY:
        return c->body_timeout_ms > 0 && c->body_timeout_ms < rated ? c->body_timeout_ms : rated;
    case DOOR_LEAVING:
        return LEAVING_MS;
    case DOOR_READY:
    case DOOR_BUSY:
    case DOOR_PLACES_:
        break;
    }
    return INT64_MAX;
}

static void unlink_conn(struct door *door, struct door_conn *conn)
{
    struct door_list *list = &door->at[conn->place];
    *(conn->prev ? &conn->prev->next : &list->first) = conn->next;
    *(conn->next ? &conn->next->prev : &list->last) = conn->prev;
    list->n--;
}

static void link_conn(struct door *door, struct door_conn *conn, enum door_place to)
{
    struct door_list *list = &door->at[to];
    conn->place = to;
    conn->prev = list->last;
    conn->next = NULL;
    *(list->last ? &list->last->next : &list->first) = conn;
    list->last = conn;
    list->n++;
}

void door_move(struct door *door, struct door_conn *conn, enum door_place to)
{
    int64_t wait = patience(door, to);
    unlink_conn(door, conn);
    link_conn(door, conn, to);
    conn->until_ms = wait == INT64_MAX ? INT64_MAX : clock_mono_ms() + wait;
    if (to == DOOR_READY)
        pthread_cond_signal(&door->ready);
}

void door_drop(struct door *door, struct door_conn *conn)
{
    unlink_conn(door, conn);
    if (conn->counted)
        crowd_leave(door->crowd, &conn->far);
    close(conn->fd);
    free(conn->buf);
    free(conn);
    door->connections--;
}

static void watch_conn(struct door *door, struct door_conn *conn)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = conn};
    int how = conn->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    conn->polled = true;
    (void)epoll_ctl(door->poll, how, conn->fd, &event); /* unheard, it ends at its deadline */
}

/* To a worker, though nothing was heard: epoll must not report it to us any more. */
static void send_on(struct door *door, struct door_conn *conn)
{
    (void)epoll_ctl(door->poll, EPOLL_CTL_DEL, conn->fd, NULL);
    conn->polled = false;
    door_move(door, conn, DOOR_READY);
}

void door_hold(struct door *door, struct door_conn *conn, enum door_place to)
{
    if (to == DOOR_LEAVING &&
        (door->at[DOOR_LEAVING].n >= LEAVING_COUNT || shutdown(conn->fd, SHUT_WR) != 0)) {
        door_drop(door, conn);
        return;
    }
    door_move(door, conn, to);
    watch_conn(door, conn);
}

/* The end of a chunked body, or a fault that a worker is to tell. */
static bool chunks_end(struct sv raw)
{
    struct door_chunks c = {.left = 0};
    struct err err = ERR_INIT;
    size_t used = 0;
    while (door_chunks_step(&c, raw, &used, &err)) {
        raw = (struct sv){raw.p + used, raw.n - used};
        if (c.at != CHUNK_DATA || raw.n == 0)
            return c.at == CHUNK_OVER;
        used = (int64_t)raw.n < c.left ? raw.n : (size_t)c.left;
        c.left -= (int64_t)used;
        raw = (struct sv){raw.p + used, raw.n - used};
    }
    return true;
}

bool door_heard_enough(const struct door_conn *conn)
{
    if (conn->want > 0)
        return conn->n >= conn->want ||
               (conn->chunked &&
                chunks_end((struct sv){conn->buf + conn->head, conn->n - conn->head}));
    struct sv came = {conn->buf, conn->n};
    return conn->n >= DOOR_HEAD_MAX || door_head_length(came) > 0 || door_head_hopeless(came);
}

/* Room for more of a head. Once it is whole, views into it exist, and it stays where it is. */
static bool grow(struct door_conn *conn)
{
    size_t cap = conn->cap == 0 ? BUF_FIRST : conn->cap * 3;
    if (conn->n == conn->cap && conn->cap < BUF_MAX && conn->head == 0)
        door_room(conn, cap < BUF_MAX ? cap : BUF_MAX);
    return conn->n < conn->cap;
}

bool door_hear(struct door_conn *conn)
{
    while (grow(conn)) {
        size_t room = conn->cap - conn->n;
        ssize_t got = recv(conn->fd, conn->buf + conn->n, room, MSG_DONTWAIT);
        if (got == 0)
            return false;
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        conn->n += (size_t)got;
        if ((size_t)got < room)
            return true;
    }
    return true;
}

/* What a leaving client still sends is of no interest. False: it has seen the end, or sends more
 * than anybody who waits for an answer. */
static bool drain(struct door_conn *conn)
{
    static char nothing[64 * 1024]; /* the porter's alone */
    ssize_t got = 1;
    while (got > 0 && conn->dropped < LEAVING_MAX) {
        got = recv(conn->fd, nothing, sizeof nothing, MSG_DONTWAIT);
        conn->dropped += got > 0 ? got : 0;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static void heard(struct door *door, struct door_conn *conn)
{
    bool open = conn->place == DOOR_LEAVING ? drain(conn) : door_hear(conn);
    if (!open && conn->place != DOOR_AT_BODY) { /* a worker tells what a body lacks */
        door_drop(door, conn);
        return;
    }
    if (conn->place == DOOR_IDLE && conn->n > 0)
        door_move(door, conn, DOOR_AT_HEAD);
    if (conn->place != DOOR_LEAVING && (!open || door_heard_enough(conn)))
        door_move(door, conn, DOOR_READY);
    else
        watch_conn(door, conn);
}

/* ---- newcomers ---- */

static struct door_conn *make_conn(struct door *door, int fd, const struct addr *far)
{
    struct door_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        abort();
    conn->fd = fd;
    conn->far = *far;
    link_conn(door, conn, DOOR_AT_HEAD);
    conn->until_ms = clock_mono_ms() + patience(door, DOOR_AT_HEAD);
    door->connections++;
    return conn;
}

/* Nothing was read of it, so this is its whole answer; no worker is troubled. */
static void say_why(const struct door_conn *conn, enum err_code why, const char *message)
{
    AUTO(str_free) struct str body = STR_INIT(512);
    AUTO(str_free) struct str all = STR_INIT(1024);
    char id[DOOR_ID_MAX + 1];
    struct jw w = jw_on(&body);
    id_short(id);
    door_reply_error(&w, err_wire(why), message, id);
    str_addf(&all,
             "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
             "X-Request-Id: %s\r\nRetry-After: 5\r\nConnection: close\r\n\r\n%s",
             err_http(why), door_reply_reason(err_http(why)), body.n, id, body.p);
    (void)send(conn->fd, all.p, all.n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void refuse(struct door *door, struct door_conn *conn, bool by_address)
{
    enum err_code why = by_address ? ERR_RATE : ERR_BUSY;
    say_why(conn, why,
            by_address ? "Too many connections from this address at a time."
                       : "Too many connections. Try again in a moment.");
    if (door->conf.refused)
        door->conf.refused(door->conf.app, why);
    door_hold(door, conn, DOOR_LEAVING);
}

/* When all places are taken, whoever has nothing to say makes room. */
static bool make_room(struct door *door)
{
    struct door_conn *oldest = door->at[DOOR_IDLE].first;
    if (!oldest)
        oldest = door->at[DOOR_LEAVING].first;
    if (oldest)
        door_drop(door, oldest);
    return oldest != NULL;
}

static void welcome(struct door *door, int fd, const struct sockaddr_storage *from)
{
    struct addr far = addr_of(from);
    bool full = door->connections >= door->connections_max && !make_room(door);
    bool proxy = addr_listed(sv_of(door->conf.trusted_proxies), &far);
    struct door_conn *conn = make_conn(door, fd, &far);
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (full) {
        refuse(door, conn, false);
        return;
    }
    conn->counted = !proxy && crowd_enter(door->crowd, &far, door->conf.per_address_max);
    if (!proxy && !conn->counted)
        refuse(door, conn, true);
    else
        heard(door, conn);
}

/* False: nobody else is waiting outside. */
static bool accept_one(struct door *door)
{
    struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof from;
    int fd = accept4(door->listener, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        welcome(door, fd, &from);
    else if (errno == EMFILE || errno == ENFILE)
        return make_room(door);
    return fd >= 0 || errno == ECONNABORTED || errno == EINTR;
}

static void watch_listener(struct door *door)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = &door->listener};
    (void)epoll_ctl(door->poll, EPOLL_CTL_MOD, door->listener, &event);
}

/* At most so many at once: those who are inside want something too. */
static void accept_some(struct door *door)
{
    for (int i = 0; i < EVENTS && accept_one(door); i++)
        ;
    watch_listener(door);
}

/* ---- time ---- */

static void expire(struct door *door, enum door_place place, int64_t now)
{
    struct door_conn *conn, *next;
    for (conn = door->at[place].first; conn && now >= conn->until_ms; conn = next) {
        next = conn->next;
        conn->late = place == DOOR_AT_BODY || (place == DOOR_AT_HEAD && conn->n > 0);
        if (conn->late)
            send_on(door, conn); /* to be told */
        else
            door_drop(door, conn);
    }
}

static void drop_all(struct door *door, enum door_place place)
{
    while (door->at[place].first)
        door_drop(door, door->at[place].first);
}

/* Shut: who stands outside already comes in once more, to be told; nobody after that. What was
 * admitted before goes to its end. */
static void stop_listening(struct door *door)
{
    if (!door->listening)
        return;
    while (accept_one(door))
        ;
    close(door->listener);
    door->listening = false;
    drop_all(door, DOOR_IDLE);
    while (door->at[DOOR_AT_BODY].first)
        send_on(door, door->at[DOOR_AT_BODY].first);
    if (!door_in_hand(door))
        pthread_cond_broadcast(&door->idle);
}

static void tick(struct door *door, int64_t now)
{
    static const enum door_place waiting[] = {DOOR_AT_HEAD, DOOR_IDLE, DOOR_AT_BODY, DOOR_LEAVING};
    for (size_t i = 0; i < COUNT_OF(waiting); i++)
        expire(door, waiting[i], now);
    if (atomic_load(&door->shut))
        stop_listening(door);
}

void door_porter_wake(struct door *door)
{
    uint64_t one = 1;
    (void)!write(door->wake, &one, sizeof one);
}

static void meet(struct door *door, const struct epoll_event *events, int n)
{
    bool newcomers = false;
    uint64_t woken;
    for (int i = 0; i < n; i++) {
        void *who = events[i].data.ptr;
        if (who == &door->listener)
            newcomers = true; /* last: they may push out somebody of this very list */
        else if (who == &door->wake)
            (void)!read(door->wake, &woken, sizeof woken);
        else
            heard(door, who);
    }
    if (newcomers && door->listening)
        accept_some(door);
}

void *door_porter_run(void *arg)
{
    struct door *door = arg;
    struct epoll_event events[EVENTS];
    int64_t due = 0;
    pthread_mutex_lock(&door->lock);
    while (!door->closed) {
        int wait = door->connections > 0 ? TICK_MS : QUIET_MS;
        pthread_mutex_unlock(&door->lock);
        int n = epoll_wait(door->poll, events, EVENTS, wait);
        pthread_mutex_lock(&door->lock);
        int64_t now = clock_mono_ms();
        meet(door, events, n);
        if (now >= due || atomic_load(&door->shut)) {
            tick(door, now);
            due = now + TICK_MS;
        }
    }
    pthread_mutex_unlock(&door->lock);
    return NULL;
}
