/*
 * test_boards.c - what the analysis keeps beside its leaderboards, and what upload-svc makes of it,
 * against the slow truth: the same answer computed from all rows.
 * Covers: intelligence leaderboard
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/app.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    if (!app)
        return -1;
    kit_schema_analysis();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    kit_pg_sql("TRUNCATE analysis.sheets RESTART IDENTITY CASCADE");
    return 0;
}

/* ---- the slow truth ---- */

/* A campaign's day is its newest sheet; l: its rows beside those of the day before that has one. */
#define TRUTH                                                                                      \
    "WITH shown AS MATERIALIZED (SELECT s.* FROM analysis.sheets s WHERE s.document IS NOT NULL"   \
    "  AND s.extractor = 'leaderboard' AND NOT EXISTS (SELECT FROM analysis.sheets t"              \
    "   WHERE t.document IS NOT NULL AND t.extractor = 'leaderboard'"                              \
    "   AND t.platform_source = s.platform_source AND t.snapshot_date = s.snapshot_date"           \
    "   AND t.campaign_id IS NOT DISTINCT FROM s.campaign_id"                                      \
    "   AND (t.updated_at, t.sheet_id) > (s.updated_at, s.sheet_id))),"                            \
    " pairs AS MATERIALIZED (SELECT n.*, (SELECT b.sheet_id FROM shown b"                          \
    "   WHERE b.platform_source = n.platform_source AND b.snapshot_date < n.snapshot_date"         \
    "   AND b.campaign_id IS NOT DISTINCT FROM n.campaign_id"                                      \
    "   ORDER BY b.snapshot_date DESC LIMIT 1) AS before FROM shown n),"                           \
    " l AS MATERIALIZED (SELECT p.snapshot_date, p.platform_source, p.campaign_id,"                \
    "   p.campaign_title, p.before, r.*, b.row_key IS NOT NULL AS known, b.rank AS was"            \
    "   FROM pairs p JOIN analysis.leaderboard_rows r USING (sheet_id)"                            \
    "   LEFT JOIN analysis.leaderboard_rows b ON b.sheet_id = p.before"                            \
    "   AND b.row_key = r.row_key)"

#define PERSON                                                                                     \
    "'handle', handle, 'displayName', display_name, 'campaignId', campaign_id, 'rank', rank"
#define OF_DAY " FROM l WHERE l.platform_source = d.platform_source AND l.snapshot_date = d.day"
#define LIST(object, where, order, most)                                                           \
    "COALESCE((SELECT jsonb_agg(o ORDER BY place) FROM (SELECT jsonb_build_object(" object         \
    ") AS o, row_number() OVER (ORDER BY " order                                                   \
    ", campaign_id, sheet_id, row_no) AS place" OF_DAY " AND " where ") AS t WHERE place <= " most \
    "), '[]')"

static const char intelligence[] = TRUTH
    " SELECT jsonb_build_object('success', true, 'platformSource', '%s', 'days', 8,"
    " 'intelligence', COALESCE(jsonb_agg(jsonb_build_object('date', day, 'trendingTopicsCount',"
    "  NULL, 'algorithmConfidence', confidence, 'insights', '[]'::jsonb, 'recommendations',"
    "  '[]'::jsonb, 'totals', (SELECT jsonb_build_object('campaigns', count(DISTINCT campaign_id),"
    "   'rows', count(*), 'people', count(DISTINCT row_key), 'totalSnaps', sum(total_snaps),"
    "   'mindsharePercent', sum(mindshare_percent))" OF_DAY "),"
    "  'topPerformers', " LIST(
        PERSON ", 'campaignTitle', campaign_title, 'totalSnaps', total_snaps,"
               " 'mindsharePercent', mindshare_percent",
        "rank IS NOT NULL", "rank",
        "10") ", 'movers', " LIST(PERSON ", 'rankBefore', was, 'change', was - rank", "rank <> was",
                                  "abs(was - rank) DESC, rank",
                                  "10") ", 'newEntrants', " LIST(PERSON,
                                                                 "before IS NOT NULL AND NOT known",
                                                                 "rank",
                                                                 "100000") ") ORDER BY day DESC), "
                                                                           "'[]')) FROM (SELECT "
                                                                           "platform_source, "
                                                                           "snapshot_date AS day,"
                                                                           "   avg(confidence) AS "
                                                                           "confidence FROM shown "
                                                                           "WHERE platform_source "
                                                                           "= '%s'"
                                                                           "   AND snapshot_date > "
                                                                           "current_date - 8 GROUP "
                                                                           "BY 1, 2) AS d";

