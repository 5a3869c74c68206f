/*
 * http.c - a request's options, callbacks and outcome.
 */
#include "common/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/http_internal.h"

enum { HEADERS_MAX = 64 << 10 };
static const long CONNECT_MAX_MS = 300000;

/* "https://name:port/..." -> "name:port"; never what follows. */
static struct sv host_of(const char *url)
{
    const char *from = strstr(url, "://");
    size_t n;

    from = from ? from + 3 : url;
    n = strcspn(from, "/?#");
    for (size_t i = 0; i < n; i++) {
        if (from[i] == '@')
            return (struct sv){from + i + 1, n - i - 1};
    }
    return (struct sv){from, n};
}

static size_t take_header(char *line, size_t one, size_t n, void *arg)
{
    struct http_flight *f = arg;
    struct str *to = &f->answer->headers;

    (void)one;
    if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) /* of a 100 before, or of the answer itself */
        str_reset(to);
    else if (n > 2)
        str_add(to, line, n);
    if (str_ok(to))
        return n;
    err_set(&f->err, ERR_TOO_LARGE, "%.*s: more than %d bytes of headers", SV(host_of(f->req->url)),
            HEADERS_MAX);
    return 0;
}

/* Of a foretold length no byte more is held, however many answers wait to be read. */
static void make_room(struct http_flight *f)
{
    struct str *to = &f->answer->body;
    curl_off_t length = 0;

    curl_easy_getinfo(f->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0 && (uint64_t)length <= to->wall)
        str_reserve(to, (size_t)length);
}

static size_t take_body(char *bytes, size_t one, size_t n, void *arg)
{
    struct http_flight *f = arg;

    (void)one;
    if (f->answer->body.cap == 0)
        make_room(f);
    str_add(&f->answer->body, bytes, n);
    if (str_ok(&f->answer->body))
        return n;
    err_set(&f->err, ERR_TOO_LARGE, "%.*s: the answer is larger than %zu bytes",
            SV(host_of(f->req->url)), f->req->answer_max);
    return 0;
}

/* Ask the source, and stop our clocks meanwhile: a slow client is not S3's fault. */
static bool ask_source(struct http_flight *f, char *buf, size_t n, size_t *got)
{
    int64_t before = clock_mono_us(), took_ms;
    bool ok = f->req->source(f->req->source_arg, buf, n, got, &f->err);

    f->source_us += clock_mono_us() - before;
    took_ms = f->source_us / 1000;
    f->source_us -= took_ms * 1000;
    f->began = clock_mono_ms();
    f->waiting_since += took_ms;
    f->stalled_since += took_ms;
    return ok;
}

static size_t give_body(char *buf, size_t one, size_t n, void *arg)
{
    struct http_flight *f = arg;
    size_t got = 0;

    (void)one;
    if (f->sourced >= f->req->source_length)
        return 0;
    if (!ask_source(f, buf, n, &got))
        return CURL_READFUNC_ABORT;
    f->sourced += (int64_t)got;
    if (got > 0 && f->sourced <= f->req->source_length)
        return got;
    err_set(&f->err, ERR_INTERNAL, "the body did not keep to its length of %lld bytes",
            (long long)f->req->source_length);
    return CURL_READFUNC_ABORT;
}

/* A connection that was kept alive may be dead; curl tries a fresh one if it can rewind. */
static int rewind_body(void *arg, curl_off_t offset, int origin)
{
    struct http_flight *f = arg;
    const struct http_req *req = f->req;

    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    if (f->sourced > 0 && (!req->rewind || !req->rewind(req->source_arg)))
        return CURL_SEEKFUNC_CANTSEEK;
    f->sourced = 0;
    return CURL_SEEKFUNC_OK;
}

static bool has_header(const struct http_req *req, const char *name)
{
    size_t n = strlen(name);

    for (const char *const *h = req->headers; h && *h; h++)
        if (strncasecmp(*h, name, n) == 0 && (*h)[n] == ':')
            return true;
    return false;
}

static void add_header(struct http_flight *f, const char *line)
{
    struct curl_slist *longer = curl_slist_append(f->headers, line);

    if (!longer)
        abort();
    f->headers = longer;
}

static void set_headers(struct http_flight *f)
{
    for (const char *const *h = f->req->headers; h && *h; h++)
        add_header(f, *h);
    if (!has_header(f->req, "Content-Type")) /* or curl would claim a web form */
        add_header(f, "Content-Type:");
    add_header(f, "Expect:");
    curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
}

static void set_body(struct http_flight *f)
{
    const struct http_req *req = f->req;
    bool reads = strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0 ||
                 strcmp(req->method, "DELETE") == 0;

    if (req->source) {
        curl_easy_setopt(f->easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(f->easy, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(f->easy, CURLOPT_READDATA, f);
        curl_easy_setopt(f->easy, CURLOPT_SEEKFUNCTION, rewind_body);
        curl_easy_setopt(f->easy, CURLOPT_SEEKDATA, f);
        curl_easy_setopt(f->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)req->source_length);
    } else if (req->body.n > 0 || !reads) {
        curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.n);
        curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS, req->body.n > 0 ? req->body.p : "");
    }
    if (strcmp(req->method, "HEAD") == 0)
        curl_easy_setopt(f->easy, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(f->easy, CURLOPT_CUSTOMREQUEST, req->method);
}

