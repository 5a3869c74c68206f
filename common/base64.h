/* base64.h - RFC 4648 section 4, with padding. Pure. */
#pragma once

#include "common/base.h"
#include "common/str.h"

void base64_encode(struct sv bytes, struct str *out);
bool base64_decode(struct sv text, struct str *out); /* false: not base64; line ends are skipped */
