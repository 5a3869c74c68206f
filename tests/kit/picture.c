#include "tests/kit/picture.h"

#include <string.h>

static void byte(struct str *s, unsigned v) { str_addc(s, (char)(v & 0xff)); }
static void be16(struct str *s, unsigned v)
{
    byte(s, v >> 8);
    byte(s, v);
}
static void be32(struct str *s, unsigned v)
{
    be16(s, v >> 16);
    be16(s, v);
}
static void le16(struct str *s, unsigned v)
{
    byte(s, v);
    byte(s, v >> 8);
}
static void le24(struct str *s, unsigned v)
{
    le16(s, v);
    byte(s, v >> 16);
}
static void le32(struct str *s, unsigned v)
{
    le16(s, v);
    le16(s, v >> 16);
}
static void fill(struct str *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        byte(s, 0x5a);
}

static void png_head(struct str *s, unsigned w, unsigned h)
{
    str_add(s, "\x89PNG\r\n\x1a\n", 8);
    be32(s, 13);
    str_addz(s, "IHDR");
    be32(s, w);
    be32(s, h);
    str_add(s, "\x08\x06\0\0\0\0\0\0\0", 9); /* depth to interlace, and a CRC nobody checks */
}

static void png_rest(struct str *s)
{
    be32(s, 100);
    str_addz(s, "IDAT");
    fill(s, 104);
    be32(s, 0);
    str_addz(s, "IEND");
    fill(s, 4);
}

void kit_png(struct str *out, unsigned width, unsigned height)
{
    png_head(out, width, height);
    be32(out, 5);
    str_addz(out, "tEXt");
    fill(out, 9);
    png_rest(out);
}

void kit_apng(struct str *out, unsigned width, unsigned height)
{
    png_head(out, width, height);
    be32(out, 8);
    str_addz(out, "acTL");
    fill(out, 12);
    png_rest(out);
}

void kit_jpeg(struct str *out, unsigned width, unsigned height, unsigned char marker,
              size_t app_bytes)
{
    str_add(out, "\xff\xd8", 2);
    while (app_bytes > 0) {
        size_t n = app_bytes < 65533 ? app_bytes : 65533;

        str_add(out, "\xff\xff\xe1", 3); /* a fill byte before the marker */
        be16(out, (unsigned)n + 2);
        fill(out, n);
        app_bytes -= n;
    }
    str_add(out, "\xff\xdb\0\x04\0\0", 6);
    byte(out, 0xff);
    byte(out, marker);
    be16(out, 17);
    byte(out, 8);
    be16(out, height);
    be16(out, width);
    fill(out, 10);
    str_add(out, "\xff\xda", 2);
    fill(out, 100);
    str_add(out, "\xff\xd9", 2);
}

void kit_webp(struct str *out, const char *kind, unsigned width, unsigned height, bool moves)
{
    str_addz(out, "RIFF");
    le32(out, 1000);
    str_addz(out, "WEBP");
    str_addz(out, kind);
    le32(out, 500);
    if (strcmp(kind, "VP8X") == 0) {
        byte(out, moves ? 0x02 : 0x10);
        fill(out, 3);
        le24(out, width - 1);
        le24(out, height - 1);
    } else if (strcmp(kind, "VP8L") == 0) {
        byte(out, 0x2f);
        le32(out, (width - 1) | (height - 1) << 14);
    } else {
        fill(out, 3);
        str_add(out, "\x9d\x01\x2a", 3);
        le16(out, width);
        le16(out, height);
    }
    fill(out, 200);
}

void kit_gif(struct str *out, unsigned width, unsigned height, unsigned frames)
{
    str_addz(out, "GIF89a");
    le16(out, width);
    le16(out, height);
    str_add(out, "\x80\0\0", 3); /* a global table of two colours */
    fill(out, 6);
    str_add(out, "\x21\xf9\x04\0\0\0\0\0", 8); /* a graphic control extension */
    for (unsigned i = 0; i < frames; i++) {
        byte(out, 0x2c);
        fill(out, 8);
        byte(out, 0x81); /* a local table of four colours */
        fill(out, 12);
        byte(out, 2);
        byte(out, 200);
        fill(out, 200);
        byte(out, 0);
    }
    byte(out, 0x3b);
}
