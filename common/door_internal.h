/*
 * door_internal.h - what the files of the door share. Nobody else includes it (its tests do).
 *
 * door.c: opening, shutting, the workers. door_porter.c: the one thread that holds every connection
 * which waits for its client. door_serve.c: one request from end to end. door_req.c: what it says,
 * and whether it may. door_io.c: bytes in and out, with clocks. door_reply.c: the head of an
 * answer.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/crowd.h"
#include "common/door.h"
#include "common/door_head.h"

enum {
    DOOR_STEP = 64 * 1024, /* the most that is written in one go */
    DOOR_SEGMENTS = 24,    /* of a path */
    DOOR_PAIRS = 64,       /* of a query string */
    DOOR_ID_MAX = 64,
    DOOR_STAGE = 4096, /* room behind a head, for a body's beginning and for chunks' sizes */
    DOOR_EARLY = 1024, /* bytes of a body that must have come before a worker waits for it */
};

/* Where a connection is. The porter owns it but in DOOR_BUSY, where a worker does. */
enum door_place {
    DOOR_AT_HEAD, /* a request's head is coming */
    DOOR_IDLE,    /* between two requests */
    DOOR_AT_BODY, /* the request was admitted, and the beginning of its body is coming */
    DOOR_LEAVING, /* answered for the last time; what still comes is dropped */
    DOOR_READY,   /* waits for a worker */
    DOOR_BUSY,
    DOOR_PLACES_
};

struct door_conn {
    struct door_conn *prev, *next; /* in the list of its place */
    enum door_place place;
    int fd;
    bool polled;      /* epoll knows it */
    bool counted;     /* it is in the crowd */
    bool late;        /* its client took too long; a worker tells it so */
    bool began;       /* AT_BODY has been passed */
    int64_t until_ms; /* of its place */
    int64_t body_ms;  /* when the body's clock began; 0: it did not */
    int64_t dropped;  /* bytes, while leaving */
    struct addr far;
    char *buf;     /* bytes that came: [0..head) is the present request's head, */
    size_t cap, n; /* [at..n) is not used yet */
    size_t head, at;
    size_t want;  /* n that is enough of a body's beginning; 0: of a head */
    bool chunked; /* or the end of such a body */
};

struct door_list {
    struct door_conn *first, *last;
    size_t n;
};

struct door {
    struct door_conf conf; /* texts and routes are borrowed */
    int listener, poll, wake;
    int port;
    int64_t window_ms; /* over which the minimum rate is measured */
    size_t connections_max;
    struct crowd *crowd;
    atomic_bool shut, stopping;

    pthread_mutex_t lock; /* lists, counts, ending */
    pthread_cond_t ready, idle;
    struct door_list at[DOOR_PLACES_];
    size_t connections;
    bool listening;
    bool ending; /* workers go home when nothing is ready */
    bool closed; /* and so does the porter */
    pthread_t porter;
    pthread_t *workers;
    int worker_count;
    bool has_porter;
};

struct door_pair {
    const char *name, *value;
};

struct door_body {
    int64_t length;      /* -1: chunked */
    int64_t read;        /* bytes given out */
    int64_t deadline_ms; /* 0: not begun */
    int64_t wait_us;     /* spent waiting for the client in this window */
    int64_t window_read; /* bytes in this window */
    struct door_chunks chunks;
    bool expects; /* the client waits for 100 Continue */
    bool ended;   /* all of it has been read */
    bool broken;  /* no more can be read from this connection */
};

struct req {
    struct door *door;
    struct door_conn *conn;
    struct arena arena;
    struct door_head head_lines;
    char id[DOOR_ID_MAX + 1];
    char remote[ADDR_TEXT_SIZE];
    struct addr client;        /* behind trusted proxies */
    bool counted;              /* the client is in the crowd for this request */
    const char *method, *path; /* path as sent, without the query */
    const char *segments[DOOR_SEGMENTS];
    size_t segment_count;
    struct door_pair pairs[DOOR_PAIRS];
    size_t pair_count;
    const struct door_route *route; /* NULL: none matched */
    struct door_who who;
    struct door_body body;
    bool head;  /* no body in the answer */
    bool old;   /* HTTP/1.0 */
    bool close; /* the connection ends with this answer */
    bool gone;  /* the client did not take all of the answer, or was not given it */
    bool wait;  /* no answer yet: the body has not begun to come */
};

/* door.c: somebody may still come, or a request waits for its answer. With door->lock held. */
bool door_in_hand(const struct door *door);
bool door_others_wait(struct door *door);           /* for a worker; takes the lock itself */
void door_room(struct door_conn *conn, size_t cap); /* a buffer of that size at least; no lock */

/* door_porter.c: all with door->lock held, but door_porter_run. */
void *door_porter_run(void *door);
void door_porter_wake(struct door *door);
void door_move(struct door *door, struct door_conn *conn, enum door_place to); /* and its clock */
void door_hold(struct door *door, struct door_conn *conn, enum door_place to); /* from a worker */
void door_drop(struct door *door, struct door_conn *conn);                     /* close and free */
/* Read what is there. False: the client has closed or reset. Needs no lock from the owner. */
bool door_hear(struct door_conn *conn);
bool door_heard_enough(const struct door_conn *conn); /* head whole, or too long to become so */

/* door_serve.c */
enum door_next {
    DOOR_KEEP,
    DOOR_CLOSE, /* when the client has seen the answer */
    DOOR_END,   /* at once: it has said all it had to say */
    DOOR_WAIT_BODY
};
enum door_next door_serve(struct door *door, struct door_conn *conn);

/* door_req.c */
void door_req_init(struct req *req, struct door *door, struct door_conn *conn);
MUST_CHECK bool door_req_parse(struct req *req, struct err *err);
/* True without a route: OPTIONS was asked, and is answered in *reply. */
MUST_CHECK bool door_req_route(struct req *req, struct reply *reply, struct err *err);
MUST_CHECK bool door_req_admit(struct req *req, struct err *err);
bool door_req_listed_origin(const struct req *req); /* is its Origin in the settings' list? */

/* door_io.c */
/* Has the body begun to come? False: conn->want says how much to wait for. */
bool door_io_began(struct req *req);
bool door_io_write(struct req *req, const char *p, size_t n); /* false: the client has gone */
void door_io_settle(struct req *req); /* req->close: the next request cannot follow */

/* door_reply.c */
bool door_reply_has(struct sv lines, struct sv name); /* is it among these header lines? */
const char *door_reply_reason(int status);            /* the words beside it */
struct jw;
/* The body of every refusal. */
void door_reply_error(struct jw *w, const char *code, const char *message, const char *id);
void door_reply_send(struct req *req, struct reply *reply);
