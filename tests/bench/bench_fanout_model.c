/*
 * bench_fanout_model.c - a provider with a fixed latency that costs next to nothing: OpenAI's
 * Responses and Chat Completions, whichever is asked, on 127.0.0.1.
 *
 *   bench_fanout_model PORT LATENCY_MS ROWS     serves until it is killed
 *
 * Each picture is answered with ROWS rows of a leaderboard; the i-th picture of a call shows the
 * ranks that follow those of the one before it. What goes wrong is set between two rounds, which
 * also sets the counts back:
 *   GET /set?every=20         each 20th call gets 429 with Retry-After
 *   GET /set?outage_ms=10000  529 from now on, for so long
 *   GET /set?rate=200         more than 200 calls a second (a burst of a tenth): 429
 *   GET /set?rows=1           other than ROWS, for each picture
 *   GET /set?latency_ms=4000  another latency than LATENCY_MS
 * and GET /stats tells {"calls":..,"answered":..,"said_429":..,"said_529":..,"said_400":..,
 * "most_open":.. (whole requests that waited for their answers at one moment),"cpu_ms":..}. A
 * picture whose address holds "0bad0bad" makes its call fail with 400, as OpenAI says it: without
 * naming the picture.
 *
 * x-request-id is "took_" and the microseconds from the request's last byte to the answer's first:
 * what a client adds to a call is what it took beyond that, also where this program had to wait
 * for a processor.
 *
 * One thread, epoll; answers leave in the order of the requests, as the latency is the same for
 * all.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base.h"
#include "common/clock.h"
#include "common/str.h"

enum { EVENTS = 256, IN_MAX = 8 << 20, OUT_MAX = 4 << 20, PICTURES = 32, AFTER_MS = 300 };

struct conn {
    int fd;
    struct str in;
    bool gone; /* closed while its answer was still due */
    int64_t heard_us, due_us;
    struct conn *next; /* in the line of those that wait */
};

struct model {
    int64_t usual_us, latency_us, every, outage_until_us, rate;
    double tokens; /* of the rate */
    int64_t tokens_at_us;
    int64_t calls, answered, said_429, said_529, said_400, open, most_open;
    struct str rows[PICTURES]; /* of the n-th picture of a call, escaped once, as a JSON text is */
    int rows_each;
    struct str text, out;
    struct conn *first, **end;
    int timer;
};