static const char top[] =
    TRUTH " SELECT jsonb_build_object('success', true, 'metric', '%s', 'snapshotDate',"
          " current_date - %d, 'rows', COALESCE((SELECT jsonb_agg(o ORDER BY place) FROM (SELECT"
          "  jsonb_build_object('value', %s, 'handle', handle, 'displayName', display_name,"
          "   'campaignId', campaign_id, 'campaignTitle', campaign_title, 'platformSource',"
          "   platform_source, 'rank', rank, 'doubtful', doubtful) AS o, row_number() OVER"
          "   (ORDER BY %s DESC, row_no, campaign_id, sheet_id) AS place"
          "  FROM l WHERE snapshot_date = current_date - %d AND %s IS NOT NULL) AS t"
          " WHERE place <= %d), '[]'))";

/* What the door answers is what this SQL gives. */
static void same(const char *path, const char *truth)
{
    static char sql[1 << 20];
    const char *answer = kit_get(path);

    if (snprintf(sql, sizeof sql, "SELECT $answer$%s$answer$::jsonb = (%s)", answer, truth) >=
        (int)sizeof sql)
        fail_msg("the answer is too long for this test");
    if (strcmp(kit_pg_value(sql), "t") != 0)
        fail_msg("%s: %s\ninstead of %s", path, answer, kit_pg_value(truth));
}

static void all_is_as_the_rows_say(void)
{
    static const char *const platforms[] = {"cookie.fun", "arbus"};
    static const char *const metrics[][2] = {{"totalSnaps", "total_snaps"},
                                             {"followers", "followers"},
                                             {"mindshareChange", "mindshare_change"}};
    static const int limits[] = {1, 7, 16, 40, 90, 200};
    char truth[16000], path[200];

    for (size_t i = 0; i < COUNT_OF(platforms); i++) {
        snprintf(truth, sizeof truth, intelligence, platforms[i], platforms[i]);
        snprintf(path, sizeof path, "/api/admin/snapshots/intelligence/%s?days=8", platforms[i]);
        same(path, truth);
    }
    for (int i = 0; i < 6; i++) {
        const char *const *m = metrics[i % 3];

        snprintf(truth, sizeof truth, top, m[0], i, m[1], m[1], i, m[1], limits[i]);
        snprintf(path, sizeof path, "/api/top/%s?limit=%d&date=%s", m[0], limits[i],
                 (snprintf(truth + 15000, 100, "SELECT current_date - %d", i),
                  kit_pg_value(truth + 15000)));
        same(path, truth);
    }
}

/* ---- sheets as they come and change ---- */

