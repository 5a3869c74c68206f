/* test_claim.c - leases: never two for one job, fresh tokens, heartbeats, giving back; on a real
 * Postgres. Covers: births */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/reaper.h"
#include "common/clock.h"
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

static void forget_flights(struct flight **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        flight_free(&list[i]);
}

static void a_claim_brings_the_job_its_pictures_and_what_the_form_said(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;

    (void)state;
    f = kit_claim_of(app, 3);
    assert_non_null(f);
    assert_int_equal(f->n, 3);
    assert_int_equal(f->asked, 3);
    assert_int_equal(f->images[0].snapshot_id, 41);
    assert_string_equal(f->images[2].key, KIT_DEPLOYMENT "/snapshots/2026-11-20/43.png");
    assert_string_equal(f->want.platform, "cookie.fun");
    assert_string_equal(f->want.campaign, "Moonlit Harbor");
    assert_int_equal(f->deliveries, 1);
    assert_true(f->left_ms > 86000000 && f->left_ms <= 86400000);
    assert_string_not_equal(f->images[0].tag, f->images[1].tag);
}

static void the_call_is_in_the_books_before_it_is_made(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;

    (void)state;
    f = kit_claim_of(app, 2);
    assert_string_equal(kit_pg_value("SELECT provider || ' ' || model || ' ' || transport || ' ' ||"
                                     " (class IS NULL) FROM analysis.attempts"),
                        "openai reader-1 url true");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.snapshot_attempts"), "2");
}

enum { CLAIMERS = 6, JOBS = 125 };
struct claimer {
    pthread_t thread;
    size_t n;
    int64_t jobs[JOBS];
    bool ok;
};

static void *claim_all(void *arg)
{
    struct claimer *c = arg;
    struct err err = ERR_INIT;

    c->ok = true;
    for (;;) {
        struct flight *list[CLAIM_MAX];
        size_t n;

        c->ok = claim_jobs(app, 3, list, &n, &err);
        if (!c->ok || n == 0)
            return NULL;
        for (size_t i = 0; i < n; i++) {
            c->jobs[c->n++] = list[i]->job_id;
            limits_cancel(app->limits, &list[i]->slip);
        }
        forget_flights(list, n);
    }
}

static void claimers_never_share_a_job_and_leave_none(void **state)
{
    static struct claimer claimers[CLAIMERS];
    bool seen[JOBS + 1] = {false};
    size_t all = 0;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 1, 500, ""));
    memset(claimers, 0, sizeof claimers);
    for (size_t i = 0; i < CLAIMERS; i++)
        assert_int_equal(pthread_create(&claimers[i].thread, NULL, claim_all, &claimers[i]), 0);
    for (size_t i = 0; i < CLAIMERS; i++)
        pthread_join(claimers[i].thread, NULL);
    for (size_t i = 0; i < CLAIMERS; i++) {
        assert_true(claimers[i].ok);
        for (size_t k = 0; k < claimers[i].n; k++, all++) {
            assert_in_range(claimers[i].jobs[k], 1, JOBS);
            assert_false(seen[claimers[i].jobs[k]]);
            seen[claimers[i].jobs[k]] = true;
        }
    }
    assert_int_equal(all, JOBS);
}

static void a_heartbeat_moves_the_end_of_a_lease(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;
    struct claim_lease lease;
    struct err err = ERR_INIT;
    size_t lost = 9;

    (void)state;
    f = kit_claim_of(app, 1);
    claim_lease_of(f, &lease);
    kit_pg_sql("UPDATE analysis.jobs SET lease_until = now() + interval '1 s'");
    assert_ok(claim_heartbeat(app, &lease, 1, &lost, &err), err);
    assert_int_equal(lost, 0);
    assert_string_equal(
        kit_pg_value("SELECT lease_until > now() + interval '30 s' FROM analysis.jobs"), "t");
}

