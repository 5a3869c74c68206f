/*
 * outlook.h - our bucket as a model provider sees it: its host, and that host's /robots.txt.
 *
 * A host that a cloud provider cannot reach, and a robots.txt that forbids or hides, cost a failed
 * call per picture and then bytes instead of URLs: told once, at start. Threads: the caller's; it
 * waits for the host, a few seconds at most.
 */
#pragma once

#include "analysis-svc/app.h"

/* Is this host one that only we can reach (loopback, private networks, names without a domain)?
 * host: without port. Pure. */
bool outlook_private(struct sv host);

struct outlook {
    char origin[512]; /* "https://bucket.s3.example.com", where models fetch */
    char path[512];   /* "/" or "/bucket/": before every key */
};
MUST_CHECK bool outlook_of(const struct app *app, struct outlook *out, struct err *err);

/* Log what an operator should know. */
void outlook_warn(const struct app *app);
/* analysis-svc --place-robots: put a permissive robots.txt at the bucket's root, readable by all,
 * and look whether it shows. Needs s3:PutObject and s3:PutObjectAcl on it. */
MUST_CHECK bool outlook_place_robots(const struct app *app, struct err *err);
