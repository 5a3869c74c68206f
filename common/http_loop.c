/*
 * http_loop.c - many requests at once on one thread (curl multi).
 *
 * Everything of the multi handle stays on that thread; other threads only put flights into its
 * inbox and ring its bell. curl says which sockets it waits for and until when, and is told of
 * those that something happened to: curl_multi_poll and _perform would look at all that are in the
 * air each time. Handles are used again.
 */
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/http_copy.h"
#include "common/http_inbox.h"
#include "common/http_internal.h"
#include "common/poller.h"
#include "common/prompt.h"

/* HTTP/2 is spoken where it is offered; one connection that breaks takes all its calls along. */
enum { STREAMS_MAX = 20 };
/* So many at a time look for a connection behind TLS, and for so long the others let them. A burst
 * would else open one for each call before the first of them can be shared: curl waits for a host's
 * first connection only. Where nothing can be shared, it is a short delay. */
enum { SEEKING_MAX = 4, HOLD_MS = 2000 };
/* So many leave between two looks at the answers, which would else wait for all that came. */
enum { AT_ONCE = 4 };
enum { SPARES_MAX = 64, LOOP_UPLOAD_BUFFER = 16 << 10, IDLE_MS = 1000, READY_MAX = 64 };
/* curl reads one buffer full at a time, and holds it from the moment a call leaves. A thousand
 * large ones would be too much. */
enum { ROOMY_MAX = 128, BUFFER_ROOMY = 16 << 10, BUFFER_NARROW = 4 << 10 };

struct flight {
    struct inbox_mail mail;
    struct http_flight base;
    struct flight *next, **link; /* of those in the air */
    struct http_req *req;        /* a copy */
    struct http_answer answer;
    http_done_fn *done;
    void *arg;
};

struct http_loop {
    CURLM *multi;
    struct poller poller;
    int64_t due_ms; /* when curl wants to be called, whatever happens; INT64_MAX: never */
    pthread_t thread;
    bool started;
    struct http_inbox inbox;
    struct inbox_mail *held, **held_end; /* the thread's own from here on; in order of coming */
    struct flight *seeking[SEEKING_MAX]; /* in the air, and without a connection so far */
    size_t seeking_n;
    struct flight *air;
    size_t air_n;
    int64_t looked_ms; /* when the clocks of all were looked at */
    CURL *spares[SPARES_MAX];
    size_t spares_n;
};

static struct flight *flight_of(struct inbox_mail *mail) { return (struct flight *)(void *)mail; }

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
    curl_easy_setopt(easy, CURLOPT_PRIVATE, f);
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

static bool may_go(const struct http_loop *loop)
{
    struct flight *f = loop->held ? flight_of(loop->held) : NULL;

    return f && (!behind_tls(f) || loop->seeking_n < SEEKING_MAX ||
                 clock_mono_ms() - f->mail.came_ms >= HOLD_MS);
}

/* In the order they came, and a few at a time. */
static void take_off_some(struct http_loop *loop)
{
    for (int n = 0; n < AT_ONCE && may_go(loop); n++) {
        struct flight *f = flight_of(loop->held);

        loop->held = f->mail.next;
        if (!loop->held)
            loop->held_end = &loop->held;
        take_off(loop, f);
    }
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
        char *f = NULL;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &f);
        land(loop, (struct flight *)(void *)f, code);
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
    struct inbox_mail **at = &loop->held;

    while (*at) {
        struct flight *f = flight_of(*at);

        if (arg && f->arg != arg) {
            at = &f->mail.next;
            continue;
        }
        *at = f->mail.next;
        refuse(f, why);
    }
    loop->held_end = at;
}

/* One that has landed already is not found, and nothing happens. */
static void land_cancelled(struct http_loop *loop, struct inbox_cancel **cancels)
{
    for (const struct inbox_cancel *c = *cancels; c; c = c->next) {
        end_held(loop, c->arg, cancelled);
        for (struct flight *f = loop->air, *next; f; f = next) {
            next = f->next;
            if (f->arg != c->arg)
                continue;
            err_set(&f->base.err, ERR_CLOSING, "%s", cancelled);
            land(loop, f, CURLE_ABORTED_BY_CALLBACK);
        }
    }
    inbox_cancels_free(cancels);
}

