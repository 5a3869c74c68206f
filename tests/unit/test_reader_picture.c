/*
 * Tests of the reader on real pictures: the committed samples are read and compared with their
 * truth.
 */
/* Covers: reader_picture reader_shape reader_avatar reader_ocr */
/* Covers: reader_page reader_reader reader_file */
#include "common/base64.h"
#include "common/json.h"
#include "local/reader/file.h"
#include "local/reader/reader.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES "local/samples/"
#define SCHEMAS "analysis-svc/extractors/"

static struct ocr *ocr;

static int open_ocr(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    return ocr_open(&ocr, &err) ? 0 : -1;
}

static int close_ocr(void **state)
{
    (void)state;
    ocr_free(&ocr);
    return 0;
}

static void slurp(const char *path, struct str *out)
{
    FILE *f = fopen(path, "rb");
    char buf[1 << 14];
    size_t n;

    assert_non_null(f);
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(out, buf, n);
    fclose(f);
    assert_true(str_ok(out));
}

static void parse_file(const char *path, struct json **out)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 22);
    struct err err = ERR_INIT;

    slurp(path, &text);
    assert_ok(json_parse(str_sv(&text), out, &err), err);
}

static void read_sample(const char *picture, const char *schema, struct json **out)
{
    AUTO(str_free) struct str bytes = STR_INIT(1 << 24), answer = STR_INIT(1 << 22);
    AUTO(json_free) struct json *wanted = NULL;
    struct err err = ERR_INIT;

    slurp(picture, &bytes);
    parse_file(schema, &wanted);
    assert_ok(reader_answer(ocr, &(struct reader_task){str_sv(&bytes), wanted, NULL, NULL}, &answer,
                            &err),
              err);
    assert_ok(json_parse(str_sv(&answer), out, &err), err);
}

static const struct json *row_with(const struct json *rows, int64_t rank)
{
    for (const struct json *r = json_first(rows); r; r = json_next(r))
        if (strtol(json_text_or(r, "rank", ""), NULL, 10) == rank)
            return r;
    return NULL;
}

static size_t same_text(const struct json *truth, const char *key, const struct json *row,
                        const char *field)
{
    return strcmp(json_text_or(json_find(truth, "text"), key, "?"), json_text_or(row, field, "")) ==
           0;
}

static void every_row_of_a_leaderboard_is_found_and_its_numbers_are_exact(void **state)
{
    AUTO(json_free) struct json *truth = NULL, *read = NULL;
    const struct json *rows;
    size_t numbers = 0, exact = 0, handles = 0;

    (void)state;
    parse_file(SAMPLES "dark-desktop.json", &truth);
    read_sample(SAMPLES "dark-desktop.png", SCHEMAS "leaderboard/schema.json", &read);
    rows = json_find(read, "rows");
    assert_int_equal(json_count(rows), json_count(json_find(truth, "rows")));
    for (const struct json *t = json_first(json_find(truth, "rows")); t; t = json_next(t)) {
        const struct json *r = row_with(rows, json_int_or(t, "rank", 0));

        assert_non_null(r);
        numbers += 4;
        exact += same_text(t, "mindshare", r, "mindshare_percent") +
                 same_text(t, "change", r, "mindshare_change") +
                 same_text(t, "snaps", r, "total_snaps") +
                 same_text(t, "smart_followers", r, "smart_followers");
        handles += strcasecmp(json_text_or(t, "handle", ""), json_text_or(r, "handle", "")) == 0;
    }
    assert_int_equal(exact, numbers);
    assert_true(handles * 10 >= json_count(rows) * 8);
    assert_string_equal(json_text_or(read, "platform", ""), "cookie.fun");
    assert_string_equal(json_text_or(read, "timeframe", ""), "24H");
    assert_int_equal(json_count(json_find(read, "columns")), 6);
}

