/*
 * test_image.c - what is a picture, how big is it, does it move: made-up headers of four formats.
 * Covers: image image_walk
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "tests/kit/kit.h"
#include "upload-svc/image.h"

enum { FILE_WALL = 1 << 20 };

/* ---- headers ---- */
static void be(struct str *s, uint32_t n, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        str_addc(s, (char)(n >> (8 * i) & 0xff));
}

static void le(struct str *s, uint32_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        str_addc(s, (char)(n >> (8 * i) & 0xff));
}

static void fill(struct str *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        str_addc(s, 'x');
}

static void chunk(struct str *s, const char *name, size_t n)
{
    be(s, (uint32_t)n, 4);
    str_addz(s, name);
    fill(s, n + 4);
}

static void png_head(struct str *s, uint32_t w, uint32_t h)
{
    str_add(s, "\x89PNG\r\n\x1a\n", 8);
    be(s, 13, 4);
    str_addz(s, "IHDR");
    be(s, w, 4);
    be(s, h, 4);
    fill(s, 5 + 4);
}

static void png(struct str *s, uint32_t w, uint32_t h)
{
    png_head(s, w, h);
    chunk(s, "gAMA", 4);
    chunk(s, "IDAT", 500);
    chunk(s, "IEND", 0);
}

static void segment(struct str *s, int marker, size_t n)
{
    str_addc(s, '\xff');
    str_addc(s, (char)marker);
    be(s, (uint32_t)n + 2, 2);
    fill(s, n);
}

static void sof(struct str *s, int marker, uint32_t w, uint32_t h)
{
    str_addc(s, '\xff');
    str_addc(s, (char)marker);
    be(s, 17, 2);
    str_addc(s, 8);
    be(s, h, 2);
    be(s, w, 2);
    fill(s, 10);
}

static void jpeg(struct str *s, int marker, uint32_t w, uint32_t h)
{
    str_add(s, "\xff\xd8", 2);
    segment(s, 0xe0, 14);
    segment(s, 0xdb, 65);
    sof(s, marker, w, h);
    segment(s, 0xc4, 30);
    str_add(s, "\xff\xda", 2);
    fill(s, 300);
}

static void riff(struct str *s, const char *name)
{
    str_addz(s, "RIFF");
    le(s, 1000, 4);
    str_addz(s, "WEBP");
    str_addz(s, name);
    le(s, 500, 4);
}

static void webp_lossy(struct str *s, uint32_t w, uint32_t h)
{
    riff(s, "VP8 ");
    str_add(s, "\x50\x01\x00\x9d\x01\x2a", 6);
    le(s, w | 0x4000, 2); /* the upper two bits are a scale */
    le(s, h | 0x8000, 2);
    fill(s, 100);
}

static void webp_lossless(struct str *s, uint32_t w, uint32_t h)
{
    riff(s, "VP8L");
    str_addc(s, 0x2f);
    le(s, (w - 1) | (h - 1) << 14 | 1U << 28, 4);
    fill(s, 100);
}

static void webp_extended(struct str *s, uint32_t w, uint32_t h)
{
    riff(s, "VP8X");
    memcpy(s->p + s->n - 4, "\x0a\0\0", 4);
    le(s, 0x10, 4);
    le(s, w - 1, 3);
    le(s, h - 1, 3);
    str_addz(s, "ALPH");
    le(s, 33, 4);
    fill(s, 34); /* padded */
    str_addz(s, "VP8 ");
    le(s, 100, 4);
    fill(s, 100);
}

static void gif_head(struct str *s, uint32_t w, uint32_t h)
{
    str_addz(s, "GIF89a");
    le(s, w, 2);
    le(s, h, 2);
    str_add(s, "\x91\x00\x00", 3); /* a table of four colours */
    fill(s, 12);
}

static void gif_frame(struct str *s, unsigned char flags)
{
    str_add(s, "\x21\xf9\x04\x00\x00\x00\x00\x00", 8); /* graphic control */
    str_addc(s, 0x2c);
    fill(s, 8);
    str_addc(s, (char)flags);
    if (flags & 0x80)
        fill(s, (size_t)3 << ((flags & 7) + 1));
    str_addc(s, 2);
    str_addc(s, 100);
    fill(s, 100);
    str_add(s, "\x03yyy\x00", 5);
}

