/*
 * door_kit.h - a door on a free port with a few routes that show what came in.
 *
 * GET /hello, GET /echo/:name (params, query, who), GET /echo/literal, POST /echo/posted, POST
 * /sink (reads all: counts), POST /ignore (reads nothing), POST /small (at most 16 bytes), POST
 * /one (reads one byte), GET /stream (chunks), GET /forever (stream until it is told to end), GET
 * /flood (100 MiB), GET /half (a stream that is aborted), GET /fail/:code, GET /viewer, POST
 * /admin. Tokens: "view", "load", "boss", as the roles, and "often", who is to come back in 17 s;
 * cookie name: "sess".
 */
#pragma once

#include <stdatomic.h>

#include "common/door.h"

enum { DOOR_KIT_BODY_MAX = 1 << 30 }; /* a longer body is not admitted */

struct door_kit {
    struct door *door;
    int port;
    atomic_int done, streams; /* finished requests; streams that are running */
    atomic_int last_status, last_code;
    atomic_int refused_rate, refused_busy; /* connections, on the door step */
    atomic_bool full;                      /* requests with a body are not admitted */
};

/* Defaults are filled in where conf is zero: 8 threads, 2 s for headers, 10 s for bodies. */
void door_kit_open(struct door_kit *kit, struct door_conf conf);
void door_kit_close(struct door_kit *kit);
/* Ask on a connection of its own; the answer lives until the next one. */
const char *door_kit_ask(const struct door_kit *kit, const char *request);