static void a_profile_is_read_with_its_figures(void **state)
{
    AUTO(json_free) struct json *truth = NULL, *read = NULL;

    (void)state;
    parse_file(SAMPLES "profile-dark.json", &truth);
    read_sample(SAMPLES "profile-dark.png", SCHEMAS "yapper_profile/schema.json", &read);
    assert_string_equal(json_text_or(read, "twitter_handle", ""),
                        json_text_or(truth, "handle", "?"));
    assert_string_equal(json_text_or(read, "display_name", ""),
                        json_text_or(truth, "display_name", "?"));
    assert_true(same_text(truth, "snaps_7d", read, "total_snaps_7d"));
    assert_true(same_text(truth, "mindshare", read, "mindshare_percent"));
    assert_true(same_text(truth, "smart_engagement", read, "smart_engagement"));
    assert_int_equal(json_count(json_find(read, "badges")), json_count(json_find(truth, "badges")));
}

static bool refuses(const char *bytes, size_t n, const char *schema, struct err *err)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);
    AUTO(json_free) struct json *wanted = NULL;
    struct err parsing = ERR_INIT;

    assert_ok(json_parse(sv_of(schema), &wanted, &parsing), parsing);
    return !reader_answer(ocr, &(struct reader_task){{bytes, n}, wanted, NULL, NULL}, &out, err);
}

static void what_is_no_picture_is_refused_by_name(void **state)
{
    static const char rows[] = "{\"properties\":{\"rows\":{\"type\":\"array\"}}}";
    AUTO(str_free) struct str bytes = STR_INIT(1 << 24);
    struct err err = ERR_INIT;

    (void)state;
    slurp(SAMPLES "phone.png", &bytes);
    assert_true(refuses("", 0, rows, &err));
    assert_int_equal(err.code, ERR_EMPTY_FILE);
    assert_true(refuses("not a picture at all", 20, rows, &err));
    assert_int_equal(err.code, ERR_FILE_TYPE);
    assert_true(refuses(bytes.p, 400, rows, &err));
    assert_int_equal(err.code, ERR_BROKEN_IMAGE);
    assert_true(
        refuses(bytes.p, bytes.n, "{\"properties\":{\"poem\":{\"type\":\"string\"}}}", &err));
    assert_int_equal(err.code, ERR_UNPROCESSABLE);
}

static void a_picture_without_a_leaderboard_is_a_failure_and_no_empty_success(void **state)
{
    static const char rows[] = "{\"properties\":{\"rows\":{\"type\":\"array\"}}}";
    static const char white[] = /* a PNG of 64 x 64 white pixels */
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR42u3MQREAAA"
        "wCIPuX1hD77SAA6VEEAoFAIBAIBAKBQCAQfA8Gpwvw4qrwDDIAAAAASUVORK5CYII=";
    AUTO(str_free) struct str blank = STR_INIT(1 << 16), profile = STR_INIT(1 << 24);
    struct err err = ERR_INIT;

    (void)state;
    assert_true(base64_decode(sv_of(white), &blank));
    assert_true(refuses(blank.p, blank.n, rows, &err));
    assert_int_equal(err.code, ERR_UNPROCESSABLE);
    slurp(SAMPLES "profile-light.png", &profile);
    assert_true(refuses(profile.p, profile.n, rows, &err));
    assert_int_equal(err.code, ERR_UNPROCESSABLE);
}

static void the_command_line_reads_files_and_says_what_is_missing(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(file_print("no/such/picture.png", SCHEMAS "leaderboard/schema.json", &err), err,
                 ERR_NOT_FOUND);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_a_leaderboard_is_found_and_its_numbers_are_exact),
        cmocka_unit_test(a_profile_is_read_with_its_figures),
        cmocka_unit_test(what_is_no_picture_is_refused_by_name),
        cmocka_unit_test(a_picture_without_a_leaderboard_is_a_failure_and_no_empty_success),
        cmocka_unit_test(the_command_line_reads_files_and_says_what_is_missing),
    };

    (void)argc;
    if (!getenv("OMP_THREAD_LIMIT")) { /* read once, when a process starts */
        setenv("OMP_THREAD_LIMIT", "1", 1);
        execv("/proc/self/exe", argv);
    }
    return cmocka_run_group_tests(tests, open_ocr, close_ocr);
}
