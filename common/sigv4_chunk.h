/*
 * sigv4_chunk.h - a body that is signed, or summed, while it leaves (Content-Encoding:
 * aws-chunked).
 *
 * In:      the length beforehand, then the bytes. Out: the body as it goes over the wire; its
 * length is sigv4_wire_size. The request's headers: x-amz-content-sha256 is sigv4_coding_word,
 *          x-amz-decoded-content-length the length of the bytes, Content-Length that on the wire,
 *          Content-Encoding aws-chunked, and with a trailer x-amz-trailer SIGV4_TRAILER.
 * Push:    struct sigv4_body: what to send before each piece of SIGV4_CHUNK bytes (the last may be
 *          shorter), and after the last one. The bytes themselves go as they are.
 * Pull:    struct sigv4_pull: fills whatever buffer an HTTP client offers, out of a source; one
 *          with room for a chunk and its line takes the chunk straight from there.
 * Threads: a struct belongs to one. To send again: open again.
 * Source:  S3 API, "Signature Calculations ... Transferring Payload in Multiple Chunks" and "...
 *          Including Trailing Headers".
 */
#pragma once

#include "common/err.h"
#include "common/sigv4.h"

enum sigv4_coding {
    SIGV4_CHUNKS,           /* each chunk signed: plain HTTP */
    SIGV4_CHUNKS_TRAILER,   /* and a signed checksum behind them */
    SIGV4_UNSIGNED_TRAILER, /* nothing signed, a checksum behind it: for TLS */
};
enum { SIGV4_CHUNK = 64 << 10, SIGV4_LINES_SIZE = 320 };
#define SIGV4_TRAILER "x-amz-checksum-crc32c"

const char *sigv4_coding_word(enum sigv4_coding coding); /* for x-amz-content-sha256 */
/* Bytes on the wire of `size` bytes. */
int64_t sigv4_wire_size(enum sigv4_coding coding, int64_t size);

struct sigv4_body {
    enum sigv4_coding coding;
    struct sigv4 *signer;      /* borrowed; NULL for SIGV4_UNSIGNED_TRAILER */
    struct crypto_hash *whole; /* borrowed, set after opening; takes all bytes; NULL: nobody asks */
    int64_t now;               /* as in the request */
    char previous[SHA256_HEX_SIZE];
    uint32_t crc;
    bool begun;
};

/* seed: the signature of the request (sigv4_authorize gives it); NULL where nothing is signed. */
void sigv4_body_open(struct sigv4_body *b, enum sigv4_coding coding, struct sigv4 *signer,
                     int64_t now, const char *seed);
/* What stands before these bytes, appended; at most SIGV4_LINES_SIZE. data: not empty. */
void sigv4_body_chunk(struct sigv4_body *b, struct sv data, struct str *out);
/* What stands after the last of them, appended; at most SIGV4_LINES_SIZE. */
void sigv4_body_end(struct sigv4_body *b, struct str *out);

/* The next bytes, 1 to max of them, into `into`; *got 0: there are no more. */
typedef bool sigv4_source_fn(void *arg, char *into, size_t max, size_t *got, struct err *err);

struct sigv4_pull {
    struct sigv4_body body;
    sigv4_source_fn *source;
    void *arg;
    char *chunk;     /* SIGV4_CHUNK bytes, borrowed; NULL for SIGV4_UNSIGNED_TRAILER */
    int64_t left;    /* bytes that the source has yet to give */
    size_t chunk_n;  /* of the chunk under way ... */
    size_t chunk_at; /* ... those that left */
    char lines[SIGV4_LINES_SIZE];
    size_t lines_n, lines_at;
    bool ended;
};

/* p->body is open and source, arg, chunk are set by the caller; size: what the source will give. */
void sigv4_pull_start(struct sigv4_pull *p, int64_t size);
/* The next bytes of the wire, up to max; *got 0: that was all. ERR_BAD_REQUEST: the source ended
 * early; its own errors pass through. After the first false the pull is dead. */
MUST_CHECK bool sigv4_pull_read(struct sigv4_pull *p, char *into, size_t max, size_t *got,
                                struct err *err);
