#include "upload-svc/people.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD = 12,          /* dimensions, flags, element type */
    DIMENSION = 8,      /* its length, its lower bound */
    ITEM = 12,          /* a length and the value */
    VALUE = ITEM - 4,   /* what each length says */
    SLOTS_LEAST = 1024, /* a power of two, as every size of the table */
};

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

static void set_add(struct set *s, uint64_t value)
{
    size_t at = value & s->mask; /* it is a hash already */

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

static uint32_t word_at(const char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof word);
    return be32toh(word);
}

static uint64_t value_at(const char *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof value);
    return be64toh(value);
}

/* Cut the next list off; *items are its elements. */
static bool next_list(struct sv *lists, struct sv *items)
{
    size_t head = HEAD, n = 0;

    if (lists->n < HEAD)
        return false;
    if (word_at(lists->p) > 0) { /* an empty list has no dimension */
        head += DIMENSION;
        if (lists->n < head)
            return false;
        n = (size_t)word_at(lists->p + HEAD) * ITEM;
    }
    if (lists->n - head < n)
        return false;
    *items = (struct sv){lists->p + head, n};
    *lists = (struct sv){lists->p + head + n, lists->n - head - n};
    return true;
}

static bool add_list(struct set *s, struct sv items)
{
    for (size_t at = 0; at < items.n; at += ITEM) {
        if (word_at(items.p + at) != VALUE)
            return false;
        set_add(s, value_at(items.p + at + ITEM - VALUE));
    }
    return true;
}

bool people_count(struct sv lists, int64_t *n, struct err *err)
{
    AUTO(set_free) struct set s = {.n = 0};
    struct sv items;

    if (!set_open(&s, lists.n / ITEM, err))
        return false;
    while (lists.n > 0)
        if (!next_list(&lists, &items) || !add_list(&s, items))
            return err_set(err, ERR_INTERNAL, "a board's list of people cannot be read");
    *n = s.n;
    return true;
}
