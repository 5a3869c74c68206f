#include "common/door_head.h"

#include <string.h>

static bool token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c)); /* RFC 9110 5.6.2 */
}

static bool is_token(struct sv v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!token_char(v.p[i]))
            return false;
    return v.n > 0;
}

/* Visible ASCII and what lies above it; blanks only where they are allowed. */
static bool is_clean(struct sv v, bool blanks)
{
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if (c == 0x7f || (c <= ' ' && !(blanks && (c == ' ' || c == '\t'))))
            return false;
    }
    return true;
}

/* Empty lines before a request line are passed over (RFC 9112 2.2). */
static size_t blank_lines(struct sv bytes)
{
    size_t n = 0;
    while (n + 1 < bytes.n && bytes.p[n] == '\r' && bytes.p[n + 1] == '\n')
        n += 2;
    return n;
}

size_t door_head_length(struct sv bytes)
{
    size_t from = blank_lines(bytes);
    const char *end = bytes.n > from ? memmem(bytes.p + from, bytes.n - from, "\r\n\r\n", 4) : NULL;
    return end ? (size_t)(end - bytes.p) + 4 : 0;
}

bool door_head_hopeless(struct sv bytes)
{
    size_t from = blank_lines(bytes);
    struct sv rest = {bytes.p + from, bytes.n - from};
    const char *end = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
    bool torn = rest.n == 1 && rest.p[0] == '\r'; /* perhaps one more empty line */
    if (rest.n > 0 && !torn && !token_char(rest.p[0]))
        return true;
    return end && (end == rest.p || end[-1] != '\r');
}

static bool next_line(struct sv *rest, struct sv *line)
{
    const char *end = memmem(rest->p, rest->n, "\r\n", 2);
    if (!end)
        return false;
    *line = (struct sv){rest->p, (size_t)(end - rest->p)};
    *rest = (struct sv){end + 2, rest->n - line->n - 2};
    return true;
}

static struct sv take_word(struct sv *line)
{
    const char *blank = line->n > 0 ? memchr(line->p, ' ', line->n) : NULL;
    struct sv word = {line->p, blank ? (size_t)(blank - line->p) : line->n};
    size_t taken = word.n + (blank ? 1 : 0);
    *line = (struct sv){line->p + taken, line->n - taken};
    return word;
}

/* http://host/path is what a proxy would be sent; every server must take it (RFC 9112 3.2.2). */
static struct sv origin_form(struct sv target)
{
    size_t scheme = sv_starts(target, "http://") ? 7 : sv_starts(target, "https://") ? 8 : 0;
    if (scheme == 0)
        return target;
    const char *slash = memchr(target.p + scheme, '/', target.n - scheme);
    return slash ? (struct sv){slash, target.n - (size_t)(slash - target.p)} : SV_LIT("/");
}

static bool parse_line(struct sv line, struct door_head *out, struct err *err)
{
    struct sv target;
    out->method = take_word(&line);
    target = origin_form(take_word(&line));
    if (!is_token(out->method) || !is_clean(target, false) ||
        !(sv_starts(target, "/") || sv_eqz(target, "*")))
        return err_set(err, ERR_BAD_REQUEST, "this does not begin with a request line of HTTP/1.1");
    out->old = sv_eqz(line, "HTTP/1.0");
    if (!out->old && !sv_eqz(line, "HTTP/1.1"))
        return err_set(err, ERR_BAD_REQUEST, "only HTTP/1.1 and 1.0 are spoken here");
    const char *mark = memchr(target.p, '?', target.n);
    out->path = (struct sv){target.p, mark ? (size_t)(mark - target.p) : target.n};
    out->query = mark ? (struct sv){mark + 1, target.n - out->path.n - 1} : (struct sv){"", 0};
    return true;
}

static bool parse_header(struct sv line, struct door_header *out)
{
    const char *colon = memchr(line.p, ':', line.n);
    if (!colon)
        return false;
    out->name = (struct sv){line.p, (size_t)(colon - line.p)};
    out->value = sv_trim((struct sv){colon + 1, line.n - out->name.n - 1});
    return is_token(out->name) && is_clean(out->value, true);
}

bool door_head_parse(struct sv head, struct door_head *out, struct err *err)
{
    size_t blank = blank_lines(head);
    struct sv rest = {head.p + blank, head.n - blank};
    struct sv line;
    *out = (struct door_head){.header_count = 0};
    if (!next_line(&rest, &line) || !parse_line(line, out, err))
        return err->code != ERR_NONE
                   ? false
                   : err_set(err, ERR_BAD_REQUEST, "the request has no whole line");
    while (next_line(&rest, &line) && line.n > 0) {
        if (out->header_count == DOOR_HEADERS)
            return err_set(err, ERR_HEAD_TOO_LARGE, "more than %d header lines", DOOR_HEADERS);
        if (!parse_header(line, &out->headers[out->header_count++]))
            return err_set(err, ERR_BAD_REQUEST,
                           "a header line is folded, or not \"Name: value\" in clean text");
    }
    return true;
}

