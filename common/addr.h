/*
 * addr.h - internet addresses as values, lists of networks, and who stands behind a proxy.
 *
 * IPv4 is kept as IPv6's mapped form (RFC 4291 2.5.5.2), so one kind is compared. Pure.
 */
#pragma once

#include "common/base.h"

enum { ADDR_TEXT_SIZE = 46 };

struct sockaddr_storage;
struct addr {
    unsigned char b[16];
};

struct addr addr_of(const struct sockaddr_storage *sa); /* all zero when it is neither */
bool addr_parse(struct sv text, struct addr *out);      /* 192.0.2.1, 2001:db8::1 */
void addr_text(const struct addr *a, char out[static ADDR_TEXT_SIZE]);
struct addr addr_home(const struct addr *a); /* IPv4: itself; IPv6: its /64, which one party owns */

/* A comma list of addresses and networks ("10.0.0.0/8, 2001:db8::/32, 127.0.0.1"). */
bool addr_list_ok(struct sv list);
bool addr_listed(struct sv list, const struct addr *a);

/*
 * The client of a request that came through proxies: the last address of X-Forwarded-For that is
 * not a trusted proxy's own. Steps one header value; false: all of it was trusted, look at the
 * value before. What is no address ends the search with *client as it was.
 */
bool addr_forwarded(struct sv value, struct sv trusted, struct addr *client);