static void end_all(struct http_loop *loop)
{
    end_held(loop, NULL, closing);
    while (loop->air) {
        err_set(&loop->air->base.err, ERR_CLOSING, "%s", closing);
        land(loop, loop->air, CURLE_ABORTED_BY_CALLBACK);
    }
}

/* ---- what curl waits for ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct http_loop *loop = arg;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        poller_forget(&loop->poller, fd);
        return 0;
    }
    poller_watch(&loop->poller, fd, what & CURL_POLL_IN, what & CURL_POLL_OUT, known);
    curl_multi_assign(loop->multi, fd, loop); /* known from now on */
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct http_loop *loop = arg;

    (void)multi;
    loop->due_ms = ms < 0 ? INT64_MAX : clock_mono_ms() + ms + (ms > 0); /* never early */
    return 0;
}

static void act_in_time(struct http_loop *loop)
{
    int running;

    if (clock_mono_ms() < loop->due_ms)
        return;
    loop->due_ms = INT64_MAX; /* curl says when again */
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static void act(struct http_loop *loop, const struct poller_ready *r)
{
    int running, what = (r->in ? CURL_CSELECT_IN : 0) | (r->out ? CURL_CSELECT_OUT : 0) |
                        (r->broken ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(loop->multi, r->fd, what, &running);
}

static void wait_and_act(struct http_loop *loop)
{
    struct poller_ready ready[READY_MAX];
    int64_t most = may_go(loop) ? 0 : loop->air ? HTTP_TICK_MS : IDLE_MS;
    int64_t left = loop->due_ms - clock_mono_ms();
    int64_t ms = left > most ? most : left > 0 ? left : 0;
    size_t n = poller_wait(&loop->poller, ms, ready, READY_MAX);

    for (size_t i = 0; i < n; i++)
        act(loop, &ready[i]);
}

static void *run(void *arg)
{
    struct http_loop *loop = arg;
    struct inbox_cancel *cancels;

    prompt_me();
    while (inbox_take(&loop->inbox, &loop->held_end, &cancels)) {
        land_cancelled(loop, &cancels);
        take_off_some(loop);
        act_in_time(loop);
        drop_seekers(loop, NULL);
        land_finished(loop);
        land_late(loop);
        wait_and_act(loop);
    }
    inbox_cancels_free(&cancels);
    end_all(loop);
    return NULL;
}

static void listen_to_curl(struct http_loop *loop)
{
    loop->due_ms = INT64_MAX;
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
}

bool http_loop_open(size_t max_total, size_t max_per_host, struct http_loop **out, struct err *err)
{
    struct http_loop *loop = calloc(1, sizeof *loop);

    http_global_open();
    if (!loop || !(loop->multi = curl_multi_init()))
        abort();
    poller_open(&loop->poller);
    inbox_open(&loop->inbox);
    loop->held_end = &loop->held;
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)max_total);
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)max_per_host);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)max_total);
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
    listen_to_curl(loop);
    loop->started = pthread_create(&loop->thread, NULL, run, loop) == 0;
    if (loop->started) {
        *out = loop;
        return true;
    }
    http_loop_close(&loop);
    return err_set(err, ERR_INTERNAL, "no thread for outgoing calls: raise the limit of processes");
}

void http_loop_close(struct http_loop **l)
{
    struct http_loop *loop = *l;

    if (!loop)
        return;
    if (loop->started) {
        inbox_close(&loop->inbox);
        poller_ring(&loop->poller);
        pthread_join(loop->thread, NULL);
    }
    while (loop->spares_n > 0)
        curl_easy_cleanup(loop->spares[--loop->spares_n]);
    curl_multi_cleanup(loop->multi);
    poller_close(&loop->poller);
    inbox_free(&loop->inbox);
    free(loop);
    *l = NULL;
}

/* After the end (a race with closing only) done() runs here, on the caller's thread. */
void http_submit(struct http_loop *loop, const struct http_req *req, http_done_fn *done, void *arg)
{
    struct flight *f = copy_flight(req, done, arg);
    bool first;

    if (!inbox_put(&loop->inbox, &f->mail, &first))
        refuse(f, closing);
    else if (first)
        poller_ring(&loop->poller);
}

void http_cancel(struct http_loop *loop, const void *arg)
{
    inbox_cancel(&loop->inbox, arg);
    poller_ring(&loop->poller);
}
