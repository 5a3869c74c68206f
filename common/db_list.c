#include "common/db_list.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

/* Bytes before the values, where an empty array has no dimension; and of a bigint with its length.
 */
enum { HEAD = 20, HEAD_EMPTY = 12, ITEM = 4 + sizeof(int64_t) };
/* Room at once for some values: a statement has dozens of lists, and each would grow bit by bit. */
enum { FIRST_BYTES = 255 };

/* Types by their numbers in Postgres's catalogue (pg_type.dat), which never change. */
static uint32_t oid_of(enum db_list_type type)
{
    static const uint32_t oids[] = {20, 701, 16, 25, 3802};

    return oids[type];
}

void db_list_free(struct db_list *l)
{
    str_free(&l->bytes);
    l->n = 0;
    l->nulls = false;
}

static void put32(char *to, uint32_t n)
{
    uint32_t wire = htonl(n);

    memcpy(to, &wire, sizeof wire);
}

/* Its length, and where its n bytes belong; NULL: they would pass the wall. Room for the head is
 * left at the front; it is written when all is there. */
static char *begin(struct db_list *l, uint32_t length, size_t n)
{
    static const char head[HEAD];
    char *to;

    if (l->n++ == 0) {
        str_reset(&l->bytes); /* it may have travelled while it was empty */
        str_reserve(&l->bytes, FIRST_BYTES);
        str_add(&l->bytes, head, HEAD);
    }
    to = str_room(&l->bytes, sizeof length + n);
    if (!to)
        return NULL;
    put32(to, length);
    return to + sizeof length;
}

static void add_null(struct db_list *l)
{
    (void)begin(l, UINT32_MAX, 0); /* -1 */
    l->nulls = true;
}

static void add64(struct db_list *l, uint64_t n)
{
    char *to = begin(l, sizeof n, sizeof n);

    if (!to)
        return;
    put32(to, (uint32_t)(n >> 32));
    put32(to + sizeof(uint32_t), (uint32_t)n);
}

void db_list_int(struct db_list *l, int64_t n) { add64(l, (uint64_t)n); }

void db_list_num(struct db_list *l, double d)
{
    uint64_t bits;

    if (!isfinite(d)) {
        add_null(l);
        return;
    }
    memcpy(&bits, &d, sizeof bits);
    add64(l, bits);
}

void db_list_bool(struct db_list *l, bool b)
{
    char *to = begin(l, 1, 1);

    if (to)
        *to = (char)b;
}

void db_list_text(struct db_list *l, const char *z)
{
    db_list_sv(l, z ? sv_of(z) : (struct sv){NULL, 0});
}

void db_list_sv(struct db_list *l, struct sv v)
{
    size_t json = l->type == DB_LIST_JSON;
    char *to;

    if (!v.p) {
        add_null(l);
        return;
    }
    to = begin(l, (uint32_t)(v.n + json), v.n + json);
    if (!to)
        return;
    if (json) /* jsonb_recv: a version, then the text */
        *to++ = 1;
    memcpy(to, v.p, v.n);
}

struct str *db_list_open(struct db_list *l)
{
    (void)begin(l, 0, 0);
    l->opened = l->bytes.n;
    return &l->bytes;
}

void db_list_shut(struct db_list *l)
{
    if (str_ok(&l->bytes))
        put32(l->bytes.p + l->opened - sizeof(uint32_t), (uint32_t)(l->bytes.n - l->opened));
}

struct sv db_list_bytes(struct db_list *l)
{
    uint32_t head[] = {htonl(l->n > 0), htonl(l->nulls), htonl(oid_of(l->type)), htonl(l->n),
                       htonl(1)};

    if (l->n == 0)
        str_reset(&l->bytes);
    if (l->n == 0)
        str_add(&l->bytes, head, HEAD_EMPTY);
    else if (str_ok(&l->bytes))
        memcpy(l->bytes.p, head, HEAD);
    return str_sv(&l->bytes);
}

void db_list_quote(struct str *out, const char *z)
{
    str_addc(out, '"');
    for (; *z; z++) {
        if (*z == '"' || *z == '\\')
            str_addc(out, '\\');
        str_addc(out, *z);
    }
    str_addc(out, '"');
}

static uint32_t get32(const char *p)
{
    uint32_t wire;

    memcpy(&wire, p, sizeof wire);
    return ntohl(wire);
}

/* Cut the next array off; *items are its values. Only one with values has a dimension. */
static bool cut_array(struct sv *arrays, struct sv *items)
{
    size_t head = HEAD_EMPTY, n = 0;

    if (arrays->n >= HEAD && get32(arrays->p) > 0) {
        head = HEAD;
        n = (size_t)get32(arrays->p + HEAD_EMPTY) * ITEM;
    }
    if (arrays->n < head || get32(arrays->p) > (n > 0) || arrays->n - head < n)
        return false;
    *items = (struct sv){arrays->p + head, n};
    *arrays = (struct sv){arrays->p + head + n, arrays->n - head - n};
    return true;
}

bool db_list_each_int(struct sv arrays, void (*take)(void *arg, int64_t n), void *arg)
{
    struct sv items;

    while (arrays.n > 0) {
        if (!cut_array(&arrays, &items))
            return false;
        for (const char *p = items.p; p < items.p + items.n; p += ITEM) {
            if (get32(p) != sizeof(int64_t))
                return false;
            take(arg, (int64_t)((uint64_t)get32(p + 4) << 32 | get32(p + 8)));
        }
    }
    return true;
}
