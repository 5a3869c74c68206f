/*
 * http.h - the way out: every request that leaves the house. The only room that knows curl (http.c,
 * http_own.c, http_loop.c).
 *
 * Two ways: http_perform on the calling thread's own handle, which keeps its connection alive
 * (uploads, relay); http_submit on the one thread of an http_loop (curl multi), which calls done()
 * there (model calls). Never: redirects, proxies from the environment, `Expect:` (an early refusal
 * is heard while the body leaves), signals, an answer over its wall. Errors: ERR_TIMEOUT;
 * ERR_UPSTREAM no answer; ERR_TOO_LARGE answer over the wall; ERR_CLOSING. Any answer, even a 500,
 * is a success here, for the caller to judge. Messages name the host, never the query.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "common/str.h"

/* Gives the next bytes of a body: 0 < *got <= n, 0 at the end; false aborts the request with err.
 * It runs in the middle of a request on its thread's handle, so it may not begin another one. */
typedef bool http_source_fn(void *arg, char *buf, size_t n, size_t *got, struct err *err);
/* From the first byte again, for a connection that died; false: those bytes are gone. */
typedef bool http_rewind_fn(void *arg);

struct http_req {
    const char *method;
    const char *url;            /* all borrowed until the answer is there */
    const char *const *headers; /* "Name: value", NULL-ended, or NULL */
    struct sv body;
    http_source_fn *source; /* instead of body; with source_length */
    http_rewind_fn *rewind; /* NULL: only while nothing was asked of the source */
    void *source_arg;
    int64_t source_length;
    /* 0: no limit of that kind. The time that a source takes does not count, and after it total_ms
     * begins anew: a body may take as long as it moves (stall_ms). */
    int64_t connect_ms, first_byte_ms, total_ms;
    int64_t stall_bytes_s, stall_ms; /* slower than that for so long: ERR_TIMEOUT */
    size_t answer_max;
    const char *ca_file; /* PEM of those who vouch for the server; NULL, "": the system's */
};

struct http_answer {
    int status; /* 0: none came, see err */
    struct str body;
    struct str headers; /* raw lines "Name: value\r\n" of the final answer */
    unsigned sends;     /* curl begins anew where a kept connection proves dead: then it is 2 */
    int64_t connect_us, first_byte_us, total_us;
    struct err err;
};
#define HTTP_ANSWER_INIT                                                                           \
    {                                                                                              \
        .body = STR_INIT(0), .headers = STR_INIT(0)                                                \
    }

void http_global_open(void); /* once per process, before threads */
struct sv http_header(const struct http_answer *a,
                      const char *name); /* trimmed; empty when absent */
void http_answer_free(struct http_answer *a);

MUST_CHECK bool http_perform(const struct http_req *req, struct http_answer *answer,
                             struct err *err);

struct http_loop;
typedef void
http_done_fn(void *arg,
             struct http_answer *answer); /* on the loop's thread; may take body and headers */

MUST_CHECK bool http_loop_open(size_t max_total, size_t max_per_host, struct http_loop **out,
                               struct err *err);
void http_loop_close(
    struct http_loop **loop); /* every flight ends with ERR_CLOSING, then the thread */
void http_submit(struct http_loop *loop, const struct http_req *req, http_done_fn *done,
                 void *arg); /* url, headers, body are copied */
/* The request that was submitted with this arg ends with ERR_CLOSING, unless it is over. */
void http_cancel(struct http_loop *loop, const void *arg);
