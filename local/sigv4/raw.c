/*
 * raw.c - request line, headers, body.
 */
#include "local/sigv4/raw.h"

#include <string.h>

/* The next line without its end; *rest moves behind it. */
static struct sv take_line(struct sv *rest)
{
    struct sv line = sv_cut(rest, '\n');

    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static struct sv cut(struct sv v, size_t from, size_t to)
{
    return (struct sv){v.p + from, to - from};
}

/* Where the version begins: at the last " HTTP/", else at the end. */
static size_t version_at(struct sv line)
{
    const struct sv word = SV_LIT(" HTTP/");

    for (size_t at = line.n; at >= word.n; at--)
        if (memcmp(line.p + at - word.n, word.p, word.n) == 0)
            return at - word.n;
    return line.n;
}

static bool request_line(struct sv line, struct raw *out, struct err *err)
{
    const char *blank = line.n > 0 ? memchr(line.p, ' ', line.n) : NULL;
    size_t from = blank ? (size_t)(blank - line.p) : 0, version = version_at(line);
    const char *mark;

    if (from == 0 || version <= from + 1 || line.p[from + 1] != '/')
        return err_set(err, ERR_BAD_REQUEST,
                       "the first line is not a request such as \"GET /bucket/key HTTP/1.1\"");
    out->method = cut(line, 0, from);
    out->target = cut(line, from + 1, version);
    out->version = cut(line, version, line.n);
    mark = memchr(out->target.p, '?', out->target.n);
    out->path = out->target;
    out->query = (struct sv){"", 0};
    if (!mark)
        return true;
    out->path.n = (size_t)(mark - out->target.p);
    out->query = cut(out->target, out->path.n + 1, out->target.n);
    return true;
}

/* A line that begins with a blank continues the header before it. */
static bool fold(struct sv line, struct raw *out, struct err *err)
{
    struct raw_header *last;

    if (out->headers_n == 0)
        return err_set(err, ERR_BAD_REQUEST, "the second line begins with a blank");
    last = &out->headers[out->headers_n - 1];
    last->value.n = (size_t)(line.p + line.n - last->value.p);
    last->text.n = (size_t)(line.p + line.n - last->text.p);
    return true;
}

static bool header_line(struct sv line, struct raw *out, struct err *err)
{
    const char *colon = memchr(line.p, ':', line.n);
    struct sv name = {line.p, colon ? (size_t)(colon - line.p) : 0};

    if (line.p[0] == ' ' || line.p[0] == '\t')
        return fold(line, out, err);
    if (name.n == 0 || memchr(name.p, ' ', name.n))
        return err_set(err, ERR_BAD_REQUEST, "line %zu is not a header such as \"Host: example\"",
                       out->headers_n + 2);
    if (out->headers_n == RAW_HEADERS_MAX)
        return err_set(err, ERR_BAD_REQUEST, "more than %d headers", RAW_HEADERS_MAX);
    out->headers[out->headers_n++] = (struct raw_header){name, cut(line, name.n + 1, line.n), line};
    return true;
}

/* What stands behind Content-Length bytes, such as the newline an editor adds, is no body. */
static struct sv body_of(const struct raw *raw, struct sv rest)
{
    int64_t said;

    if (sv_int(raw_header(raw, "content-length"), &said) && said >= 0 && (uint64_t)said < rest.n)
        rest.n = (size_t)said;
    return rest;
}

bool raw_parse(struct sv text, struct raw *out, struct err *err)
{
    struct sv rest = text, line;
    struct raw raw = {.line_end = SV_LIT("\n")};

    line = take_line(&rest);
    if (!request_line(line, &raw, err))
        return false;
    if (line.n < text.n && text.p[line.n] == '\r')
        raw.line_end = SV_LIT("\r\n");
    while (rest.n > 0) {
        line = take_line(&rest);
        if (line.n == 0)
            break;
        if (!header_line(line, &raw, err))
            return false;
    }
    if (memchr(text.p, '\0', (size_t)(rest.p - text.p)))
        return err_set(err, ERR_BAD_REQUEST, "a NUL byte stands before the body");
    raw.body = body_of(&raw, rest);
    *out = raw;
    return true;
}

struct sv raw_header(const struct raw *raw, const char *name)
{
    for (size_t i = 0; i < raw->headers_n; i++)
        if (sv_ieqz(raw->headers[i].name, name))
            return sv_trim(raw->headers[i].value);
    return (struct sv){NULL, 0};
}
