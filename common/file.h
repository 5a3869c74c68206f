/*
 * file.h - a small file of settings or data, read whole.
 */
#pragma once

#include "common/err.h"
#include "common/str.h"

/* Append all of it. Errors: ERR_INTERNAL, with the path: it cannot be read, or passes out's wall.
 */
MUST_CHECK bool file_read(const char *path, struct str *out, struct err *err);
