/*
 * multipart.h - a pull parser for multipart/form-data (RFC 7578, RFC 2046 5.1).
 *
 * In: bytes from a source, in whatever pieces. Out: parts, one after another; a part's bytes come
 * as views of where the source put them: into the parser's own buffer, or room that the caller
 * gives. Holds: one buffer (64 KiB), the present part's headers, and what came into the caller's
 * room from behind the part. Errors: ERR_BAD_FORM with a sentence; ERR_TOO_LARGE over a limit; the
 * source's own errors pass through. Refused: line ends without CR, a missing or too long boundary,
 * a body that ends before its closing boundary, headers over 8 KiB, more parts than allowed, a part
 * without a name.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

struct multipart;

typedef bool multipart_source_fn(void *arg, char *buf, size_t n, size_t *got,
                                 struct err *err); /* *got 0: the end */

struct multipart_part {
    const char *name;      /* UTF-8, unquoted; lives until the next multipart_next */
    const char *file_name; /* NULL: a text field. From filename* (RFC 5987) or filename, as sent */
    const char *type;      /* Content-Type as sent, "" when absent; never trusted */
    int64_t length;        /* its own Content-Length, which most leave out; -1: none. A hint */
};

/* content_type: the request's header. Errors: ERR_MEDIA_TYPE (not form-data), ERR_BAD_FORM. */
MUST_CHECK bool multipart_open(struct sv content_type, multipart_source_fn *source, void *arg,
                               size_t parts_max, struct multipart **out, struct err *err);
void multipart_free(struct multipart **mp);

/* Step to the next part, skipping what is left of this one. *more false: the form has ended
 * properly. */
MUST_CHECK bool multipart_next(struct multipart *mp, struct multipart_part *part, bool *more,
                               struct err *err);
/* The next bytes of this part; n 0: its end. The view lives until the next call. It is into `room`
 * where the source could put them there at once: whoever wants them there saves a copy. */
MUST_CHECK bool multipart_read(struct multipart *mp, struct room room, struct sv *bytes,
                               struct err *err);
/* Look at the first `want` (<= 32 KiB) bytes of the part without taking them; fewer only when it is
 * shorter. */
MUST_CHECK bool multipart_peek(struct multipart *mp, size_t want, struct sv *head, struct err *err);
/* How long is this part, if it is the last one and a line end closes the form? to_come: what the
 * source still has. A guess; -1 when it makes no sense. Before the part's first bytes are taken. */
int64_t multipart_foretell(const struct multipart *mp, int64_t to_come);
