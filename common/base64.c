/*
 * base64.c - RFC 4648 section 4. Decoding is strict but for line ends: padding must be there, be
 * last, and hide no bits.
 */
#include "common/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static unsigned byte_at(struct sv v, size_t i) { return i < v.n ? (unsigned char)v.p[i] : 0; }

void base64_encode(struct sv bytes, struct str *out)
{
    str_reserve(out, (bytes.n + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.n; i += 3) {
        unsigned v = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        size_t left = bytes.n - i;
        char four[4] = {letters[v >> 18], letters[v >> 12 & 63], letters[v >> 6 & 63],
                        letters[v & 63]};

        if (left < 3)
            four[3] = '=';
        if (left < 2)
            four[2] = '=';
        str_add(out, four, sizeof four);
    }
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Four letters being gathered. */
struct four {
    unsigned bits, have, pads;
};

/* Take one more letter; false: it may not stand here. */
static bool gather(struct four *f, char c)
{
    int bits = value_of(c);

    if (c == '=' ? f->have < 2 : bits < 0 || f->pads > 0)
        return false;
    f->pads += c == '=';
    f->bits = f->bits << 6 | (c == '=' ? 0U : (unsigned)bits);
    f->have++;
    return true;
}

/* Write the 1..3 bytes of four letters; false: bits are hidden under the padding. */
static bool land(const struct four *f, struct str *out)
{
    unsigned v = f->bits;
    char three[3] = {(char)(v >> 16 & 255), (char)(v >> 8 & 255), (char)(v & 255)};

    if ((f->pads == 1 && (v & 0xff)) || (f->pads == 2 && (v & 0xffff)))
        return false;
    str_add(out, three, 3 - f->pads);
    return true;
}

bool base64_decode(struct sv text, struct str *out)
{
    struct four f = {0};
    bool ended = false;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\r' || text.p[i] == '\n')
            continue;
        if (ended || !gather(&f, text.p[i]))
            return false;
        if (f.have < 4)
            continue;
        if (!land(&f, out))
            return false;
        ended = f.pads > 0;
        f = (struct four){0};
    }
    return f.have == 0;
}
