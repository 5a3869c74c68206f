/* test_queries.c - what the scheduler asks Postgres again and again stays a short walk along an
 * index in a table of 200 000 jobs, whether the planner sees the parameters or not. Covers: queries
 */
#include "analysis-svc/queries.h"

#include <stdio.h>
#include <string.h>

#include "common/str.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

/* Half of the jobs are over, 80 000 are ready, 20 000 deferred, 500 leased. No triggers and no
 * foreign keys while they are poured in. */
static const char many[] =
    "SET session_replication_role = replica;"
    "INSERT INTO analysis.batches (batch_id, op, body_sha256, item_count)"
    "  SELECT md5(b::text)::uuid, 'extract', '', 400 FROM generate_series(0, 499) AS b;"
    "INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date, timeframe)"
    "  SELECT md5(b::text)::uuid, 'leaderboard', 'cookie.fun', '2026-11-20', '24H'"
    "  FROM generate_series(0, 499) AS b;"
    "INSERT INTO analysis.jobs (batch_id, set_id, extractor, state, finish, image_count, due_at,"
    "    deadline_at, lease_token, lease_until)"
    "  SELECT md5((j % 500)::text)::uuid, md5((j % 500)::text)::uuid, 'leaderboard',"
    "    s.state::analysis.job_state, j, 4,"
    "    now() + (j - 190000) * interval '1 ms', now() + interval '1 h' + j * interval '1 ms',"
    "    CASE WHEN s.state = 'leased' THEN gen_random_uuid() END,"
    "    CASE WHEN s.state = 'leased' THEN now() + interval '1 min' END"
    "  FROM generate_series(1, 200000) AS j, LATERAL (SELECT CASE WHEN j <= 99500 THEN 'done'"
    "    WHEN j <= 100000 THEN 'leased' WHEN j <= 180000 THEN 'ready' ELSE 'deferred' END AS state)"
    "    AS s;"
    "INSERT INTO analysis.queue_clock VALUES (0, 100000);"
    "ANALYZE analysis.jobs, analysis.sheets";

/* What a statement does when it is run: "walks" and how many pages, or "scans" a whole table. */
static const char plan_of[] =
    "CREATE FUNCTION pg_temp.plan_of(mode text, kinds text, sql text, args text) RETURNS text"
    "  LANGUAGE plpgsql AS $f$ DECLARE j json; BEGIN"
    "  PERFORM set_config('plan_cache_mode', mode, true);"
    "  EXECUTE 'PREPARE q' || kinds || ' AS ' || sql;"
    "  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE q' || args INTO j;"
    "  DEALLOCATE q;"
    "  RETURN CASE WHEN j::text ~ '\"Seq Scan\",[^{}]*\"Relation Name\": \"jobs\"' THEN 'scans'"
    "    ELSE ((j -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::int"
    "    + (j -> 0 -> 'Plan' ->> 'Shared Read Blocks')::int)::text END; END $f$;";

static int start(void **state)
{
    (void)state;
    if (!kit_workshop_open())
        return -1;
    kit_pg_sql(many);
    return 0;
}

/* Pages that one run of query q touches; the statement's work is undone. */
static int pages(int q, const char *mode, const char *kinds, const char *args)
{
    AUTO(str_free) struct str sql = STR_INIT(65536);
    const char *said;
    int n = 0;

    str_addf(&sql, "%sSELECT pg_temp.plan_of('force_%s_plan', '%s', $q$%s$q$, '%s')", plan_of, mode,
             kinds, analysis_queries[q].sql, args);
    said = kit_pg_value(sql.p);
    if (sscanf(said, "%d", &n) != 1)
        fail_msg("query %d with a %s plan %s all jobs", q, mode, said);
    return n;
}

static void stays_short(int q, const char *kinds, const char *args, int most)
{
    static const char *const modes[] = {"custom", "generic"};

    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        int n = pages(q, modes[i], kinds, args);

        if (n > most)
            fail_msg("query %d with a %s plan touched %d pages, at most %d are fine", q, modes[i],
                     n, most);
    }
}

static void a_claim_walks_along_the_ready_jobs(void **state)
{
    (void)state;
    stays_short(Q_CLAIM, "(int, bigint, text, int, analysis.job_state[])",
                "(8, 60000, ''kit'', 20, ''{ready}'')", 1200);
}

static void waking_takes_the_first_that_are_due(void **state)
{
    (void)state;
    stays_short(Q_WAKE, "", "", 40000); /* 500 of them change places in every index */
    stays_short(Q_NEXT_DUE, "", "", 200);
}

static void the_reaper_finds_what_is_over_without_looking_at_the_rest(void **state)
{
    (void)state;
    stays_short(Q_REAPER_DUE, "(int, int)", "(20, 200)", 300);
    stays_short(Q_LEASES_EXPIRE, "", "", 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_walks_along_the_ready_jobs),
        cmocka_unit_test(waking_takes_the_first_that_are_due),
        cmocka_unit_test(the_reaper_finds_what_is_over_without_looking_at_the_rest),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
