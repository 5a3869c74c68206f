/*
 * test_sheet.c - pictures of one set that end at the same time, in any order, in threads and in
 * processes: their sheet is the same, and nothing is lost. On a real Postgres.
 */
#include "analysis-svc/sheet.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/board.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

enum { PICTURES = 4, FIRST = 41 };

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

/* One picture on its way, and how its landing went. */
struct worker {
    struct app *app;
    struct flight *flight;
    struct stored done;
    struct err err;
    bool ok;
    pthread_barrier_t *gate;
    int factor; /* of the followers; 0: 1000 */
};

/* Each picture shows the shared star, with other followers, and a row of its own. */
static void answer_of(const struct worker *w, struct str *out)
{
    const struct flight *f = w->flight;
    int id = (int)f->images[0].snapshot_id, factor = w->factor ? w->factor : 1000;

    str_addf(out,
             "{\"results\":[{\"id\":\"%s\",\"platform\":\"cookie.fun\",\"title\":\"\","
             "\"timeframe\":\"24H\",\"columns\":[\"Rank\"],\"rows\":[",
             f->images[0].tag);
    for (int i = 0; i < 2; i++)
        str_addf(out,
                 "%s{\"rank\":\"%d\",\"display_name\":\"\",\"handle\":\"@%s%d\",\"total_snaps\":"
                 "\"\",\"snaps_24h\":\"\",\"snaps_7d\":\"\",\"mindshare_percent\":\"\","
                 "\"mindshare_change\":\"\",\"followers\":\"%d\",\"smart_followers\":\"\","
                 "\"status\":\"\",\"badge\":\"\",\"unsure\":[]}",
                 i ? "," : "", i ? id - FIRST + 2 : 1, i ? "picture_" : "shared_", i ? id : 7,
                 factor * id);
    str_addz(out, "]}]}");
}

static void open_one(const struct worker *w, struct land *l)
{
    struct provider_answer said = {.class = ANSWER_OK,
                                   .text = STR_INIT(1 << 20),
                                   .usage = {.input = 1000, .output = 10},
                                   .retry_after_ms = -1,
                                   .bad_image = -1};

    answer_of(w, &said.text);
    land_open(w->app, w->flight, &said, 0, l);
}

static void land_one(struct worker *w)
{
    AUTO(land_free) struct land l = {.flight = w->flight};

    open_one(w, &l);
    if (w->gate)
        pthread_barrier_wait(w->gate);
    w->ok = land_store(w->app, &l, &w->done, &w->err);
}

static void *work(void *arg)
{
    land_one(arg);
    return NULL;
}

/* Pictures of one set, each in a batch, a job and a call of its own; all claimed. */
static void claim_all(struct worker *workers, size_t n)
{
    kit_workshop_reset();
    for (size_t i = 0; i < n; i++)
        kit_accept(app, kit_batch((int)i + 1, 1, FIRST + (int)i, 1, ""));
    for (size_t i = 0; i < n; i++) {
        workers[i] = (struct worker){.app = app, .flight = kit_claim(app), .err = ERR_INIT};
        assert_non_null(workers[i].flight);
    }
}

static void let_go(struct worker *workers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        flight_free(&workers[i].flight);
}

static void at_once(struct worker *workers, size_t n)
{
    pthread_barrier_t gate;
    pthread_t threads[PICTURES];

    assert_int_equal(pthread_barrier_init(&gate, NULL, (unsigned)n), 0);
    for (size_t i = 0; i < n; i++) {
        workers[i].gate = &gate;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&gate);
}

static void in_order(struct worker *workers, size_t n, size_t first)
{
    for (size_t i = 0; i < n; i++)
        land_one(&workers[(first + i) % n]);
}

static void all_landed(const struct worker *workers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(workers[i].err.msg, "");
        assert_true(workers[i].ok && workers[i].done.fenced);
        assert_int_equal(workers[i].done.images, 1);
    }
}

static const char *sheet_text(void)
{
    return kit_pg_value("SELECT document::text FROM analysis.sheets WHERE NOT dirty");
}

