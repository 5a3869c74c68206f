/*
 * door_head.h - the head of a request (RFC 9112 2-5), and the chunks of a body (7.1), read
 * strictly: two readers that disagree about where a request ends can be made to disagree about
 * whose it is.
 *
 * Pure: bytes in, views into them out. Refused: a line end without CR, folded lines, blanks before
 * a colon, control characters, more than DOOR_HEADERS lines, other versions than 1.0 and 1.1.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum {
    DOOR_HEAD_MAX = 16 * 1024,
    DOOR_HEADERS = 64,
    DOOR_CHUNK_LINE = 256, /* of a chunk's size and its extensions, which are ignored */
    DOOR_TRAILERS = 4096,  /* bytes of trailers, which are dropped */
};

struct door_header {
    struct sv name, value;
};
struct door_head {
    struct sv method, path, query; /* as sent */
    bool old;                      /* HTTP/1.0 */
    struct door_header headers[DOOR_HEADERS];
    size_t header_count;
};

/* How long is the head that these bytes begin with, its empty line included? 0: not whole yet. */
size_t door_head_length(struct sv bytes);
/* Will these bytes never be a head, whatever follows? They are told at once: somebody speaks TLS
 * here, or ends lines without CR, and would wait for nothing. */
bool door_head_hopeless(struct sv bytes);
MUST_CHECK bool door_head_parse(struct sv head, struct door_head *out, struct err *err);

/* The value of that cookie in a Cookie header (RFC 6265 section 5.4), blanks around it gone; "": it
 * is not there. */
struct sv door_head_cookie(struct sv header, const char *name);
/* What follows "Bearer " in an Authorization header (RFC 6750 section 2.1); "": another scheme. */
struct sv door_head_bearer(struct sv header);

/* Where a chunked body stands. Zeroed: at its beginning. */
struct door_chunks {
    enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER, CHUNK_OVER } at;
    int64_t left;    /* bytes of this chunk */
    size_t trailers; /* bytes so far */
};
/* Step over what is no data. In: raw bytes not yet used. *used: how many of them may be dropped.
 * After true: in CHUNK_DATA, data follows; in CHUNK_OVER the body has ended; otherwise more bytes
 * are needed. */
MUST_CHECK bool door_chunks_step(struct door_chunks *c, struct sv raw, size_t *used,
                                 struct err *err);
