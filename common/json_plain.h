/*
 * json_plain.h - how many bytes from here on mean nothing in a JSON text: printable ASCII without
 * the quote and the backslash. Eight at a time, as nearly all that is read and written is that.
 */
#pragma once

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte of a word is its lowest");

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Fewer than eight bytes as a word; behind them, blanks. The two halves may overlap. Never by way
 * of memory: a word that is read where bytes have just been written waits for them. */
static inline uint64_t json_short(const char *p, size_t n)
{
    uint64_t blanks = UINT64_C(0x2020202020202020) << 8 * n;
    uint32_t four, last_four;
    uint16_t two;

    if (n >= 4) {
        memcpy(&four, p, 4);
        memcpy(&last_four, p + n - 4, 4);
        return blanks | four | (uint64_t)last_four << 8 * (n - 4);
    }
    if (n >= 2) {
        memcpy(&two, p, 2);
        return blanks | two | (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
    }
    return n == 1 ? blanks | (unsigned char)*p : blanks;
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
    if (i == n)
        return n;
    if (n > sizeof x) { /* the last eight: what is seen again was plain */
        i = n - sizeof x;
        memcpy(&x, p + i, sizeof x);
    } else {
        x = json_short(p, n);
    }
    x = json_odd(x);
    return x ? i + (size_t)__builtin_ctzll(x) / 8 : n;
}
