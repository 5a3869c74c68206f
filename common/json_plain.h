/*
 * json_plain.h - how many bytes from here on mean nothing in a JSON text: printable ASCII without
 * the quote and the backslash. Eight at a time, as nearly all that is read and written is that.
 */
#pragma once

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte of a word is its lowest");

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Fewer than eight bytes as a word; behind them, blanks. */
static inline uint64_t json_tail(const char *p, size_t n)
{
    uint64_t word = 0x2020202020202020;
    char *to = (char *)&word;

    if (n & 4) {
        memcpy(to, p, 4);
        to += 4;
        p += 4;
    }
    if (n & 2) {
        memcpy(to, p, 2);
        to += 2;
        p += 2;
    }
    if (n & 1)
        *to = *p;
    return word;
}

/* The high bit of a byte is set when it is >= 0x7f, < 0x20, a quote or a backslash. A borrow or
 * carry may set further ones, but only of later bytes. */
static inline uint64_t json_odd(uint64_t x)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t quote = x ^ ones * '"', backslash = x ^ ones * '\\';

    return (x | (x + ones) | (x - ones * 0x20) | (quote - ones) | (backslash - ones)) & ones << 7;
}

static inline size_t json_plain(const char *p, size_t n)
{
    uint64_t x;
    size_t i = 0;

    for (; n - i >= sizeof x; i += sizeof x) {
        memcpy(&x, p + i, sizeof x);
        x = json_odd(x);
        if (x)
            return i + (size_t)__builtin_ctzll(x) / 8;
    }
    x = json_odd(json_tail(p + i, n - i));
    return x ? i + (size_t)__builtin_ctzll(x) / 8 : n;
}
