/* test_image.c - pictures by their first bytes, sizes from their headers. Covers: image image_walk
 */
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/picture.h"
#include "upload-svc/image.h"

static struct str pic = STR_INIT(4 << 20);

static int fresh(void **state)
{
    (void)state;
    str_reset(&pic);
    return 0;
}

static int give_back(void **state)
{
    (void)state;
    str_free(&pic);
    return 0;
}

/* As the corridor does it: all bytes, in pieces of n. */
static bool walk(size_t n, struct image_scan *s, struct err *err)
{
    image_begin(s);
    for (size_t at = 0; at < pic.n; at += n)
        if (!image_feed(s, (struct sv){pic.p + at, pic.n - at < n ? pic.n - at : n}, err))
            return false;
    return image_end(s, err);
}

static struct sv head(void) { return (struct sv){pic.p, pic.n < IMAGE_HEAD ? pic.n : IMAGE_HEAD}; }

static void is_taken(enum image_type type, int width, int height)
{
    static const size_t pieces[] = {1, 3, 7, 4096, 1 << 20};
    enum image_type seen = IMAGE_NONE;
    struct err err = ERR_INIT;
    struct image_scan s;

    assert_ok(image_judge(head(), &seen, &err), err);
    assert_int_equal(seen, type);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        assert_ok(walk(pieces[i], &s, &err), err);
        assert_int_equal(s.width, width);
        assert_int_equal(s.height, height);
    }
}

static void is_refused(enum err_code code)
{
    enum image_type seen;
    struct err err = ERR_INIT;

    assert_fails(image_judge(head(), &seen, &err), err, code);
}

static void every_type_is_taken_with_its_size(void **state)
{
    static const unsigned char frames[] = {0xc0, 0xc1, 0xc2, 0xc9, 0xcf};

    kit_png(&pic, 640, 480);
    is_taken(IMAGE_PNG, 640, 480);
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        fresh(state);
        kit_jpeg(&pic, 800, 600, frames[i], 100);
        is_taken(IMAGE_JPEG, 800, 600);
    }
    fresh(state);
    kit_webp(&pic, "VP8 ", 300, 200, false);
    is_taken(IMAGE_WEBP, 300, 200);
    fresh(state);
    kit_webp(&pic, "VP8L", 301, 202, false);
    is_taken(IMAGE_WEBP, 301, 202);
    fresh(state);
    kit_webp(&pic, "VP8X", 5000, 4000, false);
    is_taken(IMAGE_WEBP, 5000, 4000);
    fresh(state);
    kit_gif(&pic, 120, 90, 1);
    is_taken(IMAGE_GIF, 120, 90);
}

static void any_header_cut_short_is_told(void **state)
{
    static const size_t header[] = {24, 110, 30,
                                    13}; /* bytes that a size needs, less one and more */
    struct err err = ERR_INIT;
    enum image_type seen;

    for (size_t kind = 0; kind < 4; kind++) {
        fresh(state);
        if (kind == 0)
            kit_png(&pic, 640, 480);
        else if (kind == 1)
            kit_jpeg(&pic, 640, 480, 0xc0, 100);
        else if (kind == 2)
            kit_webp(&pic, "VP8X", 640, 480, false);
        else
            kit_gif(&pic, 640, 480, 1);
        for (size_t n = 3; n < header[kind] - 3; n++) {
            assert_false(image_judge((struct sv){pic.p, n}, &seen, &err));
            assert_string_equal(err_wire(err.code), "broken_image");
        }
    }
}

static void what_is_no_picture_is_refused_whatever_its_name(void **state)
{
    static const char *const others[] = {
        "%PDF-1.7 and more", "hello",        "<svg/>",         "BM6\0\0\0",
        "RIFFxxxxWAVEfmt ",  "\xff\xd8\xee", "\0\0\0 ftypavif"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        fresh(state);
        str_add(&pic, others[i], 6 + strlen(others[i] + 6));
        if (i != 5) /* FF D8 EE would be a JPEG without JFIF, which is one */
            is_refused(ERR_FILE_TYPE);
    }
}

