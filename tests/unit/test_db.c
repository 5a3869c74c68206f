/*
 * test_db.c - the pool, prepared statements, errors by SQLSTATE, LISTEN and migrations, on a real
 * Postgres. Covers: db_rows db_param db_list db_listen migrate
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/db_list.h"
#include "common/migrate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"

enum { Q_ECHO, Q_NONE_DUE, Q_CLAIM, Q_DOUBLE, Q_SLEEP, Q_PID, Q_TEXTS, Q_LISTS, Q_BYTES, Q_COUNT };
static const struct db_query queries[] = {
    [Q_ECHO] = {"echo", "SELECT $1::bigint AS n, $2::text AS t, $3::boolean AS b, $4::float8 AS d",
                DB_ONE, false},
    [Q_NONE_DUE] = {"none_due", "SELECT 1 WHERE false", DB_ONE, false},
    [Q_CLAIM] =
        {"claim",
         "UPDATE job SET taken = taken + 1 WHERE id IN (SELECT id FROM job WHERE taken = 0 LIMIT 3"
         " FOR UPDATE SKIP LOCKED) RETURNING id",
         DB_MANY, false},
    [Q_DOUBLE] = {"double", "INSERT INTO job(id) VALUES (1)", DB_NONE, false},
    [Q_SLEEP] = {"sleep", "SELECT pg_sleep(5)", DB_NONE, false},
    [Q_PID] = {"pid", "SELECT pg_backend_pid() AS pid", DB_ONE, false},
    [Q_TEXTS] = {"texts", "SELECT $1::text || $2::text AS both", DB_ONE, false},
    [Q_LISTS] = {"lists",
                 "SELECT i, n, b, t, j ->> 'k' AS k FROM unnest($1::bigint[], $2::float8[],"
                 " $3::boolean[], $4::text[], $5::jsonb[]) AS l(i, n, b, t, j)",
                 DB_MANY, false},
    [Q_BYTES] = {"bytes", "SELECT $1::text AS text, decode($2::text, 'hex') AS bytes", DB_BYTES,
                 false},
};
static struct db_conf conf = {.app = "test",
                              .connections = 4,
                              .statement_ms = 1000,
                              .queries = queries,
                              .query_count = Q_COUNT};
static struct db *db;

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    conf.url = secret_of(kit_pg_start());
    if (!secret_is_set(conf.url))
        return -1;
    kit_pg_sql("CREATE TABLE job(id int PRIMARY KEY, taken int NOT NULL DEFAULT 0);"
               "INSERT INTO job SELECT g FROM generate_series(1, 200) g;");
    return db_open(&conf, &db, &err) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    db_close(&db);
    kit_pg_stop();
    return 0;
}

static void every_kind_of_value_comes_back_as_it_went(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(
        db_run(conn, Q_ECHO, &rows, &err, P(INT64_MIN), P("it's \"quoted\"; --"), P(true), P(0.1)),
        err);
    assert_true(db_int(rows, 0, "n") == INT64_MIN);
    assert_string_equal(db_text(rows, 0, "t"), "it's \"quoted\"; --");
    assert_true(db_bool(rows, 0, "b"));
    assert_true(db_num(rows, 0, "d") == 0.1);
    assert_ok(db_run(conn, Q_ECHO, &rows, &err, P(1), P((const char *)NULL), P(false), P_NULL),
              err);
    assert_true(db_null(rows, 0, "t") && db_null(rows, 0, "d") && !db_bool(rows, 0, "b"));
}

static void columns_are_found_in_whatever_order_they_are_read(void **state)
{
    static const char *const orders[] = {"ntbd", "dbtn", "nnddttbb", "tdnb"};
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_run(conn, Q_ECHO, &rows, &err, P(7), P("seven"), P(true), P(0.5)), err);
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        for (const char *c = orders[i]; *c; c++) {
            const char name[] = {*c, '\0'};

            assert_string_equal(db_text(rows, 0, name), *c == 'n'   ? "7"
                                                        : *c == 't' ? "seven"
                                                        : *c == 'b' ? "t"
                                                                    : "0.5");
        }
}

static void a_view_without_its_nul_is_passed_whole(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(
        db_run(conn, Q_TEXTS, &rows, &err, P(((struct sv){"abcdef", 3})), P(((struct sv){"", 0}))),
        err);
    assert_string_equal(db_text(rows, 0, "both"), "abc");
}

static void errors_are_told_by_their_sqlstate(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_fails(db_run0(conn, Q_NONE_DUE, NULL, &err), err, ERR_NOT_FOUND);
    assert_fails(db_run0(conn, Q_DOUBLE, NULL, &err), err, ERR_CONFLICT);
    assert_fails(db_run0(conn, Q_SLEEP, NULL, &err), err, ERR_TIMEOUT);
}

static void a_connection_has_the_settings_that_were_asked_for(void **state)
{
    AUTO(db_close) struct db *own = NULL;
    AUTO(db_release) struct db_conn *conn = NULL;
    struct db_conf with = conf;
    struct err err = ERR_INIT;
    char value[16];

    (void)state;
    with.settings = "-c enable_seqscan=off -c random_page_cost=0.5";
    assert_true(db_open(&with, &own, &err));
    assert_true(db_lease(own, 1000, &conn, &err));
    assert_true(db_script_value(conn, "SHOW enable_seqscan", value, sizeof value, &err));
    assert_string_equal(value, "off");
    assert_true(db_script_value(conn, "SHOW random_page_cost", value, sizeof value, &err));
    assert_string_equal(value, "0.5");
    assert_true(db_script_value(conn, "SHOW statement_timeout", value, sizeof value, &err));
    assert_string_equal(value, "1s");
}

static void a_release_rolls_back_what_was_not_committed(void **state)
{
    struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_script(conn, "UPDATE job SET taken = 9", &err), err);
    db_release(&conn);
    assert_string_equal(kit_pg_value("SELECT max(taken) FROM job"), "0");
}

static void *claim_all(void *arg)
{
    struct db_conn *conn = NULL;
    struct db_rows *rows = NULL;
    struct err err = ERR_INIT;
    int64_t *got = arg;
    size_t n;

    do {
        if (!db_lease(db, 5000, &conn, &err) || !db_run0(conn, Q_CLAIM, &rows, &err))
            return NULL;
        n = db_count(rows);
        *got += (int64_t)n;
        db_rows_free(&rows);
        db_release(&conn);
    } while (n > 0);
    return NULL;
}

static void a_transaction_that_does_nothing_costs_nothing(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_commit(conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    db_rollback(conn);
    assert_fails(db_run0(conn, Q_NONE_DUE, NULL, &err), err, ERR_NOT_FOUND); /* still of use */
}

