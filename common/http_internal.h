/*
 * http_internal.h - one request in flight, shared by http_own.c (the caller's thread) and
 * http_loop.c (one thread for all). Only these and http.c include curl.
 */
#pragma once

#include <curl/curl.h>

#include "common/http.h"

/* Between two looks at the clocks of a flight. */
enum { HTTP_TICK_MS = 50 };

struct http_flight {
    CURL *easy; /* borrowed */
    const struct http_req *req;
    struct http_answer *answer;
    struct curl_slist *headers;
    char reason[CURL_ERROR_SIZE];
    struct err err;                       /* why we ended it ourselves; ERR_NONE: we did not */
    int64_t sourced;                      /* bytes that the source gave */
    int64_t moved, sent;                  /* bytes both ways, and out, at the last look */
    int64_t waiting_since, stalled_since; /* monotonic ms, less what the source took */
    int64_t began;                        /* or when the source was last asked */
    int64_t source_us;                    /* a rest of that, below 1 ms */
    int64_t stall_from;                   /* bytes moved when this look at the speed began */
};

/* Set all options; `answer` becomes empty. upload_buffer: what the handle may hold for sending. */
void http_flight_begin(struct http_flight *f, CURL *easy, const struct http_req *req,
                       struct http_answer *answer, long upload_buffer);
/* Is the first byte late, or the flow too thin? Then f->err is set: true. */
bool http_flight_late(struct http_flight *f);
/* The outcome into answer: status and times, or status 0 and err. */
void http_flight_end(struct http_flight *f, CURLcode code);
