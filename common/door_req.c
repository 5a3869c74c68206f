/*
 * door_req.c - what a request says: framing, path, query, whose it is, and whether it may.
 */
#include <string.h>

#include "common/door_internal.h"
#include "common/id.h"
#include "common/url.h"

/* Header values of that name; *first is the first one's. */
static size_t header_count(const struct req *req, const char *name, struct sv *first)
{
    const struct door_head *head = &req->head_lines;
    size_t n = 0;
    for (size_t i = 0; i < head->header_count; i++)
        if (sv_ieqz(head->headers[i].name, name) && n++ == 0)
            *first = head->headers[i].value;
    return n;
}

struct sv req_header(const struct req *req, const char *name)
{
    struct sv value = {"", 0};
    header_count(req, name, &value);
    return value;
}

bool req_has(const struct req *req, const char *name)
{
    struct sv value;
    return header_count(req, name, &value) > 0;
}

/* A caller's id is taken over when it is harmless in a log line and a header. */
static bool clean_id(struct sv id)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (id.n == 0 || id.n > DOOR_ID_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++)
        if (!memchr(safe, id.p[i], sizeof(safe) - 1))
            return false;
    return true;
}

static bool same(struct sv a, struct sv b) { return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0; }

/* Is the item in a comma list? Case does not count. */
static bool in_list(struct sv rest, struct sv item)
{
    while (rest.n > 0)
        if (same(sv_trim(sv_cut(&rest, ',')), item))
            return true;
    return false;
}

static bool wants_close(const struct req *req)
{
    struct sv value;
    if (header_count(req, "Connection", &value) == 0)
        return req->old;
    if (in_list(value, SV_LIT("close")))
        return true;
    return req->old && !in_list(value, SV_LIT("keep-alive"));
}

void door_req_init(struct req *req, struct door *door, struct door_conn *conn)
{
    *req = (struct req){.door = door, .conn = conn};
    req->arena = (struct arena)ARENA_INIT;
    req->method = "-";
    req->path = "-";
    req->who.role = door->conf.auth ? DOOR_OPEN : DOOR_ADMIN;
    req->client = conn->far;
    addr_text(&conn->far, req->remote);
    id_short(req->id);
}

static bool read_length(struct sv text, int64_t *out)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n <= 18 && sv_int(text, out);
}

/* RFC 9112 6.1-6.3, without the repairs that it allows. */
static bool parse_framing(struct req *req, struct err *err)
{
    struct sv length = {NULL, 0}, coding = {NULL, 0}, host;
    size_t lengths = header_count(req, "Content-Length", &length);
    size_t codings = header_count(req, "Transfer-Encoding", &coding);
    if (lengths > 0 && codings > 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "Content-Length and Transfer-Encoding exclude each other");
    if (lengths > 1 || codings > 1)
        return err_set(err, ERR_BAD_REQUEST, "the body's length is given twice");
    if (codings > 0 && (req->old || !sv_ieqz(coding, "chunked")))
        return err_set(err, ERR_BAD_REQUEST, "the only transfer coding here is chunked");
    if (lengths > 0 && !read_length(length, &req->body.length))
        return err_set(err, ERR_BAD_REQUEST, "Content-Length is not a number of bytes");
    if (header_count(req, "Host", &host) != 1 && !req->old)
        return err_set(err, ERR_BAD_REQUEST, "send one Host header");
    if (codings > 0)
        req->body.length = -1;
    req->body.ended = req->body.length == 0;
    req->body.expects =
        !req->body.ended && !req->old && sv_ieqz(req_header(req, "Expect"), "100-continue");
    return true;
}

static bool parse_path(struct req *req, struct err *err)
{
    const char *p = req->path;
    if (p[0] != '/')
        return err_set(err, ERR_BAD_REQUEST, "the request's path must begin with /");
    while (*p) {
        const char *start = ++p;
        p += strcspn(p, "/");
        if (req->segment_count == DOOR_SEGMENTS)
            return err_set(err, ERR_NOT_FOUND, "there is nothing at this path");
        char *text = url_decode(&req->arena, (struct sv){start, (size_t)(p - start)}, false);
        if (!text)
            return err_set(err, ERR_BAD_REQUEST, "the path is not percent-encoded UTF-8 text");
        req->segments[req->segment_count++] = text;
    }
    return true;
}

static bool parse_query(struct req *req, struct err *err)
{
    struct sv rest = req->head_lines.query;
    struct sv name, value;
    while (url_next_pair(&rest, &name, &value)) {
        if (req->pair_count == DOOR_PAIRS)
            return err_set(err, ERR_BAD_REQUEST, "more than %d query parameters", DOOR_PAIRS);
        struct door_pair *pair = &req->pairs[req->pair_count++];
        pair->name = url_decode(&req->arena, name, true);
        pair->value = url_decode(&req->arena, value, true);
        if (!pair->name || !pair->value)
            return err_set(err, ERR_BAD_REQUEST, "the query is not percent-encoded UTF-8 text");
    }
    return true;
}