/* Every picture's own row, and the shared one with each picture's figure. */
static void holds_all(size_t n)
{
    AUTO(json_free) struct json *doc = NULL;
    const struct json *rows, *conflict;
    struct err err = ERR_INIT;

    assert_ok(json_parse(sv_of(sheet_text()), &doc, &err), err);
    rows = json_find(doc, "rows");
    assert_int_equal(json_count(rows), n + 1);
    assert_string_equal(board_text(rows, "0.key"), "@shared_7");
    conflict = board_at(rows, "0.cells.followers.conflict");
    assert_int_equal(json_count(conflict), n);
    for (size_t i = 0; i < n; i++) {
        const struct json *own = json_at(rows, i + 1), *c = json_at(conflict, i);
        double id = FIRST + (double)i;

        assert_true(json_number(board_at(own, "cells.followers.value")) == 1000 * id);
        assert_true(json_number(board_at(own, "cells.followers.from.0")) == id);
        assert_true(json_number(json_find(c, "value")) == 1000 * id);
        assert_true(json_number(board_at(c, "from.0")) == id);
    }
    assert_string_equal(kit_pg_value("SELECT count(*) || ' ' || count(DISTINCT sheet_id)"
                                     " FROM analysis.leaderboard_rows"),
                        n == 2 ? "3 1" : "5 1");
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT state || ': ' || fail_note, '')"
                                     " FROM analysis.images"),
                        n == 2
                            ? "doubtful: the sheet's confidence 0.69 is below 0.80; pictures that"
                              " overlap differ in 1 of 1 rows (followers); 1 of 3 rows have"
                              " doubtful fields"
                            : "doubtful: the sheet's confidence 0.69 is below 0.80; pictures that"
                              " overlap differ in 1 of 1 rows (followers); 1 of 5 rows have"
                              " doubtful fields");
    assert_string_equal(kit_pg_value("SELECT bool_and(ended_at IS NOT NULL) FROM analysis.batches"),
                        "t");
}

static void whatever_comes_first_and_however_many_at_once_the_sheet_is_the_same(void **state)
{
    struct worker workers[PICTURES];
    AUTO(str_free) struct str want = STR_INIT(1 << 20);

    (void)state;
    for (size_t round = 0; round < 8; round++) {
        claim_all(workers, PICTURES);
        if (round < PICTURES)
            in_order(workers, PICTURES, round);
        else
            at_once(workers, PICTURES);
        all_landed(workers, PICTURES);
        let_go(workers, PICTURES);
        holds_all(PICTURES);
        if (round == 0)
            str_addz(&want, sheet_text());
        assert_string_equal(sheet_text(), want.p);
    }
}

/* In the child: connections of its own; the parent's are left as they are. */
static int child(struct worker *w, int gate)
{
    struct err err = ERR_INIT;
    char go;

    app->db = NULL;
    if (!db_open(&app->db_conf, &app->db, &err) || read(gate, &go, 1) != 0)
        return 2;
    land_one(w);
    return w->ok && w->done.fenced && w->done.images == 1 ? 0 : 1;
}

static pid_t start_child(struct worker *w, const int gate[2])
{
    pid_t pid = fork();

    if (pid == 0) {
        close(gate[1]);
        _exit(child(w, gate[0]));
    }
    assert_true(pid > 0);
    return pid;
}

static void two_processes_that_finish_at_once_lose_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        struct worker workers[2];
        pid_t pids[2];
        int gate[2], status;

        claim_all(workers, 2);
        assert_int_equal(pipe(gate), 0);
        for (int i = 0; i < 2; i++)
            pids[i] = start_child(&workers[i], gate);
        close(gate[0]);
        close(gate[1]); /* the end of the file lets both go */
        for (int i = 0; i < 2; i++) {
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_int_equal(status, 0);
        }
        let_go(workers, 2);
        holds_all(2);
    }
}

static void land_two(void)
{
    struct worker workers[2];

    claim_all(workers, 2);
    in_order(workers, 2, 0);
    all_landed(workers, 2);
    let_go(workers, 2);
}

/* Which transaction wrote each row, and what is kept beside them. */
static void who_wrote(struct str *out)
{
    str_reset(out);
    str_addz(out,
             kit_pg_value("SELECT string_agg(row_no || ':' || xmin, ' ' ORDER BY row_no) || ' '"
                          " || (SELECT string_agg(revision || ':' || xmin, ' ')"
                          " FROM analysis.boards) FROM analysis.leaderboard_rows"));
}