/* BEGIN goes with the first statement: that one's fault is told, and the transaction is spoilt. */
static void a_first_statement_that_fails_ends_its_transaction(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_fails(db_run0(conn, Q_DOUBLE, NULL, &err), err, ERR_CONFLICT);
    err = (struct err)ERR_INIT;
    assert_fails(db_run0(conn, Q_NONE_DUE, NULL, &err), err, ERR_INTERNAL); /* 25P02 */
    err = (struct err)ERR_INIT;
    assert_fails(db_commit(conn, &err), err, ERR_INTERNAL);
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_script(conn, "SELECT 1", &err), err); /* pays for its BEGIN, too */
    assert_ok(db_run(conn, Q_TEXTS, &rows, &err, P("a"), P("b")), err);
    assert_ok(db_commit(conn, &err), err);
}

static void eight_threads_share_four_connections_and_claim_each_job_once(void **state)
{
    pthread_t threads[8];
    int64_t got[8] = {0}, sum = 0;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, claim_all, &got[i]);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        sum += got[i];
    }
    assert_int_equal(sum, 200);
    assert_string_equal(kit_pg_value("SELECT count(*) || '/' || max(taken) FROM job"), "200/1");
}

static void a_pool_that_is_all_taken_says_busy_in_time(void **state)
{
    struct db_conn *conn[4] = {NULL}, *fifth = NULL;
    struct err err = ERR_INIT;
    int64_t from = clock_mono_ms();

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_ok(db_lease(db, 1000, &conn[i], &err), err);
    assert_fails(db_lease(db, 100, &fifth, &err), err, ERR_BUSY);
    assert_in_range(clock_mono_ms() - from, 90, 3000);
    for (size_t i = 0; i < 4; i++)
        db_release(&conn[i]);
}

static void a_connection_that_the_server_ended_is_opened_again(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    (void)state;
    kit_pg_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'");
    clock_sleep_ms(100);
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_run0(conn, Q_PID, &rows, &err), err);
}

static void lose_commit(bool with_steps)
{
    const struct db_step step = {.q = Q_CLAIM};
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;
    char sql[80];

    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_run0(conn, Q_CLAIM, NULL, &err), err); /* it is prepared then */
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_run0(conn, Q_PID, &rows, &err), err);
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%s)", db_text(rows, 0, "pid"));
    kit_pg_sql(sql);
    clock_sleep_ms(100);
    if (with_steps)
        assert_fails(db_commit_all(conn, &step, 1, &err), err, ERR_UNCERTAIN);
    else
        assert_fails(db_commit(conn, &err), err, ERR_UNCERTAIN);
}

static void a_commit_whose_answer_is_lost_is_uncertain(void **state)
{
    (void)state;
    lose_commit(false);
    lose_commit(true);
}

