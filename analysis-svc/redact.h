/*
 * redact.h - a provider's words made safe to keep: query strings of addresses, signature
 * parameters and keys are cut out. Pure.
 *
 * OpenAI has echoed whole presigned URLs in its errors ("Timeout while downloading https://...").
 */
#pragma once

#include "common/base.h"

/* Copy, cut to size at a whole character; control characters and line ends become blanks. */
void redact_copy(struct sv from, char *out, size_t size);