static void an_empty_file_is_told_as_empty(void **state)
{
    (void)state;
    is_refused(ERR_EMPTY_FILE);
}

static void sizes_have_limits(void **state)
{
    static const struct {
        unsigned w, h;
        bool good;
    } cases[] = {{64, 64, true},      {63, 64, false},        {64, 63, false}, {12000, 3333, true},
                 {12001, 100, false}, {100, 12001, false},    {0, 100, false}, {8000, 5000, true},
                 {8000, 5001, false}, {100000, 100000, false}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fresh(state);
        kit_png(&pic, cases[i].w, cases[i].h);
        if (cases[i].good)
            is_taken(IMAGE_PNG, (int)cases[i].w, (int)cases[i].h);
        else
            is_refused(ERR_IMAGE_SIZE);
    }
}

static void what_moves_is_refused_from_its_head(void **state)
{
    kit_apng(&pic, 640, 480);
    is_refused(ERR_ANIMATED);
    fresh(state);
    kit_webp(&pic, "VP8X", 640, 480, true);
    is_refused(ERR_ANIMATED);
    fresh(state);
    kit_gif(&pic, 640, 480, 2);
    is_refused(ERR_ANIMATED);
}

static void a_second_gif_frame_far_behind_is_seen_while_it_streams(void **state)
{
    struct err err = ERR_INIT;
    struct image_scan s;

    (void)state;
    kit_gif(&pic, 640, 480, 1);
    pic.n--; /* the trailer goes; comments come */
    for (int i = 0; i < 400; i++) {
        str_add(&pic, "\x21\xfe\xc8", 3);
        for (int k = 0; k < 200; k++)
            str_addc(&pic, 'x');
        str_addc(&pic, '\0');
    }
    str_add(&pic, "\x2c........\0", 10);
    assert_true(pic.n > IMAGE_HEAD * 2);
    assert_false(walk(1000, &s, &err));
    assert_int_equal(err.code, ERR_ANIMATED);
}

static void a_jpeg_frame_is_looked_for_in_half_a_mebibyte(void **state)
{
    struct err err = ERR_INIT;
    enum image_type seen;
    struct image_scan s;

    kit_jpeg(&pic, 640, 480, 0xc0, 400 * 1024);
    is_taken(IMAGE_JPEG, 640, 480);
    fresh(state);
    kit_jpeg(&pic, 640, 480, 0xc0, 600 * 1024);
    assert_ok(image_judge(head(), &seen, &err), err); /* cannot be told yet */
    assert_false(walk(5000, &s, &err));
    assert_int_equal(err.code, ERR_BROKEN_IMAGE);
    assert_true(s.offset <= IMAGE_SEARCH + 5000);
}

static void a_jpeg_with_data_before_its_frame_is_broken(void **state)
{
    (void)state;
    str_add(&pic, "\xff\xd8\xff\xda\0\x04\0\0....", 12);
    is_refused(ERR_BROKEN_IMAGE);
}

static void names_and_types_are_the_contents(void **state)
{
    (void)state;
    assert_string_equal(image_mime(IMAGE_JPEG), "image/jpeg");
    assert_string_equal(image_ext(IMAGE_JPEG), "jpg");
    assert_string_equal(image_mime(IMAGE_WEBP), "image/webp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_type_is_taken_with_its_size, fresh),
        cmocka_unit_test_setup(any_header_cut_short_is_told, fresh),
        cmocka_unit_test_setup(what_is_no_picture_is_refused_whatever_its_name, fresh),
        cmocka_unit_test_setup(an_empty_file_is_told_as_empty, fresh),
        cmocka_unit_test_setup(sizes_have_limits, fresh),
        cmocka_unit_test_setup(what_moves_is_refused_from_its_head, fresh),
        cmocka_unit_test_setup(a_second_gif_frame_far_behind_is_seen_while_it_streams, fresh),
        cmocka_unit_test_setup(a_jpeg_frame_is_looked_for_in_half_a_mebibyte, fresh),
        cmocka_unit_test_setup(a_jpeg_with_data_before_its_frame_is_broken, fresh),
        cmocka_unit_test_setup(names_and_types_are_the_contents, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, give_back);
}
