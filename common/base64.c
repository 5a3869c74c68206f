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

/* Write the 1..3 bytes of four letters of which `pads` are padding. */
static bool land(unsigned v, unsigned pads, struct str *out)
{
    char three[3] = {(char)(v >> 16 & 255), (char)(v >> 8 & 255), (char)(v & 255)};

    if ((pads == 1 && (v & 0xff)) || (pads == 2 && (v & 0xffff)))
        return false;
    str_add(out, three, 3 - pads);
    return true;
}

bool base64_decode(struct sv text, struct str *out)
{
    unsigned v = 0, have = 0, pads = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        int bits = value_of(c);

        if (c == '\r' || c == '\n')
            continue;
        if (c == '=' ? have < 2 || have == 4 : bits < 0 || pads > 0)
            return false;
        pads += c == '=';
        v = v << 6 | (c == '=' ? 0U : (unsigned)bits);
        if (++have < 4)
            continue;
        if (!land(v, pads, out))
            return false;
        have = v = 0;
        if (pads > 0)
            have = 4; /* anything but line ends after this is refused below */
    }
    return have == 0 || (have == 4 && pads > 0);
}
