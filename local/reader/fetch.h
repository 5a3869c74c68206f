/*
 * fetch.h - the bytes of a picture that a request names: downloaded as a provider does, or decoded.
 *
 * In:      an http(s) URL, a data: URL, or base64.
 * Out:     the bytes, at most 50 MB.
 * Threads: any.
 * Errors:  ERR_UPSTREAM, ERR_TIMEOUT: the URL cannot be fetched; ERR_TOO_LARGE; ERR_BROKEN_IMAGE:
 * bad base64. Messages are the provider's of that dialect, and never hold the URL: it is a secret
 * while it lives.
 */
#pragma once

#include "local/reader/wire.h"

MUST_CHECK bool fetch_image(enum wire_dialect dialect, const struct wire_image *image,
                            struct str *out, struct err *err);
