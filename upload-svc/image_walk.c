/* image_walk.c - the four formats' blocks, walked by image.c's skip and collect. */
#include <string.h>

#include "upload-svc/image.h"

static uint32_t be16(const unsigned char *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t be32(const unsigned char *p) { return be16(p) << 16 | be16(p + 2); }
static uint32_t le16(const unsigned char *p) { return (uint32_t)p[1] << 8 | p[0]; }
static uint32_t le24(const unsigned char *p) { return (uint32_t)p[2] << 16 | le16(p); }
static uint32_t le32(const unsigned char *p) { return le16(p + 2) << 16 | le16(p); }

static bool done(struct image_scan *s) { return image_next(s, 0, 0, NULL); }

/* Here the picture itself begins, and nothing behind it is of interest. */
static bool begins(struct image_scan *s)
{
    s->frames = 1;
    return done(s);
}

static bool broken(struct err *err, const char *what)
{
    return err_set(err, ERR_BROKEN_IMAGE, "%s", what);
}

static bool animated(struct err *err, const char *what)
{
    return err_set(err, ERR_ANIMATED, "%s moves; send a single picture", what);
}

/* ---- PNG: length, type, data, CRC; acTL (animation) must stand before the first IDAT ---- */
static bool png_chunk(struct image_scan *s, struct err *err)
{
    if (memcmp(s->buf + 4, "acTL", 4) == 0)
        return animated(err, "this PNG");
    if (memcmp(s->buf + 4, "IDAT", 4) == 0)
        return begins(s);
    if (memcmp(s->buf + 4, "IEND", 4) == 0)
        return broken(err, "this PNG ends before its picture");
    return image_next(s, (uint64_t)be32(s->buf) + 4, 8, png_chunk);
}

static bool png_header(struct image_scan *s, struct err *err)
{
    if (be32(s->buf) != 13 || memcmp(s->buf + 4, "IHDR", 4) != 0)
        return broken(err, "this PNG does not begin with its header chunk");
    return image_size(s, be32(s->buf + 8), be32(s->buf + 12), err) &&
           image_next(s, 9, 8, png_chunk); /* five bytes of the header, four of its CRC */
}

bool image_png_begin(struct image_scan *s, struct err *err)
{
    (void)err;
    return image_next(s, 0, 16, png_header);
}

/* ---- JPEG: markers FF xx, most with a length; SOFn holds the size ---- */
static image_step_fn jpeg_marker;

static bool jpeg_frame(struct image_scan *s, struct err *err)
{
    uint32_t length = be16(s->buf);

    if (length < 8)
        return broken(err, "the frame header of this JPEG is too short");
    return image_size(s, be16(s->buf + 5), be16(s->buf + 3), err) &&
           image_next(s, length - 7, 2, jpeg_marker);
}

static bool jpeg_segment(struct image_scan *s, struct err *err)
{
    uint32_t length = be16(s->buf);

    if (length < 2)
        return broken(err, "a segment of this JPEG is shorter than its own length");
    return image_next(s, length - 2, 2, jpeg_marker);
}

static bool is_frame(unsigned char m)
{
    return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc;
}

static bool jpeg_marker(struct image_scan *s, struct err *err)
{
    unsigned char m = s->buf[1];

    if (s->buf[0] != 0xff)
        return broken(err, "this JPEG has bytes where a marker is due");
    if (m == 0xff) { /* a fill byte: the marker is still to come */
        s->have = 1;
        return true;
    }
    if (m == 0xd9 || (m == 0xda && s->width == 0))
        return broken(err, "this JPEG has no frame header before its data, or no data");
    if (m == 0xda)
        return begins(s);
    if (is_frame(m))
        return image_next(s, 0, 7, jpeg_frame);
    if (m == 0x01 || (m >= 0xd0 && m <= 0xd8))
        return image_next(s, 0, 2, jpeg_marker);
    return image_next(s, 0, 2, jpeg_segment);
}

bool image_jpeg_begin(struct image_scan *s, struct err *err)
{
    (void)err;
    s->buf[0] = 0xff; /* the third byte of the magic begins the first marker */
    (void)image_next(s, 0, 2, jpeg_marker);
    s->have = 1;
    return true;
}

/* ---- WebP: the first chunk says what kind it is ---- */
static bool webp_simple(struct image_scan *s, struct err *err)
{
    if (memcmp(s->buf + 11, "\x9d\x01\x2a", 3) != 0)
        return broken(err, "the frame of this WebP has no start code");
    return image_size(s, le16(s->buf + 14) & 0x3fff, le16(s->buf + 16) & 0x3fff, err) && begins(s);
}

static bool webp_lossless(struct image_scan *s, struct err *err)
{
    uint32_t bits = le32(s->buf + 9);

    if (s->buf[8] != 0x2f)
        return broken(err, "the frame of this WebP has no signature");
    return image_size(s, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, err) && begins(s);
}

/* Chunks behind the extended header, each padded to an even length: a picture, or frames of an
 * animation that the header kept silent about. */
static bool webp_next(struct image_scan *s, struct err *err)
{
    uint64_t length = le32(s->buf + 4);

    if (memcmp(s->buf, "ANIM", 4) == 0 || memcmp(s->buf, "ANMF", 4) == 0)
        return animated(err, "this WebP");
    if (memcmp(s->buf, "VP8 ", 4) == 0 || memcmp(s->buf, "VP8L", 4) == 0)
        return begins(s);
    return image_next(s, length + (length & 1), 8, webp_next);
}

static bool webp_extended(struct image_scan *s, struct err *err)
{
    uint64_t length = le32(s->buf + 4);

    if (s->buf[8] & 0x02)
        return animated(err, "this WebP");
    if (length < 10)
        return broken(err, "the header of this WebP is too short");
    return image_size(s, le24(s->buf + 12) + 1, le24(s->buf + 15) + 1, err) &&
           image_next(s, length + (length & 1) - 10, 8, webp_next);
}

static bool webp_chunk(struct image_scan *s, struct err *err)
{
    if (memcmp(s->buf, "VP8 ", 4) == 0)
        return webp_simple(s, err);
    if (memcmp(s->buf, "VP8L", 4) == 0)
        return webp_lossless(s, err);
    if (memcmp(s->buf, "VP8X", 4) == 0)
        return webp_extended(s, err);
    return broken(err, "this WebP begins with a chunk that is none of VP8, VP8L, VP8X");
}

bool image_webp_begin(struct image_scan *s, struct err *err)
{
    (void)err;
    return image_next(s, 0, 18, webp_chunk);
}

/* ---- GIF: blocks up to the trailer; a second image descriptor means that it moves ---- */
static image_step_fn gif_block;

static uint64_t color_table(unsigned char flags)
{
    return flags & 0x80 ? UINT64_C(3) << ((flags & 7) + 1) : 0;
}

/* Sub-blocks: a length, so many bytes, until a length of 0. */
static bool gif_data(struct image_scan *s, struct err *err)
{
    (void)err;
    if (s->buf[0] == 0)
        return image_next(s, 0, 1, gif_block);
    return image_next(s, s->buf[0], 1, gif_data);
}

static bool gif_picture(struct image_scan *s, struct err *err)
{
    if (++s->frames > 1)
        return animated(err, "this GIF");
    return image_next(s, color_table(s->buf[8]) + 1, 1, gif_data); /* 1: the LZW code size */
}

static bool gif_block(struct image_scan *s, struct err *err)
{
    if (s->buf[0] == 0x3b && s->frames == 0)
        return broken(err, "this GIF ends before its picture");
    if (s->buf[0] == 0x2c)
        return image_next(s, 0, 9, gif_picture);
    if (s->buf[0] == 0x21)
        return image_next(s, 1, 1, gif_data); /* 1: the extension's label */
    return done(s);
}

static bool gif_screen(struct image_scan *s, struct err *err)
{
    return image_size(s, le16(s->buf), le16(s->buf + 2), err) &&
           image_next(s, color_table(s->buf[4]), 1, gif_block);
}

bool image_gif_begin(struct image_scan *s, struct err *err)
{
    (void)err;
    return image_next(s, 0, 7, gif_screen);
}
