/*
 * robots.h - may a model provider's fetcher take a picture, as the host's /robots.txt has it? Pure.
 *
 * Anthropic's fetcher obeys it. Source: RFC 9309 (groups, longest match, what a status means).
 */
#pragma once

#include "common/base.h"

enum robots_say {
    ROBOTS_ALLOWS,
    ROBOTS_FORBIDS, /* a rule in it does */
    ROBOTS_HIDDEN,  /* it answers 401 or 403, which a careful fetcher takes for a no */
    ROBOTS_SILENT,  /* no answer, or one that says nothing */
};

/* What stands in the file that we place. */
#define ROBOTS_PERMISSIVE "User-agent: *\nAllow: /\n"

/* status and body of GET /robots.txt; path: of a picture, from the host's root. */
enum robots_say robots_read(int status, struct sv body, const char *path);
