#include "upload-svc/people.h"

#include <stdlib.h>

#include "common/db_list.h"

enum { SLOTS_LEAST = 1024 }; /* a power of two, as every size of the table */

/* Hashes by where they stand; 0 is an empty slot, and stands beside. */
struct set {
    uint64_t *slots;
    size_t mask;
    int64_t n;
    bool zero;
};

static void set_free(struct set *s) { free(s->slots); }

/* Never more than half full with n values. */
static bool set_open(struct set *s, size_t n, struct err *err)
{
    size_t size = SLOTS_LEAST;

    while (size < 2 * n)
        size *= 2;
    s->slots = calloc(size, sizeof *s->slots);
    s->mask = size - 1;
    return s->slots || err_set(err, ERR_BUSY, "no memory to count people");
}

static void add(void *arg, int64_t hash)
{
    struct set *s = arg;
    uint64_t value = (uint64_t)hash;
    size_t at = value & s->mask;

    if (value == 0) {
        s->n += !s->zero;
        s->zero = true;
        return;
    }
    while (s->slots[at] != 0 && s->slots[at] != value)
        at = (at + 1) & s->mask;
    s->n += s->slots[at] == 0;
    s->slots[at] = value;
}

bool people_count(struct sv lists, int64_t *n, struct err *err)
{
    AUTO(set_free) struct set s = {.n = 0};

    if (!set_open(&s, lists.n / sizeof(int64_t), err)) /* more cannot be there */
        return false;
    if (!db_list_each_int(lists, add, &s))
        return err_set(err, ERR_INTERNAL, "a board's list of people cannot be read");
    *n = s.n;
    return true;
}
