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

static struct document one_row(void)
{
    struct document d = {.mem = &mem,
                         .x = board_extractor("leaderboard"),
                         .page = {"cookie.fun", "", "24H", ""},
                         .row_count = 1,
                         .confidence = 0.96};

    d.rows = arena_take(&mem, sizeof(*d.rows));
    d.rows[0].key = "@ana";
    d.rows[0].confidence = 0.97;
    d.rows[0].cells = arena_take(&mem, d.x->field_count * sizeof(struct cell));
    d.rows[0].cells[0].value = (struct value){CELL_NUMBER, "#1", 1, NULL};
    d.rows[0].cells[2].value = (struct value){CELL_WORD, "@Ana", 0, "ana"};
    d.rows[0].cells[3] = (struct cell){.value = {CELL_NULL, "x", 0, NULL}, .doubtful = true};
    return d;
}

static void a_pictures_document_has_the_agreed_form(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 16);
    struct document d = one_row();

    (void)state;
    document_check(&d, "columns", 0.5)->note = "n";
    document_check(&d, "handle", 0.25)->note = "\"@ana\"";
    document_write(&d, &out);
    assert_string_equal(
        out.p,
        "{\"kind\":\"leaderboard\",\"page\":{\"platform\":\"cookie.fun\",\"title\":\"\","
        "\"timeframe\":\"24H\",\"columns\":[]},\"rows\":[{\"key\":\"@ana\",\"confidence\":0.97,"
        "\"notes\":[],\"doubtful\":[\"total_snaps\"],\"cells\":{\"rank\":{\"text\":\"#1\","
        "\"value\":1},\"handle\":{\"text\":\"@Ana\",\"value\":\"ana\"},\"total_snaps\":{\"text\":"
        "\"x\",\"value\":null}}}],\"checks\":[{\"name\":\"columns\",\"ok\":true,\"weight\":0.5,"
        "\"loss\":0,\"note\":\"n\"},{\"name\":\"handle\",\"ok\":true,\"weight\":0.25,\"loss\":0,"
        "\"note\":\"\\\"@ana\\\"\"}],\"confidence\":0.96,\"notes\":[]}");
}

static void a_sheets_cells_say_where_they_come_from(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 16);
    AUTO(json_free) struct json *doc = NULL;
    struct document d = one_row();
    struct cell *c = &d.rows[0].cells[0];
    struct reading readings[2] = {{.value = {CELL_NUMBER, "1", 1, NULL}},
                                  {.value = {CELL_NUMBER, "7", 7, NULL}}};
    struct err err = ERR_INIT;

    (void)state;
    ids_add(&mem, &c->from, INT64_C(9007199254740993));
    ids_add(&mem, &readings[1].from, 5);
    c->dispute = &(struct dispute){.readings = readings, .reading_count = 2};
    document_write(&d, &out);
    assert_non_null(strstr(out.p, "\"from\":[9007199254740993]"));
    assert_ok(json_parse(str_sv(&out), &doc, &err), err);
    assert_true(json_number(board_at(doc, "rows.0.cells.rank.conflict.1.value")) == 7);
    assert_true(json_number(board_at(doc, "rows.0.cells.rank.conflict.1.from.0")) == 5);
    assert_null(board_at(doc, "rows.0.cells.handle.from"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pictures_document_has_the_agreed_form),
        cmocka_unit_test(a_sheets_cells_say_where_they_come_from),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