static void merge_again(void)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    assert_ok(db_lease(app->db, 2000, &conn, &err) && db_begin(conn, &err) &&
                  sheet_merge(conn, &app->extractors, kit_uuid(1), &err) && db_commit(conn, &err),
              err);
}

static void merging_again_changes_nothing(void **state)
{
    struct worker workers[PICTURES];
    AUTO(str_free) struct str wrote = STR_INIT(1 << 16), still = STR_INIT(1 << 16);
    AUTO(str_free) struct str want = STR_INIT(1 << 20);

    (void)state;
    claim_all(workers, PICTURES);
    in_order(workers, PICTURES, 0);
    all_landed(workers, PICTURES);
    let_go(workers, PICTURES);
    str_addz(&want, sheet_text());
    who_wrote(&wrote);
    merge_again();
    assert_string_equal(sheet_text(), want.p);
    who_wrote(&still);
    assert_string_equal(still.p, wrote.p); /* not even the same rows once more */
    holds_all(PICTURES);
}

#define FIELDS_FIT "SELECT fields = analysis.document_fields(document) FROM analysis.sheets"

static void a_sheet_names_the_fields_of_its_rows_whoever_writes_it(void **state)
{
    (void)state;
    land_two();
    assert_string_equal(kit_pg_value("SELECT array_to_string(fields, ' ') FROM analysis.sheets"),
                        "followers handle rank");
    assert_string_equal(kit_pg_value(FIELDS_FIT), "t");
    kit_pg_sql("UPDATE analysis.sheets SET document = jsonb_set(document, '{rows,0,cells,badge}',"
               " '{\"text\": \"\", \"value\": null}')"); /* nobody said its fields */
    assert_string_equal(
        kit_pg_value("SELECT 'badge' = ANY (fields) AND fields = analysis.document_fields(document)"
                     " FROM analysis.sheets"),
        "t");
    merge_again();
    assert_string_equal(kit_pg_value(FIELDS_FIT), "t");
}

static void a_row_that_stands_otherwise_is_written_anew_and_one_too_many_goes(void **state)
{
    (void)state;
    land_two();
    kit_pg_sql("UPDATE analysis.leaderboard_rows SET followers = 1, notes = '[]' WHERE row_no = 2;"
               "INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key)"
               " SELECT sheet_id, 4, '@too_many' FROM analysis.sheets");
    merge_again();
    holds_all(2);
    assert_string_equal(kit_pg_value("SELECT string_agg(row_key || ' ' || followers, ', ' ORDER BY"
                                     " row_no) FROM analysis.leaderboard_rows WHERE row_no > 1"),
                        "@picture_41 41000, @picture_42 42000");
}

static void a_late_picture_joins_a_sheet_that_was_through_and_no_other_is_read_again(void **state)
{
    struct worker workers[2], late = {.app = app, .err = ERR_INIT};

    (void)state;
    claim_all(workers, 2);
    in_order(workers, 2, 0);
    let_go(workers, 2);
    holds_all(2);
    kit_accept(app, kit_batch(3, 1, FIRST + 2, 1, ""));
    late.flight = kit_claim(app);
    assert_non_null(late.flight);
    assert_int_equal(late.flight->n, 1);
    land_one(&late);
    all_landed(&late, 1);
    let_go(&late, 1);
    assert_string_equal(kit_pg_value("SELECT string_agg(row_key, ' ' ORDER BY row_no)"
                                     " FROM analysis.leaderboard_rows"),
                        "@shared_7 @picture_41 @picture_42 @picture_43");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.attempts"), "3");
}

/* ---- from one day to the next ---- */

/* A picture of a set of its own on that day, claimed, with this factor of followers. */
static struct worker on_day(int number, const char *date, int factor)
{
    AUTO(str_free) struct str body = STR_INIT(1 << 16);
    const char *batch = kit_batch(number, number, FIRST + number, 1, "");
    const char *day = strstr(batch, "\"snapshot_date\":\"") + strlen("\"snapshot_date\":\"");
    struct worker w = {.app = app, .err = ERR_INIT, .factor = factor};

    str_addf(&body, "%.*s%s%s", (int)(day - batch), batch, date, day + strlen(date));
    kit_accept(app, body.p);
    w.flight = kit_claim(app);
    assert_non_null(w.flight);
    return w;
}

