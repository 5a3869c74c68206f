/*
 * test_checks_sheet.c - do pictures that overlap agree, and does a sheet follow from the day
 * before? Covers: reasons
 */
#include <string.h>

#include "analysis-svc/merge.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

enum { PICTURES = 4 };

/* The pictures of a set of a leaderboard, merged into a sheet with reasons. */
struct day {
    struct extracted e[PICTURES];
    struct merge_input in[PICTURES];
    struct edits edits;
    size_t n;
    struct str sheet;
    struct merge_said said;
    struct json *doc;
};
#define DAY                                                                                        \
    {                                                                                              \
        .n = 0, .sheet = STR_INIT(1 << 20)                                                         \
    }

static void day_free(struct day *d)
{
    for (size_t i = 0; i < d->n; i++)
        extracted_free(&d->e[i]);
    str_free(&d->sheet);
    json_free(&d->doc);
}

#define HEAD "\"platform\":\"cookie.fun\",\"timeframe\":\"24H\",\"columns\":[\"Rank\",\"Snaps\"],"
#define ROW(rank, handle, snaps, followers)                                                        \
    "{\"rank\":\"" rank "\",\"handle\":\"" handle                                                  \
    "\",\"display_name\":\"N\",\"total_snaps\":\"" snaps "\",\"followers\":\"" followers "\"}"

static void show(struct day *d, const char *rows)
{
    AUTO(str_free) struct str fields = STR_INIT(1 << 16);

    str_addf(&fields, HEAD "\"rows\":[%s]", rows);
    board_extract("leaderboard", fields.p, "", &d->e[d->n]);
    d->in[d->n] = (struct merge_input){.snapshot_id = (int64_t)d->n + 1,
                                       .document = board_document(&d->e[d->n])};
    d->n++;
}

static void merge(struct day *d, const struct day *before)
{
    struct merge_set set = {.in = d->in, .n = d->n, .edits = d->edits};
    struct err err = ERR_INIT;

    if (before)
        set.before = (struct merge_before){str_sv(&before->sheet), "2026-11-19"};
    str_reset(&d->sheet);
    json_free(&d->doc);
    assert_ok(merge_documents(board_extractor("leaderboard"), &set, &d->sheet, &d->said, &err),
              err);
    assert_ok(json_parse(str_sv(&d->sheet), &d->doc, &err), err);
}

static const struct json *check(const struct day *d, const char *name)
{
    const struct json *c = json_first(json_find(d->doc, "checks"));

    while (c && strcmp(json_text_or(c, "name", ""), name) != 0)
        c = json_next(c);
    return c;
}

static double loss(const struct day *d, const char *name)
{
    assert_non_null(check(d, name));
    return json_num_or(check(d, name), "loss", -1);
}

static void pictures_that_agree_lose_nothing_and_one_alone_is_not_judged(void **state)
{
    AUTO(day_free) struct day one = DAY, two = DAY;

    (void)state;
    show(&one, ROW("1", "@ana", "900", "500"));
    merge(&one, NULL);
    assert_null(check(&one, "agreement"));
    show(&two, ROW("1", "@ana", "900", "500") "," ROW("2", "@bo", "800", "70"));
    show(&two, ROW("2", "@bo", "800", "70") "," ROW("3", "@cy", "700", "60"));
    merge(&two, NULL);
    assert_true(loss(&two, "agreement") == 0);
    assert_true(two.said.confidence == 1);
    assert_string_equal(two.said.note, "");
}

static void what_overlaps_and_differs_costs_its_share_and_is_named(void **state)
{
    AUTO(day_free) struct day d = DAY;

    (void)state;
    show(&d, ROW("1", "@ana", "900", "500") "," ROW("2", "@bo", "800", "70"));
    show(&d, ROW("1", "@ana", "960", "501") "," ROW("2", "@bo", "800", "70"));
    merge(&d, NULL);
    assert_true(loss(&d, "agreement") == 0.15); /* one row of two, of 0.3 */
    assert_string_equal(json_text_or(check(&d, "agreement"), "note", ""),
                        "pictures that overlap differ in 1 of 2 rows (total_snaps, followers)");
    assert_string_equal(board_text(d.doc, "rows.0.doubtful.1"), "followers");
}

static void pictures_that_differ_everywhere_need_a_look(void **state)
{
    AUTO(day_free) struct day d = DAY;

    (void)state;
    show(&d, ROW("1", "@ana", "900", "500") "," ROW("2", "@bo", "800", "70"));
    show(&d, ROW("1", "@ana", "901", "500") "," ROW("2", "@bo", "801", "70"));
    merge(&d, NULL);
    assert_true(d.said.confidence < 0.8);
    assert_non_null(strstr(d.said.note, "the sheet's confidence 0.6"));
    assert_non_null(strstr(d.said.note, "differ in 2 of 2 rows (total_snaps)"));
    assert_non_null(strstr(d.said.note, "2 of 2 rows have doubtful fields"));
}

static void a_person_who_has_decided_ends_the_disagreement(void **state)
{
    AUTO(day_free) struct day d = DAY;
    static const struct edit said[] = {{"@ana", "total_snaps", "901", "eve", "2026-11-20"}};

    (void)state;
    show(&d, ROW("1", "@ana", "900", "500"));
    show(&d, ROW("1", "@ana", "901", "500"));
    d.edits = (struct edits){said, 1, "2026-11-20"};
    merge(&d, NULL);
    assert_true(loss(&d, "agreement") == 0);
}