static void a_lost_lease_is_noticed_by_the_heartbeat(void **state)
{
    AUTO(flight_free) struct flight *old = NULL;
    AUTO(flight_free) struct flight *now = NULL;
    struct claim_lease lease;
    struct reaped r;
    struct err err = ERR_INIT;
    size_t lost = 0;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    old = kit_claim(app);
    kit_pg_sql("UPDATE analysis.jobs SET lease_until = now() - interval '1 s'");
    assert_ok(reaper_turn(app, &r, &err), err);
    assert_int_equal(r.expired, 1);
    now = kit_claim(app);
    assert_int_equal(now->job_id, old->job_id);
    assert_string_not_equal(now->token, old->token);
    assert_int_equal(now->deliveries, 2);
    claim_lease_of(old, &lease);
    assert_ok(claim_heartbeat(app, &lease, 1, &lost, &err), err);
    assert_int_equal(lost, 1);
    assert_string_equal(
        kit_pg_value("SELECT string_agg(COALESCE(class, '-'), ',' ORDER BY attempt_id)"
                     " FROM analysis.attempts"),
        "lost,-");
}

static void a_lease_given_back_costs_no_delivery(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;
    AUTO(flight_free) struct flight *again = NULL;
    struct err err = ERR_INIT;

    (void)state;
    f = kit_claim_of(app, 1);
    assert_ok(claim_release(app, f, 0, &err), err);
    assert_string_equal(kit_pg_value("SELECT class FROM analysis.attempts"), "released");
    again = kit_claim(app);
    assert_non_null(again);
    assert_int_equal(again->deliveries, 1);
}

static void giving_back_a_lease_that_is_gone_changes_nothing(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;
    struct err err = ERR_INIT;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_pg_sql("UPDATE analysis.jobs SET lease_token = gen_random_uuid()");
    assert_ok(claim_release(app, f, 0, &err), err);
    assert_string_equal(kit_pg_value("SELECT state FROM analysis.jobs"), "leased");
}

static void a_job_waits_while_its_only_provider_is_out(void **state)
{
    struct flight *list[CLAIM_MAX];
    struct limits_slip slip;
    enum limits_no no;
    struct err err = ERR_INIT;
    size_t n = 9;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET refused = '{openai}'");
    assert_true(
        limits_take(app->limits, &(struct limits_ask){1, 1, false}, clock_mono_ms(), &slip, &no));
    assert_int_equal(slip.place, 1);
    limits_give(app->limits, &slip, &(struct limits_told){ANSWER_RATE, 60000, NULL, NULL},
                clock_mono_ms());
    assert_ok(claim_jobs(app, 1, list, &n, &err), err);
    assert_int_equal(n, 0);
    assert_string_equal(
        kit_pg_value("SELECT state || ' ' || waits_for || ' ' || deliveries || ' ' ||"
                     " (due_at > accepted_at + interval '0.25 s')"
                     " FROM analysis.jobs JOIN analysis.batches USING (batch_id)"),
        "deferred no_provider 0 true");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.attempts"), "0");
}

static void a_provider_that_failed_is_passed_over(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET tried = '{openai}'");
    f = kit_claim(app);
    assert_int_equal(f->place, 1);
    assert_string_equal(kit_pg_value("SELECT provider FROM analysis.attempts"), "anthropic");
}

