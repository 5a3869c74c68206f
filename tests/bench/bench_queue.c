/*
 * bench_queue.c - how long a claim of eight jobs takes when a thousand jobs are in the table, and
 * when a million are.
 *
 * A Postgres of its own, as the tests have it. Of the jobs of each size four in ten are ready, two
 * deferred, the rest over; each has one picture. Rounds claim eight, give back what they hold of
 * the provider's limits, and go on; the claimed stay leased. Last line: JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "analysis-svc/claim.h"
#include "common/clock.h"
#include "common/json_write.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

enum { AT_A_TIME = 8, ROUNDS = 45, STEP = 100000, SIZES = 3 };
static const int sizes[SIZES] = {1000, 100000, 1000000};

struct figure {
    double p50_ms, p90_ms;
};

/* Jobs first .. last, in steps that no statement's limit of time reaches. */
static void pour(int first, int last)
{
    char sql[2048];

    snprintf(sql, sizeof sql,
             "SET session_replication_role = replica;"
             "INSERT INTO analysis.jobs (batch_id, set_id, extractor, state, finish, image_count,"
             "    due_at, deadline_at) SELECT md5((j %% 500)::text)::uuid,"
             "    md5((j %% 500)::text)::uuid, 'leaderboard', (CASE WHEN j %% 10 < 4 THEN 'ready'"
             "    WHEN j %% 10 < 6 THEN 'deferred' ELSE 'done' END)::analysis.job_state, j, 1,"
             "    now() + interval '1 h', now() + interval '1 day'"
             "  FROM generate_series(%d, %d) AS j;"
             "INSERT INTO analysis.images (snapshot_id, uuid, batch_id, set_id, job_id, s3_key,"
             "    state) SELECT j, gen_random_uuid(), md5((j %% 500)::text)::uuid,"
             "    md5((j %% 500)::text)::uuid, j, 'k', (CASE WHEN j %% 10 < 6 THEN 'waiting' ELSE"
             "    'extracted' END)::analysis.image_state FROM generate_series(%d, %d) AS j",
             first, last, first, last);
    kit_pg_sql(sql);
}

static void fill(int n)
{
    kit_workshop_reset();
    kit_pg_sql("SET session_replication_role = replica;"
               "INSERT INTO analysis.batches (batch_id, op, body_sha256, item_count)"
               "  SELECT md5(b::text)::uuid, 'extract', '', 1 FROM generate_series(0, 499) AS b;"
               "INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               "    timeframe) SELECT md5(b::text)::uuid, 'leaderboard', 'cookie.fun',"
               "    '2026-11-20', '24H' FROM generate_series(0, 499) AS b");
    for (int first = 1; first <= n; first += STEP)
        pour(first, first + STEP - 1 < n ? first + STEP - 1 : n);
    kit_pg_sql("ANALYZE analysis.jobs");
    kit_pg_sql("ANALYZE analysis.images");
    kit_pg_sql("CHECKPOINT");
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Claim eight; how long it took. */
static double round_ms(struct app *app)
{
    struct flight *list[CLAIM_MAX];
    struct err err = ERR_INIT;
    int64_t began = clock_mono_us(), took;
    size_t n = 0;

    if (!claim_jobs(app, AT_A_TIME, list, &n, &err) || n != AT_A_TIME) {
        fprintf(stderr, "bench_queue: %zu jobs claimed: %s\n", n, err.msg);
        exit(1);
    }
    took = clock_mono_us() - began;
    for (size_t i = 0; i < n; i++) {
        limits_cancel(app->limits, &list[i]->slip);
        flight_free(&list[i]);
    }
    return (double)took / 1000;
}

static struct figure measure(struct app *app, int size)
{
    double took[ROUNDS];

    fill(size);
    round_ms(app); /* statements are prepared */
    round_ms(app);
    for (int i = 0; i < ROUNDS; i++)
        took[i] = round_ms(app);
    qsort(took, ROUNDS, sizeof *took, by_size);
    return (struct figure){took[ROUNDS / 2], took[ROUNDS * 9 / 10]};
}

static void print_json(const struct figure figures[SIZES], double ratio)
{
    AUTO(str_free) struct str out = STR_INIT(16384);
    struct utsname machine;
    struct jw w = jw_on(&out);

    uname(&machine);
    jw_open(&w, '{');
    jw_text(&w, "bench", "queue");
    jw_text(&w, "machine", machine.machine);
    jw_key(&w, "rows");
    jw_open(&w, '[');
    for (int i = 0; i < SIZES; i++) {
        jw_open(&w, '{');
        jw_int(&w, "jobs", sizes[i]);
        jw_num(&w, "claim_p50_ms", figures[i].p50_ms);
        jw_num(&w, "claim_p90_ms", figures[i].p90_ms);
        jw_close(&w);
    }
    jw_close(&w);
    jw_key(&w, "bars");
    jw_open(&w, '[');
    jw_open(&w, '{');
    jw_text(&w, "name", "claim at 1000000 jobs / at 1000");
    jw_num(&w, "value", ratio);
    jw_num(&w, "bar", 1.5);
    jw_text(&w, "better", "lower");
    jw_close(&w);
    jw_close(&w);
    jw_close(&w);
    printf("%s\n", out.p);
}

int main(void)
{
    struct app *app = kit_workshop_open();
    struct figure figures[SIZES];

    if (!app)
        return 1;
    printf("a claim of %d jobs, %d rounds\n  %10s %10s %10s\n", AT_A_TIME, ROUNDS, "jobs", "p50 ms",
           "p90 ms");
    for (int i = 0; i < SIZES; i++) {
        figures[i] = measure(app, sizes[i]);
        printf("  %10d %10.2f %10.2f\n", sizes[i], figures[i].p50_ms, figures[i].p90_ms);
        fflush(stdout);
    }
    kit_workshop_close();
    print_json(figures, figures[SIZES - 1].p50_ms / figures[0].p50_ms);
    return 0;
}
