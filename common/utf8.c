/*
 * utf8.c - the table of RFC 3629 section 4, row by row.
 */
#include "common/utf8.h"

/* First byte from..to; the second byte's range; how many bytes in all. */
static const struct row {
    unsigned char from, to, second_from, second_to, bytes;
} rows[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static size_t step_row(const struct row *row, struct sv text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    if (text.n < row->bytes)
        return 0;
    if (row->bytes > 1 && (p[1] < row->second_from || p[1] > row->second_to))
        return 0;
    for (size_t i = 2; i < row->bytes; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return row->bytes;
}

size_t utf8_step(struct sv text)
{
    if (text.n == 0)
        return 0;
    unsigned char first = (unsigned char)text.p[0];
    if (first < 0x80)
        return 1;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (first >= rows[i].from && first <= rows[i].to)
            return step_row(&rows[i], text);
    return 0;
}

/* Bytes at the start that are ASCII, eight at a time. */
static size_t ascii(struct sv text)
{
    size_t n = 0;
    uint64_t eight;

    for (; text.n - n >= sizeof eight; n += sizeof eight) {
        memcpy(&eight, text.p + n, sizeof eight);
        if (eight & 0x8080808080808080)
            break;
    }
    return n;
}

bool utf8_ok(struct sv text)
{
    while (text.n > 0) {
        size_t n = ascii(text);

        n = n > 0 ? n : utf8_step(text);
        if (n == 0)
            return false;
        text = (struct sv){text.p + n, text.n - n};
    }
    return true;
}
