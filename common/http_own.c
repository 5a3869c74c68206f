/*
 * http_own.c - the way out on the caller's own thread.
 *
 * Each thread keeps a multi handle, which owns the connections that stay open, and an easy handle;
 * both end with the thread. The multi is driven here rather than by curl_easy_perform, which looks
 * at our clocks only once a second.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "common/http.h"
#include "common/http_internal.h"

/* 64 KiB costs a fifth more processor time, 1 MiB gains none. The odd KiB is for the lines of four
 * signed chunks (sigv4_chunk.h), which then need no other buffer. */
enum { UPLOAD_BUFFER = 257 << 10 };

/* What a thread keeps from one request to the next. */
struct own {
    CURLM *multi;
    CURL *easy;
};

static _Thread_local struct own *mine;
static pthread_key_t own_key; /* the same pointer, for the end of the thread */
static pthread_once_t own_once = PTHREAD_ONCE_INIT;

static void own_free(void *arg)
{
    struct own *own = arg;

    curl_easy_cleanup(own->easy);
    curl_multi_cleanup(own->multi);
    free(own);
}

static void make_key(void)
{
    /* With CURLOPT_NOSIGNAL curl leaves this to us: a TLS write to a dead peer must not kill. */
    signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || pthread_key_create(&own_key, own_free))
        abort();
}

void http_global_open(void) { pthread_once(&own_once, make_key); }

static struct own *own_handles(void)
{
    if (mine)
        return mine;
    http_global_open();
    mine = calloc(1, sizeof *mine);
    if (!mine || !(mine->multi = curl_multi_init()) || !(mine->easy = curl_easy_init()) ||
        pthread_setspecific(own_key, mine) != 0)
        abort();
    return mine;
}

/* Until the transfer ends or we end it. */
static CURLcode drive(struct own *own, struct http_flight *f)
{
    int running = 1, left;

    for (;;) {
        CURLMcode bad = curl_multi_perform(own->multi, &running);
        CURLMsg *msg = curl_multi_info_read(own->multi, &left);

        if (msg && msg->msg == CURLMSG_DONE)
            return msg->data.result;
        if (bad != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (http_flight_late(f))
            return CURLE_OPERATION_TIMEDOUT;
        curl_multi_poll(own->multi, NULL, 0, HTTP_TICK_MS, NULL);
    }
}

bool http_perform(const struct http_req *req, struct http_answer *answer, struct err *err)
{
    struct own *own = own_handles();
    struct http_flight f;
    CURLcode code;

    http_flight_begin(&f, own->easy, req, answer, UPLOAD_BUFFER);
    curl_easy_setopt(own->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (curl_multi_add_handle(own->multi, own->easy) != CURLM_OK)
        abort();
    code = drive(own, &f);
    curl_multi_remove_handle(own->multi, own->easy);
    http_flight_end(&f, code);
    if (answer->status > 0)
        return true;
    *err = answer->err;
    return false;
}
