/* test_sheet_rows.c - a sheet's plain rows as lists, read back by Postgres. What a service makes of
 * them is in test_sheet.c, test_review.c and test_boards.c. */
#include "analysis-svc/sheet_rows.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/edits.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/rules.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static int stop(void **state)
{
    board_close(state);
    return kit_workshop_stop(state);
}

enum { ROWS = 3 };
struct board {
    struct paper *paper;
    int64_t sheet_id;
};

static void board_free(struct board *b) { paper_free(&b->paper); }

static struct cell *cell_of(struct board *b, size_t row, const char *field)
{
    int at = rules_field(b->paper->doc.x, field);

    assert_int_not_equal(at, FIELD_NONE);
    return &b->paper->doc.rows[row].cells[at];
}

static void put(struct board *b, size_t row, const char *field, struct value value, int64_t from)
{
    struct cell *c = cell_of(b, row, field);

    c->value = value;
    ids_add(&b->paper->mem, &c->from, from);
}

#define NUMBER(n) ((struct value){CELL_NUMBER, "as printed", (n), NULL})
#define WORD(w)   ((struct value){CELL_WORD, "as printed", 0, (w)})

static const struct value nothing = {CELL_NULL, "?", 0, NULL};

/* Three rows with a rank and a name each, of pictures 41, 41 and 42. */
static struct board board_new(void)
{
    struct board b = {.paper = paper_new(board_extractor("leaderboard"))};
    struct document *d = &b.paper->doc;

    kit_pg_sql("INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               " timeframe) VALUES (gen_random_uuid(), 'leaderboard', 'cookie.fun', '2026-11-20',"
               " '24H')");
    assert_true(
        sv_int(sv_of(kit_pg_value("SELECT max(sheet_id) FROM analysis.sheets")), &b.sheet_id));
    d->rows = arena_take(&b.paper->mem, ROWS * sizeof *d->rows);
    d->row_count = ROWS;
    for (size_t i = 0; i < ROWS; i++) {
        d->rows[i] = (struct row){
            .key = arena_printf(&b.paper->mem, "@star_%zu", i),
            .confidence = 0.9,
            .cells = arena_take(&b.paper->mem, d->x->field_count * sizeof(struct cell))};
        for (size_t k = 0; k < d->x->field_count; k++)
            d->rows[i].cells[k] = (struct cell){.value = {CELL_ABSENT, "", 0, NULL}};
        put(&b, i, "rank", NUMBER((double)i + 1), i < 2 ? 41 : 42);
        put(&b, i, "display_name", WORD("Star"), i < 2 ? 41 : 42);
    }
    return b;
}

static void write_sheets(const struct board *boards, size_t n)
{
    AUTO(sheet_rows_free) struct sheet_rows r;
    AUTO(db_release) struct db_conn *conn = NULL;
    struct db_param params[1 + ROW_LISTS];
    struct err err = ERR_INIT;

    sheet_rows_init(&r);
    for (size_t i = 0; i < n; i++)
        sheet_rows_add(&r, boards[i].sheet_id, &boards[i].paper->doc);
    params[0] = P(&r.from);
    for (size_t i = 0; i < ROW_LISTS; i++)
        params[1 + i] = P(&r.items[i]);
    assert_true(db_lease(app->db, 1000, &conn, &err));
    if (!db_run(conn, Q_LEADERBOARD_CLEAR, NULL, &err, P(&r.sheets), P(&r.counts)) ||
        !db_exec(conn, Q_LEADERBOARD_WRITE, params, 1 + ROW_LISTS, NULL, &err))
        fail_msg("%s", err.msg);
}

static const char *column(const struct board *b, int row, const char *what)
{
    char sql[512];

    snprintf(
        sql, sizeof sql,
        "SELECT (%s)::text FROM analysis.leaderboard_rows WHERE sheet_id = %lld AND row_no = %d",
        what, (long long)b->sheet_id, row);
    return kit_pg_value(sql);
}

static void numbers_and_words_come_as_they_are(void **state)
{
    AUTO(board_free) struct board b = board_new();

    (void)state;
    put(&b, 0, "handle", WORD("o'\"{,}\\ \xc3\xa9"), 41);
    put(&b, 0, "followers", NUMBER(0.1 + 0.2), 41);
    put(&b, 0, "mindshare_change", NUMBER(-1234567890123.5), 41);
    put(&b, 0, "status", NUMBER(12.5), 41);
    write_sheets(&b, 1);
    assert_string_equal(column(&b, 1, "handle"), "o'\"{,}\\ \xc3\xa9");
    assert_string_equal(column(&b, 1, "followers = 0.1::float8 + 0.2::float8"), "true");
    assert_string_equal(column(&b, 1, "mindshare_change"), "-1234567890123.5");
    assert_string_equal(column(&b, 1, "status"), "12.5");
    assert_string_equal(column(&b, 1, "row_key || ' ' || rank || ' ' || display_name"),
                        "@star_0 1 Star");
    assert_string_equal(column(&b, 1, "confidence"), "0.9");
}

