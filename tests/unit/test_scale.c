/* test_scale.c - pictures become smaller and stay legible: the offline reader reads them back. */
#include "analysis-svc/scale.h"

#include <string.h>

#include "common/file.h"
#include "local/reader/picture.h"
#include "local/reader/reader.h"
#include "tests/kit/kit.h"

static void load(const char *path, struct str *out)
{
    struct err err = ERR_INIT;

    assert_ok(file_read(path, out, &err), err);
}

static int64_t be32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (int64_t)u[0] << 24 | u[1] << 16 | u[2] << 8 | u[3];
}

/* Of a PNG, from its IHDR. */
static void assert_png(const struct str *s, int64_t width, int64_t height)
{
    assert_true(s->n > 24);
    assert_memory_equal(s->p, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(be32(s->p + 16), width);
    assert_int_equal(be32(s->p + 20), height);
}

/* How many of the truth's handles the reader finds in the picture. */
static size_t handles_read(const struct str *picture, const char *truth_file)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(json_free) struct json *schema = NULL;
    AUTO(json_free) struct json *truth = NULL;
    AUTO(ocr_free) struct ocr *ocr = NULL;
    struct err err = ERR_INIT;
    size_t found = 0;

    load("analysis-svc/extractors/leaderboard/schema.json", &text);
    assert_ok(json_parse(str_sv(&text), &schema, &err) && ocr_open(&ocr, &err) &&
                  reader_answer(ocr, &(struct reader_task){str_sv(picture), schema, NULL, NULL},
                                &out, &err),
              err);
    str_reset(&text);
    load(truth_file, &text);
    assert_ok(json_parse(str_sv(&text), &truth, &err), err);
    for (const struct json *r = json_first(json_find(truth, "rows")); r; r = json_next(r))
        found += strstr(out.p, json_text_or(r, "handle", "?")) != NULL;
    return found;
}

static void small_text_is_read_back_after_scaling(void **state)
{
    AUTO(str_free) struct str from = STR_INIT(1 << 24);
    AUTO(str_free) struct str small = STR_INIT(1 << 24);
    struct err err = ERR_INIT;

    (void)state;
    load("local/samples/purple-retina.png", &from); /* 2240 x 1712 */
    assert_ok(scale_picture(str_sv(&from), &(struct scale_to){.side = 1400}, false, &small, &err),
              err);
    assert_png(&small, 1400, 1070);
    assert_int_equal(handles_read(&small, "local/samples/purple-retina.json"), 10);
}

static void pixels_and_bytes_are_limits_too(void **state)
{
    AUTO(str_free) struct str from = STR_INIT(1 << 24);
    AUTO(str_free) struct str small = STR_INIT(1 << 24);
    struct err err = ERR_INIT;

    (void)state;
    load("local/samples/purple-retina.png", &from);
    assert_ok(
        scale_picture(str_sv(&from), &(struct scale_to){.pixels = 1000000}, false, &small, &err),
        err);
    assert_in_range(be32(small.p + 16) * be32(small.p + 20), 950000, 1000000);
    assert_ok(scale_picture(str_sv(&from), &(struct scale_to){.bytes = 60000}, false, &small, &err),
              err);
    assert_in_range(small.n, 20000, 60000);
    assert_fails(scale_picture(str_sv(&from), &(struct scale_to){.bytes = 40}, false, &small, &err),
                 err, ERR_BROKEN_IMAGE);
}

static void what_is_small_enough_is_only_written_anew(void **state)
{
    AUTO(str_free) struct str from = STR_INIT(1 << 24);
    AUTO(str_free) struct str out = STR_INIT(1 << 24);
    struct err err = ERR_INIT;

    (void)state;
    load("local/samples/dark-desktop.png", &from);
    assert_ok(scale_picture(str_sv(&from), &(struct scale_to){.side = 8000}, false, &out, &err),
              err);
    assert_png(&out, 1280, 908);
    load("local/samples/neon-jpeg.jpg", (str_reset(&from), &from));
    assert_ok(scale_picture(str_sv(&from), &(struct scale_to){.side = 1000}, true, &out, &err),
              err);
    assert_memory_equal(out.p, "\xff\xd8\xff", 3);
    load("local/samples/paper-all-columns.webp", (str_reset(&from), &from));
    assert_ok(scale_picture(str_sv(&from), &(struct scale_to){0}, false, &out, &err), err);
    assert_memory_equal(out.p, "\x89PNG", 4);
}

static void what_is_no_picture_is_said_to_be_none(void **state)
{
    static const char *const bad[] = {"", "not a picture", "\x89PNG\r\n\x1a\n and then nothing",
                                      "<svg xmlns='http://www.w3.org/2000/svg' width='9'/>"};
    AUTO(str_free) struct str out = STR_INIT(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = ERR_INIT;

        assert_fails(
            scale_picture(sv_of(bad[i]), &(struct scale_to){.side = 10}, false, &out, &err), err,
            ERR_BROKEN_IMAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_text_is_read_back_after_scaling),
        cmocka_unit_test(pixels_and_bytes_are_limits_too),
        cmocka_unit_test(what_is_small_enough_is_only_written_anew),
        cmocka_unit_test(what_is_no_picture_is_said_to_be_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