static void a_listener_hears_a_notification_and_nothing_else(void **state)
{
    AUTO(db_listen_close) struct db_listen *l = NULL;
    struct err err = ERR_INIT;
    bool heard = true;

    (void)state;
    assert_ok(db_listen_open(&conf, "analysis_jobs", &l, &err), err);
    assert_ok(db_listen_wait(l, 20, &heard, &err), err);
    assert_false(heard);
    kit_pg_sql("NOTIFY analysis_jobs");
    assert_ok(db_listen_wait(l, 2000, &heard, &err), err);
    assert_true(heard);
}

static void a_migration_is_applied_once_and_may_not_change(void **state)
{
    struct embed_file list[] = {{"0001_a.sql", "CREATE TABLE m.a(x int);", 24},
                                {"0002_b.sql", "CREATE TABLE m.b(x int);", 24}};
    struct err err = ERR_INIT;
    int applied = -1;

    (void)state;
    kit_pg_sql("CREATE SCHEMA m");
    assert_ok(migrate_run(db, "m", list, 1, &applied, &err), err);
    assert_int_equal(applied, 1);
    assert_ok(migrate_run(db, "m", list, 2, &applied, &err), err);
    assert_int_equal(applied, 1);
    assert_fails(migrate_run(db, "m", list, 1, &applied, &err), err, ERR_CONFLICT);
    list[0].bytes = "CREATE TABLE m.c(x int);";
    assert_fails(migrate_run(db, "m", list, 2, &applied, &err), err, ERR_CONFLICT);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    const struct embed_file list[] = {
        {"0001_a.sql", "CREATE TABLE n.a(x int); CREATE TABLE n.a(x int);", 48}};
    struct err err = ERR_INIT;
    int applied = 0;

    (void)state;
    kit_pg_sql("CREATE SCHEMA n");
    assert_false(migrate_run(db, "n", list, 1, &applied, &err));
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM pg_tables WHERE schemaname = 'n' AND tablename = 'a'"),
        "0");
}

/* A list of each kind, which Q_LISTS makes rows of. */
struct lists {
    struct db_list i, n, b, t, j;
};
#define LISTS                                                                                      \
    {                                                                                              \
        DB_LIST(INT), DB_LIST(NUM), DB_LIST(BOOL), DB_LIST(TEXT), DB_LIST(JSON)                    \
    }

static void lists_free(struct lists *l)
{
    db_list_free(&l->i);
    db_list_free(&l->n);
    db_list_free(&l->b);
    db_list_free(&l->t);
    db_list_free(&l->j);
}

static bool rows_of(struct db_conn *conn, struct lists *l, struct db_rows **rows, struct err *err)
{
    return db_run(conn, Q_LISTS, rows, err, P(&l->i), P(&l->n), P(&l->b), P(&l->t), P(&l->j));
}

static void lists_become_rows_with_their_nulls_and_quotes(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(lists_free) struct lists l = LISTS;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(rows_of(conn, &l, &rows, &err), err);
    assert_int_equal(db_count(rows), 0);
    db_list_int(&l.i, -7000000000);
    db_list_int(&l.i, 2);
    db_list_num(&l.n, 1.25);
    db_list_num(&l.n, INFINITY);
    db_list_bool(&l.b, true);
    db_list_bool(&l.b, false);
    db_list_text(&l.t, "a \"quoted\", {braced} \\ text");
    db_list_text(&l.t, NULL);
    db_list_text(&l.j, "{\"k\":\"v\"}");
    db_list_sv(&l.j, SV_LIT("[]"));
    assert_ok(rows_of(conn, &l, &rows, &err), err);
    assert_int_equal(db_count(rows), 2);
    assert_int_equal(db_int(rows, 0, "i"), -7000000000);
    assert_true(db_num(rows, 0, "n") == 1.25);
    assert_true(db_bool(rows, 0, "b"));
    assert_string_equal(db_text(rows, 0, "t"), "a \"quoted\", {braced} \\ text");
    assert_string_equal(db_text(rows, 0, "k"), "v");
    assert_int_equal(db_int(rows, 1, "i"), 2);
    assert_true(db_null(rows, 1, "n"));
    assert_true(db_null(rows, 1, "t"));
    assert_true(db_null(rows, 1, "k"));
}

static void a_text_may_be_written_straight_into_a_list(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(lists_free) struct lists l = LISTS;
    struct err err = ERR_INIT;
    struct str *to;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    to = db_list_open(&l.t);
    for (int k = 0; k < 1000; k++)
        str_addz(to, "long ");
    db_list_shut(&l.t);
    (void)db_list_open(&l.t);
    db_list_shut(&l.t);
    db_list_text(&l.t, "last");
    for (int k = 0; k < 3; k++)
        db_list_int(&l.i, k);
    assert_ok(rows_of(conn, &l, &rows, &err), err);
    assert_int_equal(db_count(rows), 3);
    assert_int_equal(db_sv(rows, 0, "t").n, 5000);
    assert_string_equal(db_text(rows, 0, "t") + 4990, "long long ");
    assert_string_equal(db_text(rows, 1, "t"), "");
    assert_string_equal(db_text(rows, 2, "t"), "last");
}