static void a_value_of_the_wrong_kind_is_none(void **state)
{
    AUTO(board_free) struct board b = board_new();

    (void)state;
    cell_of(&b, 0, "rank")->value = WORD("first");
    cell_of(&b, 1, "rank")->value = NUMBER(3e9);
    cell_of(&b, 2, "rank")->value = NUMBER(2.5); /* as Postgres rounds: to the even one */
    put(&b, 0, "followers", WORD("many"), 41);
    put(&b, 1, "followers", nothing, 41);
    put(&b, 2, "handle", nothing, 42);
    write_sheets(&b, 1);
    assert_string_equal(column(&b, 1, "rank IS NULL AND followers IS NULL"), "true");
    assert_string_equal(column(&b, 2, "rank IS NULL AND followers IS NULL"), "true");
    assert_string_equal(column(&b, 3, "rank = 2 AND handle IS NULL"), "true");
}

static void each_column_says_where_it_was_read(void **state)
{
    AUTO(board_free) struct board b = board_new();

    (void)state;
    put(&b, 1, "handle", WORD("star_1"), 41);
    put(&b, 1, "handle", WORD("star_1"), 43);
    write_sheets(&b, 1);
    assert_string_equal(column(&b, 1, "sources"), "{\"rank\": [41], \"display_name\": [41]}");
    assert_string_equal(column(&b, 2, "sources -> 'handle'"), "[41, 43]");
    assert_string_equal(column(&b, 3, "sources"), "{\"rank\": [42], \"display_name\": [42]}");
    assert_string_equal(column(&b, 1, "notes::text || edited::text || doubtful::text"), "[]{}{}");
}

static void sources_are_told_anew_only_where_they_differ(void **state)
{
    AUTO(board_free) struct board b = board_new();
    AUTO(sheet_rows_free) struct sheet_rows r;

    (void)state;
    sheet_rows_init(&r);
    sheet_rows_add(&r, b.sheet_id, &b.paper->doc);
    assert_int_equal(r.from.n, 2);
    put(&b, 1, "display_name", WORD("Star"), 43);
    sheet_rows_add(&r, b.sheet_id, &b.paper->doc);
    assert_int_equal(r.from.n, 2 + 3);
}

static void doubts_notes_and_corrections_are_kept(void **state)
{
    static const struct edit edit = {"@star_0", "followers", "7", "anna", "2026-11-21T10:00:00Z"};
    AUTO(board_free) struct board b = board_new();
    struct cell *c = cell_of(&b, 0, "followers");

    (void)state;
    c->value = NUMBER(7);
    *cell_dispute(c, &b.paper->mem) = (struct dispute){.edit = &edit, .was = NUMBER(5)};
    cell_of(&b, 0, "rank")->doubtful = cell_of(&b, 0, "badge")->doubtful = true;
    notes_add(&b.paper->mem, &b.paper->doc.rows[0].notes, "a \"note\"");
    write_sheets(&b, 1);
    assert_string_equal(column(&b, 1, "doubtful"), "{rank,badge}");
    assert_string_equal(column(&b, 1, "notes"), "[\"a \\\"note\\\"\"]");
    assert_string_equal(column(&b, 1, "edited"),
                        "{\"followers\": {\"at\": \"2026-11-21T10:00:00Z\", \"by\": \"anna\","
                        " \"was\": {\"text\": \"as printed\", \"value\": 5}}}");
    assert_string_equal(column(&b, 1, "sources ? 'followers'"), "false");
}

static void several_sheets_go_together_and_what_is_as_it_was_is_left_alone(void **state)
{
    AUTO(board_free) struct board a = board_new();
    AUTO(board_free) struct board b = board_new();
    struct board both[] = {a, b};
    char first[64], second[64];

    (void)state;
    write_sheets(both, 2);
    snprintf(first, sizeof first, "%s", column(&a, 1, "xmin"));
    snprintf(second, sizeof second, "%s", column(&a, 2, "xmin"));
    assert_string_equal(column(&b, 2, "row_key"), "@star_1");
    a.paper->doc.rows[1].key = "@another";
    a.paper->doc.row_count = 2;
    b.paper->doc.row_count = 0;
    write_sheets(both, 2);
    assert_string_equal(column(&a, 1, "xmin"), first);
    assert_string_not_equal(column(&a, 2, "xmin"), second);
    assert_string_equal(column(&a, 2, "row_key"), "@another");
    assert_string_equal(column(&a, 3, "row_key"), "");
    assert_string_equal(column(&b, 1, "row_key"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_words_come_as_they_are),
        cmocka_unit_test(a_value_of_the_wrong_kind_is_none),
        cmocka_unit_test(each_column_says_where_it_was_read),
        cmocka_unit_test(sources_are_told_anew_only_where_they_differ),
        cmocka_unit_test(doubts_notes_and_corrections_are_kept),
        cmocka_unit_test(several_sheets_go_together_and_what_is_as_it_was_is_left_alone),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
