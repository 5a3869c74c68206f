/*
 * wire.h - a TCP server that answers HTTP requests from a script: for faults that no real server
 * shows on demand (resets, silence, halves, wrong dates). What works is tested against real ones.
 *
 * Each request, on whichever connection, takes the next step; the last step repeats. One thread a
 * connection. The log has a line for each request: "METHOD /path?query bytes-of-body".
 */
#pragma once

#include <stddef.h>

enum kit_act {
    KIT_ANSWER, /* status, headers, body */
    KIT_RESET,  /* the connection is reset instead of an answer */
    KIT_CUT,    /* reset in the middle of the request's body */
    KIT_TORN,   /* reset in the middle of the answer's head */
    KIT_SILENT, /* no answer until kit_wire_close */
    KIT_HALF,   /* headers that promise twice the body, the body, then the end */
    KIT_DRIP,   /* the headers, then a byte of the body every 100 ms */
    KIT_LEAVE,  /* an answer that keeps the connection alive, which is then closed */
};

struct kit_step {
    enum kit_act act;
    int status;
    const char *headers; /* whole lines, "Name: value\r\n"; NULL: none */
    const char *body;    /* NULL: empty */
};

struct kit_wire;
struct kit_wire *kit_wire_open(const struct kit_step *steps, size_t n); /* steps are borrowed */
void kit_wire_close(struct kit_wire **w);
const char *kit_wire_url(const struct kit_wire *w); /* "http://127.0.0.1:port" */
/* What came so far; valid until the next call with this server. */
const char *kit_wire_log(struct kit_wire *w);
size_t kit_wire_count(struct kit_wire *w);       /* requests */
size_t kit_wire_whole(struct kit_wire *w);       /* of which the whole body came */
size_t kit_wire_connections(struct kit_wire *w); /* accepted */
/* The head of request i (from 0), lines and all; "" when there is none. */
const char *kit_wire_head(struct kit_wire *w, size_t i);
/* The first 16 KiB of its body, when all of it came. */
const char *kit_wire_body(struct kit_wire *w, size_t i);