/* Who is behind the proxies that we trust? Many clients may come through one of them, so here each
 * counts by itself. */
static bool find_client(struct req *req, struct err *err)
{
    const struct door_head *head = &req->head_lines;
    struct sv trusted = sv_of(req->door->conf.trusted_proxies);
    bool found = false;
    if (!addr_listed(trusted, &req->conn->far))
        return true;
    for (size_t i = head->header_count; i > 0 && !found; i--)
        if (sv_ieqz(head->headers[i - 1].name, "X-Forwarded-For"))
            found = addr_forwarded(head->headers[i - 1].value, trusted, &req->client);
    addr_text(&req->client, req->remote);
    if (!found)
        return true;
    req->counted = crowd_enter(req->door->crowd, &req->client, req->door->conf.per_address_max);
    return req->counted || err_set(err, ERR_RATE, "too many requests from this address at a time");
}

static bool take_head(struct req *req, struct err *err)
{
    struct door_conn *conn = req->conn;
    conn->head = conn->at = door_head_length((struct sv){conn->buf, conn->n});
    if (conn->head == 0 && door_head_hopeless((struct sv){conn->buf, conn->n}))
        return err_set(err, ERR_BAD_REQUEST, "a request is lines of text that end in CRLF");
    if (conn->head == 0 && conn->late)
        return err_set(err, ERR_SLOW_BODY, "the request's head came too slowly");
    if (conn->head == 0 || conn->head > DOOR_HEAD_MAX)
        return err_set(err, ERR_HEAD_TOO_LARGE, "a request's head may have at most 16 KiB");
    door_room(conn, conn->head + DOOR_STAGE); /* before there are views into it */
    return door_head_parse((struct sv){conn->buf, conn->head}, &req->head_lines, err);
}

/* Of two, one would be believed here and perhaps the other one elsewhere (RFC 9110 5.3). */
static bool check_once(const struct req *req, struct err *err)
{
    static const char *const once[] = {"Authorization",   "Content-Type",  "Cookie",
                                       "Idempotency-Key", "Last-Event-ID", "Origin"};
    struct sv first;
    for (size_t i = 0; i < COUNT_OF(once); i++)
        if (header_count(req, once[i], &first) > 1)
            return err_set(err, ERR_BAD_REQUEST, "send %s once", once[i]);
    return true;
}

static bool parse_head(struct req *req, struct err *err)
{
    struct sv id;
    if (!take_head(req, err))
        return false;
    id = req_header(req, "X-Request-Id");
    if (clean_id(id)) {
        memcpy(req->id, id.p, id.n);
        req->id[id.n] = '\0';
    }
    req->method = arena_copy(&req->arena, req->head_lines.method);
    req->path = arena_copy(&req->arena, req->head_lines.path);
    req->head = strcmp(req->method, "HEAD") == 0;
    req->old = req->head_lines.old;
    return parse_framing(req, err) && check_once(req, err);
}

bool door_req_parse(struct req *req, struct err *err)
{
    if (!parse_head(req, err)) {
        req->close = true;
        req->body = (struct door_body){.broken = true};
        return false;
    }
    req->close = wants_close(req);
    return parse_path(req, err) && parse_query(req, err) && find_client(req, err);
}

/* Does the pattern fit? rank: one bit per literal segment, the first one highest. */
static bool path_fits(const struct req *req, const char *pattern, uint64_t *rank)
{
    size_t i = 0;
    *rank = 0;
    for (const char *p = pattern; *p; i++) {
        const char *start = ++p;
        p += strcspn(p, "/");
        if (i == req->segment_count)
            return false;
        if (*start == ':')
            continue;
        if (!sv_eqz((struct sv){start, (size_t)(p - start)}, req->segments[i]))
            return false;
        *rank |= UINT64_C(1) << (63 - i);
    }
    return i == req->segment_count;
}

