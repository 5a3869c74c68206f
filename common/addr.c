#include "common/addr.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const struct addr *a) { return memcmp(a->b, mapped, sizeof mapped) == 0; }

struct addr addr_of(const struct sockaddr_storage *sa)
{
    struct addr a = {{0}};
    if (sa->ss_family == AF_INET) {
        memcpy(a.b, mapped, sizeof mapped);
        memcpy(a.b + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
    } else if (sa->ss_family == AF_INET6) {
        memcpy(a.b, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
    }
    return a;
}

bool addr_parse(struct sv text, struct addr *out)
{
    char z[ADDR_TEXT_SIZE];
    struct addr a;
    if (text.n == 0 || text.n >= sizeof z || memchr(text.p, '\0', text.n))
        return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    memcpy(a.b, mapped, sizeof mapped);
    if (inet_pton(AF_INET, z, a.b + 12) != 1 && inet_pton(AF_INET6, z, a.b) != 1)
        return false;
    *out = a;
    return true;
}

void addr_text(const struct addr *a, char out[static ADDR_TEXT_SIZE])
{
    bool v4 = is_v4(a);
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->b + 12 : a->b, out, ADDR_TEXT_SIZE))
        out[0] = '\0';
}

struct addr addr_home(const struct addr *a)
{
    struct addr home = *a;
    if (!is_v4(a))
        memset(home.b + 8, 0, 8);
    return home;
}

/* One entry of a list: an address, or a network with its bits. */
static bool read_net(struct sv entry, struct addr *net, int64_t *bits)
{
    const char *slash = memchr(entry.p, '/', entry.n);
    struct sv host = {entry.p, slash ? (size_t)(slash - entry.p) : entry.n};
    int64_t most;
    if (!addr_parse(host, net))
        return false;
    most = is_v4(net) ? 32 : 128;
    *bits = most;
    if (slash && !sv_int((struct sv){slash + 1, entry.n - host.n - 1}, bits))
        return false;
    if (*bits < 0 || *bits > most)
        return false;
    *bits += 128 - most;
    return true;
}

static bool in_net(const struct addr *a, const struct addr *net, int64_t bits)
{
    size_t whole = (size_t)bits / 8;
    unsigned mask = 0xff00U >> (bits % 8) & 0xffU;
    if (memcmp(a->b, net->b, whole) != 0)
        return false;
    return mask == 0 || ((unsigned)(a->b[whole] ^ net->b[whole]) & mask) == 0;
}

/* Step a comma list; false at its end. */
static bool next_entry(struct sv *rest, struct sv *entry)
{
    if (rest->n == 0)
        return false;
    *entry = sv_trim(sv_cut(rest, ','));
    return true;
}

bool addr_list_ok(struct sv list)
{
    struct sv entry;
    struct addr net;
    int64_t bits;
    while (next_entry(&list, &entry))
        if (entry.n > 0 && !read_net(entry, &net, &bits))
            return false;
    return true;
}

bool addr_listed(struct sv list, const struct addr *a)
{
    struct sv entry;
    struct addr net;
    int64_t bits;
    while (next_entry(&list, &entry))
        if (read_net(entry, &net, &bits) && in_net(a, &net, bits))
            return true;
    return false;
}

/* Some proxies write a port behind it: 192.0.2.1:4711, [2001:db8::1]:4711. */
static bool parse_loose(struct sv text, struct addr *out)
{
    const char *colon = text.n > 0 ? memchr(text.p, ':', text.n) : NULL;
    const char *bracket = text.n > 0 ? memchr(text.p, ']', text.n) : NULL;
    if (text.n > 0 && text.p[0] == '[' && bracket)
        return addr_parse((struct sv){text.p + 1, (size_t)(bracket - text.p) - 1}, out);
    if (colon && !memchr(colon + 1, ':', text.n - (size_t)(colon - text.p) - 1))
        return addr_parse((struct sv){text.p, (size_t)(colon - text.p)}, out);
    return addr_parse(text, out);
}

bool addr_forwarded(struct sv value, struct sv trusted, struct addr *client)
{
    while (value.n > 0) {
        const char *comma = memrchr(value.p, ',', value.n);
        size_t from = comma ? (size_t)(comma - value.p) + 1 : 0;
        if (!parse_loose(sv_trim((struct sv){value.p + from, value.n - from}), client) ||
            !addr_listed(trusted, client))
            return true;
        value.n = comma ? from - 1 : 0;
    }
    return false;
}
