/*
 * door.h - the way in: HTTP/1.1 for both services, without a library (docs/decisions/0001).
 *
 * In:      requests. Out: replies; errors become {success:false, code, message, requestId} with the
 *          status of err.def.
 * Holds:   per request an arena, an id (X-Request-Id, ours or the caller's if it is clean), a body
 *          deadline and a minimum rate.
 * Refuses: before the body is read: unknown paths (404), methods (405), missing tokens (401), roles
 *          (403), a body that is too large (413), Content-Length with Transfer-Encoding or twice
 *          (400). Sends 100 Continue itself, when the handler first reads.
 * Limits:  connections in all and for each address, told with 503 or 429 and Retry-After at the
 *          door step; a head's deadline; a body's deadline and minimum rate.
 * Threads: one holds all connections that wait for their clients; a request gets a worker when its
 *          head is whole and its body has begun to come. Handlers run on workers and have 400 KiB
 *          of stack: big buffers go to the arena.
 * Facts:   RFC 9110, RFC 9112.
 */
#pragma once

#include "common/arena.h"
#include "common/base.h"
#include "common/err.h"
#include "common/str.h"

struct door;
struct req;

/* Roles are ordered: a higher one may do all a lower one may. */
enum door_role { DOOR_OPEN, DOOR_VIEWER, DOOR_UPLOADER, DOOR_ADMIN };

struct door_who {
    enum door_role role;
    char name[64]; /* of the token, for log and audit */
    int64_t id;    /* of the token's row; 0: none */
};

/* A reply in the making. Handlers fill it; body and headers live until it is sent. */
struct door_stream;
typedef void door_stream_fn(struct door_stream *to,
                            void *arg); /* writes until done, then returns */
struct reply {
    int status;       /* 200 unless set */
    const char *type; /* "application/json" unless set; a literal or arena text */
    struct str body;
    struct str headers;     /* further lines, each "Name: value\r\n" */
    door_stream_fn *stream; /* set: body is ignored, sent chunked by this instead */
    void *stream_arg;       /* arena memory */
};

typedef bool door_handler_fn(struct req *req, struct reply *reply, struct err *err);

enum { DOOR_BODY_NONE = 0, DOOR_BODY_STREAM = -1 };
struct door_route {
    const char *method; /* "GET"; HEAD is answered by the handler of GET */
    const char *path;   /* "/api/x/:id"; a literal segment beats a parameter */
    door_handler_fn *handler;
    enum door_role role;
    int64_t body_max; /* bytes; DOOR_BODY_NONE; DOOR_BODY_STREAM: the handler limits it */
    const char *help;
};

/* What somebody shows who wants to come in. */
struct door_ask {
    struct sv token;    /* the bearer token or the session cookie's value; "": none */
    bool cookie;        /* it came in the cookie */
    const char *remote; /* address */
};
/* Who is this? */
typedef bool door_auth_fn(void *app, const struct door_ask *ask, struct door_who *out,
                          struct err *err);
/* Told of every finished request (for metrics and the log line). route is NULL when none matched.
 */
typedef void door_done_fn(void *app, const struct req *req, const struct door_route *route,
                          int status, enum err_code code, const char *msg, int64_t took_us);

/* May this request of that route begin now? Asked before its body is read: req has its head, and
 * its caller is known. What may change meanwhile the handler asks again. */
typedef bool door_admit_fn(void *app, const struct req *req, const struct door_route *route,
                           struct err *err);
/* A connection was refused on the door step: ERR_BUSY (too many) or ERR_RATE (of that address). */
typedef void door_refused_fn(void *app, enum err_code why);

struct door_conf {
    const char *bind;        /* "127.0.0.1" */
    int port;                /* 0: any free one, see door_port */
    int threads;             /* requests served at a time */
    int64_t connections_max; /* at a time; 0: 4096. Never more than the process may have files */
    int64_t per_address_max; /* of them, for each address; 0: no limit */
    const char *trusted_proxies; /* comma list of addresses and networks whose X-Forwarded-For
                                    counts; NULL: none */
    int64_t header_timeout_ms, body_timeout_ms;
    int64_t keep_alive_ms;  /* of an idle connection; 0: each ends with its answer, and says so */
    int64_t close_wait_ms;  /* door_close gives requests in hand so long; 0: 20 s */
    int64_t body_min_rate;  /* bytes a second; 0: off */
    int64_t rate_window_ms; /* over so much waiting; 0: 10 s */
    const struct door_route *routes;
    size_t route_count;
    void *app;                    /* for handlers: req_app */
    door_auth_fn *auth;           /* NULL: every route is open */
    door_done_fn *done;           /* NULL: nobody is told */
    door_admit_fn *admit;         /* asked before a body is read; NULL: everybody */
    door_refused_fn *refused;     /* told of connections over a limit; NULL: nobody is */
    const char *cookie;           /* name of the session cookie; NULL: none */
    const char *allowed_origins;  /* comma list beside our own origin: whose pages may read answers
                                     (CORS) and change state with a cookie */
    const char *security_headers; /* "Name: value\r\n"... for every answer; NULL: the usual ones */
};

MUST_CHECK bool door_open(const struct door_conf *conf, struct door **out, struct err *err);
int door_port(const struct door *door);
void door_shut(struct door *door); /* nobody comes in any more; requests after those in hand get 503
                                     shutting_down; streams are told to end */
void door_close(struct door **door); /* wait for handlers, then cut them; NULL is fine */

/* What a handler may ask. Everything is borrowed from the request. */
void *req_app(const struct req *req);
struct arena *req_arena(struct req *req);
const char *req_id(const struct req *req);
const char *req_method(const struct req *req);
const char *req_path(const struct req *req);
const char *req_remote(const struct req *req); /* the client's address, behind trusted proxies */
const struct door_who *req_who(const struct req *req);
struct sv req_header(const struct req *req, const char *name); /* empty when absent */
bool req_has(const struct req *req, const char *name);         /* is the header there? */
struct sv req_cookie(const struct req *req, const char *name); /* its value; empty when absent */
/* Does a page of ours ask (RFC 6454, Fetch Metadata), or one of allowed_origins? */
bool req_own_page(const struct req *req);
const char *req_param(const struct req *req,
                      const char *name);                  /* ":id" decoded; NULL when absent */
const char *req_query(struct req *req, const char *name); /* decoded; NULL when absent */
MUST_CHECK bool req_param_int(const struct req *req, const char *name, int64_t *out,
                              struct err *err); /* 404 otherwise */
int64_t req_length(const struct req *req);      /* Content-Length; -1: chunked */

/* Read some body: 0 < *got <= n, or *got = 0 at its end. Enforces deadline, rate and the route's
 * body_max. */
MUST_CHECK bool req_read(struct req *req, char *buf, size_t n, size_t *got, struct err *err);
MUST_CHECK bool req_body(struct req *req, struct sv *out,
                         struct err *err); /* all of it, within body_max */

void reply_header(struct reply *reply, const char *name,
                  const char *value);             /* CR and LF are refused */
void reply_json(struct reply *reply, int status); /* body follows in reply->body */

/* For stream functions. */
MUST_CHECK bool door_write(struct door_stream *to,
                           struct sv bytes); /* false: the client has gone */
void door_abort(struct door_stream *to);     /* let the client see that the answer is not whole */
bool door_ending(const struct door_stream *to); /* the service is closing: stop soon */