static void gif(struct str *s, uint32_t w, uint32_t h)
{
    gif_head(s, w, h);
    gif_frame(s, 0x82);
    str_addc(s, 0x3b);
}

static void jpeg_baseline(struct str *s, uint32_t w, uint32_t h) { jpeg(s, 0xc0, w, h); }
static void jpeg_progressive(struct str *s, uint32_t w, uint32_t h) { jpeg(s, 0xc2, w, h); }

static const struct maker {
    const char *name;
    void (*make)(struct str *, uint32_t, uint32_t);
    enum image_type type;
    uint32_t max; /* what its header can hold, or 0xffffffff */
} makers[] = {{"png", png, IMAGE_PNG, 0xffffffff},
              {"jpeg", jpeg_baseline, IMAGE_JPEG, 0xffff},
              {"progressive", jpeg_progressive, IMAGE_JPEG, 0xffff},
              {"vp8", webp_lossy, IMAGE_WEBP, 0x3fff},
              {"vp8l", webp_lossless, IMAGE_WEBP, 0x4000},
              {"vp8x", webp_extended, IMAGE_WEBP, 0x1000000},
              {"gif", gif, IMAGE_GIF, 0xffff}};

/* ---- asking ---- */
struct verdict {
    enum err_code code;
    enum image_type type;
    int w, h;
};

/* The whole file in pieces of `step` bytes. */
static struct verdict scan(struct sv file, size_t step)
{
    struct image_scan s;
    struct err err = ERR_INIT;
    bool ok = true;

    image_begin(&s);
    for (size_t at = 0; ok && at < file.n; at += step)
        ok =
            image_feed(&s, (struct sv){file.p + at, file.n - at < step ? file.n - at : step}, &err);
    if (ok)
        ok = image_end(&s, &err);
    return (struct verdict){err.code, s.type, ok ? s.width : 0, ok ? s.height : 0};
}

static enum err_code judge(struct sv file)
{
    struct sv head = {file.p, file.n < IMAGE_HEAD ? file.n : IMAGE_HEAD};
    struct err err = ERR_INIT;
    enum image_type type;

    return image_judge(head, &type, &err) ? ERR_NONE : err.code;
}

static enum err_code size_verdict(const struct maker *m, uint32_t w, uint32_t h)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    m->make(&s, w, h);
    assert_int_equal(judge(str_sv(&s)), scan(str_sv(&s), SIZE_MAX / 2).code);
    return scan(str_sv(&s), SIZE_MAX / 2).code;
}

static void each_format_is_known_by_its_bytes_and_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        AUTO(str_free) struct str s = STR_INIT(FILE_WALL);
        enum image_type type = IMAGE_NONE;
        struct err err = ERR_INIT;
        struct verdict v;

        makers[i].make(&s, 1280, 971);
        assert_ok(image_judge(str_sv(&s), &type, &err), err);
        assert_int_equal(type, makers[i].type);
        v = scan(str_sv(&s), 4096);
        assert_int_equal(v.code, ERR_NONE);
        assert_int_equal(v.w, 1280);
        assert_int_equal(v.h, 971);
    }
}

static void the_pieces_in_which_a_file_comes_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

        makers[i].make(&s, 640, 480);
        for (size_t step = 1; step < 64; step++) {
            struct verdict v = scan(str_sv(&s), step);

            if (v.code != ERR_NONE || v.w != 640 || v.h != 480)
                fail_msg("%s in pieces of %zu: %s", makers[i].name, step, err_wire(v.code));
        }
    }
}

static void a_file_cut_anywhere_is_broken_or_already_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

        makers[i].make(&s, 640, 480);
        for (size_t n = 0; n < s.n; n++) {
            struct sv cut = {s.p, n};
            enum err_code code = judge(cut);

            assert_int_equal(code, scan(cut, 7).code);
            if (n == 0)
                assert_int_equal(code, ERR_EMPTY_FILE);
            else if (n < 3)
                assert_int_equal(code, ERR_FILE_TYPE);
            else if (code != ERR_NONE && code != ERR_BROKEN_IMAGE)
                fail_msg("%s cut to %zu bytes: %s", makers[i].name, n, err_wire(code));
            if (code == ERR_NONE)
                assert_int_equal(scan(cut, 7).w, 640);
        }
    }
}

