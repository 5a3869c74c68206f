/*
 * http_loop.c - many requests at once on one thread (curl multi).
 *
 * Everything of the multi handle stays on that thread; other threads only put flights into a list
 * and wake it (curl_multi_wakeup may be called from anywhere). Handles are used again.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/http_copy.h"
#include "common/http_internal.h"
#include "common/prompt.h"

/* HTTP/2 is spoken where it is offered; one connection that breaks takes all its calls along. */
enum { STREAMS_MAX = 20 };
/* So many at a time look for a connection behind TLS, and for so long the others let them. A burst
 * would else open one for each call before the first of them can be shared: curl waits for a host's
 * first connection only. Where nothing can be shared, it is a short delay. */
enum { SEEKING_MAX = 4, HOLD_MS = 2000 };
enum { SPARES_MAX = 64, LOOP_UPLOAD_BUFFER = 16 << 10, IDLE_MS = 1000 };
/* curl reads one buffer full at each look at all that are in the air, so a large one saves looks;
 * it is held from the moment a call leaves. A thousand large ones would be too much. */
enum { ROOMY_MAX = 128, BUFFER_ROOMY = 16 << 10, BUFFER_NARROW = 4 << 10 };

struct flight {
    struct http_flight base;
    struct flight *next, **link; /* of the list it is in: waiting, held, or in the air */
    int64_t came_ms;
    struct http_req *req; /* a copy */
    struct http_answer answer;
    http_done_fn *done;
    void *arg;
};

struct cancel { /* somebody wants that flight to end */
    struct cancel *next;
    const void *arg;
};

struct http_loop {
    CURLM *multi;
    pthread_t thread;
    pthread_mutex_t lock;
    struct flight *waiting, **waiting_end; /* under the lock, in order of coming */
    struct cancel *cancels;                /* under the lock */
    bool closing, ended;                   /* under the lock */
    struct flight *held, **held_end;       /* the thread's own from here on; in order of coming */
    struct flight *seeking[SEEKING_MAX];   /* in the air, and without a connection so far */
    size_t seeking_n;
    struct flight *air;
    size_t air_n;
    int64_t looked_ms; /* when the clocks of all were looked at */
    CURL *spares[SPARES_MAX];
    size_t spares_n;
};

static void flight_free(struct flight **flight)
{
    http_copy_free(&(*flight)->req);
    http_answer_free(&(*flight)->answer);
    free(*flight);
    *flight = NULL;
}

static struct flight *copy_flight(const struct http_req *req, http_done_fn *done, void *arg)
{
    struct flight *f = calloc(1, sizeof *f);

    if (!f)
        abort();
    f->req = http_copy(req);
    f->answer = (struct http_answer)HTTP_ANSWER_INIT;
    f->done = done;
    f->arg = arg;
    return f;
}

static bool behind_tls(const struct flight *f)
{
    return strncasecmp(f->req->url, "https:", 6) == 0;
}

/* Behind TLS the handshake tells whether a connection bears several calls (RFC 7301): it is waited
 * for. In the clear there is only HTTP/1.1, which curl would learn from the first answer: seconds,
 * for all that wait. */
static void share_way(CURL *easy, const struct flight *f)
{
    if (behind_tls(f))
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    else
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

static void take_off(struct http_loop *loop, struct flight *f)
{
    CURL *easy = loop->spares_n > 0 ? loop->spares[--loop->spares_n] : curl_easy_init();

    if (!easy)
        abort();
    f->next = loop->air;
    f->link = &loop->air;
    if (f->next)
        f->next->link = &f->next;
    loop->air = f;
    loop->air_n++;
    http_flight_begin(&f->base, easy, f->req, &f->answer, LOOP_UPLOAD_BUFFER);
    share_way(easy, f);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
                     (long)(loop->air_n <= ROOMY_MAX ? BUFFER_ROOMY : BUFFER_NARROW));
    if (behind_tls(f) && loop->seeking_n < SEEKING_MAX)
        loop->seeking[loop->seeking_n++] = f;
    if (curl_multi_add_handle(loop->multi, easy) != CURLM_OK)
        abort();
}