static void set_way(struct http_flight *f, long upload_buffer)
{
    CURL *e = f->easy;

    curl_easy_setopt(e, CURLOPT_URL, f->req->url);
    curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L); /* keys may hold ".." */
    if (f->req->ca_file && *f->req->ca_file)
        curl_easy_setopt(e, CURLOPT_CAINFO, f->req->ca_file);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOPROXY, ""); /* or it asks the environment each time */
    curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "snapkey");
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                     f->req->connect_ms > 0 ? (long)f->req->connect_ms : CONNECT_MAX_MS);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, f->req->source ? 0L : (long)f->req->total_ms);
}

static int count_send(void *arg, char *to, char *from, int to_port, int from_port)
{
    struct http_flight *f = arg;

    (void)to, (void)from, (void)to_port, (void)from_port;
    f->answer->sends++;
    return CURL_PREREQFUNC_OK;
}

void http_flight_begin(struct http_flight *f, CURL *easy, const struct http_req *req,
                       struct http_answer *answer, long upload_buffer)
{
    *f = (struct http_flight){.easy = easy, .req = req, .answer = answer};
    http_answer_free(answer);
    answer->body.wall = req->answer_max;
    answer->headers.wall = HEADERS_MAX;
    f->began = f->waiting_since = f->stalled_since = clock_mono_ms();

    curl_easy_reset(easy);
    set_way(f, upload_buffer);
    set_body(f);
    set_headers(f);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, f);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, count_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, f);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, f->reason);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, f);
}

static bool first_byte_late(struct http_flight *f, curl_off_t sent, int64_t now)
{
    if (sent != f->sent) { /* the wait for an answer begins when the last byte has left */
        f->sent = sent;
        f->waiting_since = now;
    }
    if (f->answer->headers.n > 0 || f->req->first_byte_ms <= 0 ||
        now - f->waiting_since < f->req->first_byte_ms)
        return false;
    err_set(&f->err, ERR_TIMEOUT, "%.*s: no answer within %lld ms", SV(host_of(f->req->url)),
            (long long)f->req->first_byte_ms);
    return true;
}

/* All is sent and nothing has come back yet. */
static bool only_waits(const struct http_flight *f)
{
    int64_t all = f->req->source ? f->req->source_length : (int64_t)f->req->body.n;

    return f->answer->headers.n == 0 && f->sent >= all;
}

static bool stalled(struct http_flight *f, curl_off_t moved, int64_t now)
{
    int64_t least = f->req->stall_bytes_s * f->req->stall_ms / 1000;

    if (f->req->first_byte_ms > 0 && only_waits(f)) { /* it has a limit of its own */
        f->stalled_since = now;
        f->stall_from = moved;
    }
    if (f->req->stall_ms <= 0 || now - f->stalled_since < f->req->stall_ms)
        return false;
    if (moved - f->stall_from < (least > 0 ? least : 1)) {
        err_set(&f->err, ERR_TIMEOUT, "%.*s: only %lld bytes moved in %lld ms",
                SV(host_of(f->req->url)), (long long)(moved - f->stall_from),
                (long long)(now - f->stalled_since));
        return true;
    }
    f->stall_from = moved;
    f->stalled_since = now;
    return false;
}

/* Of a body with a source; curl itself looks after the others. */
static bool too_long(struct http_flight *f, int64_t now)
{
    const struct http_req *req = f->req;

    if (!req->source || req->total_ms <= 0 || now - f->began < req->total_ms)
        return false;
    err_set(&f->err, ERR_TIMEOUT, "%.*s: not done within %lld ms", SV(host_of(req->url)),
            (long long)req->total_ms);
    return true;
}

bool http_flight_late(struct http_flight *f)
{
    curl_off_t up = 0, down = 0;
    int64_t now = clock_mono_ms();

    curl_easy_getinfo(f->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(f->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    return first_byte_late(f, up, now) || stalled(f, up + down, now) || too_long(f, now);
}

static int64_t time_of(CURL *easy, CURLINFO what)
{
    curl_off_t us = 0;

    curl_easy_getinfo(easy, what, &us);
    return us;
}

static void judge(struct http_flight *f, CURLcode code)
{
    struct http_answer *a = f->answer;
    struct sv host = host_of(f->req->url);
    bool quotes_url = strchr(f->reason, '?') != NULL; /* none is known to; a query is a secret */
    const char *reason = f->reason[0] && !quotes_url ? f->reason : curl_easy_strerror(code);

    if (f->err.code != ERR_NONE)
        a->err = f->err;
    else if (code == CURLE_OPERATION_TIMEDOUT)
        err_set(&a->err, ERR_TIMEOUT, "%.*s: %s", SV(host), reason);
    else
        err_set(&a->err, ERR_UPSTREAM, "%.*s: %s", SV(host), reason);
}

void http_flight_end(struct http_flight *f, CURLcode code)
{
    struct http_answer *a = f->answer;
    long status = 0;

    curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    a->connect_us = time_of(f->easy, CURLINFO_CONNECT_TIME_T);
    a->first_byte_us = time_of(f->easy, CURLINFO_STARTTRANSFER_TIME_T);
    a->total_us = time_of(f->easy, CURLINFO_TOTAL_TIME_T);
    a->status = 0;
    if (code == CURLE_OK && f->err.code == ERR_NONE && status > 0)
        a->status = (int)status;
    else
        judge(f, code);
    curl_slist_free_all(f->headers);
    f->headers = NULL;
}

struct sv http_header(const struct http_answer *a, const char *name)
{
    struct sv rest = str_sv(&a->headers), other, value;

    while (rest.n > 0)
        if (sv_pair(sv_cut_line(&rest), ':', &other, &value) && sv_ieqz(other, name))
            return value;
    return (struct sv){"", 0};
}

void http_answer_free(struct http_answer *a)
{
    str_free(&a->body);
    str_free(&a->headers);
    *a = (struct http_answer)HTTP_ANSWER_INIT;
}