static void the_sides_have_limits_and_their_product_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        const struct maker *m = &makers[i];

        assert_int_equal(size_verdict(m, 64, 64), ERR_NONE);
        assert_int_equal(size_verdict(m, 63, 64), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, 64, 63), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, 1, 1), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, 12000, 3333), ERR_NONE);
        assert_int_equal(size_verdict(m, 3333, 12000), ERR_NONE);
        assert_int_equal(size_verdict(m, 12001, 64), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, 64, 12001), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, 8000, 5000), ERR_NONE); /* 40 million */
        assert_int_equal(size_verdict(m, 8001, 5000), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, 12000, 12000), ERR_IMAGE_SIZE);
        assert_int_equal(size_verdict(m, m->max, 100), ERR_IMAGE_SIZE);
    }
    assert_int_equal(size_verdict(&makers[0], 0, 100), ERR_IMAGE_SIZE);
    assert_int_equal(size_verdict(&makers[0], 65536, 65536), ERR_IMAGE_SIZE); /* 2^32 */
    assert_int_equal(size_verdict(&makers[1], 100, 0), ERR_IMAGE_SIZE);
}

static void other_files_are_refused_whatever_their_name(void **state)
{
    static const struct sv files[] = {
        SV_LIT("%PDF-1.7 a document"),
        SV_LIT("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        SV_LIT("BM6\x00\x00\x00\x00\x00\x00\x00"),
        SV_LIT("II*\x00\x08\x00\x00\x00"),
        SV_LIT("\x00\x00\x00\x1c"
               "ftypavif\x00\x00\x00\x00"),
        SV_LIT("RIFF\x10\x00\x00\x00WAVEfmt "),
        SV_LIT("GIF88a\x00\x00"),
        SV_LIT("\x89PNG\n\x1a\n\x00\x00\x00\x00"),
        SV_LIT("\xff\xd9\xff\xe0"),
        SV_LIT("hello, world"),
        SV_LIT("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        assert_int_equal(judge(files[i]), ERR_FILE_TYPE);
        assert_int_equal(scan(files[i], 1).code, ERR_FILE_TYPE);
    }
    assert_int_equal(judge(SV_LIT("")), ERR_EMPTY_FILE);
}

static void a_png_must_begin_with_its_header(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    str_add(&s, "\x89PNG\r\n\x1a\n", 8);
    chunk(&s, "IDAT", 13);
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    str_reset(&s);
    png(&s, 100, 100);
    s.p[11] = 14; /* a header of another length */
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
}

static void a_moving_png_is_refused_also_behind_much_metadata(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    png_head(&s, 100, 100);
    chunk(&s, "acTL", 8);
    chunk(&s, "IDAT", 500);
    assert_int_equal(judge(str_sv(&s)), ERR_ANIMATED);
    str_reset(&s);
    png_head(&s, 100, 100);
    chunk(&s, "iCCP", 200000);
    chunk(&s, "acTL", 8);
    chunk(&s, "IDAT", 500);
    assert_int_equal(judge(str_sv(&s)), ERR_NONE); /* not to be seen yet */
    assert_int_equal(scan(str_sv(&s), 4096).code, ERR_ANIMATED);
}

static void the_letters_actl_within_a_chunk_or_after_the_data_mean_nothing(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    png_head(&s, 100, 100);
    be(&s, 12, 4);
    str_addz(&s, "tEXt....acTL....");
    fill(&s, 4);
    chunk(&s, "IDAT", 5);
    chunk(&s, "acTL", 8); /* APNG wants it before the data: no decoder plays this */
    assert_int_equal(scan(str_sv(&s), 3).code, ERR_NONE);
}

static void a_chunk_that_claims_four_gigabytes_is_walked_not_held(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    png_head(&s, 100, 100);
    be(&s, 0xffffffff, 4);
    str_addz(&s, "iTXt");
    fill(&s, 300000);
    assert_int_equal(judge(str_sv(&s)), ERR_NONE); /* so far */
    assert_int_equal(scan(str_sv(&s), 1000).code, ERR_BROKEN_IMAGE);
}

static void a_jpeg_is_measured_whatever_stands_before_its_frame(void **state)
{
    static const int frames[] = {0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7,
                                 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf};
    static const int before[] = {0xe1, 0xe2, 0xee, 0xfe, 0xdd, 0xc4, 0xcc, 0xc8, 0xdb};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        AUTO(str_free) struct str s = STR_INIT(FILE_WALL);
        struct verdict v;

        str_add(&s, "\xff\xd8", 2);
        for (size_t k = 0; k < COUNT_OF(before); k++)
            segment(&s, before[(k + i) % COUNT_OF(before)], 10 * k);
        str_add(&s, "\xff\xff\xff", 3);             /* fill bytes */
        str_add(&s, "\xff\x01\xff\xd0\xff\xd7", 6); /* markers without a length */
        sof(&s, frames[i], 777, 555);
        segment(&s, 0xc4, 20);
        str_add(&s, "\xff\xda", 2);
        v = scan(str_sv(&s), 5);
        assert_int_equal(v.code, ERR_NONE);
        assert_int_equal(v.w, 777);
        assert_int_equal(v.h, 555);
    }
}

/* A JPEG whose frame header ends at byte `end`. */
static void late(struct str *s, size_t end)
{
    str_add(s, "\xff\xd8", 2);
    while (s->n + 9 + 4 + 60000 < end)
        segment(s, 0xe1, 60000);
    segment(s, 0xe1, end - s->n - 9 - 4);
    sof(s, 0xc0, 300, 200);
    str_add(s, "\xff\xda", 2);
    fill(s, 50000);
}

static void a_frame_header_is_looked_for_in_half_a_mebibyte(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    late(&s, IMAGE_SEARCH);
    assert_int_equal(judge(str_sv(&s)), ERR_NONE);
    assert_int_equal(scan(str_sv(&s), 4096).w, 300);
    assert_int_equal(scan(str_sv(&s), 65536).w, 300);
    str_reset(&s);
    late(&s, IMAGE_SEARCH + 1);
    assert_int_equal(scan(str_sv(&s), 4096).code, ERR_BROKEN_IMAGE);
    assert_int_equal(scan(str_sv(&s), 65536).code, ERR_BROKEN_IMAGE);
    assert_int_equal(scan(str_sv(&s), SIZE_MAX / 2).code, ERR_BROKEN_IMAGE);
}

static void a_jpeg_that_lost_its_frame_is_broken(void **state)
{
    static const struct sv files[] = {
        SV_LIT("\xff\xd8\xff\xda\x00\x08xxxxxxxxxx"), SV_LIT("\xff\xd8\xff\xd9xxxxxxxxxx"),
        SV_LIT("\xff\xd8\xff\xe0\x00\x01xxxxxxxx"),   SV_LIT("\xff\xd8\xff\xe0\x00\x04xxyyyyyy"),
        SV_LIT("\xff\xd8\xff\xe0\x00\x00xxxxxxxx"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_int_equal(judge(files[i]), ERR_BROKEN_IMAGE);
}

static void a_webp_must_know_its_own_kind(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    riff(&s, "ALPH");
    fill(&s, 100);
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    str_reset(&s);
    webp_lossy(&s, 100, 100);
    s.p[23] = 'x'; /* the start code */
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    str_reset(&s);
    webp_lossless(&s, 100, 100);
    s.p[20] = 'x'; /* the signature */
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
}

static void a_moving_webp_is_refused(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    webp_extended(&s, 100, 100);
    s.p[20] = 0x12;
    assert_int_equal(judge(str_sv(&s)), ERR_ANIMATED);
    s.p[20] = 0x10; /* the header keeps silent about it, the chunks do not */
    memcpy(s.p + 30, "ANMF", 4);
    assert_int_equal(judge(str_sv(&s)), ERR_ANIMATED);
    assert_int_equal(scan(str_sv(&s), 3).code, ERR_ANIMATED);
}

static void a_file_that_ends_before_its_picture_is_broken(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    png_head(&s, 100, 100);
    chunk(&s, "gAMA", 4);
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    chunk(&s, "IEND", 0);
    chunk(&s, "IDAT", 10);
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    str_reset(&s);
    str_add(&s, "\xff\xd8", 2);
    sof(&s, 0xc0, 100, 100);
    str_add(&s, "\xff\xd9", 2);
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    str_reset(&s);
    gif_head(&s, 100, 100);
    str_addc(&s, 0x3b);
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
    str_reset(&s);
    webp_extended(&s, 100, 100);
    s.n = 30 + 8 + 34;
    assert_int_equal(judge(str_sv(&s)), ERR_BROKEN_IMAGE);
}

static void a_second_picture_in_a_gif_is_seen_while_it_streams(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);
    struct image_scan scan_;
    struct err err = ERR_INIT;
    size_t first;

    (void)state;
    gif_head(&s, 200, 100);
    gif_frame(&s, 0x82);
    gif_frame(&s, 0x00);
    str_addc(&s, 0x3b);
    assert_int_equal(judge(str_sv(&s)), ERR_ANIMATED);
    for (size_t step = 1; step < 40; step++)
        assert_int_equal(scan(str_sv(&s), step).code, ERR_ANIMATED);
    str_reset(&s);
    gif_head(&s, 200, 100);
    gif_frame(&s, 0x00);
    for (int i = 0; i < 400; i++) { /* comments, until the second picture lies far behind */
        str_add(&s, "\x21\xfe\xff", 3);
        fill(&s, 255);
        str_addc(&s, 0);
    }
    first = s.n;
    gif_frame(&s, 0x00);
    image_begin(&scan_);
    assert_ok(image_feed(&scan_, (struct sv){s.p, first}, &err), err);
    assert_int_equal(scan_.width, 200);
    assert_fails(image_feed(&scan_, (struct sv){s.p + first, s.n - first}, &err), err,
                 ERR_ANIMATED);
}

static void what_stands_in_a_gifs_data_is_no_second_picture(void **state)
{
    AUTO(str_free) struct str s = STR_INIT(FILE_WALL);

    (void)state;
    gif_head(&s, 200, 100);
    str_add(&s, "\x2c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02", 11);
    str_add(&s, "\x05\x2c\x2c\x2c\x2c\x2c\x00", 7);
    str_addc(&s, 0x3b);
    str_addz(&s, ",,,,,,,,,,,,,,");
    assert_int_equal(scan(str_sv(&s), 1).code, ERR_NONE);
}

static void each_type_has_its_words(void **state)
{
    (void)state;
    assert_string_equal(image_mime(IMAGE_PNG), "image/png");
    assert_string_equal(image_mime(IMAGE_JPEG), "image/jpeg");
    assert_string_equal(image_mime(IMAGE_WEBP), "image/webp");
    assert_string_equal(image_mime(IMAGE_GIF), "image/gif");
    assert_string_equal(image_ext(IMAGE_JPEG), "jpg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_is_known_by_its_bytes_and_measured),
        cmocka_unit_test(the_pieces_in_which_a_file_comes_do_not_matter),
        cmocka_unit_test(a_file_cut_anywhere_is_broken_or_already_measured),
        cmocka_unit_test(the_sides_have_limits_and_their_product_too),
        cmocka_unit_test(other_files_are_refused_whatever_their_name),
        cmocka_unit_test(a_png_must_begin_with_its_header),
        cmocka_unit_test(a_moving_png_is_refused_also_behind_much_metadata),
        cmocka_unit_test(the_letters_actl_within_a_chunk_or_after_the_data_mean_nothing),
        cmocka_unit_test(a_chunk_that_claims_four_gigabytes_is_walked_not_held),
        cmocka_unit_test(a_jpeg_is_measured_whatever_stands_before_its_frame),
        cmocka_unit_test(a_frame_header_is_looked_for_in_half_a_mebibyte),
        cmocka_unit_test(a_jpeg_that_lost_its_frame_is_broken),
        cmocka_unit_test(a_webp_must_know_its_own_kind),
        cmocka_unit_test(a_moving_webp_is_refused),
        cmocka_unit_test(a_file_that_ends_before_its_picture_is_broken),
        cmocka_unit_test(a_second_picture_in_a_gif_is_seen_while_it_streams),
        cmocka_unit_test(what_stands_in_a_gifs_data_is_no_second_picture),
        cmocka_unit_test(each_type_has_its_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