/* Who begins to send has a connection, and who is gone looks for none. */
static void drop_seekers(struct http_loop *loop, const struct flight *gone)
{
    for (size_t i = loop->seeking_n; i-- > 0;)
        if (loop->seeking[i] == gone || loop->seeking[i]->answer.sends > 0)
            loop->seeking[i] = loop->seeking[--loop->seeking_n];
}

/* Some of those that came, in their order; false: none may go now. */
static bool take_off_some(struct http_loop *loop)
{
    bool any = false;

    for (struct flight *f; (f = loop->held); any = true) {
        if (behind_tls(f) && loop->seeking_n == SEEKING_MAX &&
            clock_mono_ms() - f->came_ms < HOLD_MS)
            break;
        loop->held = f->next;
        if (!loop->held)
            loop->held_end = &loop->held;
        take_off(loop, f);
    }
    return any;
}

static void land(struct http_loop *loop, struct flight *f, CURLcode code)
{
    CURL *easy = f->base.easy;

    *f->link = f->next;
    if (f->next)
        f->next->link = f->link;
    loop->air_n--;
    drop_seekers(loop, f);
    curl_multi_remove_handle(loop->multi, easy);
    http_flight_end(&f->base, code);
    if (loop->spares_n < SPARES_MAX)
        loop->spares[loop->spares_n++] = easy;
    else
        curl_easy_cleanup(easy);
    f->done(f->arg, &f->answer);
    flight_free(&f);
}

static void cancels_free(struct cancel **list)
{
    for (struct cancel *next; *list; *list = next) {
        next = (*list)->next;
        free(*list);
    }
}

/* All that came since the last look, held now; false: the loop is to end. */
static bool take_waiting(struct http_loop *loop, struct cancel **cancels)
{
    struct flight *came;
    bool open;

    pthread_mutex_lock(&loop->lock);
    came = loop->waiting;
    *cancels = loop->cancels;
    loop->cancels = NULL;
    loop->waiting = NULL;
    loop->waiting_end = &loop->waiting;
    open = !loop->closing;
    loop->ended = !open;
    pthread_mutex_unlock(&loop->lock);
    *loop->held_end = came;
    for (; came; came = came->next) {
        came->came_ms = clock_mono_ms();
        loop->held_end = &came->next;
    }
    return open;
}

static void refuse(struct flight *f, const char *why)
{
    err_set(&f->answer.err, ERR_CLOSING, "%s", why);
    f->done(f->arg, &f->answer);
    flight_free(&f);
}

static void land_finished(struct http_loop *loop)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(loop->multi, &left))) {
        CURLcode code = msg->data.result;
        char *base = NULL;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &base);
        land(loop, (struct flight *)(void *)base, code);
    }
}

/* Once a tick: with a thousand in the air, looking at all for each event would be the main work. */
static void land_late(struct http_loop *loop)
{
    int64_t now = clock_mono_ms();

    if (now - loop->looked_ms < HTTP_TICK_MS)
        return;
    loop->looked_ms = now;
    for (struct flight *f = loop->air, *next; f; f = next) {
        next = f->next;
        if (http_flight_late(&f->base))
            land(loop, f, CURLE_OPERATION_TIMEDOUT);
    }
}

static const char cancelled[] = "the call was cancelled",
                  closing[] = "the service is shutting down";

/* Of those that did not leave yet; arg NULL: all. */
static void end_held(struct http_loop *loop, const void *arg, const char *why)
{
    struct flight **at = &loop->held;

    while (*at) {
        struct flight *f = *at;

        if (arg && f->arg != arg) {
            at = &f->next;
            continue;
        }
        *at = f->next;
        refuse(f, why);
    }
    loop->held_end = at;
}

