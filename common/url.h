/*
 * url.h - percent-encoding (RFC 3986 section 2.1) and the form variant of it.
 */
#pragma once

#include "common/arena.h"
#include "common/base.h"
#include "common/str.h"

/*
 * The decoded text, NUL-terminated, in the arena. NULL when it is not text: a broken escape, a NUL
 * byte, or bytes that are not UTF-8. form: '+' is a blank (application/x-www-form-urlencoded).
 */
MUST_CHECK char *url_decode(struct arena *a, struct sv in, bool form);

/* Append text with everything but RFC 3986's unreserved characters as %XX. */
void url_encode(struct str *out, struct sv text);

/*
 * Take the next "name=value" off a query string or a form body; false at its end. A pair without
 * '=' has an empty value; empty pairs are passed over. Both views are still encoded.
 */
bool url_next_pair(struct sv *rest, struct sv *name, struct sv *value);