/* The same, read. */
static void show(int number, const char *date, int factor)
{
    struct worker w = on_day(number, date, factor);

    land_one(&w);
    all_landed(&w, 1);
    let_go(&w, 1);
}

static const char *state_of(int number)
{
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT state FROM analysis.snapshot_status WHERE snapshot_id = %d",
             FIRST + number);
    return kit_pg_value(sql);
}

/* What is dirty is merged, as after its pause. */
static void wait_for_turn(void)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    kit_pg_sql("UPDATE analysis.sheets SET dirty_at = now() - interval '1 hour' WHERE dirty");
    assert_ok(db_lease(app->db, 2000, &conn, &err) && sheets_turn(conn, &app->extractors, &err),
              err);
}

static void a_day_that_does_not_follow_from_the_one_before_needs_a_look(void **state)
{
    (void)state;
    kit_workshop_reset();
    show(1, "2026-11-18", 1);
    assert_string_equal(state_of(1), "extracted"); /* the first day is not judged */
    show(2, "2026-11-20", 9);
    assert_string_equal(state_of(2), "extracted"); /* the newest day before, a week back at most */
    show(3, "2026-11-21", 900);
    assert_string_equal(state_of(3), "doubtful");
    assert_non_null(strstr(kit_pg_value("SELECT fail_note FROM analysis.images"
                                        " ORDER BY snapshot_id DESC LIMIT 1"),
                           "do not follow from 2026-11-20 (followers)"));
    kit_accept(app, kit_review(9, FIRST + 3, "\"action\":\"approve\""));
    assert_string_equal(state_of(3), "validated"); /* a person knows better */
    show(4, "2026-11-22", 950);
    assert_string_equal(state_of(4), "extracted"); /* what was doubtful proves nothing */
    show(5, "2026-11-30", 1);
    assert_string_equal(state_of(5), "extracted");
}

static void a_day_that_comes_late_or_goes_is_weighed_by_the_next(void **state)
{
    (void)state;
    kit_workshop_reset();
    show(1, "2026-11-20", 900);
    assert_string_equal(state_of(1), "extracted");
    show(2, "2026-11-19", 1);
    wait_for_turn();
    assert_string_equal(state_of(1), "doubtful");
    kit_accept(app, kit_batch(9, 2, FIRST + 2, 1, "\"op\":\"forget\","));
    wait_for_turn();
    assert_string_equal(state_of(1), "extracted");
    assert_string_equal(kit_pg_value("SELECT fail_note IS NULL FROM analysis.images"
                                     " ORDER BY snapshot_id LIMIT 1"),
                        "t");
    wait_for_turn(); /* and then there is peace */
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.sheets WHERE dirty"), "0");
}

static void two_days_that_are_merged_together_are_compared_all_the_same(void **state)
{
    struct worker w[2];
    struct land lands[2];
    struct stored done[2];
    struct err err = ERR_INIT;

    (void)state;
    kit_workshop_reset();
    w[0] = on_day(1, "2026-11-20", 1);
    w[1] = on_day(2, "2026-11-21", 900);
    for (int i = 0; i < 2; i++)
        open_one(&w[i], &lands[i]);
    assert_ok(lands_store(app, lands, 2, done, &err), err);
    for (int i = 0; i < 2; i++)
        land_free(&lands[i]);
    let_go(w, 2);
    wait_for_turn();
    assert_string_equal(state_of(1), "extracted");
    assert_string_equal(state_of(2), "doubtful");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_first_and_however_many_at_once_the_sheet_is_the_same),
        cmocka_unit_test(two_processes_that_finish_at_once_lose_nothing),
        cmocka_unit_test(merging_again_changes_nothing),
        cmocka_unit_test(a_sheet_names_the_fields_of_its_rows_whoever_writes_it),
        cmocka_unit_test(a_row_that_stands_otherwise_is_written_anew_and_one_too_many_goes),
        cmocka_unit_test(a_late_picture_joins_a_sheet_that_was_through_and_no_other_is_read_again),
        cmocka_unit_test(a_day_that_does_not_follow_from_the_one_before_needs_a_look),
        cmocka_unit_test(a_day_that_comes_late_or_goes_is_weighed_by_the_next),
        cmocka_unit_test(two_days_that_are_merged_together_are_compared_all_the_same),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