static void stop(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- what is read out of the pictures ---- */

static void write_row(struct str *out, int rank)
{
    str_addf(out,
             "{\\\"rank\\\":\\\"%d\\\",\\\"display_name\\\":\\\"Invented Name %d\\\","
             "\\\"handle\\\":\\\"@invented_%d\\\",\\\"total_snaps\\\":\\\"%d\\\","
             "\\\"snaps_24h\\\":\\\"%d\\\",\\\"snaps_7d\\\":\\\"\\\","
             "\\\"mindshare_percent\\\":\\\"%.2f%%\\\",\\\"mindshare_change\\\":\\\"\\\","
             "\\\"followers\\\":\\\"%d.%dK\\\",\\\"smart_followers\\\":\\\"%d\\\","
             "\\\"status\\\":\\\"\\\",\\\"badge\\\":\\\"\\\",\\\"unsure\\\":[]}",
             rank, rank, rank, 90000 - rank * 7, 900 - rank % 900, 50.0 / (rank + 1),
             900 - rank % 800, rank % 10, 4000 - rank);
}

static void write_rows(struct model *m, int rows)
{
    for (int p = 0; p < PICTURES; p++) {
        str_reset(&m->rows[p]);
        for (int i = 0; i < rows; i++) {
            if (i > 0)
                str_addc(&m->rows[p], ',');
            write_row(&m->rows[p], p * rows + i + 1);
        }
    }
}

/* The ids stand behind "image id: ", one before each picture. */
static void write_text(struct model *m, const char *body)
{
    static const char lead[] = "image id: ";
    int n = 0;

    str_reset(&m->text);
    str_addz(&m->text, "{\\\"results\\\":[");
    for (const char *at = body; n < PICTURES && (at = strstr(at, lead)) != NULL; n++) {
        at += sizeof lead - 1;
        str_addf(&m->text,
                 "%s{\\\"id\\\":\\\"%.*s\\\",\\\"platform\\\":\\\"cookie.fun\\\","
                 "\\\"title\\\":\\\"Race\\\",\\\"timeframe\\\":\\\"24H\\\",\\\"columns\\\":"
                 "[\\\"Rank\\\",\\\"Name\\\",\\\"Snaps\\\"],\\\"rows\\\":[",
                 n > 0 ? "," : "", (int)strcspn(at, "\"\\"), at);
        str_addv(&m->text, str_sv(&m->rows[n]));
        str_addz(&m->text, "]}");
    }
    str_addz(&m->text, "]}");
}

static void write_responses(struct model *m, struct str *out)
{
    str_addz(out, "{\"id\":\"resp_bench\",\"object\":\"response\",\"status\":\"completed\","
                  "\"model\":\"bench-model\",\"output\":[{\"id\":\"msg_1\",\"type\":\"message\","
                  "\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":"
                  "\"output_text\",\"annotations\":[],\"text\":\"");
    str_addv(out, str_sv(&m->text));
    str_addz(out, "\"}]}],\"usage\":{\"input_tokens\":4000,\"input_tokens_details\":"
                  "{\"cached_tokens\":1000},\"output_tokens\":2000,\"output_tokens_details\":"
                  "{\"reasoning_tokens\":0},\"total_tokens\":6000}}");
}

static void write_chat(struct model *m, struct str *out)
{
    str_addz(out, "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1,"
                  "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                  "\"assistant\",\"refusal\":null,\"content\":\"");
    str_addv(out, str_sv(&m->text));
    str_addz(out, "\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
                  "{\"prompt_tokens\":4000,\"completion_tokens\":2000,\"total_tokens\":6000,"
                  "\"prompt_tokens_details\":{\"cached_tokens\":1000},"
                  "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
}

/* ---- what is answered ---- */

static bool over_rate(struct model *m)
{
    double most = (double)m->rate / 10 + 1;
    int64_t now = clock_mono_us();

    if (m->rate == 0)
        return false;
    m->tokens += (double)(now - m->tokens_at_us) * (double)m->rate / 1e6;
    m->tokens = m->tokens < most ? m->tokens : most;
    m->tokens_at_us = now;
    if (m->tokens < 1)
        return true;
    m->tokens -= 1;
    return false;
}

static int status_of(struct model *m, const char *body)
{
    m->calls++;
    if (clock_mono_us() < m->outage_until_us) {
        m->said_529++;
        return 529;
    }
    if ((m->every > 0 && m->calls % m->every == 0) || over_rate(m)) {
        m->said_429++;
        return 429;
    }
    if (strstr(body, "0bad0bad")) {
        m->said_400++;
        return 400;
    }
    m->answered++;
    return 200;
}

static void write_fault(int status, struct str *out)
{
    const char *body = "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
                       "\"param\":null,\"code\":\"rate_limit_exceeded\"}}";

    if (status == 529)
        body = "{\"error\":{\"message\":\"Overloaded\",\"type\":\"service_unavailable_error\","
               "\"param\":null,\"code\":\"server_is_overloaded\"}}";
    if (status == 400)
        body = "{\"error\":{\"message\":\"The image data you provided does not represent a valid "
               "image.\",\"type\":\"invalid_request_error\",\"param\":\"input\",\"code\":"
               "\"invalid_value\"}}";
    str_addz(out, body);
}

static void write_head(const struct model *m, const struct conn *c, int status, size_t length,
                       struct str *out)
{
    str_addf(out,
             "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nx-request-id: took_%lld\r\n"
             "Content-Length: %zu\r\n",
             status, status == 200 ? "OK" : "Fault", (long long)(clock_mono_us() - c->heard_us),
             length);
    if (status == 429)
        str_addf(out, "Retry-After: 1\r\nretry-after-ms: %d\r\n", AFTER_MS);
    if (m->rate > 0)
        str_addf(out,
                 "x-ratelimit-limit-requests: %lld\r\nx-ratelimit-remaining-requests: %d\r\n"
                 "x-ratelimit-reset-requests: %dms\r\n",
                 (long long)m->rate * 60, m->tokens > 0 ? (int)m->tokens : 0, 100);
    str_addz(out, "\r\n");
}

static void send_all(int fd, struct sv what)
{
    while (what.n > 0) {
        ssize_t sent = send(fd, what.p, what.n, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return;
        if (sent > 0)
            what = (struct sv){what.p + sent, what.n - (size_t)sent};
    }
}

static void reply(struct model *m, const struct conn *c, int status, struct sv body)
{
    AUTO(str_free) struct str all = STR_INIT(OUT_MAX + 4096);

    write_head(m, c, status, body.n, &all);
    str_addv(&all, body);
    send_all(c->fd, str_sv(&all));
}

/* Its time has come. */
static void answer(struct model *m, const struct conn *c)
{
    int status = status_of(m, c->in.p);

    str_reset(&m->out);
    if (status == 200) {
        write_text(m, c->in.p);
        if (strncmp(c->in.p, "POST /v1/responses", 18) == 0)
            write_responses(m, &m->out);
        else
            write_chat(m, &m->out);
    } else {
        write_fault(status, &m->out);
    }
    reply(m, c, status, str_sv(&m->out));
}

/* ---- between two rounds ---- */

static int64_t asked(const char *head, const char *name)
{
    const char *at = strstr(head, name);

    return at ? strtoll(at + strlen(name), NULL, 10) : 0;
}

static void set(struct model *m, const char *head)
{
    int64_t outage_ms = asked(head, "outage_ms="), rows = asked(head, "rows=");

    write_rows(m, rows > 0 ? (int)rows : m->rows_each);
    m->every = asked(head, "every=");
    m->rate = asked(head, "rate=");
    m->tokens = (double)m->rate / 10 + 1;
    m->tokens_at_us = clock_mono_us();
    m->outage_until_us = outage_ms > 0 ? clock_mono_us() + outage_ms * 1000 : 0;
    m->latency_us =
        asked(head, "latency_ms=") > 0 ? asked(head, "latency_ms=") * 1000 : m->usual_us;
    m->calls = m->answered = m->said_429 = m->said_529 = m->said_400 = m->most_open = 0;
}

static void govern(struct model *m, const struct conn *c)
{
    if (strncmp(c->in.p, "GET /set", 8) == 0)
        set(m, c->in.p);
    str_reset(&m->out);
    str_addf(&m->out,
             "{\"calls\":%lld,\"answered\":%lld,\"said_429\":%lld,\"said_529\":%lld,"
             "\"said_400\":%lld,\"most_open\":%lld,\"cpu_ms\":%ld}",
             (long long)m->calls, (long long)m->answered, (long long)m->said_429,
             (long long)m->said_529, (long long)m->said_400, (long long)m->most_open,
             clock() / (CLOCKS_PER_SEC / 1000));
    reply(m, c, 200, str_sv(&m->out));
}

/* ---- the line of those that wait ---- */

static void conn_free(struct conn **c)
{
    close((*c)->fd);
    str_free(&(*c)->in);
    free(*c);
    *c = NULL;
}

static void wake_at(const struct model *m)
{
    int64_t us = m->first ? m->first->due_us : 0;
    struct itimerspec at = {.it_value = {us / 1000000, us % 1000000 * 1000}};

    timerfd_settime(m->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void stand_in_line(struct model *m, struct conn *c)
{
    c->due_us = c->heard_us + m->latency_us;
    c->next = NULL;
    *m->end = c;
    m->end = &c->next;
    m->most_open = ++m->open > m->most_open ? m->open : m->most_open;
}

static void answer_due(struct model *m)
{
    while (m->first && m->first->due_us <= clock_mono_us()) {
        struct conn *c = m->first;

        m->first = c->next;
        if (!m->first)
            m->end = &m->first;
        m->open--;
        c->due_us = 0;
        if (c->gone) {
            conn_free(&c);
            continue;
        }
        answer(m, c);
        str_reset(&c->in);
    }
}

/* A request is whole: head and Content-Length bytes. Nobody here sends two at a time. */
static bool whole(const struct conn *c)
{
    const char *end = strstr(c->in.p, "\r\n\r\n");
    const char *length = end ? strcasestr(c->in.p, "\r\ncontent-length:") : NULL;
    size_t body = length && length < end ? strtoull(length + 17, NULL, 10) : 0;

    return end && c->in.n >= (size_t)(end - c->in.p) + 4 + body;
}

/* false: the connection has ended. */
static bool hear(struct model *m, struct conn *c)
{
    static char bytes[256 << 10];
    ssize_t got = recv(c->fd, bytes, sizeof bytes, 0);

    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    c->heard_us = clock_mono_us();
    str_add(&c->in, bytes, (size_t)got);
    if (!whole(c))
        return true;
    if (strncmp(c->in.p, "POST", 4) == 0) {
        stand_in_line(m, c);
        return true;
    }
    govern(m, c);
    str_reset(&c->in);
    return true;
}

/* ---- the loop ---- */

static void take_callers(int listener, int poll)
{
    int fd, one = 1;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct conn *c = calloc(1, sizeof *c);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

        if (!c)
            stop("model");
        c->fd = fd;
        c->in = (struct str)STR_INIT(IN_MAX);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
}

static int listen_on(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4096) != 0)
        stop("model");
    return fd;
}

static void on_event(struct model *m, const struct epoll_event *event, int listener, int poll)
{
    struct conn *c = event->data.ptr;
    uint64_t ticks;

    if (!c) {
        take_callers(listener, poll);
    } else if (event->data.ptr == m) {
        (void)!read(m->timer, &ticks, sizeof ticks);
    } else if (!hear(m, c)) {
        epoll_ctl(poll, EPOLL_CTL_DEL, c->fd, NULL);
        c->gone = true;
        if (c->due_us == 0)
            conn_free(&c);
    }
}

static void serve(struct model *m, int listener)
{
    int poll = epoll_create1(0);
    struct epoll_event own = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    struct epoll_event timer = {.events = EPOLLIN, .data.ptr = m};

    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &own);
    epoll_ctl(poll, EPOLL_CTL_ADD, m->timer, &timer);
    for (;;) {
        int n = epoll_wait(poll, events, EVENTS, -1);

        for (int i = 0; i < n; i++)
            on_event(m, &events[i], listener, poll);
        answer_due(m);
        wake_at(m);
    }
}

int main(int argc, char **argv)
{
    static struct model m = {.text = STR_INIT(OUT_MAX), .out = STR_INIT(OUT_MAX)};

    if (argc != 4) {
        fprintf(stderr, "usage: %s PORT LATENCY_MS ROWS\n", argv[0]);
        return 2;
    }
    m.usual_us = m.latency_us = strtoll(argv[2], NULL, 10) * 1000;
    m.end = &m.first;
    m.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    m.rows_each = (int)strtol(argv[3], NULL, 10);
    for (int p = 0; p < PICTURES; p++)
        m.rows[p] = (struct str)STR_INIT(OUT_MAX);
    write_rows(&m, m.rows_each);
    serve(&m, listen_on((int)strtol(argv[1], NULL, 10)));
}