static void the_first_day_and_a_new_row_are_not_judged(void **state)
{
    AUTO(day_free) struct day first = DAY, second = DAY;

    (void)state;
    show(&first, ROW("1", "@ana", "900", "500"));
    merge(&first, NULL);
    assert_null(check(&first, "day_before"));
    show(&second, ROW("1", "@bo", "5", "9000000"));
    merge(&second, &first);
    assert_null(check(&second, "day_before"));
    assert_int_equal(json_count(board_at(second.doc, "rows.0.doubtful")), 0);
}

static void figures_that_go_on_as_they_may_pass(void **state)
{
    AUTO(day_free) struct day first = DAY, second = DAY;

    (void)state;
    show(&first, ROW("1", "@ana", "1,249", "500") "," ROW("2", "@bo", "80", "7") "," ROW("3", "@cy",
                                                                                         "-", "x"));
    merge(&first, NULL);
    show(&second, ROW("1", "@ana", "1.2K", "4.9K") "," ROW("2", "@bo", "8",
                                                           "90") "," ROW("3", "@cy", "7", "60"));
    merge(&second, &first); /* 1.2K is 1,249 rounded; below 100 nothing is judged */
    assert_true(loss(&second, "day_before") == 0);
    assert_true(json_bool_or(check(&second, "day_before"), "ok", false));
    assert_int_equal(json_count(board_at(second.doc, "rows.0.doubtful")), 0);
}

static void a_total_that_falls_and_a_tenfold_change_are_doubtful_and_never_wrong(void **state)
{
    AUTO(day_free) struct day first = DAY, second = DAY;

    (void)state;
    show(&first, ROW("1", "@ana", "1200", "500") "," ROW("2", "@bo", "800",
                                                         "9000") "," ROW("3", "@cy", "700", "60"));
    merge(&first, NULL);
    show(&second, ROW("1", "@ana", "1000", "5001") "," ROW("2", "@bo", "810",
                                                           "899") "," ROW("3", "@cy", "720", "61"));
    merge(&second, &first);
    assert_true(json_number(board_at(second.doc, "rows.0.cells.total_snaps.value")) == 1000);
    assert_string_equal(board_text(second.doc, "rows.0.doubtful.0"), "total_snaps");
    assert_string_equal(board_text(second.doc, "rows.0.doubtful.1"), "followers");
    assert_string_equal(board_text(second.doc, "rows.0.notes.0"),
                        "total_snaps: \"1000\" is less than 1200 of 2026-11-19");
    assert_string_equal(board_text(second.doc, "rows.0.notes.1"),
                        "followers: \"5001\" is more than 10 times 500 of 2026-11-19");
    assert_string_equal(board_text(second.doc, "rows.1.notes.0"),
                        "followers: \"899\" is less than a 10th of 9000 of 2026-11-19");
    assert_true(json_number(board_at(second.doc, "rows.0.confidence")) == 0.8);
    assert_true(json_number(board_at(second.doc, "rows.1.confidence")) == 0.9);
    assert_true(json_number(board_at(second.doc, "rows.2.confidence")) == 1);
    assert_true(loss(&second, "day_before") == 0.2667); /* two rows of three, of 0.4 */
    assert_true(second.said.confidence < 0.8);
    assert_non_null(strstr(second.said.note, "2 of 3 rows do not follow from 2026-11-19 "
                                             "(total_snaps, followers)"));
}

static void what_was_doubtful_then_or_was_corrected_now_is_not_judged(void **state)
{
    AUTO(day_free) struct day first = DAY, second = DAY;
    static const struct edit said[] = {{"@bo", "total_snaps", "80", "eve", "2026-11-20"}};

    (void)state;
    show(&first, "{\"rank\":\"1\",\"handle\":\"@ana\",\"total_snaps\":\"9000\",\"unsure\":"
                 "[\"total_snaps\"]}," ROW("2", "@bo", "800", ""));
    merge(&first, NULL);
    show(&second, ROW("1", "@ana", "90", "") "," ROW("2", "@bo", "85", ""));
    second.edits = (struct edits){said, 1, "2026-11-20"};
    merge(&second, &first);
    assert_null(check(&second, "day_before"));
}

static void a_sheet_that_cannot_be_read_is_a_note_and_no_more(void **state)
{
    AUTO(day_free) struct day d = DAY;
    AUTO(day_free) struct day odd = DAY;

    (void)state;
    str_addz(&odd.sheet, "{\"kind\":\"other\"}");
    show(&d, ROW("1", "@ana", "900", "500"));
    merge(&d, &odd);
    assert_true(d.said.confidence == 1);
    assert_non_null(strstr(board_text(d.doc, "notes.0"), "the sheet of 2026-11-19 cannot be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_that_agree_lose_nothing_and_one_alone_is_not_judged),
        cmocka_unit_test(what_overlaps_and_differs_costs_its_share_and_is_named),
        cmocka_unit_test(pictures_that_differ_everywhere_need_a_look),
        cmocka_unit_test(a_person_who_has_decided_ends_the_disagreement),
        cmocka_unit_test(the_first_day_and_a_new_row_are_not_judged),
        cmocka_unit_test(figures_that_go_on_as_they_may_pass),
        cmocka_unit_test(a_total_that_falls_and_a_tenfold_change_are_doubtful_and_never_wrong),
        cmocka_unit_test(what_was_doubtful_then_or_was_corrected_now_is_not_judged),
        cmocka_unit_test(a_sheet_that_cannot_be_read_is_a_note_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