static void several_statements_in_one_trip_answer_in_their_order(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *one = NULL;
    AUTO(db_rows_free) struct db_rows *two = NULL;
    struct err err = ERR_INIT;
    const struct db_step steps[] = {DB_STEP(Q_TEXTS, &one, P("a"), P("b")),
                                    DB_STEP(Q_TEXTS, &two, P("c"), P("d"))};

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_run_all(conn, steps, 2, &err), err);
    assert_string_equal(db_text(one, 0, "both"), "ab");
    assert_string_equal(db_text(two, 0, "both"), "cd");
    assert_ok(db_commit(conn, &err), err);
}

static void the_first_that_fails_ends_the_trip_and_the_transaction(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *after = NULL;
    struct err err = ERR_INIT;
    const struct db_step steps[] = {
        {.q = Q_CLAIM}, {.q = Q_DOUBLE}, DB_STEP(Q_TEXTS, &after, P("c"), P("d"))};

    (void)state;
    kit_pg_sql("UPDATE job SET taken = 0");
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_false(db_run_all(conn, steps, 3, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_null(after);
    db_release(&conn);
    err = (struct err)ERR_INIT;
    assert_string_equal(kit_pg_value("SELECT max(taken) FROM job"), "0");
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_run(conn, Q_TEXTS, &after, &err, P("in "), P("step")), err);
    assert_string_equal(db_text(after, 0, "both"), "in step");
}

static void a_commit_in_the_last_trip_holds_or_nothing_does(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;
    const struct db_step steps[] = {{.q = Q_CLAIM}, {.q = Q_DOUBLE}};

    (void)state;
    kit_pg_sql("UPDATE job SET taken = 0");
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_fails(db_commit_all(conn, steps, 2, &err), err, ERR_CONFLICT);
    db_release(&conn);
    assert_string_equal(kit_pg_value("SELECT max(taken) FROM job"), "0");
    err = (struct err)ERR_INIT;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_commit_all(conn, steps, 1, &err), err);
    assert_string_equal(kit_pg_value("SELECT sum(taken) FROM job"), "3");
    db_release(&conn); /* takes nothing back */
    assert_string_equal(kit_pg_value("SELECT sum(taken) FROM job"), "3");
}

static void bytes_come_as_they_are(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(db_lease(db, 1000, &conn, &err), err);
    for (int begun = 0; begun < 2; begun++) {
        assert_true(!begun || db_begin(conn, &err));
        assert_ok(db_run(conn, Q_BYTES, &rows, &err, P("\xc3\xa9"), P("5c00ff78")), err);
        assert_string_equal(db_text(rows, 0, "text"), "\xc3\xa9");
        assert_true(sv_eq(db_sv(rows, 0, "bytes"), (struct sv){"\\\0\xffx", 4}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_comes_back_as_it_went),
        cmocka_unit_test(columns_are_found_in_whatever_order_they_are_read),
        cmocka_unit_test(a_view_without_its_nul_is_passed_whole),
        cmocka_unit_test(errors_are_told_by_their_sqlstate),
        cmocka_unit_test(a_connection_has_the_settings_that_were_asked_for),
        cmocka_unit_test(a_release_rolls_back_what_was_not_committed),
        cmocka_unit_test(a_transaction_that_does_nothing_costs_nothing),
        cmocka_unit_test(a_first_statement_that_fails_ends_its_transaction),
        cmocka_unit_test(eight_threads_share_four_connections_and_claim_each_job_once),
        cmocka_unit_test(a_pool_that_is_all_taken_says_busy_in_time),
        cmocka_unit_test(a_connection_that_the_server_ended_is_opened_again),
        cmocka_unit_test(a_commit_whose_answer_is_lost_is_uncertain),
        cmocka_unit_test(a_listener_hears_a_notification_and_nothing_else),
        cmocka_unit_test(a_migration_is_applied_once_and_may_not_change),
        cmocka_unit_test(a_migration_that_fails_leaves_nothing),
        cmocka_unit_test(lists_become_rows_with_their_nulls_and_quotes),
        cmocka_unit_test(a_text_may_be_written_straight_into_a_list),
        cmocka_unit_test(several_statements_in_one_trip_answer_in_their_order),
        cmocka_unit_test(the_first_that_fails_ends_the_trip_and_the_transaction),
        cmocka_unit_test(a_commit_in_the_last_trip_holds_or_nothing_does),
        cmocka_unit_test(bytes_come_as_they_are),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
