/*
 * door_internal.h - what the three files of the door share. Nobody else includes it (its tests do).
 *
 * door.c: opening, shutting, one request from end to end. door_req.c: what the request says, and
 * whether it may. door_io.c: bytes in and out, with clocks.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/door.h"
#include "common/watch.h"

struct mg_connection;
struct mg_context;
struct mg_request_info;

enum {
    DOOR_STEP = 64 * 1024, /* the most that is read or written in one go */
    DOOR_SEGMENTS = 24,    /* of a path */
    DOOR_PAIRS = 64,       /* of a query string */
    DOOR_ID_MAX = 64,
};

struct door {
    struct door_conf conf; /* texts and routes are borrowed */
    struct mg_context *ctx;
    int port;
    int64_t window_ms; /* over which the minimum rate is measured */
    char start_log[160];
    atomic_bool starting, shut, stopping, stopped;

    pthread_mutex_t lock; /* active */
    pthread_cond_t idle;
    int active;          /* requests being answered */
    struct watch *watch; /* over reads and writes */
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
    bool expects;        /* the client waits for 100 Continue */
    bool ended;          /* all of it has been read */
    bool broken;         /* no more can be read from this connection */
};

struct req {
    struct door *door;
    struct mg_connection *conn;
    const struct mg_request_info *info;
    struct arena arena;
    char id[DOOR_ID_MAX + 1];
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
};

/* door_req.c */
void door_req_init(struct req *req, struct door *door, struct mg_connection *conn);
MUST_CHECK bool door_req_parse(struct req *req, struct err *err);
/* True without a route: OPTIONS was asked, and is answered in *reply. */
MUST_CHECK bool door_req_route(struct req *req, struct reply *reply, struct err *err);
MUST_CHECK bool door_req_admit(struct req *req, struct err *err);
bool door_req_listed_origin(const struct req *req); /* is its Origin in the settings' list? */

/* door_io.c */
bool door_io_has_header(struct sv lines, struct sv name); /* is it among these header lines? */
void door_io_send(struct req *req, struct reply *reply);  /* and leave the connection usable */
