/*
 * json_leaf.h - the texts and numbers of JSON (RFC 8259, sections 6 and 7), read where they stand.
 *
 * In:      struct json_at: a writable copy of the document, with a NUL behind its end; `at` at the
 *          leaf's first byte.
 * Out:     `at` behind the leaf. A text is unescaped and ended with NUL in place.
 * Errors:  false: `fault` says what is wrong, and `at` stands there.
 */
#pragma once

#include "common/base.h"

struct json_at {
    char *at, *end; /* *end is NUL */
    const char *fault;
};

struct json_text {
    const char *p;
    uint32_t n;
    bool plain; /* no escape stood in it */
};

bool json_at_fails(struct json_at *r, const char *fault); /* always false; the first fault stays */
MUST_CHECK bool json_read_text(struct json_at *r, struct json_text *out);
MUST_CHECK bool json_read_number(struct json_at *r, double *out); /* finite */
