/* test_replica.c - a row that lives as long as its process; on a real Postgres. */
#include "analysis-svc/replica.h"

#include "analysis-svc/metrics.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

#define LIVE                                                                                       \
    "SELECT string_agg(id, ',' ORDER BY id) FROM analysis.replicas WHERE lives_until > now()"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static int fresh(void **state)
{
    (void)state;
    kit_workshop_reset();
    app->conf.heartbeat = 3600 * 1000;
    app->conf.lease_time = 60000;
    return 0;
}

static struct replica *born(void)
{
    struct replica *r = NULL;
    struct err err = ERR_INIT;

    assert_ok(replica_open(app, &r, &err), err);
    return r;
}

static void a_replica_is_there_from_its_opening_to_its_close(void **state)
{
    struct replica *r = born(), *none = NULL;

    (void)state;
    assert_string_equal(kit_pg_value(LIVE), "kit");
    assert_int_equal(metric_value(M_REPLICAS, 0), 1);
    replica_close(&r);
    assert_null(r);
    assert_string_equal(kit_pg_value(LIVE), "");
    replica_close(&none);
}

static void it_says_what_it_reads_and_whom_it_asks(void **state)
{
    struct replica *r = born();

    (void)state;
    assert_string_equal(
        kit_pg_value("SELECT string_agg(kind || ' ' || (document ->> 'name') || ' ' || replicas,"
                     " ', ' ORDER BY kind, place) FROM analysis.capabilities"),
        "extractor leaderboard 1, extractor token_table 1, extractor yapper_profile 1, provider "
        "openai 1, provider anthropic 1");
    assert_string_equal(kit_pg_value("SELECT string_agg(document ->> 'needsHandle', ' ' ORDER BY"
                                     " place) FROM analysis.capabilities WHERE kind = 'extractor'"),
                        "false false true");
    assert_string_equal(
        kit_pg_value("SELECT providers::text FROM analysis.replicas"),
        "[{\"api\": \"responses\", \"name\": \"openai\", \"model\": \"reader-1\"},"
        " {\"api\": \"messages\", \"name\": \"anthropic\", \"model\": \"reader-2\"}]");
    assert_string_equal(
        kit_pg_value("SELECT string_agg((c ->> 'name') || ' ' || (c ->> 'kind') ||"
                     " coalesce(' ' || (c ->> 'period'), ''), ', ')"
                     " FROM analysis.replicas, jsonb_array_elements(extractors -> 0 -> 'columns') c"
                     " WHERE c ->> 'name' LIKE '%snaps%'"),
        "total_snaps number, snaps_24h number 24H, snaps_7d number 7D");
    assert_string_equal(kit_pg_value("SELECT l -> 'columns' -> 0 ->> 'name' FROM analysis.replicas,"
                                     " jsonb_array_elements(extractors -> 2 -> 'lists') l"
                                     " WHERE l ->> 'name' = 'badges'"),
                        "title");
    assert_string_equal(kit_pg_value("SELECT string_agg(document ->> 'platforms', ' ' ORDER BY"
                                     " place) FROM analysis.capabilities WHERE kind = 'extractor'"),
                        "[\"*\"] [\"*\"] [\"*\"]");
    replica_close(&r);
}

static void the_same_of_several_replicas_is_told_once(void **state)
{
    struct replica *r = born();

    (void)state;
    kit_pg_sql("INSERT INTO analysis.replicas SELECT 'second', started_at, beat_at, lives_until,"
               " extractors, '[{\"name\": \"openai\", \"model\": \"reader-3\"}]'"
               " FROM analysis.replicas");
    assert_string_equal(
        kit_pg_value("SELECT string_agg((document ->> 'name') || coalesce(' ' || (document ->>"
                     " 'model'), '') || ' ' || replicas, ', ' ORDER BY kind, place,"
                     " document ->> 'model') FROM analysis.capabilities"),
        "leaderboard 2, token_table 2, yapper_profile 2, openai reader-1 1, openai reader-3 1, "
        "anthropic reader-2 1");
    replica_close(&r);
}

static void one_that_is_silent_for_a_lease_counts_no_more_until_it_speaks_again(void **state)
{
    AUTO(replica_close) struct replica *r = NULL;

    (void)state;
    app->conf.heartbeat = 100;
    r = born();
    kit_pg_sql("UPDATE analysis.replicas SET lives_until = now() - interval '1 ms',"
               " started_at = 'epoch'");
    assert_true(kit_until("SELECT lives_until > now() AND started_at = 'epoch'"
                          " FROM analysis.replicas",
                          5000));
}

static void the_dead_are_counted_out_and_forgotten_after_a_day(void **state)
{
    AUTO(replica_close) struct replica *r = NULL;

    (void)state;
    kit_pg_sql("INSERT INTO analysis.replicas VALUES"
               " ('alive', now(), now(), now() + interval '1 min', '[]', '[]'),"
               " ('late', now(), now(), now() - interval '1 s', '[]', '[]'),"
               " ('old', now(), now(), now() - interval '25 h', '[]', '[]')");
    r = born();
    assert_int_equal(metric_value(M_REPLICAS, 0), 2);
    assert_string_equal(kit_pg_value(LIVE), "alive,kit");
    assert_string_equal(kit_pg_value("SELECT string_agg(id, ',' ORDER BY id) FROM"
                                     " analysis.replicas"),
                        "alive,kit,late");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(a_replica_is_there_from_its_opening_to_its_close),
        T(it_says_what_it_reads_and_whom_it_asks),
        T(the_same_of_several_replicas_is_told_once),
        T(one_that_is_silent_for_a_lease_counts_no_more_until_it_speaks_again),
        T(the_dead_are_counted_out_and_forgotten_after_a_day),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