/* Every way in which the service, or somebody at psql, changes a sheet; by chance. */
static void make_a_world(void)
{
    kit_pg_sql(
        "CREATE OR REPLACE FUNCTION public.rows_for(id bigint) RETURNS void LANGUAGE sql AS $$"
        " INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key, rank, handle,"
        "  display_name, total_snaps, followers, mindshare_percent, mindshare_change, doubtful)"
        " SELECT id, r, '@p' || n, CASE WHEN n % 11 > 0 THEN r END, 'p' || n, 'P ' || n,"
        "  CASE WHEN n % 7 > 0 THEN floor(random() * 20) END, n % 5, 0.5,"
        "  CASE WHEN id % 3 = 0 THEN n - 20 END, CASE WHEN n % 4 = 0 THEN '{rank}'::text[] ELSE"
        "  '{}' END FROM (SELECT n, row_number() OVER (ORDER BY random()) AS r"
        "  FROM generate_series(1, 40) AS n WHERE random() < 0.6) AS p $$;"
        "CREATE OR REPLACE FUNCTION public.step() RETURNS void LANGUAGE plpgsql AS $$"
        " DECLARE what int := floor(random() * 8); id bigint := (SELECT sheet_id FROM"
        "   analysis.sheets ORDER BY random() LIMIT 1); BEGIN"
        " IF id IS NULL OR what < 2 THEN"
        "  INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
        "   timeframe, campaign_id, campaign_title, confidence, document) SELECT gen_random_uuid(),"
        "   'leaderboard', (ARRAY['cookie.fun', 'arbus'])[1 + floor(random() * 2)::int],"
        "   current_date - floor(random() * 12)::int, '24H', nullif(floor(random() * 4)::int, 0),"
        "   'a title', 0.75, '{}' RETURNING sheet_id INTO id;"
        "  PERFORM public.rows_for(id);"
        " ELSIF what < 4 THEN" /* merged again */
        "  UPDATE analysis.sheets SET document = '{}', updated_at = CASE WHEN random() < 0.5 THEN"
        "   now() ELSE clock_timestamp() END WHERE sheet_id = id;"
        "  DELETE FROM analysis.leaderboard_rows WHERE sheet_id = id; PERFORM public.rows_for(id);"
        " ELSIF what = 4 THEN" /* forgotten */
        "  UPDATE analysis.sheets SET document = NULL WHERE sheet_id = id;"
        "  DELETE FROM analysis.leaderboard_rows WHERE sheet_id = id;"
        " ELSIF what = 5 THEN"
        "  UPDATE analysis.leaderboard_rows SET rank = rank + 3, total_snaps = 99"
        "   WHERE sheet_id = id AND random() < 0.2;"
        " ELSIF what = 6 THEN"
        "  DELETE FROM analysis.leaderboard_rows WHERE random() < 0.05;"
        " ELSIF random() < 0.3 THEN DELETE FROM analysis.sheets WHERE sheet_id = id;"
        " END IF; END $$");
}

static void after_any_change_all_is_as_the_rows_say(void **state)
{
    (void)state;
    make_a_world();
    kit_pg_sql("SELECT setseed(0.25)");
    for (int round = 0; round < 12; round++) {
        kit_pg_sql(round % 2 ? "SELECT public.step() FROM generate_series(1, 9)"
                             : "SELECT public.step(); SELECT public.step(); SELECT public.step()");
        all_is_as_the_rows_say();
    }
}

/* What was compared once is kept: it is only asked anew where that cannot be seen. */
static void a_change_of_yesterday_brings_the_comparison_of_today_up_to_date(void **state)
{
    (void)state;
    make_a_world();
    kit_pg_sql("INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               " timeframe, campaign_id, confidence, document) SELECT gen_random_uuid(),"
               " 'leaderboard', 'arbus', current_date - d, '24H', 1, 1, '{}'"
               " FROM generate_series(0, 4) AS d; SELECT public.rows_for(sheet_id)"
               " FROM (SELECT sheet_id FROM analysis.sheets ORDER BY random()) AS s");
    kit_pg_sql("UPDATE analysis.leaderboard_rows SET rank = 41 - rank WHERE sheet_id = 3");
    assert_string_equal(kit_pg_value("SELECT bool_and(stands) FROM analysis.board_change"), "t");
    kit_pg_sql("UPDATE analysis.sheets SET document = NULL WHERE sheet_id = 2;"
               "DELETE FROM analysis.leaderboard_rows WHERE sheet_id = 2");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.board_change"
                                     " JOIN analysis.board USING (sheet_id) WHERE stands"),
                        "4");
    all_is_as_the_rows_say();
}

