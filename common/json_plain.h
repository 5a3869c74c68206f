/*
 * json_plain.h - how many bytes from here on mean nothing in a JSON text: printable ASCII without
 * the quote and the backslash. Eight at a time, as nearly all that is read and written is that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool json_plain_char(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static inline size_t json_plain(const char *p, size_t n)
{
    const uint64_t ones = 0x0101010101010101, high = ones << 7;
    size_t i = 0;

    for (; n - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t x, odd;

        memcpy(&x, p + i, sizeof x);
        /* The high bit of a byte is set when it is >= 0x7f, < 0x20, a quote or a backslash. A
         * borrow or carry may set further ones, but only of later bytes. */
        odd = x | (x + ones) | (x - ones * 0x20) | ((x ^ ones * '"') - ones) |
              ((x ^ ones * '\\') - ones);
        odd &= high;
        if (odd && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
            return i + (size_t)__builtin_ctzll(odd) / 8;
        if (odd)
            break;
    }
    while (i < n && json_plain_char(p[i]))
        i++;
    return i;
}