static void allow(struct str *list, const char *method)
{
    if (!memmem(list->p, list->n, method, strlen(method)))
        str_addf(list, "%s%s%s", list->n > 0 ? ", " : "", method,
                 strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

bool door_req_route(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(str_free) struct str allowed = STR_INIT(256);
    const char *method = req->head ? "GET" : req->method;
    uint64_t best = 0, rank;
    for (size_t i = 0; i < req->door->conf.route_count; i++) {
        const struct door_route *route = &req->door->conf.routes[i];
        if (!path_fits(req, route->path, &rank) || rank < best)
            continue;
        if (rank > best) { /* what a literal path does not do, no parameter in its place does */
            str_reset(&allowed);
            req->route = NULL;
        }
        best = rank;
        allow(&allowed, route->method);
        if (strcmp(route->method, method) == 0)
            req->route = route;
    }
    if (req->route)
        return true;
    if (allowed.n == 0)
        return err_set(err, ERR_NOT_FOUND, "there is nothing at this path");
    reply_header(reply, "Allow", allowed.p);
    if (strcmp(method, "OPTIONS") == 0) {
        reply->status = 204;
        return true;
    }
    return err_set(err, ERR_METHOD, "this path allows %s", allowed.p);
}

struct sv req_cookie(const struct req *req, const char *name)
{
    return door_head_cookie(req_header(req, "Cookie"), name);
}

bool door_req_listed_origin(const struct req *req)
{
    return in_list(sv_of(req->door->conf.allowed_origins), req_header(req, "Origin"));
}

/* A browser sends the cookie along whichever page asks, so the page must be ours (or named in the
 * settings). The scheme of our own origin is not known here: TLS may end in front of us. */
bool req_own_page(const struct req *req)
{
    struct sv origin = req_header(req, "Origin");
    struct sv host = req_header(req, "Host");
    if (origin.n == 0)
        return sv_eqz(req_header(req, "Sec-Fetch-Site"), "same-origin");
    if (door_req_listed_origin(req))
        return true;
    size_t scheme = sv_starts(origin, "https://") ? 8 : sv_starts(origin, "http://") ? 7 : 0;
    return scheme > 0 && same((struct sv){origin.p + scheme, origin.n - scheme}, host);
}

static bool changes_state(const struct req *req)
{
    return !req->head && strcmp(req->method, "GET") != 0 && strcmp(req->method, "OPTIONS") != 0;
}

static bool admit_who(struct req *req, struct err *err)
{
    const struct door_conf *conf = &req->door->conf;
    struct sv authorization = req_header(req, "Authorization");
    struct door_ask ask = {.token = {"", 0}, .remote = req_remote(req)};
    if (authorization.n > 0)
        ask.token = door_head_bearer(authorization);
    else if (conf->cookie)
        ask.token = req_cookie(req, conf->cookie);
    ask.cookie = authorization.n == 0 && ask.token.n > 0;
    if (!conf->auth(conf->app, &ask, &req->who, err))
        return false;
    if (ask.cookie && changes_state(req) && !req_own_page(req))
        return err_set(err, ERR_FORBIDDEN,
                       "this call came from another site's page (see ALLOWED_ORIGINS)");
    if (req->who.role < req->route->role)
        return err_set(err, ERR_FORBIDDEN, "this token's role may not do that");
    return true;
}

static bool admit_body(const struct req *req, struct err *err)
{
    int64_t max = req->route->body_max;
    if (max == DOOR_BODY_STREAM || req->body.length <= max)
        return true;
    if (max == DOOR_BODY_NONE)
        return err_set(err, ERR_TOO_LARGE, "this path takes no body");
    return err_set(err, ERR_TOO_LARGE, "the body is larger than %lld bytes", (long long)max);
}

bool door_req_admit(struct req *req, struct err *err)
{
    const struct door_conf *conf = &req->door->conf;
    if (req->route->role > DOOR_OPEN && conf->auth && !admit_who(req, err))
        return false;
    if (!admit_body(req, err))
        return false;
    return !conf->admit || conf->admit(conf->app, req, req->route, err);
}

void *req_app(const struct req *req) { return req->door->conf.app; }
struct arena *req_arena(struct req *req) { return &req->arena; }
const char *req_id(const struct req *req) { return req->id; }
const char *req_method(const struct req *req) { return req->method; }
const char *req_path(const struct req *req) { return req->path; }
const char *req_remote(const struct req *req) { return req->remote; }
const struct door_who *req_who(const struct req *req) { return &req->who; }
int64_t req_length(const struct req *req) { return req->body.length; }

const char *req_param(const struct req *req, const char *name)
{
    size_t i = 0;
    for (const char *p = req->route ? req->route->path : ""; *p; i++) {
        const char *start = ++p;
        p += strcspn(p, "/");
        if (*start == ':' && sv_eqz((struct sv){start + 1, (size_t)(p - start) - 1}, name))
            return req->segments[i];
    }
    return NULL;
}

const char *req_query(struct req *req, const char *name)
{
    for (size_t i = 0; i < req->pair_count; i++)
        if (strcmp(req->pairs[i].name, name) == 0)
            return req->pairs[i].value;
    return NULL;
}

bool req_param_int(const struct req *req, const char *name, int64_t *out, struct err *err)
{
    const char *text = req_param(req, name);
    if (!text || !sv_int(sv_of(text), out))
        return err_set(err, ERR_NOT_FOUND, "there is nothing at this path");
    return true;
}
