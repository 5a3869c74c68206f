/*
 * json_scan.h - does a text follow RFC 8259 to the letter? Pure; no tree, no allocation.
 *
 * The first gate of json_parse: cJSON alone lets leading zeros, raw control characters, bad UTF-8,
 * \u0000 and trailing text pass.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum { JSON_DEPTH_MAX = 32 };

MUST_CHECK bool json_scan(struct sv text,
                          struct err *err); /* ERR_BAD_REQUEST with the byte's position */