/* ---- chunks ---- */

static bool bad_chunk(struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "the body's chunks are malformed");
}

static int hex_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* 1*HEX, then nothing, or an extension behind a semicolon. */
static bool read_size(struct sv line, int64_t *size)
{
    size_t i = 0;
    *size = 0;
    for (; i < line.n && i < 16 && hex_of(line.p[i]) >= 0; i++)
        *size = i < 15 ? *size * 16 + hex_of(line.p[i]) : 0;
    if (i == 0 || i > 15 || !is_clean((struct sv){line.p + i, line.n - i}, true))
        return false;
    struct sv rest = sv_trim((struct sv){line.p + i, line.n - i});
    return rest.n == 0 ? i == line.n : rest.p[0] == ';';
}

struct sv door_head_cookie(struct sv rest, const char *name)
{
    while (rest.n > 0) {
        const char *semi = memchr(rest.p, ';', rest.n);
        struct sv pair = {rest.p, semi ? (size_t)(semi - rest.p) : rest.n};
        size_t taken = pair.n + (semi ? 1 : 0);
        rest = (struct sv){rest.p + taken, rest.n - taken};
        pair = sv_trim(pair);
        const char *eq = pair.n > 0 ? memchr(pair.p, '=', pair.n) : NULL;
        if (eq && sv_eqz((struct sv){pair.p, (size_t)(eq - pair.p)}, name))
            return (struct sv){eq + 1, pair.n - (size_t)(eq - pair.p) - 1};
    }
    return (struct sv){"", 0};
}

struct sv door_head_bearer(struct sv header)
{
    static const char scheme[] = "Bearer ";
    size_t n = sizeof scheme - 1;
    if (header.n <= n || !sv_ieqz((struct sv){header.p, n}, scheme))
        return (struct sv){"", 0};
    return sv_trim((struct sv){header.p + n, header.n - n});
}

/* A whole line of the raw bytes, with its CRLF. 0: not whole yet. */
static size_t line_length(struct sv raw)
{
    const char *end = raw.n > 0 ? memmem(raw.p, raw.n, "\r\n", 2) : NULL;
    return end ? (size_t)(end - raw.p) + 2 : 0;
}

/* One step; *n bytes of it; 0: more are needed. */
static bool step_size(struct door_chunks *c, struct sv raw, size_t *n, struct err *err)
{
    *n = line_length(raw);
    if (*n == 0)
        return raw.n <= DOOR_CHUNK_LINE && !(raw.n > 0 && memchr(raw.p, '\n', raw.n))
                   ? true
                   : bad_chunk(err);
    if (*n > DOOR_CHUNK_LINE || !read_size((struct sv){raw.p, *n - 2}, &c->left))
        return bad_chunk(err);
    c->at = c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
    return true;
}

static bool step_end(struct door_chunks *c, struct sv raw, size_t *n, struct err *err)
{
    if (memcmp(raw.p, "\r\n", raw.n < 2 ? raw.n : 2) != 0)
        return bad_chunk(err);
    *n = raw.n < 2 ? 0 : 2;
    if (*n > 0)
        c->at = CHUNK_SIZE;
    return true;
}

static bool step_trailer(struct door_chunks *c, struct sv raw, size_t *n, struct err *err)
{
    *n = line_length(raw);
    if (c->trailers + (*n > 0 ? *n : raw.n) > DOOR_TRAILERS)
        return bad_chunk(err);
    c->trailers += *n;
    if (*n == 2)
        c->at = CHUNK_OVER;
    return true;
}

bool door_chunks_step(struct door_chunks *c, struct sv raw, size_t *used, struct err *err)
{
    size_t n = 1;
    *used = 0;
    if (c->at == CHUNK_DATA && c->left == 0)
        c->at = CHUNK_END;
    while (n > 0 && *used < raw.n && c->at != CHUNK_DATA && c->at != CHUNK_OVER) {
        struct sv rest = {raw.p + *used, raw.n - *used};
        bool ok = c->at == CHUNK_SIZE  ? step_size(c, rest, &n, err)
                  : c->at == CHUNK_END ? step_end(c, rest, &n, err)
                                       : step_trailer(c, rest, &n, err);
        if (!ok)
            return false;
        *used += n;
    }
    return true;
}
