/*
 * multipart_head.h - header lines of a form and of its parts; the room behind multipart.c.
 *
 * Facts: parameters as RFC 2045 5.1 (token or quoted string); names and file names as browsers
 * write them (WHATWG HTML 4.10.21.8: a quote is %22, CR is %0D, LF is %0A, nothing else is
 * escaped), as RFC 2616's quoted pairs, or as RFC 8187 (filename*=UTF-8''...).
 */
#pragma once

#include "common/arena.h"
#include "common/base.h"
#include "common/err.h"
#include "common/multipart.h"

enum { MULTIPART_BOUNDARY_MAX = 70 }; /* RFC 2046 5.1.1 */

/* The boundary that a Content-Type names: a view into it, 1..70 allowed characters. */
MUST_CHECK bool multipart_head_boundary(struct sv content_type, struct sv *boundary,
                                        struct err *err);

/* Read a part's header block: lines that each end in CRLF. Texts are copied to the arena. */
MUST_CHECK bool multipart_head_part(struct sv block, struct multipart_part *part, struct arena *a,
                                    struct err *err);
