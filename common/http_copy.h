/*
 * http_copy.h - a request that outlives what it was made of: method, URL, headers and body, in one
 * block of memory. A source and ca_file stay the caller's. Pure.
 */
#pragma once

#include "common/http.h"

/* headers is a list in any case, maybe an empty one; the body's p is never NULL. Caller owns. */
struct http_req *http_copy(const struct http_req *req);
void http_copy_free(struct http_req **copy); /* NULL is fine */
