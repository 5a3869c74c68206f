/* http_copy.c - the request itself, its list of headers, then all texts one after the other. */
#include "common/http_copy.h"

#include <stdlib.h>
#include <string.h>

static size_t count(const char *const *headers)
{
    size_t n = 0;

    while (headers && headers[n])
        n++;
    return n;
}

static char *put(char **to, const char *bytes, size_t n)
{
    char *at = *to;

    if (n > 0)
        memcpy(at, bytes, n);
    at[n] = '\0';
    *to = at + n + 1;
    return at;
}

static char *put_text(char **to, const char *text) { return put(to, text, strlen(text)); }

static size_t texts_of(const struct http_req *req, size_t headers)
{
    size_t n = strlen(req->method) + strlen(req->url) + req->body.n + 3;

    for (size_t i = 0; i < headers; i++)
        n += strlen(req->headers[i]) + 1;
    return n;
}

struct http_req *http_copy(const struct http_req *req)
{
    size_t n = count(req->headers);
    struct http_req *copy = malloc(sizeof *copy + (n + 1) * sizeof(char *) + texts_of(req, n));
    const char **headers;
    char *to;

    if (!copy)
        abort();
    headers = (const char **)(copy + 1);
    to = (char *)(headers + n + 1);
    *copy = *req;
    copy->method = put_text(&to, req->method);
    copy->url = put_text(&to, req->url);
    for (size_t i = 0; i < n; i++)
        headers[i] = put_text(&to, req->headers[i]);
    headers[n] = NULL;
    copy->headers = headers;
    copy->body.p = put(&to, req->body.p, req->body.n);
    return copy;
}

void http_copy_free(struct http_req **copy)
{
    free(*copy);
    *copy = NULL;
}