static void deferred_and_worn_out_jobs_are_not_claimed(void **state)
{
    struct flight *list[CLAIM_MAX];
    struct err err = ERR_INIT;
    size_t n = 9;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_accept(app, kit_batch(2, 2, 42, 1, ""));
    kit_accept(app, kit_batch(3, 3, 43, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET state = 'deferred', due_at = now() + interval '1 h'"
               " WHERE job_id = 1;"
               "UPDATE analysis.jobs SET deliveries = 20 WHERE job_id = 2;"
               "UPDATE analysis.jobs SET deadline_at = now() WHERE job_id = 3");
    assert_ok(claim_jobs(app, 8, list, &n, &err), err);
    assert_int_equal(n, 0);
}

/* Claim and land one job; the batch it belonged to. */
static int serve_one(void)
{
    AUTO(flight_free) struct flight *f = kit_claim(app);

    assert_non_null(f);
    limits_cancel(app->limits, &f->slip);
    return atoi(f->batch_id + 24);
}

static void ten_batches_of_500_do_not_keep_three_pictures_waiting(void **state)
{
    int served = 0;

    (void)state;
    for (int i = 0; i < 10; i++)
        kit_accept(app, kit_batch(i + 1, i + 1, 1 + 500 * i, 500, ""));
    for (int i = 0; i < 35; i++)
        serve_one();
    kit_accept(app, kit_batch(11, 11, 9001, 3, ""));
    while (serve_one() != 11)
        served++;
    assert_in_range(served, 0, 10); /* one job of each before it, at most */
    /* and what is left of the ten goes on in turns of four calls */
    for (int i = 0; i < 20; i++)
        serve_one();
    assert_string_equal(kit_pg_value("SELECT max(n) - min(n) <= 4 FROM (SELECT count(*) AS n"
                                     " FROM analysis.jobs WHERE state = 'leased'"
                                     " AND image_count = 4 GROUP BY batch_id) AS of_each"),
                        "t");
}

static void newcomers_do_not_overtake_an_old_backlog_for_ever(void **state)
{
    int left = 10;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 1, 40, "")); /* ten jobs; then one small one for two claims */
    for (int i = 2; left > 0; i++) {
        assert_in_range(i, 2, 40);
        kit_accept(app, kit_batch(i, i, 1000 + i, 1, ""));
        left -= (serve_one() == 1) + (left > 1 && serve_one() == 1);
    }
}

static void a_higher_priority_goes_first(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 1, 8, ""));
    kit_accept(app, kit_batch(2, 2, 21, 8, "\"priority\":5,"));
    assert_int_equal(serve_one(), 2);
    assert_int_equal(serve_one(), 2);
    assert_int_equal(serve_one(), 1);
    assert_string_equal(kit_pg_value("SELECT string_agg(priority || ':' || at, ' '"
                                     " ORDER BY priority) FROM analysis.queue_clock"),
                        "0:8 5:8"); /* the ends of their turns */
}

static void a_deferred_job_comes_back_to_the_head_of_the_line(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 1, 4, ""));
    kit_accept(app, kit_batch(2, 2, 11, 40, ""));
    kit_pg_sql("UPDATE analysis.jobs SET state = 'deferred', due_at = now() + interval '1 h',"
               " waits_for = 'retry' WHERE job_id = 1");
    assert_int_equal(serve_one(), 2);
    assert_int_equal(serve_one(), 2);
    kit_pg_sql("UPDATE analysis.jobs SET due_at = now() WHERE state = 'deferred'");
    assert_int_equal(serve_one(), 1);
}

static void claims_are_counted(void **state)
{
    int64_t before = metric_value(M_CLAIMS, 0);
    AUTO(flight_free) struct flight *f = NULL;

    (void)state;
    f = kit_claim_of(app, 1);
    assert_int_equal(metric_value(M_CLAIMS, 0), before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_claim_brings_the_job_its_pictures_and_what_the_form_said,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(the_call_is_in_the_books_before_it_is_made, kit_workshop_fresh),
        cmocka_unit_test_setup(claimers_never_share_a_job_and_leave_none, kit_workshop_fresh),
        cmocka_unit_test_setup(a_heartbeat_moves_the_end_of_a_lease, kit_workshop_fresh),
        cmocka_unit_test_setup(a_lost_lease_is_noticed_by_the_heartbeat, kit_workshop_fresh),
        cmocka_unit_test_setup(a_lease_given_back_costs_no_delivery, kit_workshop_fresh),
        cmocka_unit_test_setup(giving_back_a_lease_that_is_gone_changes_nothing,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_job_waits_while_its_only_provider_is_out, kit_workshop_fresh),
        cmocka_unit_test_setup(a_provider_that_failed_is_passed_over, kit_workshop_fresh),
        cmocka_unit_test_setup(deferred_and_worn_out_jobs_are_not_claimed, kit_workshop_fresh),
        cmocka_unit_test_setup(ten_batches_of_500_do_not_keep_three_pictures_waiting,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(newcomers_do_not_overtake_an_old_backlog_for_ever,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_higher_priority_goes_first, kit_workshop_fresh),
        cmocka_unit_test_setup(a_deferred_job_comes_back_to_the_head_of_the_line,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(claims_are_counted, kit_workshop_fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
