/* test_snapshot.c - names as data, keys as ours alone. */
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "tests/kit/kit.h"
#include "upload-svc/snapshot.h"

#define UUID   "9b0b3f0e-58d5-4ad9-8e0d-5b1f3a2c4d01"
#define PREFIX "team/0a1b2c3d/snapshots/"

static const char *cleaned(struct sv sent)
{
    static char out[SNAPSHOT_NAME_MAX + 1];

    memset(out, 'Z', sizeof out);
    snapshot_name(sent, out);
    return out;
}

static void a_name_keeps_its_letters_and_loses_what_controls_a_terminal(void **state)
{
    (void)state;
    assert_string_equal(cleaned(SV_LIT("board 1.png")), "board 1.png");
    assert_string_equal(cleaned(SV_LIT("Gr\xc3\xbc\xc3\x9f"
                                       "e \xf0\x9f\x9a\x80.png")),
                        "Gr\xc3\xbc\xc3\x9f"
                        "e \xf0\x9f\x9a\x80.png");
    assert_string_equal(cleaned((struct sv){"a\0b\x1b[31m\r\n\t\x7f.png", 16}), "ab[31m.png");
    assert_string_equal(cleaned(SV_LIT("x\xc2\x85y\xc2\x9bz\xc2\xa0!")), "xyz\xc2\xa0!");
}

static void marks_that_turn_the_writing_around_are_taken_out(void **state)
{
    (void)state;
    assert_string_equal(cleaned(SV_LIT("evil\xe2\x80\xaegnp.exe")), "evilgnp.exe");
    assert_string_equal(cleaned(SV_LIT("a\xe2\x81\xa6"
                                       "b\xe2\x81\xa9"
                                       "c")),
                        "abc");
    assert_string_equal(cleaned(SV_LIT("a\xe2\x80\x94"
                                       "b")),
                        "a\xe2\x80\x94"
                        "b");
}

static void bytes_that_are_not_utf8_are_left_out(void **state)
{
    (void)state;
    assert_string_equal(cleaned(SV_LIT("a\xff\xfe"
                                       "b\xc3.png")),
                        "ab.png");
    assert_string_equal(cleaned(SV_LIT("\xed\xa0\x80x")), "x"); /* half a surrogate pair */
    assert_string_equal(cleaned(SV_LIT("\xc0\xafx")), "x");     /* an overlong slash */
    assert_string_equal(cleaned(SV_LIT("end\xe2\x80")), "end");
}

static void a_name_of_nothing_gets_one(void **state)
{
    (void)state;
    assert_string_equal(cleaned(SV_LIT("")), "unnamed");
    assert_string_equal(cleaned(SV_LIT("\r\n\x01")), "unnamed");
}

static void a_path_is_kept_as_data(void **state)
{
    (void)state;
    assert_string_equal(cleaned(SV_LIT("../../etc/passwd")), "../../etc/passwd");
}

static void a_long_name_ends_at_a_character(void **state)
{
    char text[400];
    const char *out;

    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(strlen(cleaned((struct sv){text, 255})), 255);
    assert_int_equal(strlen(cleaned((struct sv){text, 256})), 255);
    memcpy(text + 253, "\xe2\x82\xac", 3); /* bytes 254 to 256: one too many */
    out = cleaned((struct sv){text, 300});
    assert_int_equal(strlen(out), 253);
    memcpy(text + 252, "\xe2\x82\xac", 3);
    out = cleaned((struct sv){text, 255});
    assert_int_equal(strlen(out), 255);
    assert_true(utf8_ok(sv_of(out)));
}

