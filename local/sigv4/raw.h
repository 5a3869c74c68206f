/*
 * raw.h - an HTTP/1.1 request as text, taken apart without changing a byte of it.
 *
 * In:      bytes from a file or a terminal, of any kind; lines end with LF or CR LF. Out: views
 * into them. Lenient where a person types: blanks in the target, no version, no empty line. Errors:
 * ERR_BAD_REQUEST with a sentence that names the line.
 */
#pragma once

#include "common/err.h"

enum { RAW_HEADERS_MAX = 40 };

struct raw_header {
    struct sv name, value; /* value: as it came, folded lines included */
    struct sv text;        /* the whole line or lines, without the last line end */
};

struct raw {
    struct sv method, target, version; /* version: with the blank before it, or empty */
    struct sv path, query;             /* of the target; query without '?' */
    struct sv line_end;
    struct raw_header headers[RAW_HEADERS_MAX];
    size_t headers_n;
    struct sv body; /* Content-Length bytes where that is given and more are there */
};

MUST_CHECK bool raw_parse(struct sv text, struct raw *out, struct err *err);
/* The value of the first header of that name, without blanks around it; p NULL: there is none. */
struct sv raw_header(const struct raw *raw, const char *name);
