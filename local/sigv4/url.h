/* url.h - `sigv4 presign METHOD BUCKET KEY`: one URL, by S3's rules. */
#pragma once

#include "common/str.h"
#include "local/sigv4/options.h"

MUST_CHECK bool url_presign(const struct options *o, struct str *out, struct err *err);