/* One operating system sends what another would compose: it is the same name. */
static void a_name_in_pieces_is_put_together(void **state)
{
    char text[2000], whole[SNAPSHOT_NAME_MAX + 1] = "";

    (void)state;
    assert_string_equal(cleaned(SV_LIT("Gru\xcc\x88n.png")), "Gr\xc3\xbcn.png");
    assert_string_equal(cleaned(SV_LIT("u\x07\xcc\x88")), "\xc3\xbc"); /* a control in between */
    /* 85 syllables fill 255 bytes; they arrive as 765, and more after them. */
    for (size_t i = 0; i + 9 <= sizeof text; i += 9)
        memcpy(text + i, "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 9);
    for (size_t i = 0; i < 85; i++)
        strncat(whole, "\xed\x95\x9c", sizeof whole - strlen(whole) - 1);
    assert_string_equal(cleaned((struct sv){text, 9 * 200}), whole);
    /* And what grows does not pass the limit: 255 / 12 characters of three. */
    for (size_t i = 0; i + 4 <= 400; i += 4)
        memcpy(text + i, "\xf0\x9d\x85\xa0", 4);
    assert_int_equal(strlen(cleaned((struct sv){text, 400})), 252);
}

static void a_key_holds_the_day_and_the_uuid_and_nothing_else(void **state)
{
    static const char *const ends[] = {".png", ".jpg", ".webp", ".gif"};
    struct id uuid, back;
    char prefix[SNAPSHOT_PREFIX_SIZE], key[SNAPSHOT_KEY_SIZE];

    (void)state;
    assert_true(id_parse(SV_LIT(UUID), &uuid));
    snapshot_prefix("team/", "0a1b2c3d", prefix);
    assert_string_equal(prefix, PREFIX);
    snapshot_key(prefix, 1795391999, &uuid, IMAGE_PNG, key); /* the last second of the 22nd, UTC */
    assert_string_equal(key, PREFIX "2026-11-22/" UUID ".png");
    snapshot_key(prefix, 1795392000, &uuid, IMAGE_PNG, key);
    assert_string_equal(key, PREFIX "2026-11-23/" UUID ".png");
    for (int t = IMAGE_PNG; t <= IMAGE_GIF; t++) {
        snapshot_key(prefix, 1795391999, &uuid, (enum image_type)t, key);
        assert_string_equal(strrchr(key, '.'), ends[t - IMAGE_PNG]);
        assert_true(snapshot_key_parse(prefix, key, &back));
        assert_string_equal(back.text, UUID);
    }
}

static void the_longest_prefix_still_fits(void **state)
{
    char s3_prefix[257], prefix[SNAPSHOT_PREFIX_SIZE], key[SNAPSHOT_KEY_SIZE];
    struct id uuid, back;

    (void)state;
    memset(s3_prefix, 'p', 256);
    s3_prefix[255] = '/';
    s3_prefix[256] = '\0';
    assert_true(id_parse(SV_LIT(UUID), &uuid));
    snapshot_prefix(s3_prefix, "0a1b2c3d", prefix);
    snapshot_key(prefix, 1795348800, &uuid, IMAGE_WEBP, key);
    assert_true(snapshot_key_parse(prefix, key, &back));
    assert_string_equal(strrchr(key, '.'), ".webp");
}

static void a_derived_picture_is_known_by_its_key(void **state)
{
    static const char *const wrong[] = {
        "",
        "derived/",
        "derived/" UUID,
        "derived/" UUID "/",
        "derived/" UUID "/.jpg",
        "derived/" UUID "/a",
        "derived/" UUID "/a.",
        "derived/" UUID "/a b.jpg",
        "derived/" UUID "/A.jpg",
        "derived/" UUID "/a/b.jpg",
        "derived/" UUID "/a.jpg.bak",
        "derived/" UUID "/a.jpegjpegj",
        "derived/" UUID "x/a.jpg",
        "derived/0a1b2c3d/a.jpg",
        "snapshots/" UUID "/a.jpg",
    };
    char root[SNAPSHOT_PREFIX_SIZE], key[SNAPSHOT_KEY_SIZE];
    struct id back;

    (void)state;
    snapshot_root("team/", "0a1b2c3d", root);
    assert_string_equal(root, "team/0a1b2c3d/");
    assert_true(
        snapshot_derived_parse(root, "team/0a1b2c3d/derived/" UUID "/scaled_1600-x.jpg", &back));
    assert_string_equal(back.text, UUID);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        snprintf(key, sizeof key, "%s%s", root, wrong[i]);
        if (snapshot_derived_parse(root, key, &back))
            fail_msg("taken: %s", key);
    }
    assert_false(snapshot_derived_parse(root, "derived/" UUID "/a.jpg", &back));
    snapshot_mark_key(root, key);
    assert_string_equal(key, "team/0a1b2c3d/sweep-mark");
}

static void keys_of_others_are_not_ours(void **state)
{
    static const char *const foreign[] = {
        "",
        PREFIX,
        PREFIX "2026-11-22/",
        PREFIX "2026-11-22/" UUID,
        PREFIX "2026-11-22/" UUID ".",
        PREFIX "2026-11-22/" UUID ".PNG",
        PREFIX "2026-11-22/" UUID ".jpeg",
        PREFIX "2026-11-22/" UUID ".bin",
        PREFIX "2026-11-22/" UUID ".png.bak",
        PREFIX "2026-11-22/" UUID ".png/x",
        PREFIX "2026-11-22/x/" UUID ".png",
        PREFIX "2026-02-30/" UUID ".png",
        PREFIX "20261122/" UUID ".png",
        PREFIX "2026-11-22/9B0B3F0E-58D5-4AD9-8E0D-5B1F3A2C4D01.png",
        PREFIX "2026-11-22/9b0b3f0e58d54ad98e0d5b1f3a2c4d01.png",
        PREFIX "2026-11-22/9b0b3f0e-58d5-4ad9-8e0d-5b1f3a2c4d0g.png",
        "0a1b2c3d/snapshots/2026-11-22/" UUID ".png",
        "team/ffffffff/snapshots/2026-11-22/" UUID ".png",
        "team/0a1b2c3d/derived/" UUID "/small.png",
        "x/" PREFIX "2026-11-22/" UUID ".png",
        "uploads/screenshots-1700000000000-123456789.png",
        "snapshots/7/cookie.fun/2026-11-22/board.png",
    };
    struct id uuid = {.text = "untouched"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        if (snapshot_key_parse(PREFIX, foreign[i], &uuid))
            fail_msg("taken for ours: %s", foreign[i]);
    assert_string_equal(uuid.text, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_keeps_its_letters_and_loses_what_controls_a_terminal),
        cmocka_unit_test(marks_that_turn_the_writing_around_are_taken_out),
        cmocka_unit_test(bytes_that_are_not_utf8_are_left_out),
        cmocka_unit_test(a_name_of_nothing_gets_one),
        cmocka_unit_test(a_path_is_kept_as_data),
        cmocka_unit_test(a_long_name_ends_at_a_character),
        cmocka_unit_test(a_name_in_pieces_is_put_together),
        cmocka_unit_test(a_key_holds_the_day_and_the_uuid_and_nothing_else),
        cmocka_unit_test(the_longest_prefix_still_fits),
        cmocka_unit_test(a_derived_picture_is_known_by_its_key),
        cmocka_unit_test(keys_of_others_are_not_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