/* A sheet's rows in a transaction that is still open. */
static void store(struct db *db, int sheet, struct db_conn **conn)
{
    struct err err = ERR_INIT;
    char sql[200];

    snprintf(sql, sizeof sql,
             "UPDATE analysis.sheets SET document = '{}' WHERE sheet_id = %d;"
             "DO $$ BEGIN PERFORM public.rows_for(%d); END $$",
             sheet, sheet);
    assert_ok(db_lease(db, 1000, conn, &err) && db_begin(*conn, &err) &&
                  db_script(*conn, sql, &err),
              err);
}

/* Neither sees the other's rows, and neither waits. */
static void two_days_stored_at_once_are_compared_all_the_same(void **state)
{
    const struct db_conf conf = {.url = secret_of(kit_pg_url("analysis_svc")),
                                 .app = "kit",
                                 .connections = 2,
                                 .statement_ms = 5000};
    AUTO(db_close) struct db *db = NULL;
    AUTO(db_release) struct db_conn *today = NULL, *yesterday = NULL;
    struct err err = ERR_INIT;

    (void)state;
    make_a_world();
    kit_pg_sql("GRANT EXECUTE ON FUNCTION public.rows_for TO analysis_svc;"
               "GRANT USAGE ON SCHEMA public TO analysis_svc;"
               "INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               " timeframe, campaign_id, confidence) SELECT gen_random_uuid(), 'leaderboard',"
               " 'arbus', current_date - d, '24H', 1, 1 FROM generate_series(0, 1) AS d");
    assert_ok(db_open(&conf, &db, &err), err);
    store(db, 1, &today);
    store(db, 2, &yesterday);
    assert_ok(db_commit(yesterday, &err) && db_commit(today, &err), err);
    assert_string_equal(kit_pg_value("SELECT stands FROM analysis.board_change WHERE sheet_id = 1"),
                        "f");
    all_is_as_the_rows_say();
}

static void rows_of_before_the_boards_are_taken_in(void **state)
{
    (void)state;
    make_a_world();
    kit_pg_sql("SET session_replication_role = replica; SELECT public.step()"
               " FROM generate_series(1, 60)"); /* no trigger sees it */
    kit_pg_sql("TRUNCATE analysis.boards, analysis.board_bests;"
               "SELECT analysis.board_write(sheet_id) FROM analysis.sheets");
    all_is_as_the_rows_say();
}

static int whole_tables_read(void)
{
    kit_pg_sql("SELECT pg_stat_force_next_flush()");
    return atoi(kit_pg_value("SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE schemaname ="
                             " 'analysis' AND relname IN ('boards', 'board_bests',"
                             " 'leaderboard_rows')"));
}

/* Plans are made once a session: what looks cheapest on a table of a page must not stay. */
static void a_young_tables_plans_serve_it_when_it_has_grown(void **state)
{
    static const char *const tables[] = {"boards", "board_bests", "leaderboard_rows"};
    char sql[100];
    int before;

    (void)state;
    make_a_world();
    kit_pg_sql("INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               " timeframe, campaign_id, confidence, document) SELECT gen_random_uuid(),"
               " 'leaderboard', 'arbus', current_date - d, '24H', 1, 1, '{}'"
               " FROM generate_series(0, 1) AS d; SELECT public.rows_for(sheet_id)"
               " FROM analysis.sheets");
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        snprintf(sql, sizeof sql, "VACUUM ANALYZE analysis.%s", tables[i]);
        kit_pg_sql(sql);
    }
    before = whole_tables_read();
    kit_pg_sql("SELECT analysis.board_write(sheet_id) FROM analysis.sheets,"
               " generate_series(1, 9)");
    assert_int_equal(whole_tables_read(), before);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(after_any_change_all_is_as_the_rows_say),
        T(a_change_of_yesterday_brings_the_comparison_of_today_up_to_date),
        T(two_days_stored_at_once_are_compared_all_the_same),
        T(rows_of_before_the_boards_are_taken_in),
        T(a_young_tables_plans_serve_it_when_it_has_grown),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
