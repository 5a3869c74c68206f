#include <string.h>

#include "analysis-svc/document.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

static void round_trip(const char *name, const char *fields)
{
    AUTO(extracted_free) struct extracted e;
    AUTO(json_free) struct json *doc = NULL;
    AUTO(str_free) struct str again = STR_INIT(1 << 20);
    struct document d = {.mem = &mem, .x = board_extractor(name)};
    struct err err = ERR_INIT;

    board_extract(name, fields, "ana", &e);
    assert_ok(json_parse(board_document(&e), &doc, &err), err);
    assert_ok(document_read(doc, 7, &d, &err), err);
    document_write(&d, &again);
    assert_string_equal(again.p, board_document(&e).p);
    if (d.row_count > 0)
        assert_int_equal(d.rows[0].snapshot, 7);
}

static void what_was_written_reads_back_to_the_same_bytes(void **state)
{
    (void)state;
    round_trip("leaderboard", "\"title\":\"T\",\"columns\":[\"A\"],\"rows\":[{\"rank\":\"1\","
                              "\"handle\":\"@ana\",\"total_snaps\":\"x\",\"followers\":\"-\"}]");
    round_trip("leaderboard", "");
    round_trip("yapper_profile", "\"twitter_handle\":\"@ana\",\"followers\":\"3.0K\",\"badges\":["
                                 "{\"title\":\"OG\"}],\"connections\":[{\"handle\":\"@Bo\"}]");
}

static void members_may_stand_in_any_order(void **state)
{
    static const char text[] =
        "{\"rows\":[{\"cells\":{\"handle\":{\"value\":\"ana\",\"text\":\"@Ana\"},\"points\":{}},"
        "\"doubtful\":[\"handle\",\"points\",7],\"key\":\"@ana\"}],\"kind\":\"leaderboard\"}";
    AUTO(json_free) struct json *doc = NULL;
    struct document d = {.mem = &mem, .x = board_extractor("leaderboard")};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(json_parse(sv_of(text), &doc, &err), err);
    assert_ok(document_read(doc, 1, &d, &err), err);
    assert_int_equal(d.row_count, 1);
    assert_string_equal(d.rows[0].key, "@ana");
    assert_string_equal(d.rows[0].cells[2].value.word, "ana");
    assert_true(d.rows[0].cells[2].doubtful);
    assert_int_equal(d.rows[0].cells[0].value.type, CELL_ABSENT);
    assert_string_equal(d.page[PAGE_TITLE], "");
}

static void another_kind_is_refused(void **state)
{
    static const char *const wrong[] = {"{\"kind\":\"yapper_profile\",\"rows\":[]}", "{}", "[]",
                                        "{\"kind\":\"leaderboard\",\"rows\":{}}",
                                        "{\"kind\":\"leaderboard\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(json_free) struct json *doc = NULL;
        struct document d = {.mem = &mem, .x = board_extractor("leaderboard")};
        struct err err = ERR_INIT;

        assert_ok(json_parse(sv_of(wrong[i]), &doc, &err), err);
        assert_fails(document_read(doc, 31, &d, &err), err, ERR_UNPROCESSABLE);
        assert_non_null(strstr(err.msg, "snapshot 31"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_reads_back_to_the_same_bytes),
        cmocka_unit_test(members_may_stand_in_any_order),
        cmocka_unit_test(another_kind_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
