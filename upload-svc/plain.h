/*
 * plain.h - what handlers that take and give JSON share: the body as an object, one snapshot as
 * the answer, the faults of fields.
 */
#pragma once

#include "common/door.h"
#include "common/json.h"
#include "upload-svc/form.h"

/* The request's body, which must be an object. The caller frees *doc. */
MUST_CHECK bool plain_body(struct req *req, struct json **doc, struct err *err);
/* The same, but no body at all is an empty object. */
MUST_CHECK bool plain_body_if_any(struct req *req, struct json **doc, struct err *err);
/* An optional text of at most max bytes; *out NULL: absent or null. */
MUST_CHECK bool plain_text(const struct json *doc, const char *key, size_t max, const char **out,
                           struct err *err);
/* {success:true, message, snapshot:{as /status/:id tells it}}, read now. */
MUST_CHECK bool plain_snapshot(struct req *req, int64_t id, const char *message,
                               struct reply *reply, struct err *err);
/* Fields are at fault: all of them are told; the first decides the status. */
void plain_faults(struct req *req, const struct form *form, struct reply *reply);