/* One that has landed already is not found, and nothing happens. */
static void land_cancelled(struct http_loop *loop, struct cancel **cancels)
{
    for (const struct cancel *c = *cancels; c; c = c->next) {
        end_held(loop, c->arg, cancelled);
        for (struct flight *f = loop->air, *next; f; f = next) {
            next = f->next;
            if (f->arg != c->arg)
                continue;
            err_set(&f->base.err, ERR_CLOSING, "%s", cancelled);
            land(loop, f, CURLE_ABORTED_BY_CALLBACK);
        }
    }
    cancels_free(cancels);
}

static void end_all(struct http_loop *loop)
{
    end_held(loop, NULL, closing);
    while (loop->air) {
        err_set(&loop->air->base.err, ERR_CLOSING, "%s", closing);
        land(loop, loop->air, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void *run(void *arg)
{
    struct http_loop *loop = arg;
    struct cancel *cancels;
    int running;

    prompt_me();
    while (take_waiting(loop, &cancels)) {
        land_cancelled(loop, &cancels);
        do {
            curl_multi_perform(loop->multi, &running);
            drop_seekers(loop, NULL);
        } while (take_off_some(loop));
        land_finished(loop);
        land_late(loop);
        curl_multi_poll(loop->multi, NULL, 0, loop->air ? HTTP_TICK_MS : IDLE_MS, NULL);
    }
    cancels_free(&cancels);
    end_all(loop);
    return NULL;
}

bool http_loop_open(size_t max_total, size_t max_per_host, struct http_loop **out, struct err *err)
{
    struct http_loop *loop = calloc(1, sizeof *loop);

    http_global_open();
    if (!loop || !(loop->multi = curl_multi_init()))
        abort();
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)max_total);
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)max_per_host);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)max_total);
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
    loop->waiting_end = &loop->waiting;
    loop->held_end = &loop->held;
    pthread_mutex_init(&loop->lock, NULL);
    if (pthread_create(&loop->thread, NULL, run, loop) == 0) {
        *out = loop;
        return true;
    }
    loop->closing = loop->ended = true; /* nobody to join */
    http_loop_close(&loop);
    return err_set(err, ERR_INTERNAL, "no thread for outgoing calls: raise the limit of processes");
}

static void ask_to_end(struct http_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->closing = true;
    pthread_mutex_unlock(&loop->lock);
    curl_multi_wakeup(loop->multi);
    pthread_join(loop->thread, NULL);
}

void http_loop_close(struct http_loop **l)
{
    struct http_loop *loop = *l;

    if (!loop)
        return;
    if (!loop->closing) /* only this function sets it, and http_loop_open before it gave up */
        ask_to_end(loop);
    while (loop->spares_n > 0)
        curl_easy_cleanup(loop->spares[--loop->spares_n]);
    curl_multi_cleanup(loop->multi);
    cancels_free(&loop->cancels);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
    *l = NULL;
}

/* After the end (a race with closing only) done() runs here, on the caller's thread. */
void http_submit(struct http_loop *loop, const struct http_req *req, http_done_fn *done, void *arg)
{
    struct flight *f = copy_flight(req, done, arg);
    bool ended, first;

    pthread_mutex_lock(&loop->lock);
    ended = loop->ended;
    first = !loop->waiting;
    if (!ended) {
        *loop->waiting_end = f;
        loop->waiting_end = &f->next;
    }
    pthread_mutex_unlock(&loop->lock);
    if (ended)
        refuse(f, closing);
    else if (first) /* it takes all that wait */
        curl_multi_wakeup(loop->multi);
}

void http_cancel(struct http_loop *loop, const void *arg)
{
    struct cancel *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->arg = arg;
    pthread_mutex_lock(&loop->lock);
    c->next = loop->cancels;
    loop->cancels = c;
    pthread_mutex_unlock(&loop->lock);
    curl_multi_wakeup(loop->multi);
}
