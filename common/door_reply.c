/*
 * door_reply.c - an answer on its way: its head, its body whole or in chunks, and what becomes of
 * the connection.
 */
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/door_internal.h"
#include "common/json_write.h"

enum { HEAD_WALL = 32 * 1024 };

struct door_stream {
    struct req *req;
    bool gone;    /* the client */
    bool aborted; /* by the handler */
};

bool door_write(struct door_stream *to, struct sv bytes)
{
    AUTO(str_free) struct str chunk = STR_INIT(DOOR_STEP + 32);
    while (bytes.n > 0 && !to->gone) {
        size_t n = bytes.n < DOOR_STEP ? bytes.n : DOOR_STEP;
        str_reset(&chunk);
        if (!to->req->old)
            str_addf(&chunk, "%zx\r\n", n);
        str_add(&chunk, bytes.p, n);
        if (!to->req->old)
            str_addz(&chunk, "\r\n");
        to->gone = !door_io_write(to->req, chunk.p, chunk.n);
        bytes = (struct sv){bytes.p + n, bytes.n - n};
    }
    return !to->gone;
}

void door_abort(struct door_stream *to) { to->aborted = true; }

bool door_ending(const struct door_stream *to) { return atomic_load(&to->req->door->shut); }

void reply_header(struct reply *reply, const char *name, const char *value)
{
    if (!strpbrk(name, "\r\n:") && !strpbrk(value, "\r\n"))
        str_addf(&reply->headers, "%s: %s\r\n", name, value);
}

void reply_json(struct reply *reply, int status)
{
    reply->status = status;
    reply->type = "application/json";
}

void door_reply_error(struct jw *w, const char *code, const char *message, const char *id)
{
    jw_open(w, '{');
    jw_bool(w, "success", false);
    jw_text(w, "code", code);
    jw_text(w, "message", message);
    jw_text(w, "requestId", id);
    jw_close(w);
}

bool door_reply_has(struct sv lines, struct sv name)
{
    struct sv own, value;
    while (lines.n > 0)
        if (sv_pair(sv_cut_line(&lines), ':', &own, &value) && own.n == name.n &&
            strncasecmp(own.p, name.p, name.n) == 0)
            return true;
    return false;
}

/* The lines of `usual` that the handler did not set itself. */
static void add_usual(struct str *head, const char *usual, struct sv own)
{
    while (*usual) {
        size_t line = strcspn(usual, "\n");
        line += usual[line] ? 1 : 0;
        if (!door_reply_has(own, (struct sv){usual, strcspn(usual, ":")}))
            str_add(head, usual, line);
        usual += line;
    }
}

static const char usual_security[] = "X-Content-Type-Options: nosniff\r\n"
                                     "Referrer-Policy: no-referrer\r\n"
                                     "X-Frame-Options: DENY\r\n"
                                     "Content-Security-Policy: default-src 'none'\r\n";

static void add_date(struct str *head)
{
    char text[40];
    struct tm tm;
    time_t now = (time_t)clock_wall_s();
    gmtime_r(&now, &tm);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm); /* RFC 9110 6.6.1 */
    str_addf(head, "Date: %s\r\n", text);
}

/* RFC 9110 15; a client may ignore it, and some old ones want one. */
const char *door_reply_reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } reasons[] = {{200, "OK"},
                   {201, "Created"},
                   {202, "Accepted"},
                   {204, "No Content"},
                   {207, "Multi-Status"},
                   {302, "Found"},
                   {303, "See Other"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {409, "Conflict"},
                   {410, "Gone"},
                   {411, "Length Required"},
                   {413, "Content Too Large"},
                   {415, "Unsupported Media Type"},
                   {422, "Unprocessable Content"},
                   {429, "Too Many Requests"},
                   {431, "Request Header Fields Too Large"},
                   {500, "Internal Server Error"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Timeout"}};
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return status < 400 ? "OK" : "Error";
}

static bool bodiless(int status) { return status == 204 || status == 304 || status < 200; }

static void write_head(struct req *req, const struct reply *reply, struct str *head)
{
    const struct door_conf *conf = &req->door->conf;
    struct sv own = str_sv(&reply->headers);
    str_addf(head, "HTTP/1.1 %d %s\r\n", reply->status, door_reply_reason(reply->status));
    add_date(head);
    if (!bodiless(reply->status)) {
        str_addf(head, "Content-Type: %s\r\n", reply->type);
        if (!reply->stream)
            str_addf(head, "Content-Length: %zu\r\n", reply->body.n);
        else if (!req->old)
            str_addz(head, "Transfer-Encoding: chunked\r\n");
    }
    str_addf(head, "X-Request-Id: %s\r\n", req->id);
    if (req->close || req->old)
        str_addf(head, "Connection: %s\r\n", req->close ? "close" : "keep-alive");
    if (!req->close) /* a pool that knows does not take a connection that is about to end */
        str_addf(head, "Keep-Alive: timeout=%lld\r\n", (long long)(conf->keep_alive_ms / 1000));
    add_usual(head, conf->security_headers ? conf->security_headers : usual_security, own);
    add_usual(head, "Cache-Control: no-store\r\n", own);
    str_addv(head, own);
    str_addz(head, "\r\n");
}

static bool write_stream(struct req *req, const struct reply *reply)
{
    struct door_stream to = {.req = req};
    reply->stream(&to, reply->stream_arg);
    return !to.gone && !to.aborted && (req->old || door_io_write(req, "0\r\n\r\n", 5));
}

static bool write_reply(struct req *req, const struct reply *reply)
{
    AUTO(str_free) struct str head = STR_INIT(HEAD_WALL + DOOR_STEP);
    bool body = !req->head && !bodiless(reply->status);
    write_head(req, reply, &head);
    if (!body)
        return door_io_write(req, head.p, head.n);
    if (reply->stream)
        return door_io_write(req, head.p, head.n) && write_stream(req, reply);
    if (reply->body.n > DOOR_STEP)
        return door_io_write(req, head.p, head.n) &&
               door_io_write(req, reply->body.p, reply->body.n);
    str_addv(&head, str_sv(&reply->body)); /* one packet for what is small */
    return door_io_write(req, head.p, head.n);
}

void door_reply_send(struct req *req, struct reply *reply)
{
    door_io_settle(req);
    if (reply->stream && req->old)
        req->close = true;
    if (write_reply(req, reply))
        return;
    req->close = true;
    req->gone = true;
}
