/*
 * fuzz_head.c - whatever bytes a client begins with: a head is found at the same place however they
 * come, its views lie inside it and hold no control character, and a chunked body gives the same
 * data in any pieces. A cookie and a bearer token are what a slow reader finds, one byte after the
 * other.
 *
 * Input: a byte that chooses the pieces, then the bytes. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "common/door_head.h"
#include "common/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool held)
{
    if (!held)
        abort();
}

static void clean_inside(struct sv head, struct sv v)
{
    must(v.n == 0 || (v.p >= head.p && v.p + v.n <= head.p + head.n) || sv_eqz(v, "/"));
    for (size_t i = 0; i < v.n; i++)
        must((unsigned char)v.p[i] >= ' ' || v.p[i] == '\t');
}

static void check_head(struct sv in, size_t step)
{
    struct door_head h;
    struct err err = ERR_INIT;
    size_t n = door_head_length(in);
    for (size_t seen = 0; seen < n; seen += step)
        must(door_head_length((struct sv){in.p, seen}) == 0);
    if (n == 0)
        return;
    struct sv head = {in.p, n};
    bool ok = door_head_parse(head, &h, &err);
    must(ok == (err.code == ERR_NONE));
    if (!ok)
        return;
    must(h.header_count <= DOOR_HEADERS && h.method.n > 0 && h.path.n > 0);
    clean_inside(head, h.method);
    clean_inside(head, h.path);
    clean_inside(head, h.query);
    for (size_t i = 0; i < h.header_count; i++) {
        must(h.headers[i].name.n > 0 && !memchr(h.headers[i].name.p, ' ', h.headers[i].name.n));
        clean_inside(head, h.headers[i].value);
    }
}

/* "data|rest", or "refused", or "more". */
static void read_chunks(struct sv raw, size_t step, struct str *out)
{
    struct door_chunks c = {.left = 0};
    struct err err = ERR_INIT;
    size_t at = 0, seen = step < raw.n ? step : raw.n, used;
    for (;;) {
        if (!door_chunks_step(&c, (struct sv){raw.p + at, seen - at}, &used, &err)) {
            str_reset(out);
            str_addz(out, "refused");
            return;
        }
        must(used <= seen - at);
        at += used;
        if (c.at == CHUNK_OVER) {
            str_addf(out, "|%zu", raw.n - at);
            return;
        }
        if (c.at == CHUNK_DATA && at < seen) {
            size_t n = (int64_t)(seen - at) < c.left ? seen - at : (size_t)c.left;
            str_add(out, raw.p + at, n);
            at += n;
            c.left -= (int64_t)n;
        } else if (seen == raw.n) {
            str_addz(out, "|more");
            return;
        } else {
            seen = seen + step < raw.n ? seen + step : raw.n;
        }
    }
}

static bool blank(char c) { return c == ' ' || c == '\t'; }

/* The same by another way: every place of the header where "name=" could stand. */
static struct sv slow_cookie(struct sv h, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i + n < h.n; i++) {
        size_t before = i, end = i + n + 1;
        while (before > 0 && blank(h.p[before - 1]))
            before--;
        if (memcmp(h.p + i, name, n) != 0 || h.p[i + n] != '=' ||
            (before > 0 && h.p[before - 1] != ';'))
            continue;
        while (end < h.n && h.p[end] != ';')
            end++;
        while (end > i + n + 1 && blank(h.p[end - 1]))
            end--;
        return (struct sv){h.p + i + n + 1, end - i - n - 1};
    }
    return (struct sv){"", 0};
}

static void check_login(struct sv header)
{
    static const char scheme[] = "bearer ";
    struct sv token = door_head_bearer(header);
    bool bearer = header.n >= sizeof scheme;
    for (size_t i = 0; bearer && i + 1 < sizeof scheme; i++)
        bearer = (header.p[i] | (i < 6 ? 0x20 : 0)) == scheme[i];
    must(sv_eq(door_head_cookie(header, "sid"), slow_cookie(header, "sid")));
    must(bearer || token.n == 0);
    must(token.n == 0 ||
         (token.p >= header.p + sizeof scheme - 1 && token.p + token.n <= header.p + header.n &&
          !blank(token.p[0]) && !blank(token.p[token.n - 1])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(str_free) struct str whole = STR_INIT(1 << 20);
    AUTO(str_free) struct str pieces = STR_INIT(1 << 20);
    if (n == 0)
        return 0;
    struct sv in = {(const char *)data + 1, n - 1};
    size_t step = (data[0] & 31U) + 1;
    check_head(in, step);
    check_login(in);
    read_chunks(in, in.n + 1, &whole);
    read_chunks(in, step, &pieces);
    must(sv_eq(str_sv(&whole), str_sv(&pieces)));
    return 0;
}
